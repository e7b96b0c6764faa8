package party

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Kind is the type of an event.
type Kind string

const (
	Opened      Kind = "opened"
	Joined      Kind = "joined"
	Departed    Kind = "departed" // left voluntarily
	Expelled    Kind = "expelled" // was a member and got banned
	Barred      Kind = "barred"   // was a former member and got banned
	Edited      Kind = "edited"   // title, category or content changed
	Resized     Kind = "resized"  // number of seats changed
	Closed      Kind = "closed"   // recruitment closed
	Reopened    Kind = "reopened"
	Succeeded   Kind = "succeeded" // became the leader
	Hidden      Kind = "hidden"    // by an operator
	Shown       Kind = "shown"     // again
	RoomDeleted Kind = "room_deleted"
)

// Event is something that happened to a party.
type Event struct {
	Kind Kind
	Who  user.ID // the person it happened to, or who did it
	At   time.Time
	Post PostData // the new state of the post, if the event changed it
}

// Kinds of the entries that a party writes to its room's log.
const (
	EntryJoined      room.Kind = "joined"
	EntryDeparted    room.Kind = "departed"
	EntryPost        room.Kind = "post" // with PostData
	EntryRoomDeleted room.Kind = "room_deleted"
)

// PostData is the data of an entry about a changed post: the post's state after the
// change. The same JSON is stored in the log and sent to clients. It lacks the content,
// which may be too long for an entry.
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

// departure is the data of an entry about a member who was removed.
type departure struct {
	Kicked bool `json:"kicked"`
}

// Entry returns the log entry for the event. ok is false if the event has none.
func (e Event) Entry(id room.ID) (entry room.Entry, ok bool) {
	entry = room.Entry{Room: id, Who: e.Who, At: e.At}
	switch e.Kind {
	case Joined:
		entry.Kind = EntryJoined
	case Departed:
		entry.Kind = EntryDeparted
	case Expelled:
		entry.Kind, entry.Data = EntryDeparted, encode(departure{Kicked: true})
	case Edited, Resized, Closed, Reopened, Succeeded, Hidden, Shown:
		entry.Kind, entry.Data = EntryPost, encode(e.Post)
	case RoomDeleted:
		entry.Kind = EntryRoomDeleted
	default:
		return room.Entry{}, false
	}
	return entry, true
}

// Moved returns the person who joined or left through the event. ok is false if nobody
// did.
func (e Event) Moved() (who user.ID, ok bool) {
	switch e.Kind {
	case Opened, Joined, Departed, Expelled:
		return e.Who, true
	}
	return 0, false
}

// encode is room.Encode for data that always fits.
func encode(v any) json.RawMessage {
	data, err := room.Encode(v)
	if err != nil {
		panic(err)
	}
	return data
}

// Sentences words the entries of parties. Those of joining and leaving are promised to
// the letter; clients take the name out of them.
var Sentences = room.Sentences{
	EntryJoined:      func(_ room.Entry, name string) string { return name + " 님이 입장했습니다." },
	EntryDeparted:    wordDeparture,
	EntryPost:        wordPost,
	EntryRoomDeleted: func(room.Entry, string) string { return "채팅방이 삭제됐어요." },
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
		return "글이 수정됐어요."
	case Resized:
		return fmt.Sprintf("모집 인원이 %d명으로 바뀌었어요.", p.Seats)
	case Closed:
		return "모집을 마감했어요."
	case Reopened:
		return "모집을 다시 시작했어요."
	case Hidden:
		return "운영자가 글을 숨겼어요. 참여한 사람만 볼 수 있어요."
	case Shown:
		return "운영자가 글을 다시 보이게 했어요."
	case Succeeded:
		return name + " 님이 글을 이어받았어요."
	}
	return ""
}

// Dismisses returns an error if, after entry e, who may not follow the room any more.
func Dismisses(e room.Entry, who user.ID) error {
	switch {
	case e.Kind == EntryRoomDeleted:
		return room.ErrDeleted
	case e.Kind == EntryDeparted && e.Who == who:
		return room.ErrNotMember
	}
	return nil
}
