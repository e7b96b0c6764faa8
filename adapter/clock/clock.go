// Package clock runs agenda items when they are due. usecase.Agenda schedules them.
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
	workers    = 4                // items that run concurrently
	pollEvery  = time.Second      // between two polls
	claimWait  = 10 * time.Second // timeout for a claim
	firstRetry = time.Second      // delay after a failed claim; doubles each time
	lastRetry  = 10 * time.Second // maximum delay
	countEvery = 10 * time.Second // between two counts of the backlog
	drainWait  = 5 * time.Second  // for handlers to finish at shutdown
)

// Lease is how long a node may work on an item before others may claim it.
const Lease = 30 * time.Second

// Config configures a Clock.
type Config struct {
	Agenda *usecase.Agenda
	Log    *slog.Logger
	Meter  Meter         // nil: no metrics
	Lease  time.Duration // 0 means Lease
}

// Meter counts what happens to items. Its methods must be safe for concurrent use and
// must not block.
type Meter interface {
	// Worked counts an item that was run, with outcome "done", "failed" or "set_aside".
	// late is the delay from the due time to the claim.
	Worked(kind agenda.Kind, outcome string, late time.Duration)
	// Backlog reports the current backlog of all nodes.
	Backlog(b port.Backlog)
}

// unmetered is a Meter that does nothing.
type unmetered struct{}

func (unmetered) Worked(agenda.Kind, string, time.Duration) {}
func (unmetered) Backlog(port.Backlog)                      {}

// Clock claims due items and runs up to four at a time. It polls once a second, at once
// after Agenda.Wake, and without a pause while more items are due than workers are free.
type Clock struct {
	agenda *usecase.Agenda
	log    *slog.Logger
	meter  Meter
	lease  time.Duration

	free  chan struct{} // holds a token for each free worker
	stop  context.CancelFunc
	abort context.CancelFunc
	all   sync.WaitGroup
}

// Start starts a Clock, which runs until Close.
func Start(cfg Config) *Clock {
	c := &Clock{
		agenda: cfg.Agenda, log: cfg.Log, meter: cfg.Meter, lease: cfg.Lease,
		free: make(chan struct{}, workers),
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

// Close claims no more items and waits for running handlers. After five seconds it
// cancels their contexts; their items will be retried.
func (c *Clock) Close() {
	c.stop()
	late := time.AfterFunc(drainWait, c.abort)
	defer late.Stop()
	c.all.Wait()
	c.abort()
}

// run claims items until claiming ends. Handlers get the context working.
func (c *Clock) run(claiming, working context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	retry, failing := firstRetry, false
	for {
		select {
		case <-poll.C:
		case <-c.agenda.Woken():
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

// claimAll claims items until fewer are due than workers are free.
func (c *Clock) claimAll(claiming, working context.Context) (err error) {
	for more := true; more && err == nil; {
		more, err = c.claim(claiming, working)
	}
	return err
}

// claim waits for a free worker and claims an item for each free worker. more reports
// whether more items may be due.
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
	began := time.Now() // slightly before the lease begins by the store's clock
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

// another takes the token of another free worker, if there is one.
func (c *Clock) another() bool {
	select {
	case <-c.free:
		return true
	default:
		return false
	}
}

// work runs an item. It keeps a third of the lease for storing the outcome.
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

// count passes the backlog to the meter periodically.
func (c *Clock) count(ctx context.Context) {
	for {
		pause(ctx, countEvery)
		if ctx.Err() != nil {
			return
		}
		bounded, cancel := context.WithTimeout(ctx, claimWait)
		b, err := c.agenda.Backlog(bounded)
		cancel()
		if err == nil { // run logs errors
			c.meter.Backlog(b)
		}
	}
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
