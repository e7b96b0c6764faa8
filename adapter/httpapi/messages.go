package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// messageJSON is an entry of a room's log on the wire, in answers and in socket
// frames. Only spoken lines have a user.
type messageJSON struct {
	ID        int64       `json:"id"`
	Seq       int64       `json:"seq"`
	Type      string      `json:"type"`
	Message   string      `json:"message"`
	CreatedAt string      `json:"created_at"`
	Chatroom  room.ID     `json:"chatroom"`
	User      *personJSON `json:"user"`
	ClientID  *string     `json:"client_id"`
}

// messageFields are the names of these fields. The data of an entry stands beside them
// under the name of its kind, so no kind may have one of these names.
var messageFields = []string{"id", "seq", "type", "message", "created_at", "chatroom", "user", "client_id"}

// noticeJSON is a messageJSON with the entry's data beside its fields, under the
// name of its kind.
type noticeJSON struct {
	messageJSON
	kind room.Kind
	data json.RawMessage
}

func (n noticeJSON) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(n.messageJSON)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(bytes.TrimSuffix(plain, []byte("}")), `,%q:%s}`, n.kind, n.data), nil
}

// Messages gives entries of rooms' logs their form on the wire.
type Messages struct {
	People
	Sentences room.Sentences // word the entries that nobody said
}

// typeOf has the types that predate the rule of typeFor.
var typeOf = map[room.Kind]string{
	chat.Said:           "chat.message",
	party.EntryJoined:   "chat.user.join",
	party.EntryDeparted: "chat.user.leave",

	party.EntryRoomDeleted: "", // has no frame: the sockets close
}

// typeFor is the wire's type of an entry of kind k, which this program need not know.
func typeFor(k room.Kind) string {
	if t, ok := typeOf[k]; ok {
		return t
	}
	return "chat." + string(k)
}

// Frame returns the type of the socket frame for a line, or "" if it has none, and the
// message in the frame.
func (m Messages) Frame(l port.Line) (kind string, message any) {
	return typeFor(l.Kind), m.show(l)
}

// show returns the JSON form of a line.
func (m Messages) show(l port.Line) any {
	j := messageJSON{
		ID:        l.ID,
		Seq:       l.Seq,
		Type:      typeFor(l.Kind),
		Message:   m.Sentences.Sentence(l.Entry, l.Person.Username),
		CreatedAt: toTime(l.At),
		Chatroom:  l.Room,
	}
	if l.Kind == chat.Said {
		author := m.People.show(l.Person)
		j.Message, j.User = l.Body, &author
	}
	if l.ClientID != "" {
		j.ClientID = &l.ClientID
	}
	if l.Data != nil && !slices.Contains(messageFields, string(l.Kind)) {
		return noticeJSON{j, l.Kind, l.Data}
	}
	return j
}
