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

// Changes is the one way to change what belongs to a room. It locks the room, runs a
// rule, and stores in one transaction what the rule changed, its entries in the room's
// log, its audit events and the items that it schedules. It publishes only after the
// commit.
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

// Work is one change of a room while it is made. It loads each aggregate once, under
// the room's lock, and saves it afterwards.
type Work struct {
	repos  port.Repos
	room   room.ID
	locked bool // this change holds the lock of room
	at     time.Time
	me     user.State

	party   *party.Party
	kept    []func(context.Context) ([]room.Entry, error) // each saves an aggregate and gives its entries
	records []audit.Event
	items   []agenda.Item
	reads   []func(port.Repos) error
	lines   []port.Line
}

// errUnlocked is a bug: a change touches a room whose lock it does not hold.
var errUnlocked = errors.New("a change may only touch the room that it has locked")

// An Option is what a change needs besides the room.
type Option struct{ who user.ID }

// With locks the account of who asks before the room is locked, so that it can't be
// withdrawn meanwhile. The change is refused with user.ErrSignedOut if there is no
// such account any more. A change locks one account at most: see port.Store for the
// order of locks.
func With(who user.ID) Option { return Option{who} }

// In runs act on the room id. Nothing is stored unless act returns nil. After a conflict
// act runs again, and only its last run counts, so each run must set all that act gives
// to the code around it.
func (c *Changes) In(ctx context.Context, id room.ID, act func(*Work) error, options ...Option) error {
	if len(options) > 1 {
		panic("a change locks one account at most")
	}
	var w *Work
	err := c.store.Write(ctx, func(r port.Repos) error {
		w = &Work{repos: r, room: id, at: c.now()}
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
		return w.save(ctx)
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

// schedule has something done later that belongs to no change of a room.
func (c *Changes) schedule(ctx context.Context, items ...agenda.Item) error {
	err := c.store.Write(ctx, func(r port.Repos) error { return r.Agenda.Put(ctx, items...) })
	if err == nil {
		c.wake()
	}
	return err
}

// Open is In for a room that does not exist yet: act opens it with a party.
func (c *Changes) Open(ctx context.Context, act func(*Work) error, options ...Option) error {
	return c.In(ctx, 0, act, options...)
}

// Now is when the change is made.
func (w *Work) Now() time.Time { return w.at }

// Me is the account that With names.
func (w *Work) Me() user.State { return w.me }

// Party locks the room and gives its party, or returns party.ErrNotFound.
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

// OpenParty opens a room with the party that open makes for its id.
func (w *Work) OpenParty(ctx context.Context, open func(room.ID) (*party.Party, error)) error {
	if w.room != 0 {
		return fmt.Errorf("open a room: %w: %d", errUnlocked, w.room)
	}
	id, err := w.repos.Rooms.Open(ctx, w.at)
	if err != nil {
		return err
	}
	w.room, w.locked = id, true // invisible to others until the commit
	if w.party, err = open(id); err != nil {
		return err
	}
	return keep(w, w.party, w.repos.Parties.Save)
}

// keep has an aggregate of the room saved once the rule has run, and its entries
// appended to the log. It returns errUnlocked unless the room is locked. An aggregate of
// another kind needs a method of Work like Party, which reads it and calls keep, and
// nothing else.
func keep[A interface{ Entries() []room.Entry }](w *Work, a A, save func(context.Context, A) error) error {
	if !w.locked {
		return fmt.Errorf("keep %T of room %d: %w", a, w.room, errUnlocked)
	}
	w.kept = append(w.kept, func(ctx context.Context) ([]room.Entry, error) { return a.Entries(), save(ctx, a) })
	return nil
}

// Record adds an audit event. Its time and its room are those of the change.
func (w *Work) Record(e audit.Event) {
	e.At, e.Room = w.at, w.room
	w.records = append(w.records, e)
}

// Schedule puts items on the agenda.
func (w *Work) Schedule(items ...agenda.Item) { w.items = append(w.items, items...) }

// Then reads what the change has stored, in the same transaction.
func (w *Work) Then(read func(port.Repos) error) { w.reads = append(w.reads, read) }

// moved gives the people who came into the room or left it.
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

// save stores what the change did.
func (w *Work) save(ctx context.Context) error {
	var entries []room.Entry
	for _, save := range w.kept {
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
