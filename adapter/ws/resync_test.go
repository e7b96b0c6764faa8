package ws

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// visit adds a fake socket that follows a room from a line on.
func (h *fixture) visit(who someone, id party.ID, last int64) fakeSocket {
	h.Helper()
	s := newFakeSocket(who.id, id)
	s.socket.access.SignIn = who.signIn
	s.follower.last = last
	require.NoError(h, s.follows(h.Hub))
	h.Cleanup(s.leave)
	return s
}

// heard returns the seqs of all waiting lines.
func (s fakeSocket) heard() (seqs []int64) {
	for s.waiting() > 0 {
		for _, l := range s.next().lines {
			seqs = append(seqs, l.Seq)
		}
	}
	return seqs
}

// hears waits for the next n lines and returns their seqs.
func (s fakeSocket) hears(n int) (seqs []int64) {
	for len(seqs) < n {
		for _, l := range s.next().lines {
			seqs = append(seqs, l.Seq)
		}
	}
	return seqs
}

func TestAHoleIsReadOnceForAll(t *testing.T) {
	h := newFixture(t)
	h.disconnectBus()
	var people []someone
	for i := range 10 {
		people = append(people, h.person(fmt.Sprint("person", i)))
	}
	id := h.open(people[0], people[1:]...)
	var clients []*client
	for _, who := range people {
		for range maxSockets {
			clients = append(clients, h.follow(who, id, ""))
		}
	}
	require.Equal(t, 50, h.Hub.Sockets())
	lines := h.chatter(people[0], id, 3)
	before := h.store.logs.Load()
	h.Hub.Deliver(lines[2])
	for _, c := range clients {
		c.hears(upTo(10, 12)...)
	}
	assert.EqualValues(t, 1, h.store.logs.Load()-before)

	h.Hub.Wake(id, 12)
	h.Hub.Wake(id, 11)
	h.Hub.Deliver(lines[0])
	h.Hub.Deliver(h.chatter(people[0], id, 1)[0])
	for _, c := range clients {
		c.hears(13)
	}
	assert.EqualValues(t, 1, h.store.logs.Load()-before, "what was heard already, and what comes next, needs no read")
}

func TestALongHoleFloodsNobody(t *testing.T) {
	h := newFixture(t)
	h.disconnectBus()
	ann := h.person("ann")
	id := h.open(ann)
	s := h.visit(ann, id, 0)
	h.chatter(ann, id, 5*pageSize+1)
	done := make(chan struct{})
	h.store.reading = func() { done <- struct{}{} }
	h.Hub.Wake(id, 1)
	for range 6 {
		<-done
	}
	assert.Equal(t, upTo(1, 5*pageSize+1), s.hears(5*pageSize+1))
	assert.NoError(t, s.why())
}

func TestReads(t *testing.T) {
	t.Run("of many rooms are few at a time, and one for each", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.disconnectBus()
			ann := h.person("ann")
			var seats []fakeSocket
			for range 30 {
				id := h.open(ann)
				seats = append(seats, h.visit(ann, id, 0))
				h.chatter(ann, id, 2)
			}
			hold := make(chan struct{})
			h.store.reading = func() { <-hold }
			for range 3 {
				for _, s := range seats {
					h.Hub.Wake(s.follower.room, 2)
				}
			}
			synctest.Wait()
			assert.EqualValues(t, 4, h.store.busy.Load())
			close(hold)
			synctest.Wait()
			for _, s := range seats {
				assert.Equal(t, upTo(1, 2), s.heard())
			}
			assert.EqualValues(t, 4, h.store.most.Load())
			assert.EqualValues(t, len(seats), h.store.logs.Load())
		})
	})

	t.Run("are repeated for what is told meanwhile", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.disconnectBus()
			ann := h.person("ann")
			id := h.open(ann)
			s := h.visit(ann, id, 0)
			h.chatter(ann, id, 1)
			seen := make(chan struct{})
			r := h.Hub.room(id)
			h.store.reading = func() { <-seen }
			h.Hub.Wake(id, 1)
			synctest.Wait()
			seen <- struct{}{} // the first read
			synctest.Wait()
			require.Equal(t, upTo(1, 1), s.heard())

			h.chatter(ann, id, 1)
			h.Hub.Wake(id, 2)
			synctest.Wait()
			// The log is about to be read. Lines that this read misses are announced
			// meanwhile.
			h.Hub.Wake(id, 9)
			h.Hub.Wake(id, 2)
			seen <- struct{}{}
			synctest.Wait()
			assert.Equal(t, upTo(2, 2), s.heard())
			h.chatter(ann, id, 7)
			seen <- struct{}{}
			synctest.Wait()
			assert.Equal(t, upTo(3, 9), s.heard())
			assert.False(t, r.queued)
			assert.EqualValues(t, 3, h.store.logs.Load())
			assert.Zero(t, h.store.rooms.Load(), "no check has helped")
		})
	})

	t.Run("for a line that is not there come to an end", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.disconnectBus()
			ann := h.person("ann")
			id := h.open(ann)
			s := h.visit(ann, id, 0)
			h.Hub.Wake(id, 1<<62)
			synctest.Wait()
			assert.EqualValues(t, 1, h.store.logs.Load())
			h.chatter(ann, id, 2)
			h.Hub.Wake(id, 2)
			synctest.Wait()
			assert.Equal(t, upTo(1, 2), s.heard(), "and others follow")
		})
	})

	t.Run("that panic end the sockets of one room", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.disconnectBus()
			ann := h.person("ann")
			bad, good := h.open(ann), h.open(ann)
			b, g := h.visit(ann, bad, 0), h.visit(ann, good, 0)
			h.chatter(ann, bad, 1)
			h.chatter(ann, good, 1)
			show := h.show
			h.show = func(l port.Line) any {
				if l.Room == bad {
					panic("hunter2")
				}
				return show(l)
			}
			for range 2 * readers {
				h.Hub.Wake(bad, 1)
				synctest.Wait()
			}
			h.Hub.Wake(good, 1)
			synctest.Wait()
			code, _ := closeCode(b.why())
			assert.Equal(t, 1011, code)
			assert.Equal(t, upTo(1, 1), g.heard())
			assert.Contains(t, h.log.String(), "hunter2")
		})
	})
}

