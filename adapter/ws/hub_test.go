package ws

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var (
	_ port.RoomFollower   = (*Hub)(nil)
	_ port.PeopleFollower = (*Hub)(nil)
)

// a fakeSocket is a room's socket without a connection. Its outbox is read by the test.
type fakeSocket struct {
	*roomSocket
	ctx     context.Context
	started chan struct{}
}

// follows makes the socket follow its room.
func (s fakeSocket) follows(h *Hub) error {
	s.hub = h
	return s.enter()
}

func (s fakeSocket) why() error { return context.Cause(s.ctx) }

// next waits for the next batch.
func (s fakeSocket) next() *batch {
	for {
		if it, ok := s.socket.outbox.rest(); ok {
			return it.what.(*batch)
		}
		<-s.started
	}
}

// waiting returns the number of waiting batches.
func (s fakeSocket) waiting() int {
	s.socket.outbox.mu.Lock()
	defer s.socket.outbox.mu.Unlock()
	return len(s.socket.outbox.waiting)
}

func newFakeSocket(who user.ID, id room.ID) fakeSocket {
	ctx, cancel := context.WithCancelCause(context.Background())
	h := &Handler{Hub: &Hub{meter: unmetered{}}}
	s := fakeSocket{h.roomSocket("", port.Access{Who: who}, id, 0, nil), ctx, make(chan struct{}, 1)}
	s.socket.done, s.socket.cancel = ctx.Done(), cancel
	s.socket.outbox.start = func() {
		s.socket.outbox.writing = false // so that start is called for each item
		select {
		case s.started <- struct{}{}:
		default:
		}
	}
	return s
}

func line(id room.ID, seq int64) port.Line {
	return port.Line{Entry: room.Entry{Room: id, Seq: seq, Kind: chat.Said, Body: "hello"}}
}

// newHub returns a hub without a store. Its sockets leave at the end of the test.
func newHub(t *testing.T, show func(port.Line) any) *Hub {
	h := NewHub(Config{Show: func(l port.Line) (string, any) { return typeFor(l), show(l) }, Log: slog.New(slog.DiscardHandler), Check: time.Hour})
	t.Cleanup(func() {
		for _, s := range h.all() {
			s.purpose.leave()
		}
		h.Close()
	})
	return h
}

func seqOf(l port.Line) any { return l.Seq }

func TestHubDelivers(t *testing.T) {
	h := newHub(t, seqOf)
	a, b, other := newFakeSocket(1, 1), newFakeSocket(2, 1), newFakeSocket(1, 2)
	for _, s := range []fakeSocket{a, b, other} {
		require.NoError(t, s.follows(h))
	}
	h.Deliver(line(1, 1))
	h.Deliver(line(3, 1)) // a room without followers
	h.Deliver(line(1, 1)) // again
	na, nb := a.next(), b.next()
	assert.EqualValues(t, 1, na.lines[0].Seq)
	assert.Same(t, na, nb, "encoded once for all")
	assert.Zero(t, a.waiting(), "what was handed over already is not news")
	assert.Zero(t, other.waiting())
	assert.Equal(t, 3, h.Sockets())

	a.leave()
	h.Deliver(line(1, 2))
	assert.Zero(t, a.waiting())
	assert.Equal(t, 1, b.waiting())
	b.leave()
	other.leave()
	assert.Empty(t, h.rooms, "nothing is left behind")
	assert.Empty(t, h.people)
	assert.Zero(t, h.Sockets())
}

func TestHubNeverWaits(t *testing.T) {
	h := newHub(t, seqOf)
	slow, quick := newFakeSocket(1, 1), newFakeSocket(2, 1)
	require.NoError(t, slow.follows(h))
	require.NoError(t, quick.follows(h))
	for seq := range int64(maxWaiting + 50) {
		h.Deliver(line(1, seq+1))
		quick.next()
	}
	assert.ErrorIs(t, slow.why(), errTooSlow)
	assert.NoError(t, quick.why(), "the others hear everything")
	for seq := range int64(maxWaiting) {
		assert.EqualValues(t, seq+1, slow.next().lines[0].Seq)
	}
	slow.socket.end(user.ErrSignedOut)
	assert.ErrorIs(t, slow.why(), errTooSlow, "the first reason stands")
}

