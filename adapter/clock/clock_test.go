package clock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/template"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const chore agenda.Kind = "test.chore"

// A fixture is a Clock with its own store, in a synctest bubble.
type fixture struct {
	*testing.T
	store  *flakyStore
	log    *notes
	meter  *counts
	agenda *usecase.Agenda
	clock  *Clock
}

// migrated returns a folder with a store that has its tables and no rows.
var migrated = template.Folder(func(dir string) error {
	store, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	return store.Close()
})

func inBubble(t *testing.T, visit func(t *testing.T, w *fixture)) {
	t.Helper()
	dir := migrated(t)
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), dir)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, store.Close()) })
		visit(t, &fixture{T: t, store: &flakyStore{Store: store}, log: &notes{}, meter: &counts{worked: map[string]int{}}})
	})
}

// start starts a Clock with a handler for chores.
func (w *fixture) start(do func(ctx context.Context, item agenda.Item) error) {
	w.Helper()
	w.agenda = usecase.NewAgenda(w.store)
	w.agenda.Handle(chore, do)
	w.clock = Start(Config{Agenda: w.agenda, Log: slog.New(slog.NewTextHandler(w.log, nil)), Meter: w.meter})
	w.Cleanup(w.clock.Close)
	synctest.Wait()
}

func (w *fixture) put(items ...agenda.Item) {
	w.Helper()
	require.NoError(w, w.store.Store.Write(w.Context(), func(r port.Repos) error { return r.Agenda.Put(w.Context(), items...) }))
}

func (w *fixture) putMany(n int) {
	w.Helper()
	items := make([]agenda.Item, n)
	for i := range items {
		items[i] = agenda.Item{Kind: chore, Key: fmt.Sprint(i)}
	}
	w.put(items...)
}

func (w *fixture) backlog() port.Backlog {
	w.Helper()
	b, err := w.store.Store.Read().AgendaAdmin.Backlog(w.Context())
	require.NoError(w, err)
	return b
}

var errAway = errors.New("the store is away")

// flakyStore is a store that can fail.
type flakyStore struct {
	port.Store
	away  atomic.Bool
	tries atomic.Int64 // while it fails
}

func (s *flakyStore) Write(ctx context.Context, fn func(port.Repos) error) error {
	if s.away.Load() {
		s.tries.Add(1)
		return errAway
	}
	return s.Store.Write(ctx, fn)
}

// notes is a buffer for log lines that is safe for concurrent use.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// counts is a Meter that records all calls.
type counts struct {
	mu      sync.Mutex
	worked  map[string]int
	latest  time.Duration
	backlog []port.Backlog
}

func (c *counts) Worked(kind agenda.Kind, outcome string, late time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worked[fmt.Sprint(kind, " ", outcome)]++
	c.latest = late
}

func (c *counts) Backlog(b port.Backlog) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backlog = append(c.backlog, b)
}

func TestWhatIsDueIsDoneWithinASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		done := make(chan time.Time, 10)
		w.start(func(context.Context, agenda.Item) error {
			done <- time.Now()
			return nil
		})
		due := time.Now().Add(time.Minute + 700*time.Millisecond)
		w.put(agenda.Item{Kind: chore, DueAt: due})
		late := (<-done).Sub(due)
		assert.GreaterOrEqual(t, late, time.Duration(0))
		assert.LessOrEqual(t, late, time.Second)
		synctest.Wait()
		assert.Zero(t, w.backlog().Due)
		assert.Equal(t, map[string]int{"test.chore done": 1}, w.seen())
		assert.Equal(t, late, w.meter.latest)
		assert.Empty(t, w.log.String())
	})
}

func TestAHintIsFollowedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		done := make(chan time.Time, 10)
		w.start(func(context.Context, agenda.Item) error {
			done <- time.Now()
			return nil
		})
		began := time.Now()
		w.put(agenda.Item{Kind: chore})
		for range 10 {
			w.agenda.Wake()
		}
		assert.Equal(t, began, <-done)
	})
}

func TestMoreThanThereAreWorkersIsDoneWithoutAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		var done atomic.Int64
		w.start(func(context.Context, agenda.Item) error {
			done.Add(1)
			return nil
		})
		began := time.Now()
		w.putMany(101)
		w.agenda.Wake()
		synctest.Wait()
		assert.EqualValues(t, 101, done.Load())
		assert.Equal(t, began, time.Now())
		assert.Zero(t, w.backlog())
	})
}

func TestFourAreDoneAtTheSameTime(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		var working, most atomic.Int64
		w.start(func(context.Context, agenda.Item) error {
			now := working.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			time.Sleep(2 * time.Second) // in the bubble
			working.Add(-1)
			return nil
		})
		began := time.Now()
		w.putMany(12)
		w.agenda.Wake()
		for w.meter.sum() < 12 {
			time.Sleep(time.Second)
		}
		assert.EqualValues(t, workers, most.Load())
		assert.InDelta(t, 6*time.Second, time.Since(began), float64(time.Second))
	})
}

