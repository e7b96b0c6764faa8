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

// errLost is what becomes of a line if the leader of its group panics.
var errLost = errors.New("the group of this line was not stored")

// A talk stores spoken lines by group commit. One of the lines that wait leads: it
// stores all that are there, and does not wait for company. To store each in a Write of
// its own, which shares the transaction as well, halves what a busy chat delivers:
// 4,300 messages a second in place of 9,900.
type talk struct {
	observe func(size int)
	lead    chan struct{} // held by the line that leads

	mu      sync.Mutex
	waiting []*saying
}

// A saying is a line that waits, and its outcome.
type saying struct {
	entry  room.Entry
	stored func(port.Line)
	said   port.Said
	done   chan struct{} // closed when said stands
}

func newTalk() *talk {
	return &talk{observe: func(int) {}, lead: make(chan struct{}, 1)}
}

// Observe makes group hear how many lines are stored together, each time. It comes
// before the first Say.
func (s *Store) Observe(group func(size int)) { s.talk.observe = group }

// Waiting returns how many lines wait to be stored.
func (s *Store) Waiting() int {
	s.talk.mu.Lock()
	defer s.talk.mu.Unlock()
	return len(s.talk.waiting)
}

// Say stores a line together with others that come at the same time. A line that
// cannot be stored takes no other with it.
func (s *Store) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	if err := ctx.Err(); err != nil {
		return port.Said{}, err
	}
	l := &saying{entry: e, stored: stored, done: make(chan struct{})}
	if err := s.talk.join(l); err != nil {
		return port.Said{}, err
	}
	for {
		select {
		case s.talk.lead <- struct{}{}:
			s.lead(context.WithoutCancel(ctx), l) // the others do not depend on the leader's context
		case <-ctx.Done():
			if s.talk.leave(l) {
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

func (t *talk) join(l *saying) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) >= maxWaiting {
		return chat.ErrBusy
	}
	t.waiting = append(t.waiting, l)
	return nil
}

// leave takes a line out of the queue, unless its turn has come.
func (t *talk) leave(l *saying) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.waiting, l)
	if i < 0 {
		return false
	}
	t.waiting = slices.Delete(t.waiting, i, i+1)
	return true
}

// take takes the group out of the queue that is stored next.
func (t *talk) take() []*saying {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), maxLines)
	group := slices.Clone(t.waiting[:n])
	t.waiting = slices.Delete(t.waiting, 0, n)
	return group
}

// lead stores the next group, calls stored for its lines in their order, and gives up
// the lead. A line that is done leads no more.
func (s *Store) lead(ctx context.Context, l *saying) {
	defer func() { <-s.talk.lead }()
	select {
	case <-l.done:
		return
	default:
	}
	group := s.talk.take()
	for _, l := range group {
		l.said.Err = errLost
	}
	defer func() { // even after a panic nobody waits for ever
		for _, l := range group {
			close(l.done)
		}
	}()
	s.talk.observe(len(group))
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	s.keep(ctx, group)
	for _, l := range group {
		if l.said.Err == nil && !l.said.Repeated {
			l.stored(l.said.Line)
		}
	}
}

// keep stores the lines of a group in one Write. If that fails for a reason of our own,
// each line gets another try by itself while ctx lasts.
func (s *Store) keep(ctx context.Context, group []*saying) {
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
