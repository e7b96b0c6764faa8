package kakao

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// A cache keeps answers for a limited time, including negative ones, and coalesces
// concurrent requests for the same key.
type cache[K comparable, V any] struct {
	size   int
	life   time.Duration
	now    func() time.Time
	flight singleflight.Group

	mu   sync.Mutex
	kept map[K]answer[V]
}

type answer[V any] struct {
	v     V
	err   error // nil or place.ErrNotFound
	until time.Time
}

func newCache[K comparable, V any](size int, life time.Duration, now func() time.Time) *cache[K, V] {
	return &cache[K, V]{size: size, life: life, now: now, kept: map[K]answer[V]{}}
}

// get returns the answer for key. Unless a fresh one is cached, it calls ask.
func (c *cache[K, V]) get(key K, ask func() (V, error)) (V, error) {
	if a, ok := c.fresh(key); ok {
		return a.v, a.err
	}
	v, err, _ := c.flight.Do(fmt.Sprint(key), func() (any, error) {
		if a, ok := c.fresh(key); ok { // another call has just cached it
			return a.v, a.err
		}
		v, err := ask()
		if err == nil || errors.Is(err, place.ErrNotFound) {
			c.keep(key, answer[V]{v, err, c.now().Add(c.life)})
		}
		return v, err
	})
	return v.(V), err
}

func (c *cache[K, V]) fresh(key K) (answer[V], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.kept[key]
	return a, ok && c.now().Before(a.until)
}

// keep caches an answer. If the cache is full, it evicts any others: they can be
// requested again.
func (c *cache[K, V]) keep(key K, a answer[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.kept {
		if len(c.kept) < c.size {
			break
		}
		delete(c.kept, k)
	}
	c.kept[key] = a
}
