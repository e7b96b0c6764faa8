package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const (
	chore  agenda.Kind = "test.chore"
	errand agenda.Kind = "test.errand"
)

// A diary is an agenda over a store whose clock a test sets.
type diary struct {
	*testing.T
	*clock
	store  port.Store
	agenda *usecase.Agenda
}

func newDiary(t *testing.T) *diary {
	t.Helper()
	c := &clock{at: noon}
	store, err := sqlite.Open(t.Context(), migrated(t), sqlite.WithClock(c.now))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	return &diary{T: t, clock: c, store: store, agenda: usecase.NewAgenda(store)}
}

func (d *diary) put(items ...agenda.Item) {
	d.Helper()
	require.NoError(d, d.store.Write(d.Context(), func(r port.Repos) error { return r.Agenda.Put(d.Context(), items...) }))
}

// run runs all that is due, and gives what Run returned by key.
func (d *diary) run() map[string]error {
	d.Helper()
	items, err := d.agenda.Claim(d.Context(), 100, time.Minute)
	require.NoError(d, err)
	ran := map[string]error{}
	for _, item := range items {
		ran[item.Key] = d.agenda.Run(d.Context(), item)
	}
	return ran
}

// left gives the items that are due once a lot of time has passed.
func (d *diary) left() []agenda.Item {
	d.Helper()
	d.later(24 * time.Hour)
	items, err := d.store.Read().AgendaAdmin.Due(d.Context(), 100)
	require.NoError(d, err)
	return items
}

func TestAgendaRunsWhatIsDue(t *testing.T) {
	d := newDiary(t)
	var ran []agenda.Item
	note := func(_ context.Context, item agenda.Item) error {
		ran = append(ran, item)
		return nil
	}
	d.agenda.Handle(errand, note)
	d.agenda.Handle(chore, note)
	assert.Equal(t, []agenda.Kind{chore, errand}, d.agenda.Kinds())
	d.put(agenda.Item{Kind: errand, Key: "b", DueAt: noon}, agenda.Item{Kind: chore, Key: "a", DueAt: noon.Add(-time.Minute)},
		agenda.Item{Kind: chore, Key: "later", In: time.Hour})
	assert.Equal(t, map[string]error{"a": nil, "b": nil}, d.run())
	require.Len(t, ran, 2)
	assert.Equal(t, "a", ran[0].Key)
	assert.True(t, ran[0].ClaimedAt.After(noon))
	left := d.left()
	require.Len(t, left, 1, "what is done is gone")
	assert.Equal(t, "later", left[0].Key)
}

func TestAgendaLeavesKindsItDoesNotKnow(t *testing.T) {
	d := newDiary(t)
	d.agenda.Handle(chore, func(context.Context, agenda.Item) error { return nil })
	d.put(agenda.Item{Kind: errand, Key: "new"}, agenda.Item{Kind: chore, Key: "old"})
	assert.Equal(t, map[string]error{"old": nil}, d.run())
	left := d.left()
	require.Len(t, left, 1)
	assert.Equal(t, errand, left[0].Kind)
	assert.Zero(t, left[0].Attempts, "a node that knows it has all tries")
	assert.ErrorContains(t, d.agenda.Run(t.Context(), left[0]), "no handler")
}

func TestAgendaTriesAgain(t *testing.T) {
	d := newDiary(t)
	boom := errors.New("push: 503")
	tries := 0
	d.agenda.Handle(chore, func(context.Context, agenda.Item) error {
		if tries++; tries < 3 {
			return fmt.Errorf("tell: %w", boom)
		}
		return nil
	})
	d.put(agenda.Item{Kind: chore})
	assert.ErrorIs(t, d.run()[""], boom)
	assert.Empty(t, d.run(), "it waits")
	left := d.left()
	require.Len(t, left, 1)
	assert.Equal(t, "tell: push: 503", left[0].Failure)
	assert.ErrorIs(t, d.run()[""], boom)
	d.left()
	assert.Equal(t, map[string]error{"": nil}, d.run())
	assert.Empty(t, d.left())
}

