// Package room defines the parts that all rooms share: the log, a gapless sequence of
// entries, and the rule for who may enter. It knows no aggregate; each aggregate defines
// the entries that it writes to the log.
package room

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID identifies a room. The post that opened the room has the same id.
type ID int64

// Limits of an entry, in bytes. The database schemas repeat them.
const (
	MaxKind     = 40
	MaxBody     = 4096
	MaxData     = 4096
	MaxClientID = 64
)

// Kind says what an entry is about. Each aggregate defines its own kinds. A process
// stores and forwards kinds that it does not know, so only the form of a kind is
// checked, by the stores: lower-case letters, digits and underscores, a letter first.
type Kind string

// Entry is one line of a room's log.
type Entry struct {
	ID       int64 // unique among all entries; 0 until it is stored
	Room     ID
	Seq      int64 // counts from 1 in each room, without gaps; 0 until it is stored
	Kind     Kind
	Who      user.ID         // the sender, or the person the entry is about; 0 for nobody
	Body     string          // the text of a chat message; else ""
	Data     json.RawMessage // a JSON object made by Encode; nil for none
	ClientID string          // identifies a chat message to its sender; may be ""
	At       time.Time
}

// Encode returns v as the data of an entry. v must encode to a JSON object of at most
// MaxData bytes.
func Encode(v any) (json.RawMessage, error) {
	data, err := json.Marshal(v)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encode entry data: %w", err)
	case data[0] != '{':
		return nil, fmt.Errorf("entry data of type %T is not a JSON object", v)
	case len(data) > MaxData:
		return nil, fmt.Errorf("entry data of type %T has %d bytes, more than %d", v, len(data), MaxData)
	}
	return data, nil
}

// Sentences has a function for each kind of an aggregate's entries. It words the entry
// for people who read the log; name is the current name of the entry's person.
type Sentences map[Kind]func(e Entry, name string) string

// Sentence returns the sentence for e, or "" if s does not know its kind.
func (s Sentences) Sentence(e Entry, name string) string {
	if word := s[e.Kind]; word != nil {
		return word(e, name)
	}
	return ""
}
