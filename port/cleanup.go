package port

import (
	"context"
	"time"
)

// Cleanup forgets what is over, a slice at a time: at most limit rows, those that have
// been over for longest first. It leaves rows that somebody has locked to the next time.
// Its methods belong in a Write, and return how many rows they have removed.
type Cleanup interface {
	// Tickets forgets tickets that were over before a time.
	Tickets(ctx context.Context, before time.Time, limit int) (int, error)
	// SignIns forgets sign-ins that were over before a time.
	SignIns(ctx context.Context, before time.Time, limit int) (int, error)
	// Answers forgets answers that were kept until before a time.
	Answers(ctx context.Context, before time.Time, limit int) (int, error)
}
