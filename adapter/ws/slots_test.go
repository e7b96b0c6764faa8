package ws

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// sharedSlots are slots that a test can look at.
type sharedSlots struct {
	mu   sync.Mutex
	open []port.SocketID
	down bool
}

func (s *sharedSlots) Claim(_ context.Context, claims ...port.Claim) (displaced []port.Claim, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errors.New("redis is down")
	}
	for _, c := range claims {
		s.open = append(s.open, c.Sockets...)
		slices.Sort(s.open)
		s.open = slices.Compact(s.open)
		if n := len(s.open) - c.Most; n > 0 {
			c.Sockets = slices.Clone(s.open[:n])
			s.open = s.open[n:]
			displaced = append(displaced, c)
		}
	}
	return displaced, nil
}

func (s *sharedSlots) Release(_ context.Context, claims ...port.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range claims {
		s.open = slices.DeleteFunc(s.open, func(id port.SocketID) bool { return slices.Contains(c.Sockets, id) })
	}
	return nil
}

// await waits until n slots are taken.
func (s *sharedSlots) await(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.open) == n
	}, patience, time.Millisecond)
}

// linked returns two nodes that share slots.
func linked(t *testing.T, renew time.Duration, hints func(a, b *Hub) port.PeopleHints) (a, b *fixture, slots *sharedSlots) {
	t.Helper()
	slots = &sharedSlots{}
	store := newStore(t, migrated(t))
	tell := &accountHints{}
	share := func(c *Config) { c.Slots, c.Hints, c.RenewSlots = slots, tell, renew }
	a, b = build(t, store, share), build(t, store, share)
	if hints != nil {
		tell.PeopleHints = hints(a.Hub, b.Hub)
	}
	a.serve()
	b.serve()
	return a, b, slots
}

// accountHints passes hints on, or loses all.
type accountHints struct{ port.PeopleHints }

func (h *accountHints) AccountChanged(ctx context.Context, who user.ID) {
	if h.PeopleHints != nil {
		h.PeopleHints.AccountChanged(ctx, who)
	}
}

// sixAtTwo opens six sockets of one person at two nodes in turn, and returns them.
func sixAtTwo(t *testing.T, a, b *fixture, slots *sharedSlots) (own []*client) {
	t.Helper()
	ann := a.person("ann")
	id := a.open(ann)
	for i := range maxSockets + 1 {
		own = append(own, []*fixture{a, b}[i%2].follow(ann, id, ""))
		slots.await(t, min(i+1, maxSockets))
	}
	return own
}

func TestFiveSocketsAreCountedOverAllNodes(t *testing.T) {
	both := func(a, b *Hub) port.PeopleHints { return bothHubs{a, b} }
	t.Run("at once by a hint", func(t *testing.T) {
		a, b, slots := linked(t, never, both)
		own := sixAtTwo(t, a, b, slots)
		own[0].closed(websocket.ClosePolicyViolation)
		for _, c := range own[1:] {
			c.settle()
		}
		own[1].Close()
		slots.await(t, maxSockets-1) // one is free
	})
	t.Run("when slots are renewed, if the hint was lost", func(t *testing.T) {
		a, b, slots := linked(t, 20*time.Millisecond, nil)
		sixAtTwo(t, a, b, slots)[0].closed(websocket.ClosePolicyViolation)
	})
	t.Run("by each node alone while Redis is down", func(t *testing.T) {
		a, _, slots := linked(t, 20*time.Millisecond, both)
		slots.mu.Lock()
		slots.down = true
		slots.mu.Unlock()
		ann := a.person("ann")
		id := a.open(ann)
		var own []*client
		for range maxSockets + 1 {
			own = append(own, a.follow(ann, id, ""))
		}
		own[0].closed(websocket.ClosePolicyViolation)
		slots.mu.Lock()
		slots.down = false
		slots.mu.Unlock()
		slots.await(t, maxSockets) // as soon as it is back
	})
	t.Run("none is left at the end", func(t *testing.T) {
		a, b, slots := linked(t, never, both)
		sixAtTwo(t, a, b, slots)
		a.Hub.Close()
		b.Hub.Close()
		slots.await(t, 0)
	})
}

// bothHubs tells two hubs of accounts.
type bothHubs [2]*Hub

func (h bothHubs) AccountChanged(_ context.Context, who user.ID) {
	for _, hub := range h {
		hub.AccountChanged(who)
	}
}

func (bothHubs) Notify(context.Context, ...user.ID) {}
