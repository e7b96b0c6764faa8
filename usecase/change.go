package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Changes runs every change of a room except chat messages, which Chat.Say stores. It
// locks the room, runs a rule, and stores in one transaction what the rule changed, its
// entries in the room's log, its audit events and the items that it schedules; and, for a
// request with an idempotency key, its answer: see Once. It publishes only after the commit.
type Changes struct {
	store port.Store
	bus   port.Bus
	now   func() time.Time
	wake  func()
}

// NewChanges makes a Changes. wake tells the clock that something new may be due.
func NewChanges(store port.Store, bus port.Bus, now func() time.Time, wake func()) *Changes {
	return &Changes{store, bus, now, wake}
}

// Work is the unit of work of one change. It loads each aggregate once, under the room's
// lock, and saves it afterwards.
type Work struct {
	repos  port.Repos
	room   room.ID
	locked bool // this change holds the lock of room
	at     time.Time
	me     user.State

	party   *party.Party
	saves   []func(context.Context) ([]room.Entry, error) // each saves an aggregate and returns its entries
	records []audit.Event
	items   []agenda.Item
	reads   []func(port.Repos) error
	lines   []port.Line
}

// errUnlocked is a bug: a change touches a room whose lock it does not hold.
var errUnlocked = errors.New("a change may only touch the room that it has locked")

// An Option modifies a change. So far there is only With.
type Option struct{ who user.ID }

// With locks the account who before the room is locked, so that it can't be
// withdrawn meanwhile. The change is refused with user.ErrSignedOut if there is no
// such account any more. A change locks one account at most: see port.Store for the
// order of locks.
func With(who user.ID) Option { return Option{who} }

// In runs act on the room id and stores the result if act returns nil. After a conflict
// act runs again, so it must assign its results anew each time.
func (c *Changes) In(ctx context.Context, id room.ID, act func(*Work) error, options ...Option) error {
	if len(options) > 1 {
		panic("a change locks one account at most")
	}
	var w *Work
	once := keyedOf(ctx)
	if err := once.begin(); err != nil {
		return err
	}
	err := c.store.Write(ctx, func(r port.Repos) error {
		w = &Work{repos: r, room: id, at: c.now()}
		if err := once.claim(ctx, r, w.at); err != nil {
			return err
		}
		for _, o := range options {
			person, err := signedIn(ctx, r, o.who)
			if err != nil {
				return err
			}
			w.me = person.State()
		}
		if err := act(w); err != nil {
			return err
		}
		if err := w.save(ctx); err != nil {
			return err
		}
		return once.keep(ctx, r, w.at)
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	c.bus.Publish(ctx, w.lines...)
	c.bus.Notify(ctx, w.moved()...)
	if len(w.items) > 0 {
		c.wake()
	}
	return nil
}

// schedule puts items on the agenda outside any change of a room.
func (c *Changes) schedule(ctx context.Context, items ...agenda.Item) error {
	err := c.store.Write(ctx, func(r port.Repos) error { return r.Agenda.Put(ctx, items...) })
	if err == nil {
		c.wake()
	}
	return err
}

// Open is In for a room that does not exist yet: act opens it with a party.
func (c *Changes) Open(ctx context.Context, act func(*Work) error) error { return c.In(ctx, 0, act) }

// Now returns the time of the change.
func (w *Work) Now() time.Time { return w.at }

// Me returns the account that With or OpenParty has locked; else the zero State.
func (w *Work) Me() user.State { return w.me }

// Party locks the room and returns its party, or party.ErrNotFound.
func (w *Work) Party(ctx context.Context) (*party.Party, error) {
	if w.party != nil {
		return w.party, nil
	}
	p, err := w.repos.Parties.Lock(ctx, w.room)
	if err != nil {
		return nil, err
	}
	w.party, w.locked = p, true
	return p, keep(w, p, w.repos.Parties.Save)
}

// OpenParty locks the account who, opens a room, and keeps the party that open makes there.
// It is refused with user.ErrSignedOut if there is no such account any more. since is as for
// port.Parties.
func (w *Work) OpenParty(ctx context.Context, who user.ID, since time.Time, open func(port.Opening) (*party.Party, error)) (*party.Party, error) {
	if w.room != 0 {
		return nil, fmt.Errorf("open a room: %w: %d", errUnlocked, w.room)
	}
	o, err := w.repos.Parties.Open(ctx, who, since, w.at)
	if err != nil {
		return nil, signedOut(err)
	}
	w.me, w.room, w.locked = o.Leader.State(), o.ID, true // the room is invisible to others until the commit
	if w.party, err = open(o); err != nil {
		return nil, err
	}
	return w.party, keep(w, w.party, w.repos.Parties.Save)
}

// keep registers an aggregate to be saved, and its entries to be logged, after act. It
// returns errUnlocked unless the room is locked. Each kind of aggregate has a method like
// Party that loads it and calls keep. save must not change the aggregate, so it does not
// matter that Entries runs before it.
func keep[A interface{ Entries() []room.Entry }](w *Work, a A, save func(context.Context, A) error) error {
	if !w.locked {
		return fmt.Errorf("keep %T of room %d: %w", a, w.room, errUnlocked)
	}
	w.saves = append(w.saves, func(ctx context.Context) ([]room.Entry, error) { return a.Entries(), save(ctx, a) })
	return nil
}

// Record adds an audit event with the time and the room of the change. In Open, call it
// after OpenParty.
func (w *Work) Record(e audit.Event) {
	e.At, e.Room = w.at, w.room
	w.records = append(w.records, e)
}

// Schedule puts items on the agenda.
func (w *Work) Schedule(items ...agenda.Item) { w.items = append(w.items, items...) }

// AfterSave runs read in the same transaction, after the aggregates, the log and the audit
// events.
func (w *Work) AfterSave(read func(port.Repos) error) { w.reads = append(w.reads, read) }

// moved returns the people who joined or left the room. Only the party seats people, so
// it knows no other aggregate.
func (w *Work) moved() (people []user.ID) {
	if w.party == nil {
		return nil
	}
	for _, e := range w.party.Events() {
		if who, ok := e.Moved(); ok {
			people = append(people, who)
		}
	}
	return people
}

// save stores the results of the change.
func (w *Work) save(ctx context.Context) error {
	var entries []room.Entry
	for _, save := range w.saves {
		more, err := save(ctx)
		if err != nil {
			return err
		}
		entries = append(entries, more...)
	}
	for _, e := range entries {
		if e.Room != w.room {
			return fmt.Errorf("log an entry of room %d in a change of room %d: %w", e.Room, w.room, errUnlocked)
		}
	}
	var err error
	if w.lines, err = w.repos.Log.Append(ctx, entries); err != nil {
		return err
	}
	if len(w.records) > 0 {
		if err := w.repos.Audit.Note(ctx, w.records...); err != nil {
			return err
		}
	}
	for _, read := range w.reads {
		if err := read(w.repos); err != nil {
			return err
		}
	}
	if len(w.items) > 0 { // last: see port.Agenda
		return w.repos.Agenda.Put(ctx, w.items...)
	}
	return nil
}
