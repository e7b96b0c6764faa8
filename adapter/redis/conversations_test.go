package redis

import (
	crand "crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestConversations(t *testing.T) {
	contract.Conversations(t, func(t *testing.T) (port.Conversations, func() time.Time, func(time.Duration)) {
		client := connect(t, container.Redis(t))
		client.prefix = "test:" + crand.Text() + ":"
		at := time.Now()
		now := func() time.Time { return at }
		pass := func(d time.Duration) { // Redis uses its own clock, so shorten the expiry of all keys
			at = at.Add(d)
			keys, err := client.redis.Keys(t.Context(), client.prefix+"*").Result()
			require.NoError(t, err)
			for _, key := range keys {
				left, err := client.redis.PTTL(t.Context(), key).Result()
				require.NoError(t, err)
				require.Positive(t, left, "everything ends some day")
				require.NoError(t, client.redis.PExpire(t.Context(), key, left-d).Err())
			}
		}
		return NewConversations(client, inproc.NewConversations(now), now), now, pass
	})
}

func TestConversationsAreShared(t *testing.T) {
	server := container.StartRedis(t)
	process := func() *Conversations {
		return NewConversations(connect(t, server.URL()), inproc.NewConversations(time.Now), time.Now)
	}
	here, there := process(), process()
	turn := menu.Turn{Words: "매운 거", Dishes: []menu.Dish{{Name: "떡볶이", Category: "분식", Reason: "비가 와서요."}}}
	until := time.Now().Add(time.Hour)
	require.NoError(t, here.Add(t.Context(), 1, turn, until))
	turns, err := there.Turns(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []menu.Turn{turn}, turns)

	require.NoError(t, here.client.redis.RPush(t.Context(), here.name(1), "not a turn").Err())
	turns, err = there.Turns(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []menu.Turn{turn}, turns)

	server.Kill()
	turns, err = here.Turns(t.Context(), 1)
	require.NoError(t, err, "to forget is no fault")
	assert.Empty(t, turns)
	require.NoError(t, here.Add(t.Context(), 1, turn, until))
	turns, err = here.Turns(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []menu.Turn{turn}, turns, "each process remembers by itself")
	assert.Equal(t, fault.Unavailable, fault.Of(here.Forget(t.Context(), 1)).Kind)

	server.Start()
	require.NoError(t, here.Forget(t.Context(), 1))
	turns, err = here.Turns(t.Context(), 1)
	require.NoError(t, err)
	assert.Empty(t, turns)
}
