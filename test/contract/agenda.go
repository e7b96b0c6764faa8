package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Agenda checks the agenda of a store. open must return an empty store, and a
// function that lets time pass for its agenda.
func Agenda(t *testing.T, open func(t *testing.T) (s port.Store, pass func(d time.Duration))) {
	run := func(name string, test func(t *testing.T, d diary)) {
		t.Run(name, func(t *testing.T) {
			s, pass := open(t)
			test(t, diary{filled{s, t}, pass})
		})
	}

	run("an item comes back as it was put", func(t *testing.T, d diary) {
		due := ago(time.Hour)
		full := agenda.Item{Kind: chore, Key: "A7:b/c.d-e_f", DueAt: due, Data: json.RawMessage(`{"b": 1, "a": ["<밥>&\u0000\u2028", null]}`)}
		bare := agenda.Item{Kind: errand, DueAt: due.Add(time.Second)}
		d.put(full, bare)
		got := d.claim(10)
		require.Len(t, got, 2)
		for i, want := range []agenda.Item{full, bare} {
			assert.Positive(t, got[i].ID)
			assert.Positive(t, got[i].Version)
			assert.WithinDuration(t, time.Now(), got[i].ClaimedAt, time.Minute)
			assert.Equal(t, got[i].ClaimedAt.Add(holding), got[i].ClaimedUntil)
			assert.Equal(t, time.UTC, got[i].ClaimedUntil.Location())
			want.DueAt, want.Attempts = kept(want.DueAt), 1
			want.ID, want.Version, want.ClaimedAt, want.ClaimedUntil = got[i].ID, got[i].Version, got[i].ClaimedAt, got[i].ClaimedUntil
			assert.Equal(t, want, got[i])
		}
		long := agenda.Item{
			Kind: agenda.Kind(strings.Repeat("k", agenda.MaxKind)), Key: strings.Repeat("K", agenda.MaxKey),
			Data: json.RawMessage(`"` + strings.Repeat("밥", (agenda.MaxData-2)/3) + `"`),
		}
		d.put(long)
		items := d.claimFor(holding, 1, long.Kind)
		require.Len(t, items, 1)
		assert.Equal(t, long.Key, items[0].Key)
		assert.Equal(t, long.Data, items[0].Data)
		d.later(items[0], strings.Repeat("밥\x00\xff", agenda.MaxFailure))
		d.pass(time.Hour)
		items = d.claimFor(holding, 1, long.Kind)
		require.Len(t, items, 1)
		assert.Equal(t, agenda.Failure(strings.Repeat("밥\x00\xff", agenda.MaxFailure)), items[0].Failure)
	})

	run("the oldest due comes first, and what is not due waits", func(t *testing.T, d diary) {
		d.put(
			agenda.Item{Kind: chore, Key: "second", DueAt: ago(20 * time.Minute)},
			agenda.Item{Kind: chore, Key: "tomorrow", DueAt: ago(-24 * time.Hour)},
			agenda.Item{Kind: chore, Key: "third", DueAt: ago(10 * time.Minute)},
			agenda.Item{Kind: errand, Key: "first", DueAt: ago(30 * time.Minute)},
		)
		assert.Equal(t, []string{"first", "second"}, keys(d.claim(2)))
		assert.Equal(t, []string{"third"}, keys(d.claim(2)))
		assert.Empty(t, d.claim(2))
		d.pass(25 * time.Hour)
		assert.Contains(t, keys(d.claim(10)), "tomorrow")
	})

	run("a wait is counted by the clock of the store", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "now"}, agenda.Item{Kind: chore, Key: "later", In: time.Hour})
		now := d.one()
		assert.Equal(t, "now", now.Key)
		assert.WithinDuration(t, time.Now(), now.DueAt, time.Minute)
		assert.False(t, now.DueAt.After(now.ClaimedAt))
		d.done(now)
		d.pass(59 * time.Minute)
		assert.Empty(t, d.claim(10))
		d.pass(2 * time.Minute)
		assert.Equal(t, "later", d.one().Key)
	})

	run("only the kinds that are asked for are claimed", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a"}, agenda.Item{Kind: errand, Key: "b"}, agenda.Item{Kind: "test", Key: "c"})
		assert.Empty(t, d.claimFor(holding, 10))
		assert.Empty(t, d.claimFor(holding, 10, "test.unknown"))
		assert.Equal(t, []string{"b"}, keys(d.claimFor(holding, 10, "test.unknown", errand)))
		assert.Equal(t, []string{"a"}, keys(d.claimFor(holding, 10, chore, errand)))
		left := d.due()
		require.Len(t, left, 1)
		assert.Equal(t, "c", left[0].Key, "it waits for who knows the kind")
		assert.Zero(t, left[0].Attempts)
	})

	run("what is claimed is nobody else's until the lease ends", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a"})
		first := d.one()
		assert.Empty(t, d.claim(10))
		d.pass(holding - 10*time.Second)
		assert.Empty(t, d.claim(10))
		assert.Empty(t, d.due())
		d.pass(11 * time.Second)
		assert.Len(t, d.due(), 1)
		second := d.claimFor(300*time.Millisecond, 10, chore)
		require.Len(t, second, 1)
		assert.Equal(t, first.ID, second[0].ID)
		assert.Equal(t, 2, second[0].Attempts)
		var third []agenda.Item
		require.Eventually(t, func() bool { // by itself, too
			third = d.claim(10)
			return len(third) == 1
		}, 10*time.Second, 10*time.Millisecond)
		assert.False(t, third[0].ClaimedAt.Before(second[0].ClaimedUntil))
	})

	run("of many who claim at once each item has one", func(t *testing.T, d diary) {
		const all, claimers = 400, 8
		items := make([]agenda.Item, all)
		for i := range items {
			items[i] = agenda.Item{Kind: chore, Key: fmt.Sprint(i)}
		}
		d.put(items...)
		var mu sync.Mutex
		times := map[string]int{}
		var claiming sync.WaitGroup
		for range claimers {
			claiming.Go(func() {
				for {
					var mine []agenda.Item
					err := d.Write(t.Context(), func(r port.Repos) (err error) {
						mine, err = r.Agenda.Claim(t.Context(), []agenda.Kind{chore}, 7, holding)
						return err
					})
					if !assert.NoError(t, err) || len(mine) == 0 {
						return
					}
					mu.Lock()
					for _, item := range mine {
						times[item.Key]++
					}
					mu.Unlock()
				}
			})
		}
		claiming.Wait()
		assert.Len(t, times, all)
		for key, n := range times {
			assert.Equal(t, 1, n, key)
		}
	})

	run("to put an item again moves it", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a", Data: json.RawMessage(`1`)}, agenda.Item{Kind: errand, Key: "a"})
		for _, old := range d.claim(2) {
			if old.Kind == chore {
				d.later(old, "not yet")
			}
		}
		d.put(agenda.Item{Kind: chore, Key: "a", In: 2 * time.Hour, Data: json.RawMessage(`2`)})
		d.pass(time.Hour)
		assert.Equal(t, errand, d.one().Kind, "the one of another kind is as it was; its lease is over")
		d.pass(time.Hour + time.Second)
		items := d.claimFor(holding, 10, chore)
		require.Len(t, items, 1)
		assert.Equal(t, json.RawMessage(`2`), items[0].Data)
		assert.Equal(t, 1, items[0].Attempts)
		assert.Empty(t, items[0].Failure)
		d.put(agenda.Item{Kind: chore, Key: "a"})
		again := d.claimFor(holding, 10, chore)
		require.Len(t, again, 1, "it is taken from who has claimed it")
		assert.Nil(t, again[0].Data)
	})

	run("of several puttings at once the last counts", func(t *testing.T, d diary) {
		items := make([]agenda.Item, 1000)
		for i := range items {
			items[i] = agenda.Item{Kind: chore, Key: fmt.Sprint(i % 500), Data: json.RawMessage(fmt.Sprint(i))}
		}
		d.put(items...)
		d.put()
		got := d.claim(2000)
		require.Len(t, got, 500)
		for _, item := range got {
			n := 0
			require.NoError(t, json.Unmarshal(item.Data, &n))
			assert.GreaterOrEqual(t, n, 500)
		}
		for _, err := range d.together(8, func(i int, r port.Repos) error {
			a, b := agenda.Item{Kind: errand, Key: "a"}, agenda.Item{Kind: errand, Key: "b"}
			if i%2 == 0 {
				a, b = b, a
			}
			return r.Agenda.Put(t.Context(), a, b)
		}) {
			assert.NoError(t, err)
		}
		assert.Len(t, d.claim(10), 2)
	})

	run("a claim that is over changes nothing", func(t *testing.T, d diary) {
		isThere := func(version int64) {
			t.Helper()
			d.pass(2 * holding)
			items := d.due()
			require.Len(t, items, 1)
			assert.Equal(t, version, items[0].Version)
			assert.Empty(t, items[0].Failure)
		}
		d.put(agenda.Item{Kind: chore, Key: "a"})
		first := d.one()
		d.pass(2 * holding)
		second := d.one()
		d.done(first)
		d.later(first, "late")
		isThere(second.Version)

		d.put(agenda.Item{Kind: chore, Key: "a"})
		d.done(second)
		d.later(second, "late")
		isThere(second.Version + 1)

		third := d.one()
		d.done(third)
		assert.Empty(t, d.due())
		d.done(third) // twice is as good as once
		d.put(agenda.Item{Kind: chore, Key: "a"})
		fourth := d.one()
		d.done(first, second, third)
		d.later(third, "late")
		isThere(fourth.Version)

		d.later(fourth, "it failed")
		d.done(fourth) // it has given the item back
		d.pass(time.Hour)
		fifth := d.one()
		assert.Equal(t, "it failed", fifth.Failure)
		d.pass(2 * holding)
		d.done(fifth) // which nobody else has claimed meanwhile
		assert.Empty(t, d.due())
	})

	run("an item that waits may be left as it is", func(t *testing.T, d diary) {
		put := func(data string) {
			t.Helper()
			d.put(agenda.Item{Kind: chore, Key: "a", In: time.Hour, Data: json.RawMessage(data), UnlessWaiting: true})
		}
		data := func() string {
			t.Helper()
			d.pass(time.Hour + time.Second)
			items := d.due()
			require.Len(t, items, 1)
			return string(items[0].Data)
		}
		put(`1`)
		put(`2`)
		assert.Equal(t, `1`, data(), "it waits")
		put(`3`)
		assert.Equal(t, `1`, data(), "it is due")
		first := d.one()
		put(`4`)
		assert.Empty(t, d.claim(10), "it waits again")
		d.done(first)
		assert.Equal(t, `4`, data(), "who had claimed it may have seen too little")
		d.later(d.one(), "it failed")
		put(`5`)
		assert.Equal(t, `4`, data(), "it waits for another try")
		d.one()
		d.pass(2 * holding)
		put(`6`)
		assert.Equal(t, `4`, data(), "whoever claimed it has gone")
		for range agenda.Tries {
			d.claim(10)
			d.pass(2 * holding)
		}
		require.Len(t, d.setAside(), 1)
		put(`7`)
		assert.Equal(t, `7`, data(), "it was set aside")
		assert.Empty(t, d.setAside())
	})

	run("what failed waits, a little longer each time", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a"})
		for n := 1; n < agenda.Tries; n++ {
			item := d.one()
			assert.Equal(t, n, item.Attempts)
			d.later(item, fmt.Sprint("failure ", n))
			d.pass(agenda.Backoff(n) - 3*time.Second)
			assert.Empty(t, d.claim(10), "attempt %d", n)
			d.pass(3 * time.Second)
			items := d.due()
			require.Len(t, items, 1)
			assert.Equal(t, fmt.Sprint("failure ", n), items[0].Failure)
		}
	})

	run("what fails again and again is set aside", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a", Data: json.RawMessage(`1`)})
		for n := range agenda.Tries {
			item := d.one()
			assert.Empty(t, d.setAside(), "attempt %d goes on", n+1)
			assert.ErrorIs(t, d.retry(chore, "a"), agenda.ErrNotSetAside)
			d.later(item, fmt.Sprint("failure ", n+1))
			d.pass(2 * time.Hour)
		}
		assert.Empty(t, d.claim(10))
		assert.Empty(t, d.due())
		items := d.setAside()
		require.Len(t, items, 1)
		assert.Equal(t, "a", items[0].Key)
		assert.Equal(t, agenda.Tries, items[0].Attempts)
		assert.Equal(t, "failure 10", items[0].Failure)
		assert.Equal(t, 1, d.backlog().SetAside)

		assert.ErrorIs(t, d.retry(errand, "a"), agenda.ErrNotSetAside)
		require.NoError(t, d.retry(chore, "a"))
		assert.ErrorIs(t, d.retry(chore, "a"), agenda.ErrNotSetAside)
		assert.Empty(t, d.setAside())
		item := d.one()
		assert.Equal(t, 1, item.Attempts)
		assert.Equal(t, json.RawMessage(`1`), item.Data)
		d.done(item)
	})

	run("what kills its worker again and again is set aside", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "a"})
		for range agenda.Tries {
			d.one()
			assert.Empty(t, d.setAside())
			d.pass(2 * holding)
		}
		assert.Empty(t, d.claim(10))
		require.Len(t, d.setAside(), 1)
		d.put(agenda.Item{Kind: chore, Key: "a"})
		assert.Equal(t, 1, d.one().Attempts, "to put it again makes it new")
		assert.Empty(t, d.setAside())
	})

	run("a Write that fails leaves nothing on the agenda", func(t *testing.T, d diary) {
		d.put(agenda.Item{Kind: chore, Key: "kept"})
		boom := errors.New("boom")
		assert.ErrorIs(t, d.Write(t.Context(), func(r port.Repos) error {
			require.NoError(t, r.Agenda.Put(t.Context(), agenda.Item{Kind: chore, Key: "new"}, agenda.Item{Kind: chore, Key: "kept", In: time.Hour}))
			return boom
		}), boom)
		assert.ErrorIs(t, d.Write(t.Context(), func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{chore}, 10, holding)
			require.NoError(t, err)
			require.NoError(t, r.Agenda.Done(t.Context(), items...))
			return boom
		}), boom)
		item := d.one()
		assert.Equal(t, "kept", item.Key)
		assert.Equal(t, 1, item.Attempts)
	})

	run("what is no item is refused, with all beside it", func(t *testing.T, d diary) {
		for _, bad := range []agenda.Item{
			{}, {Kind: "Test"}, {Kind: chore, Key: "ann@example.com"}, {Kind: chore, Data: json.RawMessage(`{`)}, {Kind: chore, In: -time.Second},
			{Kind: chore, Data: json.RawMessage(`"` + strings.Repeat("x", agenda.MaxData) + `"`)},
		} {
			assert.ErrorIs(t, d.Write(t.Context(), func(r port.Repos) error {
				return r.Agenda.Put(t.Context(), agenda.Item{Kind: chore, Key: "a"}, bad)
			}), agenda.ErrInvalid, "%v", bad)
		}
		assert.Empty(t, d.due())
	})

	run("the backlog is what is due and what is set aside", func(t *testing.T, d diary) {
		assert.Equal(t, port.Backlog{}, d.backlog())
		d.put(
			agenda.Item{Kind: chore, Key: "b", DueAt: ago(30 * time.Minute)}, agenda.Item{Kind: "test.unknown", Key: "a", DueAt: ago(time.Hour)},
			agenda.Item{Kind: chore, Key: "c", In: time.Hour},
		)
		b := d.backlog()
		assert.Equal(t, 2, b.Due)
		assert.InDelta(t, time.Hour, b.Late, float64(time.Minute))
		assert.Zero(t, b.SetAside)
		assert.Equal(t, []string{"a", "b"}, keys(d.due()))
		limited, err := d.Read().AgendaAdmin.Due(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, keys(limited))
		assert.Equal(t, "b", d.one().Key)
		assert.Equal(t, 1, d.backlog().Due, "what is claimed is not counted")
	})
}
