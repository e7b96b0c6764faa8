package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestSlots(t *testing.T) {
	s := container.StartRedis(t)
	a := NewSlots(connect(t, s.URL()), time.Minute)
	b := NewSlots(connect(t, s.URL()), time.Minute)
	claim := func(t *testing.T, on *Slots, what string, ids ...port.SocketID) []port.SocketID {
		t.Helper()
		gone, err := on.Claim(t.Context(), port.Claim{Who: 1, What: what, Most: 3, Sockets: ids})
		require.NoError(t, err)
		if len(gone) == 0 {
			return nil
		}
		require.Len(t, gone, 1)
		assert.Equal(t, what, gone[0].What)
		return gone[0].Sockets
	}

	t.Run("the oldest of all processes goes", func(t *testing.T) {
		defer s.Flush()
		assert.Empty(t, claim(t, a, "room", "1", "4"))
		assert.Empty(t, claim(t, b, "room", "2"))
		assert.Equal(t, []port.SocketID{"1"}, claim(t, b, "room", "3"))
		assert.Equal(t, []port.SocketID{"1"}, claim(t, a, "room", "1", "4"), "who renews is told, too")
		assert.Empty(t, claim(t, a, "other", "1"))
	})
	t.Run("a slot that was given back is free", func(t *testing.T) {
		defer s.Flush()
		assert.Empty(t, claim(t, a, "room", "1", "2", "3"))
		require.NoError(t, b.Release(t.Context(), port.Claim{Who: 1, What: "room", Sockets: []port.SocketID{"2", "9"}}))
		assert.Empty(t, claim(t, b, "room", "4"))
		require.NoError(t, a.Release(t.Context()))
	})
	t.Run("a process that was killed holds none for long", func(t *testing.T) {
		defer s.Flush()
		dead := NewSlots(connect(t, s.URL()), time.Second)
		assert.Empty(t, claim(t, dead, "room", "2", "3", "4"))
		assert.Equal(t, []port.SocketID{"1"}, claim(t, dead, "room", "1"))
		require.Eventually(t, func() bool { // each try renews only its own
			return len(claim(t, dead, "room", "1")) == 0
		}, patience, 20*time.Millisecond)
	})
	t.Run("many in a few trips", func(t *testing.T) {
		defer s.Flush()
		var claims []port.Claim
		for i := range 2*claimsAtOnce + 1 {
			claims = append(claims, port.Claim{Who: 1, What: fmt.Sprint(i), Most: 1, Sockets: []port.SocketID{port.SocketID(fmt.Sprint("a", i)), port.SocketID(fmt.Sprint("b", i))}})
		}
		gone, err := a.Claim(t.Context(), claims...)
		require.NoError(t, err)
		assert.Len(t, gone, len(claims))
		assert.Equal(t, []port.SocketID{"a1000"}, gone[1000].Sockets)
	})
	t.Run("without Redis", func(t *testing.T) {
		s.Kill()
		_, err := a.Claim(t.Context(), port.Claim{Who: 1, What: "room", Most: 3, Sockets: []port.SocketID{"1"}})
		assert.Error(t, err)
		assert.Error(t, a.Release(t.Context(), port.Claim{Who: 1, What: "room", Sockets: []port.SocketID{"1"}}))
	})
}
