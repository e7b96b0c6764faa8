package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Answers keeps what requests with an idempotency key were answered. Its methods belong in
// a Write.
type Answers interface {
	// Claim comes first in its Write. It makes others wait for the key until the Write
	// ends, and returns idempotency.ErrInProgress if another Write holds it for longer
	// than idempotency.Wait. found is false if no answer is kept, or only until now.
	Claim(ctx context.Context, id idempotency.ID, now time.Time) (kept idempotency.Kept, found bool, err error)
	// Keep keeps the answer of a key that this Write has claimed: until a time, or for
	// ever if that is zero. It fails if there is one that is kept beyond now.
	Keep(ctx context.Context, id idempotency.ID, a idempotency.Kept, now, until time.Time) error
	// Forget removes at most limit answers of who, and returns how many.
	Forget(ctx context.Context, who user.ID, limit int) (int, error)
}
