package inproc

import (
	"context"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/port"
)

// maxKeys limits the memory of a Quota to about 10 MB.
const maxKeys = 100_000

// Quota is a port.Quota for one process. It does not survive a restart.
type Quota struct {
	now func() time.Time

	mu    sync.Mutex
	full  map[string]time.Time // when each key has its full limit again
	swept time.Time
}

// NewQuota returns a quota with the clock now.
func NewQuota(now func() time.Time) *Quota {
	return &Quota{now: now, full: map[string]time.Time{}, swept: now()}
}

// Take implements port.Quota. It refuses new keys while maxKeys keys are in use.
func (q *Quota) Take(_ context.Context, key string, limit port.Limit, n int) (port.Allowance, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	q.sweep(now)
	each := limit.Per / time.Duration(limit.Burst)
	taken := max(0, q.full[key].Sub(now)) // the used part of the limit, as the time until it is free
	wanted := max(0, taken+time.Duration(n)*each)
	a := port.Allowance{OK: n <= 0 || wanted <= limit.Per}
	if _, known := q.full[key]; a.OK && !known && wanted > 0 && len(q.full) >= maxKeys {
		return port.Allowance{RetryAfter: each, Reset: limit.Per}, nil
	}
	if a.OK {
		taken = wanted
		q.full[key] = now.Add(taken)
		if taken == 0 {
			delete(q.full, key)
		}
	} else {
		a.RetryAfter = wanted - limit.Per
	}
	a.Remaining = int((limit.Per - taken) / each)
	a.Reset = taken
	return a, nil
}

// sweep removes the keys that have their full limit again, once a minute or when there
// are too many.
func (q *Quota) sweep(now time.Time) {
	since := now.Sub(q.swept)
	if since < time.Minute && (len(q.full) < maxKeys || since < time.Second) {
		return
	}
	q.swept = now
	for key, full := range q.full {
		if !full.After(now) {
			delete(q.full, key)
		}
	}
}
