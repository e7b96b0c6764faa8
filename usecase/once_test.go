package usecase_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// keepAnswers keeps n answers of who until a time, or for ever if that is zero.
func keepAnswers(t *testing.T, s port.Store, who user.ID, n int, until time.Time) {
	t.Helper()
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		for i := range n {
			id := idempotency.ID{Who: who, Route: until.String(), Key: idempotency.Key(fmt.Sprintf("key-%012d", i))}
			a := idempotency.Kept{Content: [32]byte{1}, Answer: idempotency.Answer{Status: 201, Body: []byte("{}")}}
			if err := r.Answers.Keep(t.Context(), id, a, noon, until); err != nil {
				return err
			}
		}
		return nil
	}))
}

// countAnswers counts the answers of who.
func countAnswers(t *testing.T, s port.Store, who user.ID) (n int) {
	t.Helper()
	require.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) (err error) {
		n, err = r.Answers.Forget(t.Context(), who, 10_000)
		require.NoError(t, err)
		return errTorn // and so they stay
	}), errTorn)
	return n
}

func TestAnswersAreForgottenASliceAtATime(t *testing.T) {
	a := newAttic(t)
	a.agenda.Handle(usecase.SweepAnswers, a.cleanup.Answers)
	keepAnswers(t, a.store, a.who, 600, noon.Add(-time.Minute))
	keepAnswers(t, a.store, a.who, 1, noon.Add(time.Hour))
	keepAnswers(t, a.store, a.who, 1, time.Time{})
	a.schedule()
	a.sweeps()
	assert.Equal(t, 102, countAnswers(t, a.store, a.who))
	a.sweeps()
	assert.Equal(t, 2, countAnswers(t, a.store, a.who))
	a.later(2 * time.Hour)
	a.sweeps()
	assert.Equal(t, 1, countAnswers(t, a.store, a.who), "what is kept for ever stays")
}

func TestAnswersGoWithTheAccount(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	keepAnswers(t, tn.store, ann, 600, noon.Add(time.Hour))
	keepAnswers(t, tn.store, ann, 1, time.Time{})
	keepAnswers(t, tn.store, bob, 1, noon.Add(time.Hour))
	require.NoError(t, usecase.NewOnce(tn.store).Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Zero(t, countAnswers(t, tn.store, ann))
	assert.Equal(t, 1, countAnswers(t, tn.store, bob))
}