// seen waits until the workers are idle and returns the outcomes.
func (w *fixture) seen() map[string]int {
	synctest.Wait()
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	return maps.Clone(w.meter.worked)
}

// backlogs returns the reported backlogs.
func (w *fixture) backlogs() []port.Backlog {
	synctest.Wait()
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	return slices.Clone(w.meter.backlog)
}

func (c *counts) sum() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, times := range c.worked {
		n += times
	}
	return n
}

func TestASlowHandlerHoldsUpNoOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		quick := make(chan time.Time, 10)
		w.start(func(_ context.Context, item agenda.Item) error {
			if item.Key == "slow" {
				time.Sleep(15 * time.Second)
				return nil
			}
			quick <- time.Now()
			return nil
		})
		w.put(agenda.Item{Kind: chore, Key: "slow"})
		w.agenda.Wake()
		synctest.Wait()
		due := time.Now().Add(3 * time.Second)
		w.put(agenda.Item{Kind: chore, Key: "quick", DueAt: due})
		assert.LessOrEqual(t, (<-quick).Sub(due), time.Second)
	})
}

func TestAHandlerEndsBeforeItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		ended := make(chan time.Duration, 1)
		w.start(func(ctx context.Context, _ agenda.Item) error {
			began := time.Now()
			<-ctx.Done()
			ended <- time.Since(began)
			return ctx.Err()
		})
		w.put(agenda.Item{Kind: chore})
		assert.InDelta(t, 20*time.Second, <-ended, float64(time.Second))
		synctest.Wait()
		assert.Equal(t, map[string]int{"test.chore failed": 1}, w.seen())
	})
}

func TestWhatFailsIsToldAndSetAsideInTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		w.start(func(_ context.Context, item agenda.Item) error {
			if item.Attempts == 2 {
				panic("boom")
			}
			return errors.New("push: 503")
		})
		w.put(agenda.Item{Kind: chore, Key: "7"})
		time.Sleep(time.Hour)
		assert.Equal(t, map[string]int{"test.chore failed": agenda.Tries - 1, "test.chore set_aside": 1}, w.seen())
		log := w.log.String()
		assert.Equal(t, agenda.Tries-1, strings.Count(log, `level=WARN msg="an item of the agenda failed" kind=test.chore key=7`))
		assert.Equal(t, 1, strings.Count(log, `level=ERROR msg="an item of the agenda is set aside" kind=test.chore key=7 attempts=10 err="push: 503"`))
		assert.Equal(t, 1, strings.Count(log, `level=ERROR msg=panic kind=test.chore key=7 attempts=2 value=boom stack=`))
		told := w.backlogs()
		assert.Equal(t, port.Backlog{SetAside: 1}, told[len(told)-1])
		assert.InDelta(t, 60*6, len(told), 2)
	})
}

func TestAStoreThatIsAwayIsAskedNowAndThen(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		var done atomic.Int64
		w.start(func(context.Context, agenda.Item) error {
			done.Add(1)
			return nil
		})
		w.store.away.Store(true)
		w.putMany(9)
		for range 600 {
			w.agenda.Wake()
			time.Sleep(time.Second)
		}
		tries := w.store.tries.Load()
		assert.Greater(t, tries, int64(50))
		assert.Less(t, tries, int64(150))
		assert.Equal(t, 1, strings.Count(w.log.String(), "\n"), w.log)
		assert.Contains(t, w.log.String(), `level=WARN msg="what is due cannot be claimed, trying on" err="the store is away"`)
		w.store.away.Store(false)
		time.Sleep(lastRetry)
		assert.EqualValues(t, 9, done.Load())
		assert.Equal(t, 2, strings.Count(w.log.String(), "\n"), w.log)
		assert.Contains(t, w.log.String(), `level=INFO msg="what is due is claimed again"`)
	})
}

func TestCloseWaitsForHandlers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		w.start(func(context.Context, agenda.Item) error {
			time.Sleep(3 * time.Second)
			return nil
		})
		w.putMany(6)
		w.agenda.Wake()
		synctest.Wait()
		began := time.Now()
		var twice sync.WaitGroup
		for range 2 {
			twice.Go(w.clock.Close)
		}
		twice.Wait()
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Equal(t, map[string]int{"test.chore done": 4}, w.seen())
		assert.Equal(t, 2, w.backlog().Due, "what was not claimed waits for others")
		w.agenda.Wake()
		time.Sleep(time.Minute)
		assert.Equal(t, 2, w.backlog().Due)
	})
}

func TestCloseStopsHandlersThatTakeTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T, w *fixture) {
		w.start(func(ctx context.Context, _ agenda.Item) error {
			<-ctx.Done()
			return ctx.Err()
		})
		w.put(agenda.Item{Kind: chore})
		w.agenda.Wake()
		synctest.Wait()
		began := time.Now()
		w.clock.Close()
		assert.Equal(t, drainWait, time.Since(began))
		time.Sleep(agenda.Backoff(1))
		assert.Equal(t, 1, w.backlog().Due, "others try again")
	})
}
