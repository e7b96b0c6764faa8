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

	// maxSlots is how many side lanes may use a connection at once: all but one of them wait
	// for a lock, and one looks whether its room is free. With fewer connections than
	// poolSize it is less than half of them.
	maxSlots    = 8
	slotTimeout = 2 * time.Second
	slotPoll    = 100 * time.Millisecond // from one look at a locked room to the next
)

var (
	// errLocked says that another transaction holds the room of a line.
	errLocked = errors.New("the room is locked")
	// errLost is the error of a line when the leader of its group panics.
	errLost = errors.New("the group of this line was not stored")
)

// A sayQueue stores spoken lines by group commit, in lanes. The lines of a room wait in one
// shared lane, and so stay in order. A shared lane never waits for a room that another
// transaction has locked: it moves the lines of that room to a side lane, which waits for
// the room and delays no other.
type sayQueue struct {
	observe func(size int)
	slots   chan struct{} // holds an element for each side lane that waits for a lock
	peek    chan struct{} // holds an element while a side lane looks whether its room is free

	mu     sync.Mutex // guards all below, and all lanes
	shared [lanes]lane
	side   map[room.ID]*lane // of rooms that were found locked, while lines wait for them
}

// A lane is a queue of lines. One of the waiting lines leads: it stores all that wait,
// itself included, and passes the lead to the first of those that came meanwhile. It does
// not delay for more.
type lane struct {
	room    room.ID // of a side lane; 0 for a shared one
	led     bool
	waiting []*pending // the first one leads as soon as nobody else does
}

// A pending line waits to be stored, and then has its outcome.
type pending struct {
	ctx    context.Context
	entry  room.Entry
	stored func(port.Line)
	lane   *lane
	said   port.Said
	turn   chan bool // true: lead the lane; false: said is final
}

func newSayQueue(connections int32) *sayQueue {
	return &sayQueue{
		observe: func(int) {},
		slots:   make(chan struct{}, max(1, min(maxSlots, connections*2/5)-1)),
		peek:    make(chan struct{}, 1),
		side:    map[room.ID]*lane{},
	}
}

// Observe calls group with the size of each group of lines that are stored together. Call
// it before the first Say.
func (s *Store) Observe(group func(size int)) { s.says.observe = group }

// Waiting returns how many lines wait to be stored.
func (s *Store) Waiting() (n int) {
	q := s.says
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.shared {
		n += len(q.shared[i].waiting)
	}
	for _, l := range q.side {
		n += len(l.waiting)
	}
	return n
}

// Say stores a line together with others that come at the same time. If it cannot be
// stored, the others still are.
func (s *Store) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	if err := ctx.Err(); err != nil {
		return port.Said{}, err
	}
	l := &pending{ctx: ctx, entry: e, stored: stored, turn: make(chan bool, 1)}
	if err := s.says.join(l); err != nil {
		return port.Said{}, err
	}
	for s.says.wait(l) {
		s.lead(context.WithoutCancel(ctx), l.lane) // the others do not depend on the leader's context
	}
	if l.said.Err != nil {
		return port.Said{}, l.said.Err
	}
	return l.said, nil
}

// join puts a line into the lane of its room.
func (q *sayQueue) join(l *pending) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	to := q.side[l.entry.Room]
	if to == nil {
		to = &q.shared[uint64(l.entry.Room)%lanes] // #nosec G115 -- any lane will do
	}
	if len(to.waiting) >= maxWaiting {
		return chat.ErrBusy
	}
	to.add(l)
	return nil
}

func (l *lane) add(s *pending) {
	s.lane = l
	l.waiting = append(l.waiting, s)
	if !l.led {
		l.led = true
		s.turn <- true
	}
}

// wait returns true when l has to lead its lane, and false when its outcome is final.
func (q *sayQueue) wait(l *pending) (leads bool) {
	select {
	case leads = <-l.turn:
		return leads
	case <-l.ctx.Done():
	}
	if q.leave(l) {
		l.said.Err = l.ctx.Err()
		return false
	}
	return <-l.turn // which has come, or will as soon as the group is stored
}

// leave removes a line from its lane, and returns false if its turn has come already.
func (q *sayQueue) leave(l *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(l.lane.waiting, l)
	if i < 0 || len(l.turn) > 0 {
		return false
	}
	l.lane.waiting = slices.Delete(l.lane.waiting, i, i+1)
	return true
}

// lead stores the next group of a lane, and calls stored for its lines in order.
func (s *Store) lead(ctx context.Context, from *lane) {
	q := s.says
	defer q.pass(from)
	group := q.take(from)
	defer q.release(group) // even after a panic no line waits for ever
	if len(group) == 0 {
		return // all have moved to side lanes
	}
	q.observe(len(group))
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	if from.room == 0 {
		s.keep(ctx, group, true)
	} else {
		s.keepOnceFree(ctx, group)
	}
	for _, l := range group {
		if l.said.Err == nil && !l.said.Repeated {
			l.stored(l.said.Line)
		}
	}
}

// keepOnceFree stores a group of one room that was locked. It waits for the lock, unless
// too many others do. Then it looks now and then whether the room is free: a node that
// stores messages holds it for milliseconds only.
func (s *Store) keepOnceFree(ctx context.Context, group []*pending) {
	q := s.says
	patience := time.NewTimer(slotTimeout)
	defer patience.Stop()
	poll := time.NewTicker(slotPoll)
	defer poll.Stop()
	for {
		select {
		case q.slots <- struct{}{}:
			defer func() { <-q.slots }()
			s.keep(ctx, group, false)
			return
		case <-poll.C:
			if s.keepIfFree(ctx, group) {
				return
			}
		case <-patience.C:
			err := fmt.Errorf("%w: more than %d rooms are locked", errUnavailable, cap(q.slots))
			for _, l := range group {
				l.said.Err = err
			}
			return
		}
	}
}

// keepIfFree stores a group unless its room is locked or another lane is looking.
func (s *Store) keepIfFree(ctx context.Context, group []*pending) (kept bool) {
	select {
	case s.says.peek <- struct{}{}:
		defer func() { <-s.says.peek }()
		s.keep(ctx, group, true)
		return group[0].said.Err != errLocked
	default:
		return false
	}
}

// take removes the next group from a lane. Lines whose room has a side lane by now move
// there, so that all lines of a room are in one lane.
func (q *sayQueue) take(from *lane) (group []*pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var rest []*pending
	for _, l := range from.waiting {
		side := q.side[l.entry.Room]
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

// keep stores the lines of a group in one transaction; with skip, not those of locked rooms.
// If that fails with an internal error, it retries each line alone while ctx lasts.
func (s *Store) keep(ctx context.Context, group []*pending, skip bool) {
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

// release ends the wait of the lines of a group. Those of locked rooms wait on in side
// lanes.
func (q *sayQueue) release(group []*pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range group {
		if l.said.Err == errLocked {
			if l.said.Err = l.ctx.Err(); l.said.Err == nil {
				q.moveAside(l)
				continue
			}
		}
		l.turn <- false
	}
}

// moveAside moves a line to the side lane of its room.
func (q *sayQueue) moveAside(l *pending) {
	id := l.entry.Room
	if q.side[id] == nil {
		q.side[id] = &lane{room: id}
	}
	q.side[id].add(l)
}

// pass gives the lead of a lane to the line that has waited longest, or to the next that
// comes. A side lane without waiting lines is removed.
func (q *sayQueue) pass(l *lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.led = len(l.waiting) > 0
	switch {
	case l.led:
		l.waiting[0].turn <- true
	case l.room != 0:
		delete(q.side, l.room)
	}
}
