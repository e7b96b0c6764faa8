package contract

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A Node is what one process has of a bus.
type Node interface {
	port.Bus
	// Subscribe makes f hear what is told from now on, until it is cancelled.
	Subscribe(f port.Follower) (cancel func())
}

// Bus checks a port.Bus. open returns what each process has of a new one, once
// all of them hear each other: a single node if the bus is for one process.
func Bus(t *testing.T, open func(t *testing.T) []Node) {
	t.Run("tells followers here in order, before it returns", func(t *testing.T) {
		here := open(t)[0]
		var a, b Ear
		here.Subscribe(&a)
		here.Subscribe(&b)
		here.Publish(t.Context(), Line(1, 1), Line(1, 2))
		here.Change(t.Context(), 7)
		here.Publish(t.Context(), Line(1, 3))
		here.Publish(t.Context())
		want := []string{"line 1 of 1", "line 2 of 1", "7 changed", "line 3 of 1"}
		assert.Equal(t, want, a.Told())
		assert.Equal(t, want, b.Told())
	})

	t.Run("needs no follower", func(t *testing.T) {
		for _, node := range open(t) {
			node.Publish(t.Context(), Line(1, 1))
			node.Change(t.Context(), 7)
		}
	})

	t.Run("tells nobody here who no longer follows", func(t *testing.T) {
		here := open(t)[0]
		var a, b Ear
		cancel := here.Subscribe(&a)
		here.Subscribe(&b)
		here.Publish(t.Context(), Line(1, 1))
		cancel()
		cancel()
		here.Publish(t.Context(), Line(1, 2))
		assert.Equal(t, []string{"line 1 of 1"}, a.Told())
		assert.Equal(t, []string{"line 1 of 1", "line 2 of 1"}, b.Told())
	})

	t.Run("ends one of two subscriptions of the same follower", func(t *testing.T) {
		here := open(t)[0]
		var a Ear
		first := here.Subscribe(&a)
		second := here.Subscribe(&a)
		here.Publish(t.Context(), Line(1, 1))
		assert.Len(t, a.Told(), 2)
		first()
		here.Publish(t.Context(), Line(1, 2))
		assert.Len(t, a.Told(), 3)
		second()
		here.Publish(t.Context(), Line(1, 3))
		assert.Len(t, a.Told(), 3)
	})

	t.Run("may be used by many at once", func(t *testing.T) {
		nodes := open(t)
		var all sync.WaitGroup
		for i := range 8 {
			node := nodes[i%len(nodes)]
			all.Go(func() {
				for seq := range int64(50) {
					cancel := node.Subscribe(&Ear{})
					node.Publish(t.Context(), Line(1, seq+1))
					node.Change(t.Context(), 7)
					cancel()
				}
			})
		}
		all.Wait()
	})

	many := func(t *testing.T) (here Node, there []Node) {
		nodes := open(t)
		if len(nodes) == 1 {
			t.Log("a bus for one process")
		}
		return nodes[0], nodes[1:]
	}

	t.Run("wakes other processes for the newest line of each room", func(t *testing.T) {
		here, there := many(t)
		var lines []port.Line
		for room := range party.ID(20) {
			lines = append(lines, Line(room+1, 1), Line(room+1, 2), Line(room+1, 3))
		}
		ears := make([]Ear, len(there))
		for i, node := range there {
			node.Subscribe(&ears[i])
		}
		here.Publish(t.Context(), lines...)
		for i := range ears {
			for room := range party.ID(20) {
				ears[i].Await(t, fmt.Sprintf("line 3 in %d", room+1))
			}
			assert.NotContains(t, strings.Join(ears[i].Told(), "\n"), " of ", "lines do not travel")
		}
	})

	t.Run("tells other processes whom something has changed about", func(t *testing.T) {
		here, there := many(t)
		ears := make([]Ear, len(there))
		for i, node := range there {
			node.Subscribe(&ears[i])
		}
		here.Change(t.Context(), 7)
		for i := range ears {
			ears[i].Await(t, "7 changed")
		}
	})

	t.Run("does not tell a process what it told itself", func(t *testing.T) {
		here, there := many(t)
		for _, node := range there {
			var ear, heard Ear
			defer here.Subscribe(&ear)()
			defer node.Subscribe(&heard)()
			here.Publish(t.Context(), Line(1, 1))
			here.Change(t.Context(), 7)
			heard.Await(t, "line 1 in 1")
			heard.Await(t, "7 changed")
			node.Publish(t.Context(), Line(1, 2)) // an echo would come before this
			node.Change(t.Context(), 8)
			ear.Await(t, "line 2 in 1")
			ear.Await(t, "8 changed")
			assert.ElementsMatch(t, []string{"line 1 of 1", "7 changed", "line 2 in 1", "8 changed"}, ear.Told())
		}
	})

	t.Run("tells nobody elsewhere who no longer follows", func(t *testing.T) {
		here, there := many(t)
		for _, node := range there {
			var a, b Ear
			node.Subscribe(&a)()
			node.Subscribe(&b)
			here.Publish(t.Context(), Line(1, 5))
			b.Await(t, "line 5 in 1")
			assert.Empty(t, a.Told())
		}
	})

	t.Run("leaves a new follower in doubt, if it can lose anything", func(t *testing.T) {
		here, there := many(t)
		for _, node := range append(there, here) {
			var a Ear
			node.Subscribe(&a)
			assert.Equal(t, len(there) > 0, a.Doubts() > 0)
		}
	})
}

// Line makes a stored line of a room.
func Line(id room.ID, seq int64) port.Line {
	return port.Line{Entry: room.Entry{Room: id, Seq: seq}}
}

// An Ear is a port.Follower that remembers what it hears.
type Ear struct {
	mu     sync.Mutex
	told   []string
	doubts int
}

func (e *Ear) note(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, fmt.Sprintf(format, args...))
}

// Deliver implements port.Follower.
func (e *Ear) Deliver(l port.Line) { e.note("line %d of %d", l.Seq, l.Room) }

// Wake implements port.Follower.
func (e *Ear) Wake(room party.ID, seq int64) { e.note("line %d in %d", seq, room) }

// Change implements port.Follower.
func (e *Ear) Change(who user.ID) { e.note("%d changed", who) }

// Doubt implements port.Follower.
func (e *Ear) Doubt() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doubts++
}

// Told lists what e has heard besides doubt: "line 2 of 1" was stored here,
// "line 2 in 1" elsewhere.
func (e *Ear) Told() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.told)
}

// Doubts tells how often e was in doubt.
func (e *Ear) Doubts() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.doubts
}

// Await waits until e has been told something.
func (e *Ear) Await(t *testing.T, what string) {
	t.Helper()
	require.Eventually(t, func() bool { return slices.Contains(e.Told(), what) }, 10*time.Second, 5*time.Millisecond, what)
}
