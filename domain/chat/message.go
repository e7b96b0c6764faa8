// Package chat holds what is said in a party's room, and the log that it
// becomes: one gapless sequence of lines in which both talk and the coming and
// going of people have their place.
package chat

import (
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Limits of a spoken line. Characters are those that people count.
const (
	MaxText      = 1000
	MaxTextBytes = 4096
	MaxClientID  = 64 // bytes
)

// What a line may be refused for.
var (
	ErrEmpty      = fault.New(fault.Invalid, "invalid_message", "보낼 내용을 입력해 주세요.")
	ErrTooLong    = fault.New(fault.Invalid, "invalid_message", "메시지는 1,000자까지 보낼 수 있어요.")
	ErrTooLarge   = fault.New(fault.Invalid, "invalid_message", "메시지가 너무 커요. 나누어 보내 주세요.")
	ErrControls   = fault.New(fault.Invalid, "invalid_message", "메시지에 쓸 수 없는 문자가 있어요.")
	ErrClientID   = fault.New(fault.Invalid, "invalid_message", "client_id는 64자까지의 글자예요.")
	ErrIDConflict = fault.New(fault.Conflict, "id_conflict", "같은 client_id로 다른 메시지를 이미 보냈어요.")
	ErrTooFast    = fault.New(fault.TooMany, "too_fast", "메시지를 너무 빨리 보내고 있어요. 잠시 후 다시 보내 주세요.")
	ErrBusy       = fault.New(fault.Unavailable, "busy", "지금 오가는 메시지가 많아요. 잠시 후 다시 보내 주세요.")
)

// Kind says what a line of the log is.
type Kind string

const (
	Said        Kind = "said"
	Joined      Kind = "joined"
	Departed    Kind = "departed" // left, or was sent away
	RoomDeleted Kind = "room_deleted"
)

// Message is a line of a party's log.
type Message struct {
	ID       int64 // unique among all lines; 0 until it is stored
	Party    party.ID
	Seq      int64 // counts from 1 in each party, without holes; 0 until it is stored
	Kind     Kind
	Who      user.ID // who said it, or whom it is about
	Text     string  // of Said only
	ClientID string  // of Said only: the sender's own name for it, may be ""
	At       time.Time
}

// Say makes the line that who speaks. White space around it does not count.
// A client id lets the sender repeat itself without being heard twice.
func Say(id party.ID, who user.ID, words, clientID string, at time.Time) (Message, error) {
	words = strings.TrimSpace(words)
	switch {
	case !text.Visible(words):
		return Message{}, ErrEmpty
	case text.Len(words) > MaxText:
		return Message{}, ErrTooLong
	case len(words) > MaxTextBytes:
		return Message{}, ErrTooLarge
	case text.Controls(words):
		return Message{}, ErrControls
	case len(clientID) > MaxClientID || text.Controls(clientID):
		return Message{}, ErrClientID
	}
	return Message{Party: id, Kind: Said, Who: who, Text: words, ClientID: clientID, At: at}, nil
}

// Notes makes the lines that the events of a party leave in its log. Opening a
// party and barring somebody who has left are no news to the room.
func Notes(id party.ID, events []party.Event) []Message {
	var lines []Message
	for _, e := range events {
		if k, ok := noteOf[e.Kind]; ok {
			lines = append(lines, Message{Party: id, Kind: k, Who: e.Who, At: e.At})
		}
	}
	return lines
}

var noteOf = map[party.Kind]Kind{
	party.Joined:      Joined,
	party.Departed:    Departed,
	party.Expelled:    Departed,
	party.RoomDeleted: RoomDeleted,
}

// Notice gives the sentence of a line about somebody who is called name, and ""
// for a line that was said.
func (m Message) Notice(name string) string {
	switch m.Kind {
	case Joined:
		return name + " 님이 입장했습니다."
	case Departed:
		return name + " 님이 퇴장했습니다."
	case RoomDeleted:
		return "채팅방이 삭제되었습니다."
	}
	return ""
}

// Dismisses returns why who may not follow the room after this line, or nil.
func (m Message) Dismisses(who user.ID) error {
	switch {
	case m.Kind == RoomDeleted:
		return party.ErrRoomDeleted
	case m.Kind == Departed && m.Who == who:
		return party.ErrNotMember
	}
	return nil
}