func TestALostHintIsFoundWithinFiveSeconds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann := h.person("ann")
		id := h.open(ann)
		s := newFakeSocket(ann.id, id)
		require.NoError(t, s.follows(h.Hub))
		time.Sleep(58 * time.Second)
		h.chatter(ann, id, 1)
		began := time.Now()
		n := s.next()
		assert.EqualValues(t, 1, n.lines[0].Seq)
		assert.LessOrEqual(t, time.Since(began), 5*time.Second)
		assert.EqualValues(t, 12, h.store.rooms.Load(), "one query every 5 s")
		assert.EqualValues(t, 12, h.store.people.Load())

		s.leave()
		time.Sleep(time.Hour)
		assert.EqualValues(t, 12, h.store.rooms.Load(), "nobody is there to miss anything")
	}, checkEvery(0))
}

func TestResync(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		s, signedOut := h.visit(ann, id, 0), h.visit(bob, id, 0)
		h.chatter(ann, id, 1)
		h.withdraw(bob)
		began := time.Now()
		h.Hub.Resync()
		<-signedOut.socket.done
		assert.ErrorIs(t, signedOut.why(), user.ErrSignedOut)
		assert.Equal(t, upTo(1, 3), s.hears(3))
		assert.Less(t, time.Since(began), minCheckInterval, "at once")

		synctest.Wait() // until that check has ended
		before := h.store.rooms.Load()
		for range 1000 {
			h.Hub.Resync()
			time.Sleep(4 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait() // until the last check has ended
		assert.InDelta(t, 8, h.store.rooms.Load()-before, 1, "a storm of 4 s is one check every half a second")
		assert.Equal(t, h.store.rooms.Load(), h.store.people.Load())
	})
}

func TestAStoreThatCannotBeReadCostsNoSocket(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann := h.person("ann")
		var clients []*client
		for range 10 {
			clients = append(clients, h.follow(ann, h.open(ann), ""))
		}
		h.store.broken.Store(true)
		var heard sync.WaitGroup
		var at []time.Time
		var mu sync.Mutex
		for i, c := range clients {
			id := party.ID(i + 1)
			h.chatter(ann, id, 3)
			h.Hub.Wake(id, 2)
			heard.Go(func() { // answers pings
				c.SetReadDeadline(time.Time{})
				for seq := range 3 {
					var f struct{ Message struct{ Seq int } }
					if assert.NoError(t, c.ReadJSON(&f)) {
						assert.Equal(t, seq+1, f.Message.Seq)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				at = append(at, time.Now())
			})
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		assert.Equal(t, 10, h.Hub.Sockets())
		assert.Equal(t, 1, strings.Count(h.log.String(), "\n"), "%s", h.log)
		assert.Contains(t, h.log.String(), "SELECT secret")
		assert.Contains(t, h.log.String(), `"level":"WARN"`, "it is an outage")
		assert.Less(t, h.store.logs.Load(), int64(3000), "with pauses")
		assert.Greater(t, h.store.logs.Load(), int64(300))

		h.store.broken.Store(false)
		healed := time.Now()
		heard.Wait()
		for _, at := range at {
			assert.LessOrEqual(t, at.Sub(healed), maxRetry)
		}
		synctest.Wait()
		assert.Equal(t, 2, strings.Count(h.log.String(), "\n"), "%s", h.log)
		assert.Contains(t, h.log.String(), "read again")
	})
}

func TestNobodyReadsForARoomThatAllHaveLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann := h.person("ann")
		id := h.open(ann)
		s := newFakeSocket(ann.id, id)
		require.NoError(t, s.follows(h.Hub))
		h.store.broken.Store(true)
		h.Hub.Wake(id, 1)
		time.Sleep(time.Minute)
		before := h.store.logs.Load()
		require.NotZero(t, before)
		s.leave()
		time.Sleep(time.Minute)
		assert.Equal(t, before, h.store.logs.Load())
		synctest.Wait()
		assert.Empty(t, h.Hub.failing)
	})
}
