package usecase

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Changes is the one way to change what belongs to a room. It locks the room, runs a
// rule, and stores in the same transaction what the rule changed, what that leaves in
// the room's log, what goes on record and what is to be done later. Others hear of it
// only once all of that is committed.
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
// the room's lock, and saves those that differ afterwards.
type Work struct {
	repos port.Repos
	room  room.ID
	at    time.Time
	me    user.State

	party   *party.Party
	kept    []func(context.Context) ([]room.Entry, error) // save what the change works on
	records []audit.Event
	items   []agenda.Item
	looks   []func(port.Repos) error
	lines   []port.Line
}

// An Option says what a change needs besides the room.
type Option struct{ who user.ID }

// With locks the account of who asks before the room is locked, so that it can't be
// withdrawn meanwhile. The change is refused with user.ErrSignedOut if there is no
// such account any more. A change locks one account at most: see port.Store for the
// order of locks.
func With(who user.ID) Option { return Option{who} }

// In runs act on the room id. Nothing is stored unless act returns nil. It may run
// more than once, and only the last run counts, so act must assign anew whatever it
// gives to its surroundings.
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
	w.party = p
	keep(w, p, w.repos.Parties.Save)
	return p, nil
}

// OpenParty opens a room with the party that open makes for its id.
func (w *Work) OpenParty(ctx context.Context, open func(room.ID) (*party.Party, error)) error {
	id, err := w.repos.Rooms.Open(ctx, w.at)
	if err != nil {
		return err
	}
	w.room = id
	if w.party, err = open(id); err != nil {
		return err
	}
	keep(w, w.party, w.repos.Parties.Save)
	return nil
}

// keep has an aggregate of the room saved once the rule has run, and what it leaves
// appended to the log. It comes after the room is locked. An aggregate of another kind
// needs a method of Work like Party, which reads it and calls keep, and nothing else.
func keep[A interface{ Entries() []room.Entry }](w *Work, a A, save func(context.Context, A) error) {
	w.kept = append(w.kept, func(ctx context.Context) ([]room.Entry, error) { return a.Entries(), save(ctx, a) })
}

// Record puts an event on record. Its time and its room are those of the change.
func (w *Work) Record(e audit.Event) {
	e.At, e.Room = w.at, w.room
	w.records = append(w.records, e)
}

// Schedule has something done later.
func (w *Work) Schedule(items ...agenda.Item) { w.items = append(w.items, items...) }

// Then looks at what is stored, once it is, in the same transaction.
func (w *Work) Then(look func(port.Repos) error) { w.looks = append(w.looks, look) }

// moved gives the people who are in other rooms since the change.
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
	var err error
	if w.lines, err = w.repos.Log.Append(ctx, entries); err != nil {
		return err
	}
	if len(w.records) > 0 {
		if err := w.repos.Audit.Note(ctx, w.records...); err != nil {
			return err
		}
	}
	for _, look := range w.looks {
		if err := look(w.repos); err != nil {
			return err
		}
	}
	if len(w.items) > 0 { // last: see port.Agenda
		return w.repos.Agenda.Put(ctx, w.items...)
	}
	return nil
}
