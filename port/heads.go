package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Heads answers, for all that a process serves at once, what a lost hint of the
// bus would have told. Deleted rooms and withdrawn people are there too.
type Heads interface {
	// Rooms gives the Seq of the newest line of each of these rooms, 0 where
	// there is none. Rooms that never were are left out.
	Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error)
	// Memberships gives for each of these people a number that is another one once they
	// have come into a room or left one, whether or not it was deleted. Those who are in
	// no room are left out.
	Memberships(ctx context.Context, people []user.ID) (map[user.ID]int64, error)
	// SignIns gives those of these sign-ins that hold at that time.
	SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error)
}