func TestHubKeepsOnlySoManyBytesForASlowSocket(t *testing.T) {
	text := strings.Repeat("x", maxBytes/2-100)
	h := newHub(t, func(port.Line) any { return text })
	s := newFakeSocket(1, 1)
	require.NoError(t, s.follows(h))
	h.Deliver(line(1, 1))
	h.Deliver(line(1, 2))
	assert.NoError(t, s.why())
	h.Deliver(line(1, 3))
	assert.ErrorIs(t, s.why(), errTooSlow)
	assert.Equal(t, 2, s.waiting())

	text += text + text
	other := newFakeSocket(2, 1)
	require.NoError(t, other.follows(h))
	h.Deliver(line(1, 4))
	assert.NoError(t, other.why(), "whoever keeps up hears whatever comes at once")
	other.next()
	h.Deliver(line(1, 5))
	assert.NoError(t, other.why(), "what was taken counts no more")
}

func TestHubEndsSocketsOfWhatItCannotEncode(t *testing.T) {
	h := newHub(t, func(port.Line) any { return make(chan int) })
	s := newFakeSocket(1, 1)
	require.NoError(t, s.follows(h))
	h.Deliver(line(1, 1))
	require.Error(t, s.why())
	code, _ := closeCode(s.why())
	assert.Equal(t, 1011, code)
}

func TestHubSignsOut(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	there := h.again(ann)
	id, other := h.open(ann, bob), h.open(ann, bob)
	stays := []*client{h.follow(ann, id, ""), h.follow(bob, id, "")}
	goes := []*client{h.follow(there, id, ""), h.follow(there, other, "")}
	h.Hub.AccountChanged(ann.id) // it changes nothing, because no sign-in has ended
	require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(ann), there.signIn, ""))
	for _, c := range goes {
		_, code := c.told()
		assert.Equal(t, codeSignedOut, code)
	}
	for _, c := range stays {
		c.send(`{"message":"still here"}`)
	}
	stays[0].hears(2, 3)
}

// Nobody is signed out while the store does not answer. Ended sign-ins are noticed as
// soon as it does.
func TestHubSignsOutLater(t *testing.T) {
	h := newFixture(t, func(c *Config) { c.Check = 20 * time.Millisecond })
	ann := h.person("ann")
	there := h.again(ann)
	c := h.follow(there, h.open(ann), "")
	h.store.broken.Store(true)
	require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(ann), there.signIn, ""))
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "who has signed out") }, patience, time.Millisecond)
	assert.Equal(t, 1, h.Hub.Sockets())
	h.store.broken.Store(false)
	_, code := c.told()
	assert.Equal(t, codeSignedOut, code)
}

func TestHubBoundsSocketsOfOnePerson(t *testing.T) {
	h := newHub(t, seqOf)
	var own []fakeSocket
	for range maxSockets {
		own = append(own, newFakeSocket(1, 1))
	}
	others := []fakeSocket{newFakeSocket(2, 1), newFakeSocket(1, 2)}
	for _, s := range append(own, others...) {
		require.NoError(t, s.follows(h))
		assert.NoError(t, s.why())
	}
	own[1].socket.end(errTooSlow) // has ended, but is not removed yet

	sixth := newFakeSocket(1, 1)
	require.NoError(t, sixth.follows(h))
	assert.NoError(t, own[0].why(), "there was a place")
	seventh := newFakeSocket(1, 1)
	require.NoError(t, seventh.follows(h))
	assert.ErrorIs(t, own[0].why(), errTooMany, "the oldest goes")
	for _, s := range append(own[2:], sixth, seventh, others[0], others[1]) {
		assert.NoError(t, s.why())
	}
}

// The order in which sockets follow a room need not be the order of their handshakes.
func TestTheOldestSocketIsTheOneThatWasOpenedFirst(t *testing.T) {
	h := newHub(t, seqOf)
	var own []fakeSocket
	for i := range int64(maxSockets + 1) {
		s := newFakeSocket(1, 1)
		s.socket.number = i
		own = append(own, s)
	}
	for _, s := range slices.Backward(own) {
		require.NoError(t, s.follows(h))
	}
	assert.ErrorIs(t, own[0].why(), errTooMany, "though it came last")
	for _, s := range own[1:] {
		assert.NoError(t, s.why())
	}
}

func TestHubCloses(t *testing.T) {
	h := newHub(t, seqOf)
	s := newFakeSocket(1, 1)
	require.NoError(t, s.follows(h))
	closed := make(chan struct{})
	go func() { h.Close(); close(closed) }()
	<-s.socket.done
	assert.ErrorIs(t, s.why(), errGoingAway)
	select {
	case <-closed:
		t.Fatal("closed before the socket has gone")
	default:
	}
	assert.ErrorIs(t, newFakeSocket(2, 1).follows(h), errGoingAway)
	s.leave()
	<-closed
	h.Close() // again
}
