package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A result is the outcome of a load generator. Times are sorted.
type result struct {
	took  time.Duration
	times []time.Duration
	done  int // including the warm-up
}

func (r result) perSecond() float64 { return float64(len(r.times)) / r.took.Seconds() }

// at returns the quantile p of the times, in milliseconds.
func (r result) at(p float64) float64 {
	if len(r.times) == 0 {
		return 0
	}
	i := min(int(p*float64(len(r.times))), len(r.times)-1)
	return float64(r.times[i].Microseconds()) / 1000
}

// closed is a closed-loop generator: workers call do in a loop for d, after a warm-up of
// a fifth of d. It counts calls that end within d, or, if there are none, the calls that
// end later. It stops at the first error.
func closed(ctx context.Context, workers int, d time.Duration, do func(worker, i int) error) (result, error) {
	begin := time.Now().Add(d / 5)
	end := begin.Add(d)
	var mu sync.Mutex
	var all result
	var late []time.Duration
	var failure error
	var failed atomic.Bool
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			var times, after []time.Duration
			done := 0
			for !failed.Load() && ctx.Err() == nil {
				from := time.Now()
				if from.After(end) {
					break
				}
				if err := do(worker, done); err != nil {
					failed.Store(true)
					mu.Lock()
					failure = err
					mu.Unlock()
					return
				}
				done++
				switch now := time.Now(); {
				case now.After(end):
					after = append(after, now.Sub(from))
				case now.After(begin):
					times = append(times, now.Sub(from))
				}
			}
			mu.Lock()
			all.times = append(all.times, times...)
			late = append(late, after...)
			all.done += done
			mu.Unlock()
		})
	}
	group.Wait()
	all.took = d
	if len(all.times) == 0 { // the machine was stalled
		all.took, all.times = time.Since(begin), late
	}
	slices.Sort(all.times)
	if failure == nil {
		failure = ctx.Err()
	}
	return all, failure
}

// open is an open-loop generator: it calls do at a fixed rate per second for d,
// regardless of earlier calls. do gets the scheduled time to measure from.
func open(ctx context.Context, rate int, d time.Duration, do func(i int, due time.Time)) error {
	step := time.Second / time.Duration(rate)
	begin := time.Now()
	for i := range int(d / step) {
		due := begin.Add(time.Duration(i) * step)
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		do(i, due)
	}
	return nil
}
