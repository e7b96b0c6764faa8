package usecase_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// newLimitedTown is a town with the usual limits of posts.
func newLimitedTown(t *testing.T) *town {
	t.Helper()
	tn := newTown(t)
	tn.parties = usecase.NewParties(tn.store, usecase.NewChanges(tn.store, tn.bus, tn.now, func() {}), party.Usual)
	return tn
}

func (tn *town) write(who user.ID) (party.ID, error) {
	p, err := tn.parties.Open(tn.Context(), who, party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 2})
	return p.ID, err
}

func (tn *town) close(who user.ID, id party.ID, closed bool) error {
	_, err := tn.parties.Edit(tn.Context(), who, id, party.Change{Closed: &closed})
	return err
}

func TestOnePersonRecruitsWithTenPostsAtOnce(t *testing.T) {
	tn := newLimitedTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	var ids []party.ID
	for range 10 {
		id, err := tn.write(ann)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	full := func() {
		t.Helper()
		_, err := tn.write(ann)
		assert.ErrorIs(t, err, party.ErrTooManyPosts)
	}
	full()
	_, err := tn.write(bob)
	require.NoError(t, err, "others may")

	require.NoError(t, tn.close(ann, ids[0], true))
	eleventh, err := tn.write(ann)
	require.NoError(t, err, "one is closed")
	full()
	assert.ErrorIs(t, tn.close(ann, ids[0], false), party.ErrTooManyPosts, "nor can it be opened again")
	assert.True(t, tn.state(ids[0]).Closed)
	title := "피자"
	_, err = tn.parties.Edit(t.Context(), ann, ids[1], party.Change{Title: &title})
	require.NoError(t, err, "those that recruit can be edited")
	_, err = tn.parties.Edit(t.Context(), ann, ids[0], party.Change{Title: &title})
	require.NoError(t, err, "and those that are closed")

	tn.join(bob, ids[1]) // which is full now
	twelfth, err := tn.write(ann)
	require.NoError(t, err)
	seats := 3
	_, err = tn.parties.Edit(t.Context(), ann, ids[1], party.Change{Seats: &seats})
	assert.ErrorIs(t, err, party.ErrTooManyPosts, "more seats make it recruit again")

	require.NoError(t, tn.parties.Delete(t.Context(), ann, eleventh))
	require.NoError(t, tn.close(ann, ids[0], false))
	full()
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, twelfth))
	_, err = tn.write(ann)
	require.NoError(t, err)
}

func TestOnePersonWritesThirtyPostsADay(t *testing.T) {
	tn := newLimitedTown(t)
	ann := tn.person("ann")
	write := func(n int) {
		t.Helper()
		for range n {
			id, err := tn.write(ann)
			require.NoError(t, err)
			require.NoError(t, tn.parties.Delete(t.Context(), ann, id))
		}
	}
	midnight := time.Date(2023, 9, 1, 15, 0, 0, 0, time.UTC) // in Korea
	tn.at = midnight.Add(-time.Hour)
	write(30)
	_, err := tn.write(ann)
	assert.ErrorIs(t, err, party.ErrTooManyToday)
	wait, told := errors.AsType[*fault.Wait](err)
	require.True(t, told)
	assert.Equal(t, midnight.Sub(tn.at), wait.For)

	tn.at = midnight
	write(30)
	_, err = tn.write(ann)
	assert.ErrorIs(t, err, party.ErrTooManyToday)
}

func TestPostsThatAreWrittenAtOnceAreCounted(t *testing.T) {
	tn := newLimitedTown(t)
	ann := tn.person("ann")
	var wg sync.WaitGroup
	errs := make([]error, 14)
	for i := range errs {
		wg.Go(func() { _, errs[i] = tn.write(ann) })
	}
	wg.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			assert.ErrorIs(t, err, party.ErrTooManyPosts)
			refused++
		}
	}
	assert.Equal(t, 4, refused)
}

func TestWithoutLimitsNobodyCounts(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	for range 31 {
		id, err := tn.write(ann)
		require.NoError(t, err)
		require.NoError(t, tn.close(ann, id, true))
		require.NoError(t, tn.close(ann, id, false))
	}
}
