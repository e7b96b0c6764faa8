package usecase_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestSay(t *testing.T) {
	t.Run("stores a line and tells it to the room", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(3, ann, bob)
		line, repeated, err := tn.chat.Say(t.Context(), bob, id, "  hello ", "c1")
		require.NoError(t, err)
		assert.False(t, repeated)
		assert.Equal(t, "hello", line.Body)
		assert.Equal(t, "c1", line.ClientID)
		assert.EqualValues(t, 2, line.Seq)
		assert.Equal(t, "bob", line.Person.Username)
		stored, err := tn.chat.After(t.Context(), id, 1, 10)
		require.NoError(t, err)
		require.Len(t, stored, 1)
		assert.Equal(t, stored[0], line)
		assert.Equal(t, []string{"1/2 bob saidhello"}, tn.told())
	})

	t.Run("twice under one client id is heard once", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id, other := tn.open(3, ann, bob), tn.open(3, ann, bob)
		first, _, err := tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		require.NoError(t, err)
		tn.say(ann, id, "hi")
		tn.told()

		again, repeated, err := tn.chat.Say(t.Context(), bob, id, " hello ", "c1")
		require.NoError(t, err)
		assert.True(t, repeated)
		assert.Equal(t, first, again)
		_, _, err = tn.chat.Say(t.Context(), bob, id, "something else", "c1")
		assert.Same(t, chat.ErrIDConflict, err)
		assert.Empty(t, tn.told())
		assert.Equal(t, []string{"1 bob joined", "2 bob saidhello", "3 ann saidhi"}, tn.log(id))

		for who, room := range map[user.ID]party.ID{ann: id, bob: other} {
			_, repeated, err = tn.chat.Say(t.Context(), who, room, "hello", "c1")
			require.NoError(t, err, "of another sender, or in another room, it is another message")
			assert.False(t, repeated)
		}
		_, repeated, err = tn.chat.Say(t.Context(), ann, id, "hi", "")
		require.NoError(t, err)
		assert.False(t, repeated, "without a client id nothing is a repetition")
	})

	t.Run("is refused, and heard by nobody", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho, dan := tn.person("ann"), tn.person("bob"), tn.person("cho"), tn.person("dan")
		id := tn.open(4, ann, bob, cho)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob))
		require.NoError(t, tn.parties.Leave(t.Context(), cho, id))
		ended, deleted := tn.open(4, ann), tn.open(4, ann)
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
		require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
		tn.told()
		before := tn.log(id)

		for name, tt := range map[string]struct {
			who         user.ID
			room        party.ID
			words, name string
			want        error
		}{
			"empty":           {ann, id, " \n ", "", chat.ErrEmpty},
			"not to be seen":  {ann, id, "\u200b", "", chat.ErrEmpty},
			"too long":        {ann, id, strings.Repeat("가", 1001), "", chat.ErrTooLong},
			"a long id":       {ann, id, "hello", strings.Repeat("x", 65), chat.ErrClientID},
			"by a stranger":   {dan, id, "hello", "", room.ErrNotMember},
			"by the banned":   {bob, id, "hello", "", room.ErrNotMember},
			"after leaving":   {cho, id, "hello", "", room.ErrNotMember},
			"room deleted":    {ann, ended, "hello", "", room.ErrDeleted},
			"post deleted":    {ann, deleted, "hello", "", party.ErrNotFound},
			"to an odd place": {ann, 9999, "hello", "", party.ErrNotFound},
		} {
			t.Run(name, func(t *testing.T) {
				line, repeated, err := tn.chat.Say(t.Context(), tt.who, tt.room, tt.words, tt.name)
				assert.Same(t, tt.want, err)
				assert.Zero(t, line)
				assert.False(t, repeated)
			})
		}
		assert.Empty(t, tn.told())
		assert.Equal(t, before, tn.log(id))
	})

	t.Run("what one said before the ban is not repeated to the banned", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(4, ann, bob)
		_, _, err := tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		require.NoError(t, err)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob))
		_, _, err = tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		assert.Same(t, room.ErrNotMember, err)
	})
}

func TestEnter(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	empty := tn.open(2, ann)
	last, err := tn.chat.Enter(t.Context(), ann, empty)
	require.NoError(t, err)
	assert.Zero(t, last)

	id := tn.open(2, ann, bob)
	tn.say(bob, id, "hello")
	for _, who := range []user.ID{ann, bob} {
		last, err := tn.chat.Enter(t.Context(), who, id)
		require.NoError(t, err)
		assert.EqualValues(t, 2, last)
	}
	_, err = tn.chat.Enter(t.Context(), cho, id)
	assert.Same(t, room.ErrNotMember, err)
	_, err = tn.chat.Enter(t.Context(), ann, 9999)
	assert.Same(t, party.ErrNotFound, err)
}

func TestHeads(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	silent, loud, ended := tn.open(2, ann), tn.open(2, ann), tn.open(2, ann, bob)
	tn.say(ann, loud, "hello")
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
	heads, err := tn.chat.Heads(t.Context(), []party.ID{silent, loud, ended, 9999})
	require.NoError(t, err)
	assert.Equal(t, map[party.ID]int64{silent: 0, loud: 1, ended: 2}, heads)
}

func TestAfter(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(2, ann)
	for range 5 {
		tn.say(ann, id, "hello")
	}
	lines, err := tn.chat.After(t.Context(), id, 1, 3)
	require.NoError(t, err)
	require.Len(t, lines, 3)
	for i, l := range lines {
		assert.EqualValues(t, i+2, l.Seq)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = tn.chat.After(ctx, id, 0, 3)
	assert.ErrorIs(t, err, context.Canceled)
}
