package ws

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

const (
	readers    = 4                      // read logs at the same time
	readWait   = 10 * time.Second       // for one read
	firstRetry = 50 * time.Millisecond  // after a failed read; doubled each time
	lastRetry  = time.Second            // up to this
	checkPause = 500 * time.Millisecond // at least, between two checks
)

// watch compares with the store what all rooms have seen and who is signed in, every
// now and then, and at once where that is asked for.
func (h *Hub) watch(ctx context.Context, every time.Duration) {
	regular := time.NewTicker(every)
	defer regular.Stop()
	for {
		select {
		case <-regular.C:
		case <-h.resync:
		case <-ctx.Done():
			return
		}
		err := h.check(ctx)
		if ctx.Err() != nil {
			return
		}
		h.note(0, err) // no room has this id
		if err != nil {
			h.Resync()
		}
		pause(ctx, min(checkPause, every))
	}
}

// check ends the sockets of sign-ins that have ended, asks for reads of the rooms whose
// logs have gone on, and tells listeners which rooms people are in: with one query each,
// for all at once.
func (h *Hub) check(ctx context.Context) error {
	sockets := h.all()
	if len(sockets) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if err := h.signOut(ctx, sockets); err != nil { // first, so that the sockets say why they close
		return err
	}
	if err := h.compareRooms(ctx); err != nil {
		return err
	}
	return h.compareMemberships(ctx)
}

func (h *Hub) compareRooms(ctx context.Context) error {
	h.mu.Lock()
	ids := slices.Collect(maps.Keys(h.rooms))
	h.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	heads, err := h.chat.Heads(ctx, ids)
	if err != nil {
		return err
	}
	for id, head := range heads {
		h.Wake(id, head)
	}
	return nil
}

func (h *Hub) compareMemberships(ctx context.Context) error {
	h.mu.Lock()
	people := slices.Collect(maps.Keys(h.own))
	h.mu.Unlock()
	if len(people) == 0 {
		return nil
	}
	memberships, err := h.chat.Memberships(ctx, people)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, who := range people {
		for _, l := range h.own[who] {
			l.compare(memberships[who])
		}
	}
	return nil
}

// signOut ends those of these sockets whose sign-ins have ended.
func (h *Hub) signOut(ctx context.Context, sockets []*socket) error {
	ids := make([]signin.ID, len(sockets))
	for i, s := range sockets {
		ids[i] = s.access.SignIn
	}
	slices.Sort(ids)
	hold, err := h.accounts.Hold(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for _, s := range sockets {
		if !hold[s.access.SignIn] {
			s.end(user.ErrSignedOut)
		}
	}
	return nil
}

// recheckSignIns ends the sockets of people who are unsure and whose sign-ins have
// ended. If the store does not say, all is compared later.
func (h *Hub) recheckSignIns(ctx context.Context) {
	for {
		select {
		case <-h.recheck:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		var sockets []*socket
		for who := range h.unsure {
			sockets = append(sockets, h.people[who]...)
		}
		clear(h.unsure)
		h.mu.Unlock()
		bounded, cancel := context.WithTimeout(ctx, readWait)
		err := h.signOut(bounded, sockets)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "cannot tell who has signed out", "err", err)
			h.Resync()
		}
	}
}

// read reads the logs of the rooms in the queue, until that is closed. What
// fails is tried again for as long as the room has followers.
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

// fetch hands over every line of the log of r that its followers have not seen.
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
		r.hand(time.Time{}, lines...)
		if len(lines) < pageSize {
			return nil
		}
	}
}

// note logs the first thing that cannot be read, and that all can be read again.
func (h *Hub) note(id room.ID, err error) {
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
		h.log.Log(context.Background(), severity(err), "rooms cannot be read, trying on", "room", id, "err", err)
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
