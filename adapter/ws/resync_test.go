package ws

import (
	"fmt"
	"slices"
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
		assert.Less(t, time.Since(began), checkPause, "at once")

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
			assert.LessOrEqual(t, at.Sub(healed), lastRetry)
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

// counts is a Meter that records all calls.
type counts struct {
	mu      sync.Mutex
	opened  int
	closed  []int
	lags    map[string][]time.Duration
	acks    []time.Duration
	dropped []string
	refused []string
	fetched []int
	failed  int
}

func (c *counts) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *counts) Opened()         { c.note(func() { c.opened++ }) }
func (c *counts) Closed(code int) { c.note(func() { c.closed = append(c.closed, code) }) }
func (c *counts) Sent(from string, lag time.Duration) {
	c.note(func() { c.lags[from] = append(c.lags[from], lag) })
}
func (c *counts) Acked(d time.Duration) { c.note(func() { c.acks = append(c.acks, d) }) }
func (c *counts) Dropped(what string)   { c.note(func() { c.dropped = append(c.dropped, what) }) }
func (c *counts) Refused(code string)   { c.note(func() { c.refused = append(c.refused, code) }) }
func (c *counts) Fetched(lines int, err error) {
	c.note(func() {
		if err != nil {
			c.failed++
			return
		}
		c.fetched = append(c.fetched, lines)
	})
}

func TestMeter(t *testing.T) {
	m := &counts{lags: map[string][]time.Duration{}}
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
		lines := h.chatter(ann, id, 3)
		h.Hub.Deliver(lines[0])
		for _, c := range []*client{a, b} {
			c.hears(2)
		}
		synctest.Wait()
		assert.Equal(t, 2, m.opened)
		assert.Equal(t, map[string][]time.Duration{"commit": {0, 0}}, m.lags)
		assert.Equal(t, []string{"invalid_message", "invalid_message"}, m.refused, "of follow, which says nothing")
		a.send(`{`)
		a.refused("malformed_frame", nil)
		assert.Equal(t, "malformed_frame", m.refused[2])

		time.Sleep(2 * time.Second) // the hint is late
		h.store.reading = func() { time.Sleep(3 * time.Second) }
		h.Hub.Wake(id, 4)
		for _, c := range []*client{a, b} {
			c.hears(3, 4)
		}
		synctest.Wait()
		assert.Equal(t, slices.Repeat([]time.Duration{5 * time.Second}, 4), m.lags["log"], "since the line was said")
		assert.Len(t, m.lags["commit"], 2)
		assert.Equal(t, []int{2}, m.fetched)

		h.off.Store(int64(5 * time.Minute)) // for the node that stores the next line
		ahead := h.say(ann, id, "ahead")
		h.Hub.Wake(id, ahead.Seq)
		for _, c := range []*client{a, b} {
			c.hears(5)
		}
		synctest.Wait()
		assert.Equal(t, []time.Duration{0, 0}, m.lags["log"][4:], "no line comes before it was said")

		h.store.reading = nil
		h.store.broken.Store(true)
		h.Hub.Wake(id, 6)
		synctest.Wait()
		assert.Equal(t, 1, m.failed)
		h.store.broken.Store(false)
		time.Sleep(time.Second)

		for i, l := range h.chatter(ann, id, maxWaiting+50) { // only one client reads these
			h.Hub.Deliver(l)
			a.hears(int64(i) + 6)
		}
		synctest.Wait()
		assert.Equal(t, "line", m.dropped[0])
		assert.NotContains(t, m.dropped, "reply")
		b.told()
		go h.Hub.Close()
		a.closed(1001)
		synctest.Wait()
		assert.ElementsMatch(t, []int{4408, 1001}, m.closed)
		assert.Equal(t, 2, m.opened)
		assert.Zero(t, h.Hub.Sockets())
	}, func(c *Config) { c.Meter = m })
}

func TestHowLongASenderWaitsIsCounted(t *testing.T) {
	m := &counts{lags: map[string][]time.Duration{}}
	inBubble(t, func(t *testing.T, h *fixture) {
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
		h.store.writing = func() { time.Sleep(2 * time.Second) }
		a.send(`{"message":"hello","client_id":"c1"}`)
		a.hears(2)
		b.hears(2)
		a.send(`{"message":"hello","client_id":"c1"}`) // it is answered, but causes no new line
		a.hears(2)
		a.send(`{"message":""}`)
		a.refused("invalid_message", nil)
		synctest.Wait()
		assert.Equal(t, []time.Duration{2 * time.Second}, m.acks, "by the sender alone, and once")
		all, most := h.Hub.Waiting()
		assert.Zero(t, all)
		assert.Zero(t, most)

		h.disconnectBus()
		h.store.writing = nil
		slow := h.follow(bob, id, "")
		for _, l := range h.chatter(ann, id, 10) {
			h.Hub.Deliver(l)
		}
		a.hears(upTo(3, 12)...)
		b.hears(upTo(3, 12)...)
		synctest.Wait() // until the first of them is being written to slow
		all, most = h.Hub.Waiting()
		assert.Equal(t, 9, all, "one is being written to who does not read")
		assert.Equal(t, 9, most)
		slow.hears(upTo(3, 12)...)
	}, func(c *Config) { c.Meter = m })
}
