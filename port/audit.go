package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
)

// Audit keeps on record what matters for security. Nothing there can be changed
// or removed.
type Audit interface {
	// Note adds events to the record.
	Note(ctx context.Context, events ...audit.Event) error
	// Before returns the newest limit records that a filter picks and whose ID is below id,
	// the newest first; all of them may be meant by an id of 0.
	Before(ctx context.Context, id int64, f audit.Filter, limit int) ([]audit.Record, error)
}
