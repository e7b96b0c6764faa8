package ws

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var _ port.Follower = (*Hub)(nil)

// a seat is a session without a socket. What it is told waits for the test.
type seat struct {
	*session
	ctx    context.Context
	called chan struct{}
}

func (s seat) why() error { return context.Cause(s.ctx) }

// next gives the news that comes next.
func (s seat) next() *news {
	for {
		if v := s.outbox.rest(); v != nil {
			return v.(*news)
		}
		<-s.called
	}
}

// waiting tells how many news wait.
func (s seat) waiting() int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return len(s.outbox.waiting)
}

func newSeat(who user.ID, room party.ID) seat {
	ctx, cancel := context.WithCancelCause(context.Background())
	s := seat{&session{
		Handler: &Handler{Hub: &Hub{meter: unmetered{}}},
		who:     who, room: room, access: port.Access{Who: who},
		done: ctx.Done(), cancel: cancel,
	}, ctx, make(chan struct{}, 1)}
	s.outbox.call = func() {
		s.outbox.manned = false // so that it is called for each
		select {
		case s.called <- struct{}{}:
		default:
		}
	}
	return s
}

func line(id party.ID, seq int64) port.Line {
	return port.Line{Entry: room.Entry{Room: id, Seq: seq, Kind: chat.Said, Body: "hello"}}
}

// newHub makes a hub that has no store to read from. At the end its seats are left.
func newHub(t *testing.T, show func(port.Line) any) *Hub {
	h := NewHub(Config{Show: func(l port.Line) (string, any) { return typeFor(l), show(l) }, Log: slog.New(slog.DiscardHandler), Check: time.Hour})
	t.Cleanup(func() {
		for _, own := range maps.Clone(h.people) {
			for _, s := range slices.Clone(own) {
				h.remove(s)
			}
		}
		h.Close()
	})
	return h
}

func seqOf(l port.Line) any { return l.Seq }

func TestHubDelivers(t *testing.T) {
	h := newHub(t, seqOf)
	a, b, other := newSeat(1, 1), newSeat(2, 1), newSeat(1, 2)
	for _, s := range []seat{a, b, other} {
		require.NoError(t, h.add(s.session))
	}
	h.Deliver(line(1, 1))
	h.Deliver(line(3, 1)) // a room that nobody follows
	h.Deliver(line(1, 1)) // again
	na, nb := a.next(), b.next()
	assert.EqualValues(t, 1, na.parcels[0].line.Seq)
	assert.Same(t, na, nb, "encoded once for all")
	assert.Zero(t, a.waiting(), "what was handed over already is not news")
	assert.Zero(t, other.waiting())
	assert.Equal(t, 3, h.Sockets())

	h.remove(a.session)
	h.Deliver(line(1, 2))
	assert.Zero(t, a.waiting())
	assert.Equal(t, 1, b.waiting())
	h.remove(b.session)
	h.remove(other.session)
	assert.Empty(t, h.rooms, "nothing is left behind")
	assert.Empty(t, h.people)
	assert.Zero(t, h.Sockets())
}

func TestHubNeverWaits(t *testing.T) {
	h := newHub(t, seqOf)
	slow, quick := newSeat(1, 1), newSeat(2, 1)
	require.NoError(t, h.add(slow.session))
	require.NoError(t, h.add(quick.session))
	for seq := range int64(maxWaiting + 50) {
		h.Deliver(line(1, seq+1))
		quick.next()
	}
	assert.ErrorIs(t, slow.why(), errTooSlow)
	assert.NoError(t, quick.why(), "the others hear everything")
	for seq := range int64(maxWaiting) {
		assert.EqualValues(t, seq+1, slow.next().parcels[0].line.Seq)
	}
	slow.end(user.ErrSignedOut)
	assert.ErrorIs(t, slow.why(), errTooSlow, "the first reason stands")
}

