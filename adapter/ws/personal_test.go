package ws

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// hearsOf opens a personal socket.
func (h *fixture) hearsOf(who someone) *client {
	h.Helper()
	c, err := h.dialAt("/ws/me/?token=" + who.token)
	require.NoError(h, err)
	c.answers()
	return c
}

// answers expects that the socket is open and has sent no other frame.
func (c *client) answers() {
	c.Helper()
	c.send(`{"client_id":"still here"}`)
	c.refused("malformed_frame", "still here")
}

// positions waits until everything is idle and returns the positions of the person's
// only personal socket.
func (h *fixture) positions(who someone) map[room.ID]int64 {
	h.Helper()
	synctest.Wait()
	h.Hub.mu.Lock()
	defer h.Hub.mu.Unlock()
	require.Len(h, h.Hub.own[who.id], 1)
	of := map[room.ID]int64{}
	for _, f := range h.Hub.own[who.id][0].purpose.(*personalSocket).followers {
		of[f.room] = f.last
		require.True(h, slices.Contains(h.Hub.rooms[f.room].followers, f))
	}
	n := 0
	for _, r := range h.Hub.rooms {
		n += len(r.followers)
	}
	require.Len(h, of, n, "nothing else is followed")
	return of
}

func TestAPersonalSocketFollowsTheRoomsOfItsPerson(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann, bob := h.person("ann"), h.person("bob")
		first, second := h.open(ann, bob), h.open(ann, bob)
		third := h.open(ann)
		h.open(ann) // bob never joins it
		h.say(ann, first, "before")
		c := h.hearsOf(bob)
		assert.Equal(t, map[room.ID]int64{first: 2, second: 1}, h.positions(bob))

		h.say(bob, first, "hello")
		h.say(ann, third, "nobody here?")
		assert.Equal(t, map[room.ID]int64{first: 3, second: 1}, h.positions(bob))
		h.join(bob, third)
		assert.Equal(t, map[room.ID]int64{first: 3, second: 1, third: 2}, h.positions(bob))
		own := h.open(bob)
		assert.Equal(t, map[room.ID]int64{first: 3, second: 1, third: 2, own: 0}, h.positions(bob))

		require.NoError(t, h.parties.Leave(t.Context(), bob.id, first))
		assert.Equal(t, map[room.ID]int64{second: 1, third: 2, own: 0}, h.positions(bob))
		require.NoError(t, h.parties.Ban(t.Context(), ann.id, second, bob.id))
		assert.Equal(t, map[room.ID]int64{third: 2, own: 0}, h.positions(bob))
		require.NoError(t, h.parties.DeleteRoom(t.Context(), ann.id, third))
		assert.Equal(t, map[room.ID]int64{own: 0}, h.positions(bob))
		require.NoError(t, h.parties.Delete(t.Context(), bob.id, own))
		assert.Empty(t, h.positions(bob))
		h.join(bob, first) // again
		assert.Equal(t, map[room.ID]int64{first: 5}, h.positions(bob))
		h.say(ann, first, "welcome back")
		assert.Equal(t, map[room.ID]int64{first: 6}, h.positions(bob))
		assert.Zero(t, h.store.logs.Load(), "no log was read")
		c.answers()
		require.NoError(t, c.Close())
		time.Sleep(closeWait)
		synctest.Wait()
		assert.Empty(t, h.Hub.rooms, "nothing is left behind")
		assert.Empty(t, h.Hub.own)
		assert.Empty(t, h.Hub.people)
	})
}

// A notification does not cause a check of sign-ins, and a changed account does not
// cause a query for rooms.
func TestWhichHintsCostWhichQueries(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		h.hearsOf(bob)
		h.follow(bob, id, "")
		h.follow(ann, id, "")
		synctest.Wait()
		signIns, lists := h.store.people.Load(), h.store.lists.Load()
		h.Hub.Notified(bob.id)
		synctest.Wait()
		assert.EqualValues(t, 1, h.store.lists.Load()-lists)
		h.Hub.Notified(ann.id) // has no personal socket
		h.Hub.Notified(9999)
		synctest.Wait()
		assert.EqualValues(t, 1, h.store.lists.Load()-lists)
		assert.Equal(t, signIns, h.store.people.Load())

		h.Hub.AccountChanged(bob.id)
		synctest.Wait()
		assert.EqualValues(t, 1, h.store.people.Load()-signIns)
		assert.EqualValues(t, 1, h.store.lists.Load()-lists)
	})
}

