package redis

import (
	"context"
	crand "crypto/rand"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

// share returns a process's quota and its log.
func share(client *Client) (*Quota, *notes) {
	log := &notes{}
	return NewQuota(client, inproc.NewQuota(time.Now), slog.New(slog.NewTextHandler(log, nil))), log
}

// slow is a limit that frees nothing during a test.
var slow = port.Limit{Burst: 10, Per: 24 * time.Hour}

func take(t *testing.T, q port.Quota, key string, limit port.Limit, n int) port.Allowance {
	t.Helper()
	a, err := q.Take(t.Context(), key, limit, n)
	require.NoError(t, err)
	return a
}

func TestQuota(t *testing.T) {
	contract.Quota(t, func(t *testing.T) (port.Quota, func(time.Duration)) {
		client := connect(t, container.Redis(t))
		client.prefix = "test:" + crand.Text() + ":"
		q, _ := share(client)
		return q, time.Sleep // Redis uses its own clock
	})
}

func TestQuotaIsShared(t *testing.T) {
	server := container.StartRedis(t)
	var taken atomic.Int64
	var crowd sync.WaitGroup
	for range 4 {
		q, _ := share(connect(t, server.URL()))
		for range 25 {
			crowd.Go(func() {
				if a, err := q.Take(t.Context(), "a", slow, 1); assert.NoError(t, err) && a.OK {
					taken.Add(1)
				}
			})
		}
	}
	crowd.Wait()
	assert.EqualValues(t, slow.Burst, taken.Load())
}

func TestQuotaCountsLikeThatOfOneProcess(t *testing.T) {
	server := container.StartRedis(t)
	one := inproc.NewQuota(time.Now)
	many, _ := share(connect(t, server.URL()))
	chance := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		limit := []port.Limit{slow, {Burst: 7, Per: 24 * time.Hour}, {Burst: 1, Per: 24 * time.Hour}}[chance.IntN(3)]
		key, n := string(rune('a'+limit.Burst)), chance.IntN(9)-3
		want, got := take(t, one, key, limit, n), take(t, many, key, limit, n)
		require.Equal(t, want.OK, got.OK, "%d of %v", n, limit)
		require.Equal(t, want.Remaining, got.Remaining, "%d of %v", n, limit)
		require.InDelta(t, want.RetryAfter, got.RetryAfter, float64(time.Second))
		require.InDelta(t, want.Reset, got.Reset, float64(time.Second))
	}
}

func TestQuotaInRedis(t *testing.T) {
	server := container.StartRedis(t)
	o := operator(t, server.Addr())
	q, log := share(connect(t, server.URL()))
	only := func(t *testing.T) string {
		keys, err := o.Keys(t.Context(), "*").Result()
		require.NoError(t, err)
		require.Len(t, keys, 1)
		return keys[0]
	}

	t.Run("goes by itself, and says nothing of the key", func(t *testing.T) {
		take(t, q, "ann@example.com", slow, 5)
		assert.True(t, strings.HasPrefix(only(t), "mealbuddy:0:quota:"))
		assert.NotContains(t, only(t), "ann")
		life, err := o.PTTL(t.Context(), only(t)).Result()
		require.NoError(t, err)
		assert.InDelta(t, slow.Per/2, life, float64(time.Minute))
		take(t, q, "ann@example.com", slow, -5)
		assert.Zero(t, o.DBSize(t.Context()).Val())
		take(t, q, "ann@example.com", slow, 0)
		assert.Zero(t, o.DBSize(t.Context()).Val(), "a look leaves nothing")
	})

	t.Run("survives that the scripts are forgotten", func(t *testing.T) {
		take(t, q, "a", slow, 1)
		require.NoError(t, o.ScriptFlush(t.Context()).Err())
		assert.Equal(t, slow.Burst-2, take(t, q, "a", slow, 1).Remaining)
	})

	t.Run("begins anew after a flush", func(t *testing.T) {
		take(t, q, "a", slow, 1)
		require.NoError(t, o.FlushAll(t.Context()).Err())
		assert.Equal(t, slow.Burst-1, take(t, q, "a", slow, 1).Remaining)
	})

	t.Run("locks nobody out because a clock went back", func(t *testing.T) {
		require.NoError(t, o.Set(t.Context(), only(t), time.Now().Add(9*slow.Per).UnixMicro(), 0).Err())
		a := take(t, q, "a", slow, 1)
		assert.False(t, a.OK)
		assert.Equal(t, slow.Per, a.Reset)
	})

	t.Run("is exact where the burst does not divide the time", func(t *testing.T) {
		odd := port.Limit{Burst: 7, Per: 24*time.Hour + 5*time.Microsecond}
		for range odd.Burst {
			assert.True(t, take(t, q, "odd", odd, 1).OK)
		}
		assert.False(t, take(t, q, "odd", odd, 1).OK)
	})
	assert.Empty(t, log.String())
}

