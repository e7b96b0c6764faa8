package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/port"
)

// The kinds of items that clean up. Their key is "".
const (
	SweepTickets agenda.Kind = "sweep.tickets"
	SweepSignIns agenda.Kind = "sweep.sign_ins"
	SweepAnswers agenda.Kind = "sweep.answers"
)

const (
	sweepSlice        = 500         // rows that are removed in one transaction
	sweepTicketsEvery = time.Minute // once nothing is left to remove
	sweepSignInsEvery = time.Hour
	sweepAnswersEvery = time.Hour
	// ticketSlack is how long expired tickets are kept: the clock of the node that made
	// one may be behind that of the store.
	ticketSlack = 10 * time.Minute
)

// Cleanup removes expired rows. Its handlers put their own items again.
type Cleanup struct{ store port.Store }

// NewCleanup makes the use cases of cleaning up.
func NewCleanup(store port.Store) *Cleanup { return &Cleanup{store: store} }

// Schedule puts the items that clean up on the agenda, unless they are there.
func (u *Cleanup) Schedule(ctx context.Context) error {
	return u.store.Write(ctx, func(r port.Repos) error {
		return r.Agenda.Put(ctx,
			agenda.Item{Kind: SweepTickets, UnlessWaiting: true},
			agenda.Item{Kind: SweepSignIns, UnlessWaiting: true},
			agenda.Item{Kind: SweepAnswers, UnlessWaiting: true})
	})
}

// Tickets removes expired tickets.
func (u *Cleanup) Tickets(ctx context.Context, item agenda.Item) error {
	return u.sweep(ctx, item, sweepTicketsEvery, func(r port.Repos) (int, error) {
		return r.Cleanup.Tickets(ctx, item.ClaimedAt.Add(-ticketSlack), sweepSlice)
	})
}

// SignIns removes sign-ins that ended signin.Memory ago.
func (u *Cleanup) SignIns(ctx context.Context, item agenda.Item) error {
	return u.sweep(ctx, item, sweepSignInsEvery, func(r port.Repos) (int, error) {
		return r.Cleanup.SignIns(ctx, item.ClaimedAt.Add(-signin.Memory), sweepSlice)
	})
}

// Answers removes answers to requests with an idempotency key that need not be kept any
// more.
func (u *Cleanup) Answers(ctx context.Context, item agenda.Item) error {
	return u.sweep(ctx, item, sweepAnswersEvery, func(r port.Repos) (int, error) {
		return r.Cleanup.Answers(ctx, item.ClaimedAt, sweepSlice)
	})
}

// sweep removes a slice, and puts the item again: at once if more may be left. It does
// so after a failure, too, or the item would be set aside in the end.
func (u *Cleanup) sweep(ctx context.Context, item agenda.Item, every time.Duration, remove func(port.Repos) (int, error)) error {
	next := agenda.Item{Kind: item.Kind, Key: item.Key, In: every}
	err := u.store.Write(ctx, func(r port.Repos) error {
		n, err := remove(r)
		if err != nil {
			return err
		}
		now := next
		if n == sweepSlice {
			now.In = 0
		}
		return r.Agenda.Put(ctx, now)
	})
	if err == nil {
		return nil
	}
	return errors.Join(err, u.store.Write(ctx, func(r port.Repos) error { return r.Agenda.Put(ctx, next) }))
}