func TestHubKeepsOnlySoManyBytesForASlowSession(t *testing.T) {
	text := strings.Repeat("x", maxBytes/2-100)
	h := newHub(t, func(port.Line) any { return text })
	s := newSeat(1, 1)
	require.NoError(t, h.add(s.session))
	h.Deliver(line(1, 1))
	h.Deliver(line(1, 2))
	assert.NoError(t, s.why())
	h.Deliver(line(1, 3))
	assert.ErrorIs(t, s.why(), errTooSlow)
	assert.Equal(t, 2, s.waiting())

	text += text + text
	other := newSeat(2, 1)
	require.NoError(t, h.add(other.session))
	h.Deliver(line(1, 4))
	assert.NoError(t, other.why(), "whoever keeps up hears whatever comes at once")
	other.next()
	h.Deliver(line(1, 5))
	assert.NoError(t, other.why(), "what was taken counts no more")
}

func TestHubEndsSessionsOfWhatItCannotEncode(t *testing.T) {
	h := newHub(t, func(port.Line) any { return make(chan int) })
	s := newSeat(1, 1)
	require.NoError(t, h.add(s.session))
	h.Deliver(line(1, 1))
	require.Error(t, s.why())
	code, _ := goodbye(s.why())
	assert.Equal(t, 1011, code)
}

func TestHubSignsOut(t *testing.T) {
	h := newHouse(t)
	ann, bob := h.person("ann"), h.person("bob")
	there := h.again(ann)
	id, other := h.open(ann, bob), h.open(ann, bob)
	stays := []*client{h.follow(ann, id, ""), h.follow(bob, id, "")}
	goes := []*client{h.follow(there, id, ""), h.follow(there, other, "")}
	h.Hub.Change(ann.id) // which ends nothing, if nothing has ended
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

// While the store does not answer nobody is signed out, and as soon as it does
// those are who should be.
func TestHubSignsOutLater(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Check = 20 * time.Millisecond })
	ann := h.person("ann")
	there := h.again(ann)
	c := h.follow(there, h.open(ann), "")
	h.store.broken.Store(true)
	require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(ann), there.signIn, ""))
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "who has signed out") }, 5*time.Second, time.Millisecond)
	assert.Equal(t, 1, h.Hub.Sockets())
	h.store.broken.Store(false)
	_, code := c.told()
	assert.Equal(t, codeSignedOut, code)
}

func TestHubBoundsSocketsOfOnePerson(t *testing.T) {
	h := newHub(t, seqOf)
	var own []seat
	for range maxSockets {
		own = append(own, newSeat(1, 1))
	}
	others := []seat{newSeat(2, 1), newSeat(1, 2)}
	for _, s := range append(own, others...) {
		require.NoError(t, h.add(s.session))
		assert.NoError(t, s.why())
	}
	own[1].end(errTooSlow) // has ended, and is not yet removed

	sixth := newSeat(1, 1)
	require.NoError(t, h.add(sixth.session))
	assert.NoError(t, own[0].why(), "there was a place")
	seventh := newSeat(1, 1)
	require.NoError(t, h.add(seventh.session))
	assert.ErrorIs(t, own[0].why(), errTooMany, "the oldest goes")
	for _, s := range append(own[2:], sixth, seventh, others[0], others[1]) {
		assert.NoError(t, s.why())
	}
}

// Which of two sockets follows the room first says nothing of which a client
// opened first.
func TestTheOldestSocketIsTheOneThatWasOpenedFirst(t *testing.T) {
	h := newHub(t, seqOf)
	var own []seat
	for i := range int64(maxSockets + 1) {
		s := newSeat(1, 1)
		s.number = i
		own = append(own, s)
	}
	for _, s := range slices.Backward(own) {
		require.NoError(t, h.add(s.session))
	}
	assert.ErrorIs(t, own[0].why(), errTooMany, "though it came last")
	for _, s := range own[1:] {
		assert.NoError(t, s.why())
	}
}

func TestHubCloses(t *testing.T) {
	h := newHub(t, seqOf)
	s := newSeat(1, 1)
	require.NoError(t, h.add(s.session))
	closed := make(chan struct{})
	go func() { h.Close(); close(closed) }()
	<-s.done
	assert.ErrorIs(t, s.why(), errGoingAway)
	select {
	case <-closed:
		t.Fatal("closed before the session has gone")
	default:
	}
	assert.ErrorIs(t, h.add(newSeat(2, 1).session), errGoingAway)
	h.remove(s.session)
	<-closed
	h.Close() // again
}
