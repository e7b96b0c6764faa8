package usecase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Agenda does what is due. To have something done later:
//
//  1. Name its kind in a constant, and choose a key. There is one item of each kind and
//     key, so a new deadline of the same order replaces the old one.
//  2. Put it in the Write of its cause: with Work.Schedule in a change of a room, else
//     with r.Agenda.Put. An item that has become pointless stays: its handler finds
//     nothing to do. DueAt is a time that people know of, such as a deadline;
//     In is a time from now on.
//  3. Write the handler: a use case that takes the item, by the rules of Handle.
//  4. Register it with Handle, where the program is wired.
//
// A node claims only kinds that it has handlers for. During a rolling upgrade an item
// of a new kind waits for a node that knows it.
type Agenda struct {
	store    port.Store
	handlers map[agenda.Kind]func(context.Context, agenda.Item) error
	woken    chan struct{}
}

// NewAgenda makes an Agenda without handlers.
func NewAgenda(store port.Store) *Agenda {
	return &Agenda{
		store:    store,
		handlers: map[agenda.Kind]func(context.Context, agenda.Item) error{},
		woken:    make(chan struct{}, 1),
	}
}

// Wake tells the clock of this process that something new may be due. It never waits,
// and may come before the clock runs.
func (u *Agenda) Wake() {
	select {
	case u.woken <- struct{}{}:
	default: // the clock has yet to react to the last one
	}
}

// Woken receives a value after Wake. There is one clock that reads it.
func (u *Agenda) Woken() <-chan struct{} { return u.woken }

// Handle makes do the handler of a kind. It comes before the first Claim, once for each
// kind.
//
// An item whose handler returns nil is removed, unless it was put again meanwhile: a
// recurring item is put again by its handler. An item whose handler fails or panics is
// tried again later. The text of the error is kept and logged, so it must not hold
// messages, names or addresses of people.
//
// Processes are killed and stopped, so a handler may run late, more than once, and at
// the same time on two nodes. It looks at the state first, under the lock of what it
// changes, and does nothing if nothing is left to do. It takes item.ClaimedAt as the
// present: the clock of the node may be behind, and a deadline would then seem not to
// have passed. What it does outside of the store may happen more than once: where the
// other side takes an idempotency key, the code that puts the item chooses one.
func (u *Agenda) Handle(kind agenda.Kind, do func(ctx context.Context, item agenda.Item) error) {
	if err := (agenda.Item{Kind: kind}).Check(); err != nil {
		panic(err)
	}
	if u.handlers[kind] != nil {
		panic(fmt.Sprintf("%s has a handler already", kind))
	}
	u.handlers[kind] = do
}

// Kinds lists the kinds that have handlers, in order.
func (u *Agenda) Kinds() []agenda.Kind { return slices.Sorted(maps.Keys(u.handlers)) }

// Claim takes up to n items that are due, the oldest first. No other node gets them until
// the lease ends. Each of them is then given to Run.
func (u *Agenda) Claim(ctx context.Context, n int, lease time.Duration) (items []agenda.Item, err error) {
	err = u.store.Write(ctx, func(r port.Repos) (err error) {
		items, err = r.Agenda.Claim(ctx, u.Kinds(), n, lease)
		return err
	})
	return items, err
}

// settleWait is how long it may take to store what became of an item.
const settleWait = 5 * time.Second

// Run runs the handler of a claimed item and stores what became of it. ctx must end
// before the lease does; if it has ended already, Run does nothing, since others may
// have claimed the item. Run returns why the item failed, which may be a *Panic, or
// why that could not be stored; in that case the item is claimed again after its lease.
func (u *Agenda) Run(ctx context.Context, item agenda.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	failure := u.handle(ctx, item)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWait)
	defer cancel()
	err := u.store.Write(ctx, func(r port.Repos) error {
		if failure != nil {
			return r.Agenda.Later(ctx, item, failure.Error())
		}
		return r.Agenda.Done(ctx, item)
	})
	return errors.Join(failure, err)
}

func (u *Agenda) handle(ctx context.Context, item agenda.Item) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: string(debug.Stack())}
		}
	}()
	do := u.handlers[item.Kind]
	if do == nil {
		return fmt.Errorf("%s has no handler", item.Kind)
	}
	return do(ctx, item)
}

// Panic is why an item failed whose handler panicked.
type Panic struct {
	Value any
	Stack string
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Backlog sums up what is due and what is set aside.
func (u *Agenda) Backlog(ctx context.Context) (port.Backlog, error) {
	return u.store.Read().AgendaAdmin.Backlog(ctx)
}
