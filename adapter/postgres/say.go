package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	lanes      = 4               // groups of lines that are stored at once, side lanes aside
	groupSize  = 256             // lines that are stored together
	maxWaiting = 4096            // lines that may wait in a lane
	storeWait  = 5 * time.Second // for a group

	// maxSlots is how many side lanes may use a connection at once. With fewer
	// connections than poolSize it is less than half of them.
	maxSlots    = 8
	slotTimeout = 2 * time.Second
)

var (
	// errLocked says that another transaction holds the room of a line.
	errLocked = errors.New("the room is locked")
	// errLost is what becomes of a line if the leader of its group panics.
	errLost = errors.New("the group of this line was not stored")
)

// A talk stores spoken lines by group commit, in lanes. The lines of a room wait in one
// of the shared lanes, and so in order. A shared lane waits for no room that another
// transaction has locked: it moves the lines of that room to a side lane, which waits
// for the room and holds up nobody else.
type talk struct {
	observe func(size int)
	slots   chan struct{} // holds an element for each side lane that uses a connection

	mu     sync.Mutex // guards all below, and all lanes
	shared [lanes]lane
	side   map[room.ID]*lane // of rooms that were found locked, while lines wait for them
}

// A lane is a queue of lines. One of those who wait leads it: it stores all lines that
// are there, its own among them, and passes the lead to the first of those that have
// come meanwhile. It does not wait for company.
type lane struct {
	room    room.ID // of a side lane; 0 for a shared one
	led     bool
	waiting []*saying // the first one leads as soon as nobody else does
}

// A saying is a line that waits, and its outcome.
type saying struct {
	ctx    context.Context
	entry  room.Entry
	stored func(port.Line)
	lane   *lane
	said   port.Said
	turn   chan bool // true: lead the lane; false: said stands
}

func newTalk(connections int32) *talk {
	return &talk{
		observe: func(int) {},
		slots:   make(chan struct{}, min(maxSlots, max(1, connections*2/5))),
		side:    map[room.ID]*lane{},
	}
}

// Observe makes group hear how many lines are stored together, each time. It comes
// before the first Say.
func (s *Store) Observe(group func(size int)) { s.talk.observe = group }

// Waiting returns how many lines wait to be stored.
func (s *Store) Waiting() (n int) {
	t := s.talk
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.shared {
		n += len(t.shared[i].waiting)
	}
	for _, l := range t.side {
		n += len(l.waiting)
	}
	return n
}

// Say stores a line together with others that come at the same time. A line that
// cannot be stored takes no other with it.
func (s *Store) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	if err := ctx.Err(); err != nil {
		return port.Said{}, err
	}
	l := &saying{ctx: ctx, entry: e, stored: stored, turn: make(chan bool, 1)}
	if err := s.talk.join(l); err != nil {
		return port.Said{}, err
	}
	for s.talk.wait(l) {
		s.lead(context.WithoutCancel(ctx), l.lane) // the others do not depend on the leader's context
	}
	if l.said.Err != nil {
		return port.Said{}, l.said.Err
	}
	return l.said, nil
}

// join puts a line into the lane of its room.
func (t *talk) join(l *saying) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	to := t.side[l.entry.Room]
	if to == nil {
		to = &t.shared[uint64(l.entry.Room)%lanes] // #nosec G115 -- any lane will do
	}
	if len(to.waiting) >= maxWaiting {
		return chat.ErrBusy
	}
	to.add(l)
	return nil
}

func (l *lane) add(s *saying) {
	s.lane = l
	l.waiting = append(l.waiting, s)
	if !l.led {
		l.led = true
		s.turn <- true
	}
}

// wait returns true when l is to lead its lane, and false when its outcome is certain.
func (t *talk) wait(l *saying) (leads bool) {
	select {
	case leads = <-l.turn:
		return leads
	case <-l.ctx.Done():
	}
	if t.leave(l) {
		l.said.Err = l.ctx.Err()
		return false
	}
	return <-l.turn // which has come, or will as soon as the group is stored
}

