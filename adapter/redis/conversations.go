package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var errAway = fault.New(fault.Unavailable, "unavailable", "지금은 지울 수 없어요. 잠시 후 다시 시도해 주세요.")

// Conversations is a port.Conversations that several processes share. While Redis is
// down, each process remembers its own conversations.
type Conversations struct {
	client   *Client
	fallback port.Conversations
	now      func() time.Time
}

// NewConversations returns a Conversations that uses fallback while Redis is down.
func NewConversations(client *Client, fallback port.Conversations, now func() time.Time) *Conversations {
	return &Conversations{client, fallback, now}
}

// Turns implements port.Conversations. It skips turns that it cannot decode, which
// another version of the program has stored.
func (c *Conversations) Turns(ctx context.Context, who user.ID) ([]menu.Turn, error) {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	kept, err := c.client.redis.LRange(bounded, c.name(who), -menu.MaxTurns, -1).Result()
	if err != nil {
		return c.fallback.Turns(ctx, who)
	}
	var turns []menu.Turn
	for _, text := range kept {
		var t menu.Turn
		if json.Unmarshal([]byte(text), &t) == nil {
			turns = append(turns, t)
		}
	}
	return turns, nil
}

// Add implements port.Conversations.
func (c *Conversations) Add(ctx context.Context, who user.ID, t menu.Turn, until time.Time) error {
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("keep turn: %w", err)
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	all := c.client.redis.TxPipeline()
	all.RPush(bounded, c.name(who), text)
	all.LTrim(bounded, c.name(who), -menu.MaxTurns, -1)
	all.PExpire(bounded, c.name(who), max(until.Sub(c.now()), time.Millisecond))
	if _, err := all.Exec(bounded); err != nil {
		return c.fallback.Add(ctx, who, t, until)
	}
	return nil
}

// Forget implements port.Conversations. It fails while Redis is down, because the stored
// conversation would come back.
func (c *Conversations) Forget(ctx context.Context, who user.ID) error {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := c.client.redis.Del(bounded, c.name(who)).Err(); err != nil {
		return fmt.Errorf("forget conversation: %w: %w", errAway, err)
	}
	return c.fallback.Forget(ctx, who)
}

func (c *Conversations) name(who user.ID) string {
	return c.client.prefix + "talk:" + strconv.FormatInt(int64(who), 10)
}
