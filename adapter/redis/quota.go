package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	maxFailures = 5               // consecutive failures of Redis before it is not used
	cooldown    = 2 * time.Second // for this long
)

// Quota is a port.Quota that several processes share. Redis stores the counts, uses its
// own clock, and sees only hashes of the keys. While Redis is down, each process counts
// alone, with a third of the burst and of the rate.
type Quota struct {
	client   *Client
	fallback port.Quota
	log      *slog.Logger
	breaker  *gobreaker.CircuitBreaker[port.Allowance]
	logged   atomic.Bool // the outage is logged
}

// NewQuota returns a quota that counts with fallback while Redis is down. fallback must
// not count the same keys for anything else: their limits are smaller there.
func NewQuota(client *Client, fallback port.Quota, log *slog.Logger) *Quota {
	return &Quota{
		client:   client,
		fallback: fallback,
		log:      log,
		breaker: gobreaker.NewCircuitBreaker[port.Allowance](gobreaker.Settings{
			Timeout:     cooldown,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= maxFailures },
			IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}
}

// Take implements port.Quota.
func (q *Quota) Take(ctx context.Context, key string, limit port.Limit, n int) (port.Allowance, error) {
	a, err := q.breaker.Execute(func() (port.Allowance, error) { return q.ask(ctx, key, limit, n) })
	if err == nil {
		if q.logged.Load() && q.breaker.State() == gobreaker.StateClosed && q.logged.CompareAndSwap(true, false) {
			q.log.Info("redis is back; quotas are shared again")
		}
		return a, nil
	}
	if ctx.Err() != nil {
		return port.Allowance{}, err
	}
	if q.breaker.State() == gobreaker.StateOpen && q.logged.CompareAndSwap(false, true) {
		q.log.Warn("redis is gone; this node allows a third of each quota", "err", err)
	}
	limit.Burst = max(1, limit.Burst/3)
	return q.fallback.Take(ctx, key, limit, n)
}

func (q *Quota) ask(ctx context.Context, key string, limit port.Limit, n int) (port.Allowance, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	each := max(1, limit.Per.Microseconds()/int64(limit.Burst))
	answer, err := takeScript.Run(ctx, q.client.redis, []string{q.name(key)}, each, limit.Burst, n).Int64Slice()
	if err != nil {
		return port.Allowance{}, fmt.Errorf("take from quota: %w", err)
	}
	return port.Allowance{
		OK:         answer[0] == 1,
		Remaining:  int(answer[1]),
		RetryAfter: time.Duration(answer[2]) * time.Microsecond,
		Reset:      time.Duration(answer[3]) * time.Microsecond,
	}, nil
}

// name returns the Redis key for a key, hashed, because keys may contain addresses.
func (q *Quota) name(key string) string {
	sum := sha256.Sum256([]byte(key))
	return q.client.prefix + "quota:" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// takeScript implements GCRA in microseconds. It stores when the whole limit is free
// again, and expires then. It bounds the stored value in case the clock goes back after
// a failover.
var takeScript = goredis.NewScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local each, burst, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local whole = each * burst
local full = tonumber(redis.call('GET', KEYS[1]) or now)
local taken = math.min(whole, math.max(0, full - now))
local wanted = math.max(0, taken + n * each)
if n > 0 and wanted > whole then
	return {0, math.floor((whole - taken) / each), wanted - whole, taken}
end
if n ~= 0 and wanted > 0 then
	redis.call('SET', KEYS[1], string.format('%.0f', now + wanted), 'PX', math.ceil(wanted / 1000))
elseif n ~= 0 then
	redis.call('DEL', KEYS[1])
end
return {1, math.floor((whole - wanted) / each), 0, wanted}
`)
