package redis

import (
	"strconv"
	"strings"
)

// A hint is a message from one process to the others, for instance
//
//	1 MZXW6YTBOI room 42 17
//
// with the version of the format, the sending process, and what is new: room 42 has a
// line 17. A receiver counts and ignores hints that it does not know, such as the kinds of
// newer nodes: losing a hint is harmless.
type hint struct {
	node string
	topic
	newest int64
}

// topic is the subject of a hint. Of several hints about one topic, only the one with
// the highest newest matters.
type topic struct {
	kind string
	id   int64
}

// The kinds of topics.
const (
	room   = "room"   // newest is the Seq of a line of the room id
	person = "person" // the account of person id has changed, or one of its sign-ins has ended; newest is 0
	news   = "notice" // person id has news; newest is 0
	all    = "all"    // hints were lost; id and newest are 0
)

// lost is the topic of a hint that replaces lost ones.
var lost = topic{kind: all}

// maxHint limits the length of a message; every hint is shorter.
const maxHint = 96

const version = "1"

func (h hint) String() string {
	return strings.Join([]string{version, h.node, h.kind, strconv.FormatInt(h.id, 10), strconv.FormatInt(h.newest, 10)}, " ")
}

// parseHint parses exactly what String returns.
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
	case room, person, news:
		ok = h.id > 0 && h.newest >= 0
	case all:
		ok = h.id == 0 && h.newest == 0
	}
	return h, ok && h.String() == text
}
