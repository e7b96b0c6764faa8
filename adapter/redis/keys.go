package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	tellKeysEvery = 10 * time.Second
	keysLife      = 30 * time.Second // for how long the keys of a process that has gone count
)

// ErrOtherKeys means that the processes which run already take no token of this one.
var ErrOtherKeys = errors.New("other nodes of this Redis have no token key in common with this one; give all of them the same keys. If they have stopped, start again in half a minute")

// KeyWatch compares the token keys of the processes that share a Redis. Redis sees only
// fingerprints.
type KeyWatch struct {
	client *Client
	own    []string // fingerprints of the keys; the first signs
	log    *slog.Logger
	warned bool // a key that only one side knows is logged
	failed bool // a node without a common key is logged
	stop   context.CancelFunc
	work   sync.WaitGroup
}

// WatchKeys tells other processes which keys this one has until Close is called, or
// returns ErrOtherKeys if another process has none of them. While Redis is down, it goes
// on trying, and logs what it would have refused.
func WatchKeys(ctx context.Context, client *Client, fingerprints []string, log *slog.Logger) (*KeyWatch, error) {
	w := &KeyWatch{client: client, own: fingerprints, log: log}
	if err := w.compare(ctx); errors.Is(err, ErrOtherKeys) {
		return nil, err
	}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.work.Go(func() {
		tick := time.NewTicker(tellKeysEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := w.compare(ctx); errors.Is(err, ErrOtherKeys) && !w.failed {
				w.failed = true
				w.log.Error("token keys differ", "err", err)
			}
		}
	})
	return w, nil
}

// Close ends the watch. The keys count for keysLife longer.
func (w *KeyWatch) Close() {
	w.stop()
	w.work.Wait()
}

// compare looks at the keys of others, and tells them of the own ones unless they have
// none of them.
func (w *KeyWatch) compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	key := []string{w.client.prefix + "token-keys"}
	all, err := keysScript.Run(ctx, w.client.redis, key, int(keysLife.Seconds()), "").StringSlice()
	if err != nil {
		return fmt.Errorf("compare token keys: %w", err)
	}
	for _, other := range all {
		theirs := strings.Fields(other)
		common := slices.ContainsFunc(theirs, func(k string) bool { return slices.Contains(w.own, k) })
		switch {
		case !common:
			return ErrOtherKeys
		case !w.warned && (!slices.Contains(theirs, w.own[0]) || !slices.Contains(w.own, theirs[0])):
			w.warned = true
			w.log.Warn("another node signs with a token key that this one does not know, or the other way round: see Keys in SECURITY.md")
		}
	}
	if err := keysScript.Run(ctx, w.client.redis, key, int(keysLife.Seconds()), strings.Join(w.own, " ")).Err(); err != nil {
		return fmt.Errorf("tell token keys: %w", err)
	}
	return nil
}

// keysScript drops keys that nobody has told of for a while, adds some unless they are
// empty, and returns all.
var keysScript = goredis.NewScript(`
local now = tonumber(redis.call('TIME')[1])
local life = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - life)
if ARGV[2] ~= '' then
	redis.call('ZADD', KEYS[1], now, ARGV[2])
	redis.call('EXPIRE', KEYS[1], 2 * life)
end
return redis.call('ZRANGE', KEYS[1], 0, -1)
`)
