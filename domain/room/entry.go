// Package room holds what every room has, whatever happens in it: a log, which
// is one gapless sequence of entries, and the rule of who may enter. It knows no
// aggregate; each of them says itself what it leaves in the log.
package room

import (
	"encoding/json"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID names a room. The post that opened the room has the same id.
type ID int64

// Limits of an entry, in bytes. Databases repeat them.
const (
	MaxKind     = 40
	MaxBody     = 4096
	MaxData     = 4096
	MaxClientID = 64
)

// Kind says what an entry is. Each aggregate names its own kinds. A process keeps
// and passes on kinds that it does not know, so kinds are checked by shape only.
type Kind string

// Valid tells whether k has the shape of a kind: lower-case letters, digits and
// underscores, a letter first, at most MaxKind bytes.
func (k Kind) Valid() bool {
	if k == "" || len(k) > MaxKind || k[0] < 'a' || k[0] > 'z' {
		return false
	}
	for _, c := range []byte(k) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Entry is one line of a room's log.
type Entry struct {
	ID       int64 // unique among all entries; 0 until it is stored
	Room     ID
	Seq      int64 // counts from 1 in each room, without gaps; 0 until it is stored
	Kind     Kind
	Who      user.ID         // who said it, or whom it is about; 0 if that is nobody
	Body     string          // what was said, as people read it; else ""
	Data     json.RawMessage // what else there is to know, a JSON object; nil if nothing
	ClientID string          // the sender's own name for a spoken line; may be ""
	At       time.Time
}

// Head is where a room's log ends.
type Head struct {
	Seq      int64     // of the newest entry; 0 if there is none
	ActiveAt time.Time // when the newest entry was made, or the room
}

// Sentences word the entries of one aggregate, by kind, for people who read the
// log. name is how the entry's person is called now. An entry whose kind nobody
// knows here has no sentence.
type Sentences map[Kind]func(e Entry, name string) string

// Sentence words e, or returns "".
func (s Sentences) Sentence(e Entry, name string) string {
	if word := s[e.Kind]; word != nil {
		return word(e, name)
	}
	return ""
}