// The cost of a personal socket does not depend on the number of rooms.
func TestAPersonInAHundredRooms(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann, bob := h.person("ann"), h.person("bob")
		queries := func() [4]int64 {
			return [4]int64{h.store.logs.Load(), h.store.rooms.Load(), h.store.memberships.Load(), h.store.lists.Load()}
		}
		opening := func(who someone) (c *client, cost [4]int64) {
			synctest.Wait()
			before := queries()
			c = h.hearsOf(who)
			synctest.Wait()
			for i, n := range queries() {
				cost[i] = n - before[i]
			}
			return c, cost
		}
		h.open(bob)
		for range usecase.MaxRooms + 1 {
			h.open(ann)
		}
		_, one := opening(bob)
		c, hundred := opening(ann)
		assert.Equal(t, [4]int64{0, 2, 1, 1}, one)
		assert.Equal(t, one, hundred)
		assert.Equal(t, usecase.MaxRooms+1, h.followers())

		before := queries()
		h.show = func(port.Line) any { panic("nobody wants a frame of this") }
		for range 3 {
			for id := range room.ID(usecase.MaxRooms) {
				h.say(ann, id+3, "hello") // in her most recent rooms
			}
		}
		synctest.Wait()
		assert.Equal(t, before, queries())
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		assert.Equal(t, 2, strings.Count(string(stacks), "(*socket).read("), "one goroutine for each socket")
		assert.NotContains(t, string(stacks), "(*socket).writeAll(")
		assert.Equal(t, 2, h.Hub.Sockets())
		c.answers()
	})
}

// Of more rooms than are followed, those with the newest activity are.
func TestARoomThatComesAliveIsFollowed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		quiet := h.open(ann)
		second := h.open(ann)
		for range usecase.MaxRooms - 1 {
			h.open(ann)
		}
		h.hearsOf(ann)
		at := h.positions(ann)
		require.NotContains(t, at, quiet)
		require.Contains(t, at, second)
		time.Sleep(time.Second) // so that this is newer than the other rooms
		h.say(ann, quiet, "hello again")
		time.Sleep(6 * time.Second) // longer than from one comparison with the store to the next
		at = h.positions(ann)
		assert.Len(t, at, usecase.MaxRooms)
		assert.EqualValues(t, 1, at[quiet])
		assert.NotContains(t, at, second)
	}, checkEvery(5*time.Second))
}

func TestThingsThatHappenWhileRoomsAreReadAreNotMissed(t *testing.T) {
	for name, hook := range map[string]func(h *fixture, do func()){
		"after the list":  func(h *fixture, do func()) { h.store.listed = do },
		"after the heads": func(h *fixture, do func()) { h.store.headed = do },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *fixture) {
				ann, bob := h.person("ann"), h.person("bob")
				first, left, joined := h.open(ann, bob), h.open(ann, bob), h.open(ann)
				once := true
				hook(h, func() {
					if !once {
						return
					}
					once = false
					h.say(ann, first, "meanwhile")
					require.NoError(t, h.parties.Leave(t.Context(), bob.id, left))
					h.join(bob, joined)
				})
				h.hearsOf(bob)
				assert.Equal(t, map[room.ID]int64{first: 2, joined: 1}, h.positions(bob))
				assert.False(t, once)
			})
		})
	}
}