func TestQuotaWithoutRedis(t *testing.T) {
	allowed := func(t *testing.T, q port.Quota, key string, limit port.Limit) (n int) {
		for range 3 * limit.Burst {
			if take(t, q, key, limit, 1).OK {
				n++
			}
		}
		return n
	}

	t.Run("allows a third, and shares again when Redis is back", func(t *testing.T) {
		server := container.StartRedis(t)
		q, log := share(connect(t, server.URL()))
		assert.Equal(t, slow.Burst, allowed(t, q, "a", slow))
		server.Kill()
		assert.Equal(t, slow.Burst/3, allowed(t, q, "a", slow))
		assert.Equal(t, 1, allowed(t, q, "b", port.Limit{Burst: 2, Per: time.Hour}))
		assert.Equal(t, slow.Burst/3, allowed(t, q, "c", slow))
		server.Start()
		require.Eventually(t, func() bool {
			take(t, q, "new", slow, 0)
			return log.count(back) == 1
		}, patience, 20*time.Millisecond)
		assert.Equal(t, slow.Burst, allowed(t, q, "c", slow))
		assert.Equal(t, 1, log.count(gone), log)
		assert.Equal(t, 1, log.count(back), log)
	})

	t.Run("lets nobody wait for it", func(t *testing.T) {
		server := container.StartRedis(t)
		q, log := share(connect(t, server.URL()))
		take(t, q, "a", slow, 1)
		freeze(t, server)
		var crowd sync.WaitGroup
		began := time.Now()
		for range 20 {
			crowd.Go(func() {
				_, err := q.Take(t.Context(), "a", slow, 1)
				assert.NoError(t, err)
			})
		}
		crowd.Wait()
		assert.Less(t, time.Since(began), 2*timeout)
		require.Equal(t, 1, log.count(gone), log)
		began = time.Now()
		assert.False(t, take(t, q, "a", slow, 1).OK)
		assert.Less(t, time.Since(began), timeout/2)
	})

	t.Run("makes no fuss about a single fault", func(t *testing.T) {
		server := container.StartRedis(t)
		o := operator(t, server.Addr())
		q, log := share(connect(t, server.URL()))
		assert.Equal(t, slow.Burst-1, take(t, q, "a", slow, 1).Remaining)
		require.NoError(t, o.Do(t.Context(), "acl", "setuser", "default", "-evalsha").Err())
		assert.Equal(t, slow.Burst/3-1, take(t, q, "a", slow, 1).Remaining)
		require.NoError(t, o.Do(t.Context(), "acl", "setuser", "default", "+evalsha").Err())
		assert.Equal(t, slow.Burst-2, take(t, q, "a", slow, 1).Remaining)
		assert.Empty(t, log.String())
	})

	t.Run("takes nothing for a caller who has left", func(t *testing.T) {
		server := container.StartRedis(t)
		q, log := share(connect(t, server.URL()))
		left, leave := context.WithCancel(t.Context())
		leave()
		for range 2 * maxFailures {
			_, err := q.Take(left, "a", slow, 1)
			assert.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, slow.Burst, take(t, q, "a", slow, 0).Remaining)
		assert.Empty(t, log.String(), "it is no fault of Redis")
	})
}

func TestQuotaOfACluster(t *testing.T) {
	at, _ := startCluster(t)
	q, log := share(connect(t, at))
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		assert.Equal(t, slow.Burst-1, take(t, q, key, slow, 1).Remaining)
		assert.Equal(t, slow.Burst-3, take(t, q, key, slow, 2).Remaining)
	}
	assert.Empty(t, log.String())
}
