package inproc

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

// newQuota returns a quota with a manual clock.
func newQuota() (*Quota, func(time.Duration)) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	return NewQuota(func() time.Time { return at }), func(d time.Duration) { at = at.Add(d) }
}

func TestQuota(t *testing.T) {
	contract.Quota(t, func(*testing.T) (port.Quota, func(time.Duration)) { return newQuota() })
}

func TestQuotaForgets(t *testing.T) {
	limit := port.Limit{Burst: 1, Per: 2 * time.Second}
	take := func(q *Quota, key string) bool {
		a, err := q.Take(t.Context(), key, limit, 1)
		require.NoError(t, err)
		return a.OK
	}
	t.Run("keys that have all free again", func(t *testing.T) {
		q, pass := newQuota()
		take(q, "a")
		pass(time.Hour)
		take(q, "b")
		assert.Len(t, q.full, 1)
	})
	t.Run("no key before its time, however many come", func(t *testing.T) {
		q, pass := newQuota()
		for i := range maxKeys {
			require.True(t, take(q, strconv.Itoa(i)))
		}
		assert.False(t, take(q, "one more"))
		assert.False(t, take(q, "0"))
		assert.Len(t, q.full, maxKeys)
		pass(3 * time.Second)
		assert.True(t, take(q, "one more"))
		assert.Len(t, q.full, 1)
	})
}
