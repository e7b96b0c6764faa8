package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A result is what a generator saw. Times are sorted.
type result struct {
	took  time.Duration
	times []time.Duration
	done  int // with what was done before the time that is measured
}

func (r result) perSecond() float64 { return float64(len(r.times)) / r.took.Seconds() }

// at gives the time that the share p of all stayed within, in milliseconds.
func (r result) at(p float64) float64 {
	if len(r.times) == 0 {
		return 0
	}
	i := min(int(p*float64(len(r.times))), len(r.times)-1)
	return float64(r.times[i].Microseconds()) / 1000
}

// closed lets workers do one thing after another for d, once they have done so
// for a fifth of it without being measured. What ends within d counts, and if that is
// nothing, what ends after it. The first error ends it.
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
	if len(all.times) == 0 { // the machine stood still
		all.took, all.times = time.Since(begin), late
	}
	slices.Sort(all.times)
	if failure == nil {
		failure = ctx.Err()
	}
	return all, failure
}

// open calls do at a fixed rate a second for d, whether what was begun before has
// ended or not. do gets the time that it was due, from which to measure.
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
