package contract

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/port"
)

// Quota checks a port.Quota. open must return an empty one, and what lets its
// clock go on. A clock that cannot be moved may wait instead.
func Quota(t *testing.T, open func(t *testing.T) (q port.Quota, pass func(time.Duration))) {
	limit := port.Limit{Burst: 4, Per: 2 * time.Second}
	const each = 500 * time.Millisecond
	const slack = 200 * time.Millisecond // where the clock is a real one
	take := func(t *testing.T, q port.Quota, key string, n int) port.Allowance {
		t.Helper()
		a, err := q.Take(t.Context(), key, limit, n)
		require.NoError(t, err)
		return a
	}

	t.Run("allows a burst, and then says when to come back", func(t *testing.T) {
		q, _ := open(t)
		for left := 3; left >= 0; left-- {
			a := take(t, q, "a", 1)
			assert.True(t, a.OK)
			assert.Equal(t, left, a.Remaining)
			assert.Zero(t, a.RetryAfter)
		}
		a := take(t, q, "a", 1)
		assert.False(t, a.OK)
		assert.Zero(t, a.Remaining)
		assert.InDelta(t, each, a.RetryAfter, float64(slack))
		assert.InDelta(t, limit.Per, a.Reset, float64(slack))
	})

	t.Run("gives back evenly", func(t *testing.T) {
		q, pass := open(t)
		take(t, q, "a", 4)
		pass(each + 20*time.Millisecond)
		assert.True(t, take(t, q, "a", 1).OK)
		assert.False(t, take(t, q, "a", 1).OK)
		pass(limit.Per)
		assert.Equal(t, 4, take(t, q, "a", 0).Remaining)
	})

	t.Run("takes all of n or nothing", func(t *testing.T) {
		q, _ := open(t)
		take(t, q, "a", 2)
		a := take(t, q, "a", 3)
		assert.False(t, a.OK)
		assert.Equal(t, 2, a.Remaining)
		assert.InDelta(t, each, a.RetryAfter, float64(slack))
		assert.True(t, take(t, q, "a", 2).OK)
	})

	t.Run("takes nothing by looking", func(t *testing.T) {
		q, _ := open(t)
		for range 9 {
			a := take(t, q, "a", 0)
			assert.True(t, a.OK)
			assert.Equal(t, 4, a.Remaining)
			assert.Zero(t, a.Reset)
		}
		take(t, q, "a", 4)
		a := take(t, q, "a", 0)
		assert.True(t, a.OK, "nothing is always to be had")
		assert.Zero(t, a.Remaining)
	})

	t.Run("takes back what was not used, and no more", func(t *testing.T) {
		q, _ := open(t)
		take(t, q, "a", 3)
		assert.Equal(t, 2, take(t, q, "a", -1).Remaining)
		assert.Equal(t, 4, take(t, q, "a", -9).Remaining)
		assert.Equal(t, 0, take(t, q, "a", 4).Remaining)
	})

	t.Run("counts each key by itself", func(t *testing.T) {
		q, _ := open(t)
		take(t, q, "a", 4)
		assert.True(t, take(t, q, "b", 4).OK)
		assert.False(t, take(t, q, "a", 1).OK)
	})

	t.Run("takes no key for another", func(t *testing.T) {
		q, _ := open(t)
		for _, key := range []string{"a", "A", "a:1", "a 1", "a{1}", "밥", "a\n"} {
			assert.True(t, take(t, q, key, 4).OK, "%q", key)
		}
	})

	t.Run("is exact under a crowd", func(t *testing.T) {
		q, _ := open(t)
		slow := port.Limit{Burst: 25, Per: time.Hour}
		var taken atomic.Int64
		var crowd sync.WaitGroup
		for range 100 {
			crowd.Go(func() {
				if a, err := q.Take(t.Context(), "a", slow, 1); assert.NoError(t, err) && a.OK {
					taken.Add(1)
				}
			})
		}
		crowd.Wait()
		assert.EqualValues(t, slow.Burst, taken.Load())
	})
}
