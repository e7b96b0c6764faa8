package party

import (
	"time"

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
	RoomDeleted Kind = "room_deleted"
)

// Event is something that happened to a party.
type Event struct {
	Kind Kind
	Who  user.ID // whom it happened to; of RoomDeleted, who did it
	At   time.Time
}
