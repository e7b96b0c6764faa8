package postgres

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestOldAddressesAreSpelt(t *testing.T) {
	dsn := container.Postgres(t)
	s := openOn(t, dsn)
	assert.Zero(t, s.Spelt().People, "a new store has none")
	contract.OldAddresses(t, s)
	_, err := s.pool.Exec(t.Context(), `UPDATE address_edition SET edition = '2026-06'`)
	require.NoError(t, err)

	var left []user.State
	unplaced := func() {
		left = nil
		require.NoError(t, Unplaced(t.Context(), dsn, func(u user.State) error { left = append(left, u); return nil }))
	}
	unplaced()
	assert.Len(t, left, 4, "before")

	opened := make(chan *Store)
	for range 3 { // nodes that start together
		go func() {
			s, err := Open(t.Context(), dsn)
			assert.NoError(t, err)
			opened <- s
		}()
	}
	var spelt []rows.Addresses
	for range 3 {
		if s := <-opened; s != nil {
			if s.Spelt().People.All > 0 {
				spelt = append(spelt, s.Spelt())
			}
			assert.NoError(t, s.Close())
		}
	}
	require.Len(t, spelt, 1, "one of them does it")
	contract.NewAddresses(t, s)
	assert.Equal(t, rows.Spelt{All: 5, Changed: 3, Left: 1}, spelt[0].People)
	assert.Equal(t, rows.Spelt{All: 5, Changed: 3, Left: 1}, spelt[0].Posts)
	unplaced()
	assert.Equal(t, []user.State{{ID: 5, Username: "eve", Neighborhood: "강남역 근처"}}, left)
}
