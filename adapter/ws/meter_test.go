package ws

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

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
		total, longest := h.Hub.Waiting()
		assert.Zero(t, total)
		assert.Zero(t, longest)

		h.disconnectBus()
		h.store.writing = nil
		slow := h.follow(bob, id, "")
		for _, l := range h.chatter(ann, id, 10) {
			h.Hub.Deliver(l)
		}
		a.hears(upTo(3, 12)...)
		b.hears(upTo(3, 12)...)
		synctest.Wait() // until the first of them is being written to slow
		total, longest = h.Hub.Waiting()
		assert.Equal(t, 9, total, "one is being written to who does not read")
		assert.Equal(t, 9, longest)
		slow.hears(upTo(3, 12)...)
	}, func(c *Config) { c.Meter = m })
}
