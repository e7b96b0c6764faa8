package port

import (
	"context"
	"time"
)

// Quota counts what somebody does: so much in so long. Each key has a count of
// its own, and is forgotten once all of it is free again.
type Quota interface {
	// Take takes n of what limit allows key, or nothing if there is less. With
	// an n of 0 it only looks; a negative n gives back what was taken, never
	// more than that. A key goes with one limit for as long as it is known.
	Take(ctx context.Context, key string, limit Limit, n int) (Allowance, error)
}

// Limit allows Burst at once; what was taken comes back evenly, all of it
// within Per. (This is GCRA, the leaky bucket as a meter.)
type Limit struct {
	Burst int
	Per   time.Duration
}

// Allowance says what became of a Take.
type Allowance struct {
	OK         bool
	Remaining  int           // can be taken now
	RetryAfter time.Duration // until what was refused can be taken; 0 if OK
	Reset      time.Duration // until all is free again
}
