package party

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Kind says what happened.
type Kind string

const (
	Opened      Kind = "opened"
	Joined      Kind = "joined"
	Departed    Kind = "departed" // gave up the seat
	Expelled    Kind = "expelled" // lost the seat, and is banned
	Barred      Kind = "barred"   // had left before, and is banned
	Edited      Kind = "edited"   // title, category or content
	Resized     Kind = "resized"  // number of seats
	Closed      Kind = "closed"   // takes nobody any more
	Reopened    Kind = "reopened"
	Succeeded   Kind = "succeeded" // leads from now on
	RoomDeleted Kind = "room_deleted"
)

// Event is something that happened to a party.
type Event struct {
	Kind Kind
	Who  user.ID // whom it happened to, or who did it
	At   time.Time
	Post PostData // how the post is now, where the event changed it
}

// Kinds of entries that a party leaves in its room's log.
const (
	EntryJoined      room.Kind = "joined"
	EntryDeparted    room.Kind = "departed"
	EntryPost        room.Kind = "post" // with a PostData
	EntryRoomDeleted room.Kind = "room_deleted"
)

// PostData goes with an entry about a changed post. It says how the post is since
// then, for pages that show it. Its JSON is kept in the log and is the same on the
// wire; the content is not in it, since it may be longer than an entry.
type PostData struct {
	Event          Kind     `json:"event"`
	Title          string   `json:"title"`
	Category       Category `json:"category"`
	Seats          int      `json:"target_number"`
	Seated         int      `json:"join_number"`
	Complete       bool     `json:"is_compelete"`
	ClosedByLeader bool     `json:"closed_by_writer"`
	Leader         user.ID  `json:"writer_id"`
}

// departure goes with the entry of somebody who did not leave by choice.
type departure struct {
	Kicked bool `json:"kicked"`
}

// Entry is what the event leaves in the room's log. ok is false for what is no
// news to the room.
func (e Event) Entry(id room.ID) (entry room.Entry, ok bool) {
	entry = room.Entry{Room: id, Who: e.Who, At: e.At}
	switch e.Kind {
	case Joined:
		entry.Kind = EntryJoined
	case Departed:
		entry.Kind = EntryDeparted
	case Expelled:
		entry.Kind, entry.Data = EntryDeparted, encode(departure{Kicked: true})
	case Edited, Resized, Closed, Reopened, Succeeded:
		entry.Kind, entry.Data = EntryPost, encode(e.Post)
	case RoomDeleted:
		entry.Kind = EntryRoomDeleted
	default:
		return room.Entry{}, false
	}
	return entry, true
}

// encode gives v as JSON.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // plain fields only
	}
	return data
}

// Sentences word what a party leaves in the log.
var Sentences = room.Sentences{
	EntryJoined:      func(_ room.Entry, name string) string { return name + " 님이 입장했습니다." },
	EntryDeparted:    wordDeparture,
	EntryPost:        wordPost,
	EntryRoomDeleted: func(room.Entry, string) string { return "채팅방이 삭제되었습니다." },
}

func wordDeparture(e room.Entry, name string) string {
	var d departure
	if err := json.Unmarshal(e.Data, &d); err == nil && d.Kicked {
		return name + " 님을 내보냈습니다."
	}
	return name + " 님이 퇴장했습니다."
}

func wordPost(e room.Entry, name string) string {
	var p PostData
	if err := json.Unmarshal(e.Data, &p); err != nil {
		return ""
	}
	switch p.Event {
	case Edited:
		return "글이 수정되었습니다."
	case Resized:
		return fmt.Sprintf("모집 인원이 %d명으로 바뀌었습니다.", p.Seats)
	case Closed:
		return "모집이 마감되었습니다."
	case Reopened:
		return "모집이 다시 시작되었습니다."
	case Succeeded:
		return name + " 님이 글을 이어받았습니다."
	}
	return ""
}

// Dismisses returns why who may not follow a room any more after an entry of its
// log, or nil.
func Dismisses(e room.Entry, who user.ID) error {
	switch {
	case e.Kind == EntryRoomDeleted:
		return room.ErrDeleted
	case e.Kind == EntryDeparted && e.Who == who:
		return room.ErrNotMember
	}
	return nil
}