// Every lost hint is compensated for within five seconds.
func TestAPersonalSocketFindsWhatNobodyTold(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		first, second, third := h.open(ann, bob), h.open(ann, bob), h.open(ann)
		h.hearsOf(bob)
		lists := h.store.lists.Load()
		time.Sleep(11 * time.Second) // shorter than the ping interval
		synctest.Wait()
		assert.Equal(t, lists, h.store.lists.Load(), "where nothing has changed nobody asks for rooms")
		assert.EqualValues(t, 2, h.store.memberships.Load()-1, "one query every 5 s")

		h.say(ann, first, "hello")
		require.NoError(t, h.parties.Ban(t.Context(), ann.id, second, bob.id))
		h.join(bob, third)
		assert.Equal(t, map[room.ID]int64{first: 1, second: 1}, h.positions(bob))
		time.Sleep(5 * time.Second)
		assert.Equal(t, map[room.ID]int64{first: 2, third: 1}, h.positions(bob))
	}, checkEvery(0))
}

// A follower stops at the line that dismisses its person, whatever the source of the
// line.
func TestWhoIsBannedIsToldNothingMore(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id, other := h.open(ann, bob), h.open(ann, bob)
		c := h.hearsOf(bob)
		synctest.Wait()
		f := h.Hub.room(id).followers[0]
		looking, hold := make(chan struct{}, 1), make(chan struct{})
		h.store.listed = func() {
			looking <- struct{}{}
			<-hold
		}
		h.Hub.Notified(bob.id)
		<-looking // it has found bob in both rooms
		require.NoError(t, h.parties.Ban(t.Context(), ann.id, id, bob.id))
		h.chatter(ann, id, 2)
		for _, l := range h.wholeLog(id) { // all queued before any is processed
			h.Hub.Deliver(l)
		}
		close(hold)
		assert.Equal(t, map[room.ID]int64{other: 1}, h.positions(bob))
		assert.EqualValues(t, 2, f.last, "the ban, and nothing behind it")
		c.answers()
	})
}

func TestNewsForAPersonAreLookedAtTogether(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.disconnectBus()
		bob := h.person("bob")
		h.open(bob)
		h.hearsOf(bob)
		synctest.Wait()
		before := h.store.lists.Load()
		looking, hold := make(chan struct{}, 1), make(chan struct{})
		h.store.listed = func() {
			looking <- struct{}{}
			<-hold
		}
		h.Hub.Notified(bob.id)
		<-looking
		for range 1000 {
			h.Hub.Notified(bob.id)
		}
		close(hold)
		<-looking
		synctest.Wait()
		assert.EqualValues(t, 2, h.store.lists.Load()-before, "one that was under way, and one for all that came meanwhile")
	})
}

func TestALookThatFailsCostsNoSocket(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann, bob := h.person("ann"), h.person("bob")
		first, second := h.open(ann, bob), h.open(ann)
		c := h.hearsOf(bob)
		synctest.Wait()
		h.store.broken.Store(true)
		h.join(bob, second)
		time.Sleep(11 * time.Second) // shorter than the ping interval
		assert.Equal(t, map[room.ID]int64{first: 1}, h.positions(bob))
		assert.Contains(t, h.log.String(), "rooms of a person cannot be read")
		assert.Contains(t, h.log.String(), `"level":"WARN"`)
		h.store.broken.Store(false)
		time.Sleep(5 * time.Second)
		assert.Equal(t, map[room.ID]int64{first: 1, second: 1}, h.positions(bob))

		h.store.broken.Store(true)
		require.NoError(t, h.parties.Leave(t.Context(), bob.id, first))
		h.join(bob, first) // back in the same rooms as before
		assert.Equal(t, map[room.ID]int64{second: 1}, h.positions(bob))
		h.store.broken.Store(false)
		time.Sleep(5 * time.Second)
		assert.Equal(t, map[room.ID]int64{first: 3, second: 1}, h.positions(bob))
		c.answers()
	}, checkEvery(0))
}

// A refresh that fails because its socket has ended is not logged as a failure.
func TestALookThatTheEndCutsShortIsNotLogged(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		bob := h.person("bob")
		h.open(bob)
		c := h.hearsOf(bob)
		looking, hold := make(chan struct{}), make(chan struct{})
		h.store.listed = func() {
			close(looking)
			<-hold
		}
		h.Hub.Notified(bob.id)
		<-looking
		require.NoError(t, c.Close())
		synctest.Wait()
		close(hold)
		synctest.Wait()
		assert.Zero(t, h.Hub.Sockets())
		assert.NotContains(t, h.log.String(), "cannot be read")
	})
}
