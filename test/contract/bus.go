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
	// FollowRooms and FollowPeople make f hear what is told from now on, until that is
	// cancelled.
	FollowRooms(f port.RoomFollower) (cancel func())
	FollowPeople(f port.PeopleFollower) (cancel func())
}

// Bus checks a port.Bus. open returns what each process has of a new one, once
// all of them hear each other: a single node if the bus is for one process.
func Bus(t *testing.T, open func(t *testing.T) []Node) {
	t.Run("tells followers here in order, before it returns", func(t *testing.T) {
		here := open(t)[0]
		var a, b Ear
		a.Follow(here)
		b.Follow(here)
		here.Publish(t.Context(), Line(1, 1), Line(1, 2))
		here.AccountChanged(t.Context(), 7)
		here.Notify(t.Context(), 8, 7)
		here.Publish(t.Context(), Line(1, 3))
		here.Publish(t.Context())
		here.Notify(t.Context())
		want := []string{"line 1 of 1", "line 2 of 1", "7 changed", "news for 8", "news for 7", "line 3 of 1"}
		assert.Equal(t, want, a.Told())
		assert.Equal(t, want, b.Told())
	})

	t.Run("tells those who follow rooms of rooms alone, and those who follow people of people", func(t *testing.T) {
		nodes := open(t)
		ears := make([]struct{ rooms, people Ear }, len(nodes))
		for i, node := range nodes {
			node.FollowRooms(ears[i].rooms.rooms())
			node.FollowPeople(ears[i].people.people())
		}
		here := nodes[0]
		here.Publish(t.Context(), Line(1, 1))
		here.AccountChanged(t.Context(), 7)
		here.Notify(t.Context(), 7)
		assert.Equal(t, []string{"line 1 of 1"}, ears[0].rooms.Told())
		assert.Equal(t, []string{"7 changed", "news for 7"}, ears[0].people.Told())
		for i := range ears[1:] {
			there := &ears[1+i]
			there.rooms.Await(t, "line 1 in 1")
			there.people.Await(t, "7 changed")
			there.people.Await(t, "news for 7")
			assert.Len(t, there.rooms.Told(), 1)
			assert.Len(t, there.people.Told(), 2)
		}
	})

	t.Run("needs no follower", func(t *testing.T) {
		for _, node := range open(t) {
			node.Publish(t.Context(), Line(1, 1))
			node.AccountChanged(t.Context(), 7)
			node.Notify(t.Context(), 7)
		}
	})

	t.Run("tells nobody here who no longer follows", func(t *testing.T) {
		here := open(t)[0]
		var a, b Ear
		cancel := a.Follow(here)
		b.Follow(here)
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
		first := a.Follow(here)
		second := a.Follow(here)
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
					cancel := (&Ear{}).Follow(node)
					node.Publish(t.Context(), Line(1, seq+1))
					node.AccountChanged(t.Context(), 7)
					node.Notify(t.Context(), 7, 8)
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
			ears[i].Follow(node)
		}
		here.Publish(t.Context(), lines...)
		for i := range ears {
			for room := range party.ID(20) {
				ears[i].Await(t, fmt.Sprintf("line 3 in %d", room+1))
			}
			assert.NotContains(t, strings.Join(ears[i].Told(), "\n"), " of ", "lines do not travel")
		}
	})

	t.Run("tells other processes whose account has changed, and whom there is something new for", func(t *testing.T) {
		here, there := many(t)
		ears := make([]Ear, len(there))
		for i, node := range there {
			ears[i].Follow(node)
		}
		here.AccountChanged(t.Context(), 7)
		here.Notify(t.Context(), 8, 9)
		for i := range ears {
			ears[i].Await(t, "7 changed")
			ears[i].Await(t, "news for 8")
			ears[i].Await(t, "news for 9")
			assert.Len(t, ears[i].Told(), 3, "neither stands for the other")
		}
	})

	t.Run("does not tell a process what it told itself", func(t *testing.T) {
		here, there := many(t)
		for _, node := range there {
			var ear, heard Ear
			defer ear.Follow(here)()
			defer heard.Follow(node)()
			here.Publish(t.Context(), Line(1, 1))
			here.AccountChanged(t.Context(), 7)
			here.Notify(t.Context(), 7)
			heard.Await(t, "line 1 in 1")
			heard.Await(t, "7 changed")
			heard.Await(t, "news for 7")
			node.Publish(t.Context(), Line(1, 2)) // an echo would come before this
			node.AccountChanged(t.Context(), 8)
			node.Notify(t.Context(), 8)
			ear.Await(t, "line 2 in 1")
			ear.Await(t, "8 changed")
			ear.Await(t, "news for 8")
			assert.ElementsMatch(t, []string{"line 1 of 1", "7 changed", "news for 7", "line 2 in 1", "8 changed", "news for 8"}, ear.Told())
		}
	})

	t.Run("tells nobody elsewhere who no longer follows", func(t *testing.T) {
		here, there := many(t)
		for _, node := range there {
			var a, b Ear
			a.Follow(node)()
			b.Follow(node)
			here.Publish(t.Context(), Line(1, 5))
			b.Await(t, "line 5 in 1")
			assert.Empty(t, a.Told())
		}
	})

	t.Run("tells a new follower to resync, if it can lose anything", func(t *testing.T) {
		here, there := many(t)
		for _, node := range append(there, here) {
			var a Ear
			a.Follow(node)
			assert.Equal(t, len(there) > 0, a.Resyncs() > 0)
		}
	})
}

// Line makes a stored line of a room.
func Line(id room.ID, seq int64) port.Line {
	return port.Line{Entry: room.Entry{Room: id, Seq: seq}}
}

// An Ear follows rooms and people, and remembers what it hears.
type Ear struct {
	mu                         sync.Mutex
	told                       []string
	roomResyncs, peopleResyncs int
}

// Follow lets e follow a node, until that is cancelled.
func (e *Ear) Follow(n Node) (cancel func()) {
	rooms, people := n.FollowRooms(e.rooms()), n.FollowPeople(e.people())
	return func() {
		rooms()
		people()
	}
}

func (e *Ear) rooms() port.RoomFollower    { return earOfRooms{e} }
func (e *Ear) people() port.PeopleFollower { return earOfPeople{e} }

type earOfRooms struct{ *Ear }

func (e earOfRooms) Deliver(l port.Line)          { e.note("line %d of %d", l.Seq, l.Room) }
func (e earOfRooms) Wake(room room.ID, seq int64) { e.note("line %d in %d", seq, room) }
func (e earOfRooms) Resync()                      { e.count(&e.roomResyncs) }

type earOfPeople struct{ *Ear }

func (e earOfPeople) AccountChanged(who user.ID) { e.note("%d changed", who) }
func (e earOfPeople) Notified(who user.ID)       { e.note("news for %d", who) }
func (e earOfPeople) Resync()                    { e.count(&e.peopleResyncs) }

func (e *Ear) note(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, fmt.Sprintf(format, args...))
}

func (e *Ear) count(n *int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*n++
}

// Told lists what e has heard besides to resync: "line 2 of 1" was stored here,
// "line 2 in 1" elsewhere.
func (e *Ear) Told() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.told)
}

// Resyncs tells how often e was told to resync both rooms and people.
func (e *Ear) Resyncs() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return min(e.roomResyncs, e.peopleResyncs)
}

// Await waits until e has been told something.
func (e *Ear) Await(t *testing.T, what string) {
	t.Helper()
	require.Eventually(t, func() bool { return slices.Contains(e.Told(), what) }, 10*time.Second, 5*time.Millisecond, what)
}
