package redis

import (
	"strconv"
	"strings"
)

// A hint is what one process tells the others. As text it is, for instance,
//
//	1 MZXW6YTBOI room 42 17
//
// which is the version of the format, the process that tells, and what is new:
// room 42 has a line 17. A reader counts and drops what it does not know, such as the
// kinds of a newer node: a hint that is lost does no harm.
type hint struct {
	node string
	topic
	newest int64
}

// topic is what a hint is about. Of several hints about one topic the one with
// the highest newest says everything.
type topic struct {
	kind string
	id   int64
}

// The kinds of topics.
const (
	room   = "room"   // newest is the Seq of a line of the room id
	person = "person" // the account of the person id has changed, or a sign-in of it has ended; newest is 0
	notice = "notice" // there is something new for the person id; newest is 0
	all    = "all"    // hints were lost; id and newest are 0
)

// lost is the topic of a hint that stands for those that were lost.
var lost = topic{kind: all}

// maxHint is above the length of every hint.
const maxHint = 96

const version = "1"

func (h hint) String() string {
	return strings.Join([]string{version, h.node, h.kind, strconv.FormatInt(h.id, 10), strconv.FormatInt(h.newest, 10)}, " ")
}

// parseHint reads what String wrote, and nothing else.
func parseHint(text string) (h hint, ok bool) {
	if len(text) > maxHint {
		return hint{}, false
	}
	part := strings.Split(text, " ")
	if len(part) != 5 || part[1] == "" {
		return hint{}, false
	}
	h = hint{node: part[1], topic: topic{kind: part[2]}}
	h.id, _ = strconv.ParseInt(part[3], 10, 64)
	h.newest, _ = strconv.ParseInt(part[4], 10, 64)
	switch h.kind {
	case room, person, notice:
		ok = h.id > 0 && h.newest >= 0
	case all:
		ok = h.id == 0 && h.newest == 0
	}
	return h, ok && h.String() == text
}
