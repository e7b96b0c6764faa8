// Package chat defines the messages that people send in a room: what a message may
// contain, and which messages become entries of the room's log.
package chat

import (
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Limits of a message. MaxText counts user-perceived characters.
const (
	MaxText      = 1000
	MaxTextBytes = room.MaxBody
)

// Errors about messages.
var (
	ErrEmpty      = fault.New(fault.Invalid, "invalid_message", "보낼 내용을 입력해 주세요.")
	ErrTooLong    = fault.New(fault.Invalid, "invalid_message", "메시지는 1,000자까지 보낼 수 있어요.")
	ErrTooLarge   = fault.New(fault.Invalid, "invalid_message", "메시지가 너무 커요. 나누어 보내 주세요.")
	ErrControls   = fault.New(fault.Invalid, "invalid_message", "메시지에 쓸 수 없는 문자가 있어요.")
	ErrClientID   = fault.New(fault.Invalid, "invalid_message", "client_id는 화면에 보이는 ASCII 문자로 64자까지예요.")
	ErrIDConflict = fault.New(fault.Conflict, "id_conflict", "같은 client_id로 다른 메시지를 이미 보냈어요.")
	ErrTooFast    = fault.New(fault.TooMany, "too_fast", "메시지를 너무 빨리 보내고 있어요. 잠시 후 다시 보내 주세요.")
	ErrBusy       = fault.New(fault.Unavailable, "busy", "지금 오가는 메시지가 많아요. 잠시 후 다시 보내 주세요.")
)

// Said is the kind of a message's entry.
const Said room.Kind = "said"

// ValidClientID reports whether a client may give its message this id: none, or up to
// room.MaxClientID printable characters of ASCII.
func ValidClientID(id string) bool {
	return len(id) <= room.MaxClientID && !strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' })
}

// Say returns the entry for a message from who, trimmed. If a client sends a message
// again with the same client id, it is stored only once.
func Say(id room.ID, who user.ID, words, clientID string, at time.Time) (room.Entry, error) {
	words = strings.TrimSpace(words)
	switch {
	case !text.Visible(words):
		return room.Entry{}, ErrEmpty
	case text.Len(words) > MaxText:
		return room.Entry{}, ErrTooLong
	case len(words) > MaxTextBytes:
		return room.Entry{}, ErrTooLarge
	case text.Controls(words) || text.Stacked(words) || text.Turned(words):
		return room.Entry{}, ErrControls
	case !ValidClientID(clientID):
		return room.Entry{}, ErrClientID
	}
	return room.Entry{Room: id, Kind: Said, Who: who, Body: words, ClientID: clientID, At: at}, nil
}
