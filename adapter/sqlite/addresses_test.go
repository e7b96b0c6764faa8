package sqlite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestOldAddressesAreSpelt(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	assert.Zero(t, s.Spelt().People, "a new store has none")
	contract.OldAddresses(t, s)
	_, err = s.write.Exec(`UPDATE address_edition SET edition = '2026-06'`)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	var left []user.State
	unplaced := func() {
		left = nil
		require.NoError(t, Unplaced(t.Context(), dir, func(u user.State) error { left = append(left, u); return nil }))
	}
	unplaced()
	assert.Len(t, left, 4, "before")
	s, err = Open(t.Context(), dir)
	require.NoError(t, err)
	contract.NewAddresses(t, s)
	people, posts := s.Spelt().People, s.Spelt().Posts
	assert.Equal(t, rows.Spelt{All: 5, Changed: 3, Left: 1}, people)
	assert.Equal(t, rows.Spelt{All: 5, Changed: 3, Left: 1}, posts)
	unplaced()
	assert.Equal(t, []user.State{{ID: 5, Username: "eve", Neighborhood: "강남역 근처"}}, left)
	require.NoError(t, s.Close())
	assert.Zero(t, openIn(t, dir).Spelt().People, "once for each edition")
}
