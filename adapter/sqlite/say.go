package sqlite

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	maxLines   = 256             // lines that are stored together
	maxWaiting = 4 * 4096        // lines that may wait
	storeWait  = 5 * time.Second // for a group
)

// errLost is the error of a line when the leader of its group panics.
var errLost = errors.New("the group of this line was not stored")

// A sayQueue stores spoken lines by group commit. One of the waiting lines leads: it stores
// all that wait, and does not delay for more. A Write for each line, though Writes share a
// transaction as well, halves what a busy chat delivers: 4,300 messages a second, not 9,900.
type sayQueue struct {
	observe func(size int)
	lead    chan struct{} // held by the line that leads

	mu      sync.Mutex
	waiting []*pending
}

// A pending line waits to be stored, and then has its outcome.
type pending struct {
	entry  room.Entry
	stored func(port.Line)
	said   port.Said
	done   chan struct{} // closed once said is final
}

func newSayQueue() *sayQueue {
	return &sayQueue{observe: func(int) {}, lead: make(chan struct{}, 1)}
}

// Observe calls group with the size of each group of lines that are stored together. Call
// it before the first Say.
func (s *Store) Observe(group func(size int)) { s.says.observe = group }

// Waiting returns how many lines wait to be stored.
func (s *Store) Waiting() int {
	s.says.mu.Lock()
	defer s.says.mu.Unlock()
	return len(s.says.waiting)
}

// Say stores a line together with others that come at the same time. If it cannot be
// stored, the others still are.
func (s *Store) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	if err := ctx.Err(); err != nil {
		return port.Said{}, err
	}
	l := &pending{entry: e, stored: stored, done: make(chan struct{})}
	if err := s.says.join(l); err != nil {
		return port.Said{}, err
	}
	for {
		select {
		case s.says.lead <- struct{}{}:
			s.lead(context.WithoutCancel(ctx), l) // the others do not depend on the leader's context
		case <-ctx.Done():
			if s.says.leave(l) {
				return port.Said{}, ctx.Err()
			}
			<-l.done
		case <-l.done:
			if l.said.Err != nil {
				return port.Said{}, l.said.Err
			}
			return l.said, nil
		}
	}
}

func (q *sayQueue) join(l *pending) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaiting {
		return chat.ErrBusy
	}
	q.waiting = append(q.waiting, l)
	return nil
}

// leave removes a line from the queue, and returns false if it is being stored already.
func (q *sayQueue) leave(l *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, l)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take removes the next group from the queue.
func (q *sayQueue) take() []*pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), maxLines)
	group := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return group
}

// lead stores the next group, calls stored for its lines in order, and gives up the lead.
// It does nothing if the line is stored already.
func (s *Store) lead(ctx context.Context, l *pending) {
	defer func() { <-s.says.lead }()
	select {
	case <-l.done:
		return
	default:
	}
	group := s.says.take()
	for _, l := range group {
		l.said.Err = errLost
	}
	defer func() { // even after a panic no line waits for ever
		for _, l := range group {
			close(l.done)
		}
	}()
	s.says.observe(len(group))
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	s.keep(ctx, group)
	for _, l := range group {
		if l.said.Err == nil && !l.said.Repeated {
			l.stored(l.said.Line)
		}
	}
}

// keep stores the lines of a group in one Write. If that fails with an internal error, it
// retries each line alone while ctx lasts.
func (s *Store) keep(ctx context.Context, group []*pending) {
	entries := make([]room.Entry, len(group))
	for i, l := range group {
		entries[i] = l.entry
	}
	var said []port.Said
	err := s.Write(ctx, func(r port.Repos) (err error) {
		said, err = r.Log.Say(ctx, entries...)
		return err
	})
	if err != nil && len(group) > 1 && fault.Of(err).Kind == fault.Internal && ctx.Err() == nil {
		for i := range group {
			s.keep(ctx, group[i:i+1])
		}
		return
	}
	for i, l := range group {
		if l.said = (port.Said{Err: err}); err == nil {
			l.said = said[i]
		}
	}
}
