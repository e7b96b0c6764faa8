package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func heads(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("heads of rooms are those of their logs, deleted or not", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		silent, loud, ended, gone, other := s.party(ann, 3), s.party(ann, 3), s.party(ann, 3), s.party(ann, 3), s.party(ann, 3)
		s.join(loud, bob, noon)
		_, _, err := s.say(loud, bob, "안녕하세요", "")
		require.NoError(t, err)
		s.deleteRoom(ended, ann)
		s.delete(gone, ann)
		s.join(other, bob, noon)
		want := map[party.ID]int64{silent: 0, loud: 2, ended: 1, gone: 1}
		got, err := s.Read().Heads.Rooms(t.Context(), []party.ID{silent, loud, ended, gone, loud, 9999})
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})

	t.Run("heads of people are their generations, withdrawn or not", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		s.user("cho")
		s.withdraw(bob)
		got, err := s.Read().Heads.People(t.Context(), []user.ID{ann, bob, 9999})
		require.NoError(t, err)
		assert.Equal(t, map[user.ID]int64{ann: 1, bob: 2}, got)
	})

	t.Run("no ids have no heads", func(t *testing.T) {
		s := fill(t, open)
		s.party(s.user("ann"), 3)
		rooms, err := s.Read().Heads.Rooms(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, rooms)
		people, err := s.Read().Heads.People(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, people)
	})
}
