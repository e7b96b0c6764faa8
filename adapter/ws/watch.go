package ws

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

const (
	readers    = 4                      // read logs at the same time
	readWait   = 10 * time.Second       // for one read
	firstRetry = 50 * time.Millisecond  // after a failed read; doubled each time
	lastRetry  = time.Second            // up to this
	doubtPause = 500 * time.Millisecond // at least, between two checks
)

// watch compares with the store what all rooms have seen and who is signed in,
// every now and then, and at once in doubt.
func (h *Hub) watch(ctx context.Context, every time.Duration) {
	regular := time.NewTicker(every)
	defer regular.Stop()
	for {
		select {
		case <-regular.C:
		case <-h.doubt:
		case <-ctx.Done():
			return
		}
		err := h.check(ctx)
		if ctx.Err() != nil {
			return
		}
		h.note(0, err) // no room has this id
		if err != nil {
			h.Doubt()
		}
		pause(ctx, min(doubtPause, every))
	}
}

// check asks for reads of the rooms whose logs have gone on, and signs out whose
// sign-ins have ended: one query for all people, and one for all rooms.
func (h *Hub) check(ctx context.Context) error {
	h.mu.Lock()
	people, rooms := slices.Concat(slices.Collect(maps.Values(h.people))...), slices.Collect(maps.Keys(h.rooms))
	h.mu.Unlock()
	if len(rooms) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if err := h.signOut(ctx, people); err != nil { // first, so that the sockets say why they close
		return err
	}
	heads, err := h.chat.Heads(ctx, rooms)
	if err != nil {
		return err
	}
	for id, head := range heads {
		h.Wake(id, head)
	}
	return nil
}

// signOut ends those of these sessions whose sign-ins have ended.
func (h *Hub) signOut(ctx context.Context, sessions []*session) error {
	ids := make([]signin.ID, len(sessions))
	for i, s := range sessions {
		ids[i] = s.access.SignIn
	}
	slices.Sort(ids)
	hold, err := h.accounts.Hold(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if !hold[s.access.SignIn] {
			s.end(user.ErrSignedOut)
		}
	}
	return nil
}

// revisit looks whether the sign-ins of suspects still hold. If that cannot be
// told, all are in doubt.
func (h *Hub) revisit(ctx context.Context) {
	for {
		select {
		case <-h.suspicion:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		var sessions []*session
		for who := range h.suspects {
			sessions = append(sessions, h.people[who]...)
		}
		clear(h.suspects)
		h.mu.Unlock()
		bounded, cancel := context.WithTimeout(ctx, readWait)
		err := h.signOut(bounded, sessions)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "cannot tell who has signed out", "err", err)
			h.Doubt()
		}
	}
}

// read reads the logs of the rooms in the queue, until that is closed. What
// fails is tried again for as long as somebody follows the room.
func (h *Hub) read(ctx context.Context) {
	retry := firstRetry
	for r := h.queue.next(); r != nil; r = h.queue.next() {
		told := r.begin()
		err := h.fetch(ctx, r)
		if ctx.Err() != nil {
			return
		}
		h.note(r.id, err)
		if err != nil {
			pause(ctx, retry/2+rand.N(retry/2)) // #nosec G404 -- spreads load, guards nothing
			retry = min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		if err != nil || r.settle(told) {
			h.queue.add(r)
		}
	}
}

// fetch hands over every line of the log of r that its sessions have not seen.
func (h *Hub) fetch(ctx context.Context, r *stream) (err error) {
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			h.log.ErrorContext(ctx, "panic", "value", v, "stack", string(debug.Stack()))
			r.mu.Lock()
			defer r.mu.Unlock()
			r.end(fmt.Errorf("panic: %v", v))
		}
	}()
	for {
		seen, followed := r.at()
		if !followed {
			return nil
		}
		lines, err := h.chat.After(ctx, r.id, seen, pageSize)
		h.meter.Fetched(len(lines), err)
		if err != nil {
			return err
		}
		h.hand(r, time.Time{}, lines...)
		if len(lines) < pageSize {
			return nil
		}
	}
}

// note logs the first thing that cannot be read, and that all can be read again.
func (h *Hub) note(id party.ID, err error) {
	h.mu.Lock()
	before := len(h.failing)
	if err != nil {
		h.failing[id] = struct{}{}
	} else {
		delete(h.failing, id)
	}
	after := len(h.failing)
	h.mu.Unlock()
	switch {
	case before == 0 && after > 0:
		h.log.Log(context.Background(), loudness(err), "rooms cannot be read, trying on", "room", id, "err", err)
	case before > 0 && after == 0:
		h.log.Info("rooms are read again")
	}
}

// pause waits until d has passed or ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// queue holds the rooms that wait for a reader, each of them once.
type queue struct {
	mu     sync.Mutex
	some   *sync.Cond // tells that there is a room, or the end
	rooms  []*stream
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.some = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(r *stream) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rooms = append(q.rooms, r)
	q.some.Signal()
}

// next waits for a room, and gives nil once the queue is closed.
func (q *queue) next() *stream {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.rooms) == 0 && !q.closed {
		q.some.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.rooms[0]
	q.rooms[0], q.rooms = nil, q.rooms[1:]
	return r
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Broadcast()
}
