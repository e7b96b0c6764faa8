package ws

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// ends closes a hub with n sockets and returns how many have ended at each time.
func ends(t *testing.T, n int, drain time.Duration) (gone map[time.Duration]int, took time.Duration) {
	t.Helper()
	gone = map[time.Duration]int{}
	synctest.Test(t, func(t *testing.T) {
		h := NewHub(Config{Drain: drain})
		began := time.Now()
		var mu sync.Mutex
		for i := range n {
			s := newFakeSocket(user.ID(i+1), room.ID(i/10+1))
			require.NoError(t, s.follows(h))
			go func() {
				<-s.socket.done
				assert.ErrorIs(t, s.why(), errGoingAway)
				mu.Lock()
				gone[time.Since(began)]++
				mu.Unlock()
				s.leave()
			}()
		}
		h.Close()
		took = time.Since(began)
	})
	return gone, took
}

func TestGoodbyesAreSpread(t *testing.T) {
	t.Run("few go at once", func(t *testing.T) {
		gone, took := ends(t, 3, time.Minute)
		assert.Zero(t, took)
		assert.Equal(t, map[time.Duration]int{0: 3}, gone)
	})
	t.Run("some go quickly", func(t *testing.T) {
		gone, took := ends(t, 3*drainLeast, time.Minute)
		assert.Equal(t, 2*drainStep, took)
		assert.Equal(t, map[time.Duration]int{0: drainLeast, drainStep: drainLeast, 2 * drainStep: drainLeast}, gone)
	})
	t.Run("many take the whole time", func(t *testing.T) {
		gone, took := ends(t, 3000, 2*time.Second)
		assert.LessOrEqual(t, took, 2*time.Second)
		assert.Greater(t, took, 1900*time.Millisecond-drainStep)
		for at, n := range gone {
			assert.LessOrEqual(t, n, 3000/20+1, at)
		}
	})
	t.Run("as they do where nothing is said", func(t *testing.T) {
		_, took := ends(t, 3000, 0)
		assert.InDelta(t, 4*time.Second, took, float64(drainStep))
	})
}

func TestThoseWhoStayLongerHearOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub(Config{Show: func(l port.Line) (string, any) { return typeFor(l), seqOf(l) }})
		for i := range drainLeast + 1 {
			s := newFakeSocket(user.ID(i+1), 1)
			require.NoError(t, s.follows(h))
			go func() {
				<-s.socket.done
				s.leave()
			}()
		}
		go h.Close()
		synctest.Wait()
		require.Equal(t, 1, h.Sockets())
		last := h.room(1).followers[0].socket
		h.Deliver(line(1, 1))
		assert.Len(t, last.outbox.waiting, 1)
		h.Close() // a second Close also waits
		assert.Zero(t, h.Sockets())
	})
}

// A message that is being stored when the service ends is stored and acknowledged.
func TestTheLastWordIsHeard(t *testing.T) {
	for name, deaf := range map[string]bool{"by the bus": false, "by the log": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *fixture) {
				if deaf {
					h.disconnectBus()
				}
				ann := h.person("ann")
				id := h.open(ann)
				c := h.follow(ann, id, "")
				began := time.Now()
				h.store.writing = func() { time.Sleep(2 * time.Second) }
				c.send(`{"message":"one last thing"}`)
				synctest.Wait()
				go h.Hub.Close()
				c.hears(1)
				c.closed(1001)
				assert.Equal(t, 2*time.Second, time.Since(began))
			})
		})
	}

	t.Run("and not waited for forever", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			id := h.open(ann)
			c := h.follow(ann, id, "")
			h.store.writing = func() { time.Sleep(time.Minute) }
			c.SetCloseHandler(func(int, string) error { return nil }) // ignore the close frame for now
			c.send(`{"message":"one last thing"}`)
			synctest.Wait()
			began := time.Now()
			go h.Hub.Close()
			c.closed(1001)
			assert.Equal(t, finishWait, time.Since(began))
		})
	})

	t.Run("nor what waits to be read", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.disconnectBus()
			ann := h.person("ann")
			id := h.open(ann)
			c := h.follow(ann, id, "")
			for _, l := range h.chatter(ann, id, 20) {
				h.Hub.Deliver(l)
			}
			synctest.Wait()
			go h.Hub.Close()
			synctest.Wait()
			c.hears(upTo(1, 20)...)
			c.closed(1001)
		})
	})
}

// A client that resumes at an earlier line would believe that it has all lines up to the
// ones it got.
func TestAResumeThatHasNotBegunHearsNothingAtTheEnd(t *testing.T) {
	h := newFixture(t)
	h.disconnectBus()
	ann := h.person("ann")
	id := h.open(ann)
	h.chatter(ann, id, 5)
	h.Now = func() time.Time { // called when a socket begins
		for _, l := range h.chatter(ann, id, 1) {
			h.Hub.Deliver(l)
		}
		h.Hub.room(id).followers[0].socket.end(errGoingAway)
		return time.Now()
	}
	c, err := h.dial(ann, id, "&after=0")
	require.NoError(t, err)
	c.closed(1001)
}
