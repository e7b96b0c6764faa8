package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Bus tells every process what has been stored. It is a hint: what it loses,
// doubles or reorders is mended from the store. Publishing never fails and
// never waits for a follower.
type Bus interface {
	// Publish tells of lines that are stored, in order.
	Publish(ctx context.Context, lines ...Line)
	// Change tells that something about the account of who has changed, or that a
	// sign-in has ended.
	Change(ctx context.Context, who user.ID)
}

// Follower hears what a Bus is told. It must not wait for anything.
type Follower interface {
	// Deliver hands over a line that this process has stored.
	Deliver(line Line)
	// Wake tells that another process has stored lines up to seq in a room.
	Wake(id party.ID, seq int64)
	// Change tells that what is known of who, and of the sign-ins of who, has to be
	// looked at again.
	Change(who user.ID)
	// Doubt tells that some of all this may have been lost.
	Doubt()
}
