package usecase_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestWithdrawalTakesRoomsInSlices(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	var ids []party.ID
	for range 205 {
		ids = append(ids, tn.open(3, bob, ann))
	}
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
	writes := 0
	tn.over(func(s port.Store) port.Store { return counting{s, &writes} })
	tn.tick()
	for _, id := range ids {
		assert.Equal(t, []string{"1 " + user.Withdrawn + " joined", "2 " + user.Withdrawn + " departed"}, tn.log(id))
		assert.Equal(t, room.Left, tn.state(id).Members[1].Standing)
	}
	assert.Greater(t, writes, len(ids), "a room at a time")
	tn.told()

	item := agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}
	require.NoError(t, tn.parties.Withdraw(t.Context(), item), "again")
	assert.Empty(t, tn.told())
}

// counting counts the Writes of a store.
type counting struct {
	port.Store
	writes *int
}

func (s counting) Write(ctx context.Context, fn func(port.Repos) error) error {
	*s.writes++
	return s.Store.Write(ctx, fn)
}

func TestWithdrawalOfAnAccountThatStandsChangesNothing(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, bob, ann)
	before := tn.state(id)
	require.NoError(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, before, tn.state(id))
	assert.Empty(t, tn.told())
	assert.Error(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: "ann"}))
}

func TestWithdrawalGoesOnBesideARoomThatIsStuck(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	first, stuck, last := tn.open(3, bob, ann), tn.open(3, bob, ann), tn.open(3, bob, ann)
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
	sound := tn.store
	tn.over(func(s port.Store) port.Store { return jammed{s, []room.ID{stuck}} })
	item := agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}
	require.ErrorIs(t, tn.parties.Withdraw(t.Context(), item), errTorn, "so that it is tried again")
	assert.Equal(t, room.Left, tn.state(first).Members[1].Standing)
	assert.Equal(t, room.In, tn.state(stuck).Members[1].Standing)
	assert.Equal(t, room.Left, tn.state(last).Members[1].Standing)

	tn.over(func(port.Store) port.Store { return sound })
	require.NoError(t, tn.parties.Withdraw(t.Context(), item))
	assert.Equal(t, room.Left, tn.state(stuck).Members[1].Standing)
}

func TestRoomsThatAreStuckHoldUpNoSlice(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	var ids []room.ID
	for range 205 {
		ids = append(ids, tn.open(3, bob, ann))
	}
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
	sound := tn.store
	stuck := ids[:100] // the whole first slice
	tn.over(func(s port.Store) port.Store { return jammed{s, stuck} })
	errs := tn.due()
	require.Len(t, errs, 3)
	for i, err := range errs {
		assert.Equal(t, i == 0, err != nil, "slice %d: %v", i, err)
	}
	left := func() (n int) {
		for _, id := range ids {
			if tn.state(id).Members[1].Standing == room.Left {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 105, left())
	tn.over(func(port.Store) port.Store { return sound })
	require.NoError(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, 205, left())
}

// What is to follow at once is told to the clock, which else would look once a second.
func TestEachSliceOfAWithdrawalWakesTheClock(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	for range 100 {
		tn.open(3, bob, ann)
	}
	woken := 0
	changes := usecase.NewChanges(tn.store, tn.bus, tn.now, func() { woken++ })
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
	parties := usecase.NewParties(tn.store, changes)
	require.NoError(t, parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, 1, woken)
	for _, key := range []string{"", "x", "1/", "1/x", "/1"} {
		assert.Error(t, parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: key}), key)
	}
}

func TestAWithdrawnLeaderCanDoNothing(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
	before := tn.state(id)
	for name, do := range map[string]func() error{
		"ban":         func() error { return tn.parties.Ban(t.Context(), ann, id, bob) },
		"delete room": func() error { return tn.parties.DeleteRoom(t.Context(), ann, id) },
		"delete":      func() error { return tn.parties.Delete(t.Context(), ann, id) },
	} {
		assert.ErrorIs(t, do(), user.ErrSignedOut, name)
	}
	assert.Equal(t, before, tn.state(id))
}

// jammed is a store in which some rooms can't be locked.
type jammed struct {
	port.Store
	rooms []room.ID
}

func (s jammed) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		r.Parties = jammedParties{r.Parties, s.rooms}
		return fn(r)
	})
}

type jammedParties struct {
	port.Parties
	rooms []room.ID
}

func (p jammedParties) Lock(ctx context.Context, id room.ID) (*party.Party, error) {
	if slices.Contains(p.rooms, id) {
		return nil, errTorn
	}
	return p.Parties.Lock(ctx, id)
}
