package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Bus tells every process what is new. All it tells are hints: what it loses,
// doubles or reorders is mended from the store. Publishing never fails and never
// waits for a follower.
type Bus interface {
	RoomHints
	PeopleHints
}

// RoomHints tells what is new in rooms.
type RoomHints interface {
	// Publish tells of lines that are stored, in order.
	Publish(ctx context.Context, lines ...Line)
}

// PeopleHints tells what is new for people. The two kinds are apart: only the first
// makes processes ask whether sign-ins still hold.
type PeopleHints interface {
	// AccountChanged tells that something about the account of who has changed, or
	// that one of its sign-ins has ended.
	AccountChanged(ctx context.Context, who user.ID)
	// Notify tells that there is something new for each of who, such as that the rooms
	// they are in have changed.
	Notify(ctx context.Context, who ...user.ID)
}

// RoomFollower hears what is told about rooms. It must not wait for anything.
type RoomFollower interface {
	// Deliver hands over a line that this process has stored.
	Deliver(line Line)
	// Wake tells that another process has stored lines up to seq in a room.
	Wake(id room.ID, seq int64)
	// Resync tells that hints may have been lost.
	Resync()
}

// PeopleFollower hears what is told about people. It must not wait for anything.
type PeopleFollower interface {
	// AccountChanged tells that what is known of who, and of the sign-ins of who, has
	// to be looked at again.
	AccountChanged(who user.ID)
	// Notified tells that there is something new for who.
	Notified(who user.ID)
	// Resync tells that hints may have been lost.
	Resync()
}
