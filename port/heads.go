package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Heads answers, for all that a process serves at once, what a lost hint of the
// bus would have told. Deleted rooms and withdrawn people are there too.
type Heads interface {
	// Rooms gives the Seq of the newest line of each of these rooms, 0 where
	// there is none. Rooms that never were are left out.
	Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error)
	// People gives the generation of sign-ins that is good for each of these
	// people. Those who never were are left out.
	People(ctx context.Context, ids []user.ID) (map[user.ID]int64, error)
}
