package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
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

	t.Run("memberships change as people come and go, and with nothing else", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho := s.user("ann"), s.user("bob"), s.user("cho")
		mark := func() int64 {
			t.Helper()
			of, err := s.Read().Heads.Memberships(t.Context(), []user.ID{bob, cho, bob, 9999})
			require.NoError(t, err)
			assert.NotContains(t, of, cho, "is in no room")
			assert.NotContains(t, of, ann, "was not asked for")
			return of[bob]
		}
		first, second := s.party(ann, 3), s.party(ann, 3)
		none := mark()
		assert.Zero(t, none)
		s.join(first, bob, noon)
		one := mark()
		assert.NotEqual(t, none, one)
		_, _, err := s.say(first, bob, "안녕하세요", "")
		require.NoError(t, err)
		assert.Equal(t, one, mark())
		s.join(second, bob, noon)
		both := mark()
		assert.NotEqual(t, one, both)
		s.leave(first, bob)
		other := mark()
		assert.NotContains(t, []int64{none, one, both}, other)
		s.ban(second, ann, bob)
		assert.Equal(t, none, mark())
	})

	t.Run("sign-ins hold that have not ended and are not over", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		here, there, ended := s.signIn(1, ann, noon), s.signIn(2, ann, minutes(5)), s.signIn(3, ann, noon)
		s.end(ended)
		got, err := s.Read().Heads.SignIns(t.Context(), []signin.ID{1, 2, 3, 2, 9999}, minutes(10))
		require.NoError(t, err)
		assert.Equal(t, map[signin.ID]bool{1: true, 2: true}, got)
		got, err = s.Read().Heads.SignIns(t.Context(), []signin.ID{1, 2}, here.State().Until)
		require.NoError(t, err)
		assert.Equal(t, map[signin.ID]bool{there.State().ID: true}, got)
	})

	t.Run("no ids have no heads", func(t *testing.T) {
		s := fill(t, open)
		s.party(s.user("ann"), 3)
		rooms, err := s.Read().Heads.Rooms(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, rooms)
		people, err := s.Read().Heads.Memberships(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, people)
		signIns, err := s.Read().Heads.SignIns(t.Context(), nil, noon)
		require.NoError(t, err)
		assert.Empty(t, signIns)
	})
}
