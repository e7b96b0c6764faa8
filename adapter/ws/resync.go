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
	readers          = 4                      // goroutines that read logs
	readWait         = 10 * time.Second       // timeout for one read of a log, one check or one recheck
	firstRetry       = 50 * time.Millisecond  // delay after a failed read; doubles each time
	maxRetry         = time.Second            // maximum delay
	minCheckInterval = 500 * time.Millisecond // minimum time between two checks
)

// checkID stands for the check in logOutage.
const checkID room.ID = 0 // no room has it

// checkLoop runs a check periodically, and at once when a resync is requested.
func (h *Hub) checkLoop(ctx context.Context, every time.Duration) {
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
		h.logOutage(checkID, err)
		if err != nil {
			h.Resync()
		}
		pause(ctx, min(minCheckInterval, every))
	}
}

// check closes the sockets of ended sign-ins, requests reads for rooms whose logs have
// grown, and passes memberships to listeners. Each step is one query for all sockets.
func (h *Hub) check(ctx context.Context) error {
	sockets := h.all()
	if len(sockets) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	// First, so that a socket closes because of its sign-in and not for a later reason.
	if err := h.closeSignedOut(ctx, sockets); err != nil {
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
			l.checkMembership(memberships[who])
		}
	}
	return nil
}

// closeSignedOut closes those of the sockets whose sign-ins have ended.
func (h *Hub) closeSignedOut(ctx context.Context, sockets []*socket) error {
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

// recheckSignIns closes sockets of the people in toRecheck whose sign-ins have ended. If
// the store does not answer, it requests a resync.
func (h *Hub) recheckSignIns(ctx context.Context) {
	for {
		select {
		case <-h.recheck:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		var sockets []*socket
		for who := range h.toRecheck {
			sockets = append(sockets, h.people[who]...)
		}
		clear(h.toRecheck)
		h.mu.Unlock()
		bounded, cancel := context.WithTimeout(ctx, readWait)
		err := h.closeSignedOut(bounded, sockets)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "cannot tell who has signed out", "err", err)
			h.Resync()
		}
	}
}

// readLoop catches up with the logs of queued rooms until the queue is closed. It retries
// failed reads while the room has followers.
func (h *Hub) readLoop(ctx context.Context) {
	retry := firstRetry // per worker, not per room: usually the whole store is down
	for r := h.queue.next(); r != nil; r = h.queue.next() {
		hinted := r.begin()
		err := h.catchUp(ctx, r)
		if ctx.Err() != nil {
			return
		}
		h.logOutage(r.id, err)
		if err != nil {
			pause(ctx, retry/2+rand.N(retry/2)) // #nosec G404 -- spreads load, guards nothing
			retry = min(2*retry, maxRetry)
		} else {
			retry = firstRetry
		}
		if err != nil || r.settle(hinted) {
			h.queue.add(r)
		}
	}
}

// catchUp sends all unseen lines of the log of r to its followers. A panic ends the
// stream; the read then counts as done.
func (h *Hub) catchUp(ctx context.Context, r *stream) error {
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
		r.broadcast(time.Time{}, lines...)
		if len(lines) < pageSize {
			return nil
		}
	}
}

// logOutage logs when reads start to fail, and when all of them work again.
func (h *Hub) logOutage(id room.ID, err error) {
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
		h.log.Log(context.Background(), logLevel(err), "rooms cannot be read, trying on", "room", id, "err", err)
	case before > 0 && after == 0:
		h.log.Info("rooms are read again")
	}
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
