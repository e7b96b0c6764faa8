package httpapi

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// A crowd asks one question, and counts how often it is looked up.
type crowd struct {
	together[string, int]
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
		defer func() { recover() }()
		answer, err := c.ask(ctx, question, func(ctx context.Context) (int, error) {
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

func nothing(context.Context) {}

func until(done chan struct{}) func(context.Context) { return func(context.Context) { <-done } }

func TestWhoAsksTheSameIsAnsweredTogether(t *testing.T) {
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
		assert.Empty(t, c.next, "nobody is remembered")
	})
}

func TestWhoHasAskedTogetherAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, first := newCrowd(), make(chan struct{})
		c.asks(t.Context(), "치킨", until(first))
		asking, going := context.WithCancel(t.Context())
		c.asks(asking, "치킨", nothing) // will look for all
		waiting, leaving := context.WithCancelCause(t.Context())
		c.asks(waiting, "치킨", nothing)
		c.asks(t.Context(), "치킨", nothing)
		gone := errors.New("gone")
		leaving(gone)
		going()
		synctest.Wait()
		assert.Equal(t, gone, <-c.errs, "nobody is kept who only waits")
		close(first)
		answers, errs := c.end()
		assert.ElementsMatch(t, []int{1, 2, 2}, answers, "what others wait for is looked up all the same")
		assert.Empty(t, errs)
	})
}

func TestALookThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, first := newCrowd(), make(chan struct{})
		c.asks(t.Context(), "치킨", until(first))
		c.asks(t.Context(), "치킨", func(context.Context) { panic("at the second") })
		c.asks(t.Context(), "치킨", nothing)
		close(first)
		answers, errs := c.end()
		assert.Equal(t, []int{1}, answers)
		assert.Equal(t, []error{errNoAnswer}, errs)
		assert.Empty(t, c.next)
	})
}
