package usecase_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// What a change schedules is kept with it or not at all, and the clock hears of it
// once it is.
func TestAChangeSchedulesWhatFollows(t *testing.T) {
	const kind agenda.Kind = "test.reminder"
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann)
	var woken []int
	waiting := func() int {
		items, err := tn.store.Read().AgendaAdmin.Due(t.Context(), 10)
		require.NoError(t, err)
		return len(items)
	}
	changes := usecase.NewChanges(tn.store, tn.bus, tn.now, func() { woken = append(woken, waiting()) })
	join := func(ctx context.Context, then error) error {
		return changes.In(ctx, id, func(w *usecase.Work) error {
			p, err := w.Party(ctx)
			if err != nil {
				return err
			}
			w.Schedule(agenda.Item{Kind: kind, Key: "1"}, agenda.Item{Kind: kind, Key: "2"})
			if err := p.Join(bob, w.Now()); err != nil {
				return err
			}
			return then
		})
	}
	require.ErrorIs(t, join(t.Context(), party.ErrFull), party.ErrFull)
	assert.Zero(t, waiting())
	assert.Empty(t, woken)
	require.NoError(t, join(t.Context(), nil))
	assert.Equal(t, []int{2}, woken, "after the commit")
	assert.Len(t, tn.state(id).Members, 2)
}
