package usecase_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestRooms(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	rooms := func(who user.ID) usecase.Rooms {
		t.Helper()
		got, err := tn.chat.Rooms(t.Context(), who)
		require.NoError(t, err)
		return got
	}
	assert.Zero(t, rooms(bob))

	first, second, third := tn.open(3, ann, bob), tn.open(3, ann, bob), tn.open(3, bob)
	tn.open(3, ann) // where bob is not
	tn.say(ann, first, "안녕")
	tn.say(ann, first, "안녕하세요")
	assert.Equal(t, []usecase.RoomHead{{first, 3}, {third, 0}, {second, 1}}, rooms(bob).Heads)

	before := rooms(bob).Membership
	memberships, err := tn.chat.Memberships(t.Context(), []user.ID{bob, cho, bob})
	require.NoError(t, err)
	assert.Equal(t, map[user.ID]int64{bob: before}, memberships)
	require.NoError(t, tn.parties.Leave(t.Context(), bob, second))
	assert.NotEqual(t, before, rooms(bob).Membership)
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), bob, third))
	assert.Equal(t, []usecase.RoomHead{{first, 3}}, rooms(bob).Heads)
}

func TestOnlySoManyRoomsAreFollowed(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	for range usecase.MaxRooms + 1 {
		tn.open(2, ann)
	}
	rooms, err := tn.chat.Rooms(t.Context(), ann)
	require.NoError(t, err)
	require.Len(t, rooms.Heads, usecase.MaxRooms)
	assert.EqualValues(t, usecase.MaxRooms+1, rooms.Heads[0].Room)
	assert.EqualValues(t, 2, rooms.Heads[usecase.MaxRooms-1].Room)
}

// Those whose rooms have changed are told, once that is stored. For everybody else
// there is nothing new.
func TestPeopleAreToldThatTheirRoomsHaveChanged(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	told := func(format string, args ...any) {
		t.Helper()
		assert.Equal(t, []string{fmt.Sprintf(format, args...)}, tn.notified())
	}
	first := tn.open(3, ann)
	told("%d is in %d", ann, first)
	second := tn.open(3, ann)
	told("%d is in %d", ann, first+second)
	tn.join(bob, first)
	told("%d is in %d", bob, first)
	tn.join(bob, first) // where bob is already
	tn.say(bob, first, "안녕하세요")
	assert.Empty(t, tn.notified())
	require.NoError(t, tn.parties.Leave(t.Context(), bob, first))
	told("%d is in 0", bob)
	tn.join(bob, second)
	told("%d is in %d", bob, second)
	require.NoError(t, tn.parties.Ban(t.Context(), ann, second, bob))
	told("%d is in 0", bob)
	require.NoError(t, tn.parties.Ban(t.Context(), ann, first, bob)) // which bob has left before
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, first))
	assert.Empty(t, tn.notified(), "the log tells all of them")
}