func TestAgendaSurvivesAPanic(t *testing.T) {
	d := newDiary(t)
	d.agenda.Handle(chore, func(_ context.Context, item agenda.Item) error {
		if item.Key == "bad" {
			panic("boom")
		}
		return nil
	})
	d.put(agenda.Item{Kind: chore, Key: "bad"}, agenda.Item{Kind: chore, Key: "good"})
	ran := d.run()
	assert.NoError(t, ran["good"])
	var p *usecase.Panic
	require.ErrorAs(t, ran["bad"], &p)
	assert.Equal(t, "boom", p.Value)
	assert.Contains(t, p.Stack, "TestAgendaSurvivesAPanic")
	left := d.left()
	require.Len(t, left, 1)
	assert.Equal(t, "panic: boom", left[0].Failure)
}

func TestAHandlerMayPutItsItemAgain(t *testing.T) {
	d := newDiary(t)
	times := 0
	d.agenda.Handle(chore, func(ctx context.Context, item agenda.Item) error {
		times++
		return d.store.Write(ctx, func(r port.Repos) error {
			return r.Agenda.Put(ctx, agenda.Item{Kind: item.Kind, Key: item.Key, In: time.Hour})
		})
	})
	d.put(agenda.Item{Kind: chore})
	for n := 1; n <= 3; n++ {
		assert.Equal(t, map[string]error{"": nil}, d.run())
		assert.Empty(t, d.run(), "not yet")
		assert.Equal(t, n, times)
		d.later(time.Hour)
	}
}

func TestAgendaLeavesWhatOthersMayHave(t *testing.T) {
	d := newDiary(t)
	d.agenda.Handle(chore, func(context.Context, agenda.Item) error {
		assert.Fail(t, "it runs")
		return nil
	})
	d.put(agenda.Item{Kind: chore})
	items, err := d.agenda.Claim(t.Context(), 1, time.Minute)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, d.agenda.Run(ctx, items[0]), context.Canceled)
	left := d.left()
	require.Len(t, left, 1)
	assert.Equal(t, items[0].Version, left[0].Version, "it is as it was claimed")
}

// A handler whose time is over has failed, and that is stored all the same.
func TestAgendaKeepsTheFailureOfAHandlerThatIsStopped(t *testing.T) {
	d := newDiary(t)
	ctx, cancel := context.WithCancel(t.Context())
	d.agenda.Handle(chore, func(ctx context.Context, _ agenda.Item) error {
		cancel()
		return ctx.Err()
	})
	d.put(agenda.Item{Kind: chore})
	items, err := d.agenda.Claim(t.Context(), 1, time.Minute)
	require.NoError(t, err)
	assert.ErrorIs(t, d.agenda.Run(ctx, items[0]), context.Canceled)
	left := d.left()
	require.Len(t, left, 1)
	assert.Equal(t, "context canceled", left[0].Failure)
}

func TestAgendaTellsWhatCannotBeStored(t *testing.T) {
	d := newDiary(t)
	d.agenda.Handle(chore, func(context.Context, agenda.Item) error { return nil })
	d.put(agenda.Item{Kind: chore})
	items, err := d.agenda.Claim(t.Context(), 1, time.Minute)
	require.NoError(t, err)
	broken := usecase.NewAgenda(torn{d.store})
	broken.Handle(chore, func(context.Context, agenda.Item) error { return nil })
	assert.ErrorIs(t, broken.Run(t.Context(), items[0]), errTorn)
	_, err = broken.Claim(t.Context(), 1, time.Minute)
	assert.ErrorIs(t, err, errTorn)
	assert.Len(t, d.left(), 1, "it is claimed again after its lease")
	b, err := d.agenda.Backlog(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, b.Due)
	assert.InDelta(t, 24*time.Hour, b.Late, float64(time.Minute))
}

func TestHandleWantsOneHandlerForEachKind(t *testing.T) {
	a := usecase.NewAgenda(nil)
	do := func(context.Context, agenda.Item) error { return nil }
	a.Handle(chore, do)
	assert.Panics(t, func() { a.Handle(chore, do) })
	assert.Panics(t, func() { a.Handle("Test", do) })
}
