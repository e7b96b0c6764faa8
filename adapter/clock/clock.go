// Package clock lets a node do what is due on the agenda. usecase.Agenda says how to
// have something done later.
package clock

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const (
	workers    = 4                // items that run at the same time
	pollEvery  = time.Second      // between two looks for what is due
	claimWait  = 10 * time.Second // for one claim
	firstRetry = time.Second      // after a claim that failed; doubled each time
	lastRetry  = 10 * time.Second // up to this
	countEvery = 10 * time.Second // between two looks at the backlog
	drainWait  = 5 * time.Second  // for handlers to end by themselves
)

// Lease is how long a node may take for an item before others claim it.
const Lease = 30 * time.Second

// Config is what a Clock works with.
type Config struct {
	Agenda *usecase.Agenda
	Log    *slog.Logger
	Meter  Meter         // nil: nobody counts
	Lease  time.Duration // 0: Lease
}

// Meter counts what happens to items. Its methods are called by many at once and must
// not wait.
type Meter interface {
	// Worked counts an item that was run: "done", "failed" or "set_aside". It was due
	// for as long as late before it was claimed.
	Worked(kind agenda.Kind, outcome string, late time.Duration)
	// Backlog tells how the agenda stands, for all nodes.
	Backlog(b port.Backlog)
}

// unmetered is the Meter of those who need none.
type unmetered struct{}

func (unmetered) Worked(agenda.Kind, string, time.Duration) {}
func (unmetered) Backlog(port.Backlog)                      {}

// Clock claims items that are due and runs them, four at a time. It looks once a
// second, at once after a Hint, and without a pause while more is due than it has
// workers for.
type Clock struct {
	agenda *usecase.Agenda
	log    *slog.Logger
	meter  Meter
	lease  time.Duration

	hint  chan struct{}
	free  chan struct{} // holds a token for each worker that is free
	stop  context.CancelFunc
	abort context.CancelFunc
	all   sync.WaitGroup
}

// Start starts a Clock, which runs until it is closed.
func Start(cfg Config) *Clock {
	c := &Clock{
		agenda: cfg.Agenda, log: cfg.Log, meter: cfg.Meter, lease: cfg.Lease,
		hint: make(chan struct{}, 1), free: make(chan struct{}, workers),
	}
	if c.meter == nil {
		c.meter = unmetered{}
	}
	if c.lease == 0 {
		c.lease = Lease
	}
	for range workers {
		c.free <- struct{}{}
	}
	claiming, stop := context.WithCancel(context.Background())
	working, abort := context.WithCancel(context.Background())
	c.stop, c.abort = stop, abort
	c.all.Go(func() { c.run(claiming, working) })
	if cfg.Meter != nil {
		c.all.Go(func() { c.count(claiming) })
	}
	return c
}

// Hint tells that something may be due now. It never waits.
func (c *Clock) Hint() {
	select {
	case c.hint <- struct{}{}:
	default: // there is one already
	}
}

// Close claims nothing more and waits for the handlers that run. Those that have not
// ended after five seconds are stopped by their contexts; others will try again.
func (c *Clock) Close() {
	c.stop()
	late := time.AfterFunc(drainWait, c.abort)
	defer late.Stop()
	c.all.Wait()
	c.abort()
}

// run claims items until claiming ends. The handlers get working.
func (c *Clock) run(claiming, working context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	retry, failing := firstRetry, false
	for {
		select {
		case <-poll.C:
		case <-c.hint:
		case <-claiming.Done():
			return
		}
		err := c.claimAll(claiming, working)
		switch {
		case claiming.Err() != nil:
			return
		case err != nil:
			if !failing {
				c.log.Warn("what is due cannot be claimed, trying on", "err", err)
			}
			pause(claiming, retry/2+rand.N(retry/2)) // #nosec G404 -- spreads load, guards nothing
			retry, failing = min(2*retry, lastRetry), true
		case failing:
			c.log.Info("what is due is claimed again")
			retry, failing = firstRetry, false
		}
	}
}

// claimAll claims items for as long as there are more than free workers.
func (c *Clock) claimAll(claiming, working context.Context) (err error) {
	for more := true; more && err == nil; {
		more, err = c.claim(claiming, working)
	}
	return err
}

// claim waits for a free worker, and gives each worker that is free an item. It tells
// whether more may be due.
func (c *Clock) claim(claiming, working context.Context) (more bool, err error) {
	select {
	case <-c.free:
	case <-claiming.Done():
		return false, nil
	}
	n := 1
	for n < workers && c.another() {
		n++
	}
	began := time.Now() // the lease begins a little later, by the clock of the store
	ctx, cancel := context.WithTimeout(claiming, claimWait)
	defer cancel()
	items, err := c.agenda.Claim(ctx, n, c.lease)
	for _, item := range items {
		c.all.Go(func() {
			defer func() { c.free <- struct{}{} }()
			c.work(working, item, began)
		})
	}
	for range n - len(items) {
		c.free <- struct{}{}
	}
	return len(items) == n, err
}

// another takes the token of another worker that is free, if there is one.
func (c *Clock) another() bool {
	select {
	case <-c.free:
		return true
	default:
		return false
	}
}

// work runs an item. A third of the lease is left to store what became of it.
func (c *Clock) work(ctx context.Context, item agenda.Item, claimed time.Time) {
	bounded, cancel := context.WithDeadline(ctx, claimed.Add(c.lease*2/3))
	defer cancel()
	err := c.agenda.Run(bounded, item)
	outcome := "done"
	if err != nil {
		outcome = "failed"
		if item.Attempts >= agenda.Tries {
			outcome = "set_aside"
		}
		c.report(ctx, item, outcome, err)
	}
	c.meter.Worked(item.Kind, outcome, item.ClaimedAt.Sub(item.DueAt))
}

func (c *Clock) report(ctx context.Context, item agenda.Item, outcome string, err error) {
	log := c.log.With("kind", item.Kind, "key", item.Key, "attempts", item.Attempts)
	if p, ok := errors.AsType[*usecase.Panic](err); ok {
		log.ErrorContext(ctx, "panic", "value", p.Value, "stack", p.Stack)
	}
	if outcome == "set_aside" {
		log.ErrorContext(ctx, "an item of the agenda is set aside", "err", err)
		return
	}
	log.WarnContext(ctx, "an item of the agenda failed", "err", err)
}

// count tells the meter how the agenda stands, every now and then.
func (c *Clock) count(ctx context.Context) {
	for {
		pause(ctx, countEvery)
		if ctx.Err() != nil {
			return
		}
		bounded, cancel := context.WithTimeout(ctx, claimWait)
		b, err := c.agenda.Backlog(bounded)
		cancel()
		if err == nil { // else run tells what is wrong
			c.meter.Backlog(b)
		}
	}
}

// pause waits until d has passed or ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
