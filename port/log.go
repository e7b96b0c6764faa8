package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
)

// Log keeps the log of each room.
type Log interface {
	// Say stores spoken lines in their order, each by itself, and returns what
	// became of each. A speaker needs to be in the room by the rule room.Enter, and
	// not withdrawn; else what that rule says is the line's Err. A client id that the
	// speaker has used in this room, maybe a line before, gives the line stored then,
	// or chat.ErrIDConflict if that one says something else; the log does not grow.
	// It belongs in a Write.
	Say(ctx context.Context, ms ...room.Entry) ([]Said, error)
	// Append stores lines at the end of the logs of their rooms, and returns
	// them in the same order. It belongs in a Write that has locked the rooms; what it
	// returns is complete once that has ended.
	Append(ctx context.Context, ms []room.Entry) ([]Line, error)
	// Before returns the newest limit lines whose Seq is below seq, in order.
	Before(ctx context.Context, id room.ID, seq int64, limit int) ([]Line, error)
	// After returns the oldest limit lines whose Seq is above seq, in order.
	After(ctx context.Context, id room.ID, seq int64, limit int) ([]Line, error)
}

// Line is a stored line of a log, and the person it is of.
type Line struct {
	room.Entry
	Person Person
}

// Said is what became of a spoken line.
type Said struct {
	Line
	Repeated bool  // the line was stored before
	Err      error // why nothing was stored
}

// Room is a party's talk as a member sees it.
type Room struct {
	Post
	Lines []Line // in order of Seq
	More  bool   // further lines lie beyond, in the direction that was read
}
