package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/Group-buying-service/mealbuddy/port"
)

// SlotsLife is how long a slot is held that is not renewed, for sockets of a process
// that was killed.
const SlotsLife = 90 * time.Second

// claimsAtOnce is how many claims one trip to Redis carries.
const claimsAtOnce = 500

// Slots is a port.Slots that several processes share. It returns an error while Redis is
// down.
type Slots struct {
	client *Client
	life   time.Duration
}

// NewSlots returns slots that are free again after life without being renewed. life is
// at least a second.
func NewSlots(client *Client, life time.Duration) *Slots { return &Slots{client, life} }

// Claim implements port.Slots.
func (s *Slots) Claim(ctx context.Context, claims ...port.Claim) (displaced []port.Claim, err error) {
	err = s.inParts(ctx, claims, func(p goredis.Pipeliner, c port.Claim) {
		args := []any{s.life.Milliseconds(), c.Most}
		for _, id := range c.Sockets {
			args = append(args, string(id))
		}
		p.Eval(ctx, claimScript, []string{s.key(c)}, args...)
	}, func(answer goredis.Cmder, c port.Claim) error {
		ids, err := answer.(*goredis.Cmd).StringSlice()
		c.Sockets = nil
		for _, id := range ids {
			c.Sockets = append(c.Sockets, port.SocketID(id))
		}
		if len(ids) > 0 {
			displaced = append(displaced, c)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim slots: %w", err)
	}
	return displaced, nil
}

// Release implements port.Slots.
func (s *Slots) Release(ctx context.Context, claims ...port.Claim) error {
	err := s.inParts(ctx, claims, func(p goredis.Pipeliner, c port.Claim) {
		var ids []any
		for _, id := range c.Sockets {
			ids = append(ids, string(id))
		}
		p.ZRem(ctx, s.key(c), ids...)
	}, func(goredis.Cmder, port.Claim) error { return nil })
	if err != nil {
		return fmt.Errorf("release slots: %w", err)
	}
	return nil
}

// inParts sends a command for each claim, and reads the answers.
func (s *Slots) inParts(ctx context.Context, claims []port.Claim, send func(goredis.Pipeliner, port.Claim), read func(goredis.Cmder, port.Claim) error) error {
	for len(claims) > 0 {
		n := min(len(claims), claimsAtOnce)
		part, cancel := context.WithTimeout(ctx, timeout)
		pipe := s.client.redis.Pipeline()
		for _, c := range claims[:n] {
			send(pipe, c)
		}
		answers, err := pipe.Exec(part)
		cancel()
		if err != nil {
			return err
		}
		for i, a := range answers {
			if err := read(a, claims[i]); err != nil {
				return err
			}
		}
		claims = claims[n:]
	}
	return nil
}

func (s *Slots) key(c port.Claim) string {
	return fmt.Sprintf("%ssockets:%d:%s", s.client.prefix, c.Who, c.What)
}

// claimScript keeps a sorted set of sockets, scored by when they were last renewed. Their
// names sort by age. It is sent whole, since a pipeline cannot fall back from EVALSHA.
const claimScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local life, most = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - life)
for i = 3, #ARGV do
	redis.call('ZADD', KEYS[1], now, ARGV[i])
end
local open = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(open)
local displaced = {}
for i = 1, #open - most do
	redis.call('ZREM', KEYS[1], open[i])
	displaced[i] = open[i]
end
redis.call('PEXPIRE', KEYS[1], life)
return displaced`
