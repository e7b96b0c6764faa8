package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// A crowd asks one question, and counts how often it is looked up.
type crowd struct {
	coalesce[string, int]
	looks   int
	all     sync.WaitGroup
	answers chan int
	errs    chan error
}

func newCrowd() *crowd {
	return &crowd{answers: make(chan int, 100), errs: make(chan error, 100)}
}

// asks lets somebody ask; work is done while it is looked up.
func (c *crowd) asks(ctx context.Context, question string, work func(context.Context)) {
	c.all.Go(func() {
		answer, err := c.do(ctx, question, func(ctx context.Context) (int, error) {
			c.looks++
			n := c.looks
			work(ctx)
			return n, ctx.Err()
		})
		if err != nil {
			c.errs <- err
			return
		}
		c.answers <- answer
	})
	synctest.Wait() // until it is answered, or waits
}

func (c *crowd) end() (answers []int, errs []error) {
	c.all.Wait()
	close(c.answers)
	for n := range c.answers {
		answers = append(answers, n)
	}
	close(c.errs)
	for err := range c.errs {
		errs = append(errs, err)
	}
	return answers, errs
}

// remembered tells how many keys are looked up.
func (c *crowd) remembered() int {
	synctest.Wait() // an answer comes before its look-up is forgotten
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.running)
}

func nothing(context.Context) {}

func until(done chan struct{}) func(context.Context) { return func(context.Context) { <-done } }

func TestLookUpsOfTheSameAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, first, second := newCrowd(), make(chan struct{}), make(chan struct{})
		c.asks(t.Context(), "치킨", until(first))
		c.asks(t.Context(), "치킨", until(second))
		c.asks(t.Context(), "치킨", nothing)
		c.asks(t.Context(), "피자", nothing)
		assert.Equal(t, 2, c.looks, "another question waits for nobody")
		close(first)
		synctest.Wait()
		assert.Equal(t, 3, c.looks)
		c.asks(t.Context(), "치킨", nothing)
		c.asks(t.Context(), "치킨", nothing)
		assert.Equal(t, 3, c.looks, "what is looked up already is too old for them")
		close(second)
		answers, errs := c.end()
		assert.ElementsMatch(t, []int{1, 2, 3, 3, 4, 4}, answers)
		assert.Empty(t, errs)
		assert.Zero(t, c.remembered())
	})
}

// A client that disconnects waits for nobody else's look-up, whether it was the first to
// ask for the next one or not.
func TestAWaiterGivesUpWhenItsClientDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, current := newCrowd(), make(chan struct{})
		c.asks(t.Context(), "치킨", until(current))
		first, leaveFirst := context.WithCancelCause(t.Context())
		c.asks(first, "치킨", nothing)
		second, leaveSecond := context.WithCancelCause(t.Context())
		c.asks(second, "치킨", nothing)
		c.asks(t.Context(), "치킨", nothing)
		gone := errors.New("gone")
		for _, leave := range []context.CancelCauseFunc{leaveFirst, leaveSecond} {
			leave(gone)
			synctest.Wait()
			require.Len(t, c.errs, 1, "while the first look-up runs")
			assert.Equal(t, gone, <-c.errs)
		}
		close(current)
		answers, errs := c.end()
		assert.ElementsMatch(t, []int{1, 2}, answers, "what others wait for is looked up all the same")
		assert.Empty(t, errs)
	})
}

func TestALookUpThatNobodyWaitsForIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		asking, leave := context.WithCancel(t.Context())
		ended := false
		c.asks(asking, "치킨", func(ctx context.Context) { <-ctx.Done(); ended = true })
		next, leaveNext := context.WithCancel(t.Context())
		c.asks(next, "치킨", nothing)
		leaveNext()
		synctest.Wait()
		c.asks(t.Context(), "치킨", nothing) // after all who waited for the next have left
		leave()
		synctest.Wait()
		assert.True(t, ended)
		answers, errs := c.end()
		assert.Equal(t, []int{2}, answers)
		assert.Len(t, errs, 2)
		assert.Zero(t, c.remembered())
	})
}

func TestALookUpThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, first := newCrowd(), make(chan struct{})
		c.asks(t.Context(), "치킨", until(first))
		c.asks(t.Context(), "치킨", func(context.Context) { panic("oh") })
		c.asks(t.Context(), "치킨", nothing)
		close(first)
		answers, errs := c.end()
		assert.Equal(t, []int{1}, answers)
		require.Len(t, errs, 2)
		for _, err := range errs {
			assert.ErrorContains(t, err, "panic: oh")
		}
		assert.Zero(t, c.remembered())
	})
}

func TestALookUpTakesBoundedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		c.asks(t.Context(), "치킨", func(ctx context.Context) { <-ctx.Done() })
		_, errs := c.end()
		assert.Equal(t, []error{context.DeadlineExceeded}, errs)
	})
}

// stuck is a store whose boards hang until they are let go, whatever their context says.
type stuck struct {
	port.Store
	asked func()
	free  chan struct{}
}

func (s stuck) Read() port.Repos {
	r := s.Store.Read()
	r.Boards = stuckBoards{r.Boards, s}
	return r
}

type stuckBoards struct {
	port.Boards
	stuck
}

func (b stuckBoards) Page(context.Context, []user.Neighborhood, party.Filter, int, int, int) ([]port.Post, int, error) {
	b.asked()
	<-b.free
	return nil, 0, errors.New("free at last")
}

func TestClientsThatHaveGoneHoldNoPlacesOfAStuckStore(t *testing.T) {
	s := newSite(t)
	s.NewID = rand.Text // by many at once
	ann := s.person("ann")
	asked := make(chan struct{})
	store := stuck{s.store, sync.OnceFunc(func() { close(asked) }), make(chan struct{})}
	s.Parties = usecase.NewParties(store, usecase.NewChanges(store, &inproc.Bus{}, s.Now, func() {}), party.Limits{})
	s.build()
	ctx, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range maxInFlight {
		all.Go(func() {
			r := httptest.NewRequestWithContext(ctx, "GET", "/api/post/", nil)
			r.Header.Set("Authorization", "token "+ann.token)
			s.server.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	<-asked
	require.Eventually(t, func() bool { return s.inFlight.Load() == maxInFlight }, 20*time.Second, time.Millisecond)
	s.ask(nobody, "GET", "/", "").refused(503, "busy")
	leave()
	assert.Eventually(t, func() bool { return s.inFlight.Load() == 0 }, 5*time.Second, time.Millisecond)
	assert.Equal(t, 200, s.ask(nobody, "GET", "/", "").Code)
	close(store.free)
	all.Wait()
}
