package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
)

// Agenda keeps what is to be done later. All times are the store's: on PostgreSQL the
// clock of the database, so that nodes whose clocks differ agree on what is due. All
// methods belong in a Write. Rows of the agenda are locked last, after those of
// accounts, rooms and the like.
type Agenda interface {
	// Put adds items, or moves those that are there: an item of the same kind and key
	// gets the new due time and data, starts again at no attempts, and is taken from
	// whoever has claimed it. Of several items of one kind and key the last counts. It
	// returns agenda.ErrInvalid if one of them can't be put.
	Put(ctx context.Context, items ...agenda.Item) error
	// Claim takes up to n items of these kinds that are due, the oldest first, so that
	// nobody else gets them until the lease ends. Items that were claimed agenda.Tries
	// times are left alone. An item of a kind that this node doesn't know waits for a
	// node that does, as in a rolling upgrade.
	Claim(ctx context.Context, kinds []agenda.Kind, n int, lease time.Duration) ([]agenda.Item, error)
	// Done removes items that were claimed. One that was put or claimed again since
	// then stays as it is.
	Done(ctx context.Context, items ...agenda.Item) error
	// Later gives back a claimed item that failed, and keeps why: it is due again after
	// agenda.Backoff, or set aside if that was the last of agenda.Tries. An item that
	// was put or claimed again since then stays as it is.
	Later(ctx context.Context, item agenda.Item, why string) error
}

// AgendaAdmin shows operators how the agenda stands.
type AgendaAdmin interface {
	// Backlog sums up what is due and what is set aside.
	Backlog(ctx context.Context) (Backlog, error)
	// Due lists at most limit items that are due and not claimed, the oldest first.
	Due(ctx context.Context, limit int) ([]agenda.Item, error)
	// SetAside lists at most limit items that are set aside, in the order of their ids.
	SetAside(ctx context.Context, limit int) ([]agenda.Item, error)
	// Retry puts an item again that is set aside, due at once; or returns
	// agenda.ErrNotSetAside.
	Retry(ctx context.Context, kind agenda.Kind, key string) error
}

// Backlog is how the agenda stands.
type Backlog struct {
	Due      int           // items that are due and not claimed
	Late     time.Duration // for how long the oldest of them has been due
	SetAside int
}