// leave takes a line out of its lane, unless its turn has come.
func (t *talk) leave(l *saying) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(l.lane.waiting, l)
	if i < 0 || len(l.turn) > 0 {
		return false
	}
	l.lane.waiting = slices.Delete(l.lane.waiting, i, i+1)
	return true
}

// lead stores the next group of a lane, and calls stored for its lines in their order.
func (s *Store) lead(ctx context.Context, from *lane) {
	t := s.talk
	defer t.pass(from)
	free := true
	if from.room != 0 {
		if free = t.slot(); free {
			defer func() { <-t.slots }()
		}
	}
	group := t.take(from)
	defer t.release(group) // even after a panic nobody waits for ever
	if !free {
		err := fmt.Errorf("%w: more than %d rooms are locked", errUnavailable, cap(t.slots))
		for _, l := range group {
			l.said.Err = err
		}
		return
	}
	if len(group) == 0 {
		return // all have moved to side lanes
	}
	t.observe(len(group))
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	s.keep(ctx, group, from.room == 0)
	for _, l := range group {
		if l.said.Err == nil && !l.said.Repeated {
			l.stored(l.said.Line)
		}
	}
}

// slot waits until a side lane may use a connection, for a bounded time.
func (t *talk) slot() bool {
	patience := time.NewTimer(slotTimeout)
	defer patience.Stop()
	select {
	case t.slots <- struct{}{}:
		return true
	case <-patience.C:
		return false
	}
}

// take takes the group out of a lane that is stored next. Lines whose room has got a
// side lane follow the others there, so that the lines of a room are in one lane only.
func (t *talk) take(from *lane) (group []*saying) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var rest []*saying
	for _, l := range from.waiting {
		side := t.side[l.entry.Room]
		switch {
		case side != nil && side != from:
			side.add(l)
		case len(group) < groupSize:
			l.said.Err = errLost
			group = append(group, l)
		default:
			rest = append(rest, l)
		}
	}
	from.waiting = rest
	return group
}

// keep stores the lines of a group in one transaction, and skips those of locked rooms
// if skip is set. If that fails for a reason of our own, each line gets another try by
// itself while ctx lasts.
func (s *Store) keep(ctx context.Context, group []*saying, skip bool) {
	entries := make([]room.Entry, len(group))
	for i, l := range group {
		entries[i] = l.entry
	}
	var said []port.Said
	err := s.Write(ctx, func(r port.Repos) (err error) {
		said, err = r.Log.(logs).say(ctx, entries, skip)
		return err
	})
	if err != nil && len(group) > 1 && fault.Of(err).Kind == fault.Internal && ctx.Err() == nil {
		for i := range group {
			s.keep(ctx, group[i:i+1], skip)
		}
		return
	}
	for i, l := range group {
		if l.said = (port.Said{Err: err}); err == nil {
			l.said = said[i]
		}
	}
}

// release ends the wait of the lines of a group, except for those of locked rooms,
// which wait on in side lanes.
func (t *talk) release(group []*saying) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range group {
		if l.said.Err == errLocked {
			if l.said.Err = l.ctx.Err(); l.said.Err == nil {
				t.aside(l)
				continue
			}
		}
		l.turn <- false
	}
}

// aside moves a line to the side lane of its room.
func (t *talk) aside(l *saying) {
	id := l.entry.Room
	if t.side[id] == nil {
		t.side[id] = &lane{room: id}
	}
	t.side[id].add(l)
}

// pass gives the lead of a lane to the line that has waited longest, or to the next one
// that comes. A side lane where nobody waits is gone.
func (t *talk) pass(l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.led = len(l.waiting) > 0
	switch {
	case l.led:
		l.waiting[0].turn <- true
	case l.room != 0:
		delete(t.side, l.room)
	}
}
