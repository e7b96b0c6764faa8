package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Rooms keeps the heads of rooms: what all that happens in a room is locked by.
type Rooms interface {
	// Open makes a room without entries, and gives its id, which no room has or had.
	// It belongs in a Write.
	Open(ctx context.Context, at time.Time) (room.ID, error)
	// Of lists at most limit of the rooms that who is in and that are not deleted,
	// the one with the newest activity first.
	Of(ctx context.Context, who user.ID, limit int) ([]room.ID, error)
	// After lists at most limit of the same rooms whose ids are greater than one, in
	// the order of their ids.
	After(ctx context.Context, who user.ID, than room.ID, limit int) ([]room.ID, error)
	// Withdrawn lists the people who are in a room though their accounts have ended.
	Withdrawn(ctx context.Context, id room.ID) ([]user.ID, error)
}
