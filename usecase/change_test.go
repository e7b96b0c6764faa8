package usecase

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// aggregate is something of a room that leaves an entry in its log.
type aggregate struct{ room room.ID }

func (a aggregate) Entries() []room.Entry { return []room.Entry{{Room: a.room}} }

func saved(context.Context, aggregate) error { return nil }

// rooms are parties of which every one can be locked.
type rooms struct{ port.Parties }

func (rooms) Lock(_ context.Context, id party.ID) (*party.Party, error) {
	return party.Restore(party.State{Post: party.Post{ID: id}}), nil
}

func TestAChangeTouchesOnlyTheRoomThatItHasLocked(t *testing.T) {
	var repos port.Repos
	repos.Parties = rooms{}

	t.Run("an aggregate before the lock", func(t *testing.T) {
		w := &Work{repos: repos, room: 1}
		require.ErrorIs(t, keep(w, aggregate{1}, saved), errUnlocked)
		assert.Empty(t, w.saves)
		_, err := w.Party(t.Context())
		require.NoError(t, err)
		assert.NoError(t, keep(w, aggregate{1}, saved), "and after it")
	})

	t.Run("an entry of another room", func(t *testing.T) {
		w := &Work{repos: repos, room: 1, locked: true}
		require.NoError(t, keep(w, aggregate{2}, saved))
		assert.ErrorIs(t, w.save(t.Context()), errUnlocked)
	})

	t.Run("a second room", func(t *testing.T) {
		w := &Work{repos: repos, room: 1}
		_, err := w.OpenParty(t.Context(), 1, time.Time{}, nil)
		assert.ErrorIs(t, err, errUnlocked)
	})
}
