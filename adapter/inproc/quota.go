package inproc

import (
	"context"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/port"
)

// maxKeys bounds the memory of a Quota to some ten megabytes.
const maxKeys = 100_000

// Quota is a port.Quota for one process. It forgets everything when that ends.
type Quota struct {
	now func() time.Time

	mu    sync.Mutex
	full  map[string]time.Time // when each key has all of its limit free again
	swept time.Time
}

// NewQuota makes a quota that counts by the clock now.
func NewQuota(now func() time.Time) *Quota {
	return &Quota{now: now, full: map[string]time.Time{}, swept: now()}
}

// Take implements port.Quota. While as many keys as can be kept are in use, a new
// one is refused.
func (q *Quota) Take(_ context.Context, key string, limit port.Limit, n int) (port.Allowance, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	q.sweep(now)
	each := limit.Per / time.Duration(limit.Burst)
	taken := max(0, q.full[key].Sub(now)) // what is not free yet, as the time until it is
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

// sweep forgets, once a minute or when there are too many, the keys that have all
// free again.
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
