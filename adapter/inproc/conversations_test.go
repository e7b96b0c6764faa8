package inproc

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func newConversations() (*Conversations, func() time.Time, func(time.Duration)) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	return NewConversations(now), now, func(d time.Duration) { at = at.Add(d) }
}

func TestConversations(t *testing.T) {
	contract.Conversations(t, func(*testing.T) (port.Conversations, func() time.Time, func(time.Duration)) {
		return newConversations()
	})
}

func TestConversationsAreBounded(t *testing.T) {
	c, now, pass := newConversations()
	add := func(who user.ID, d time.Duration) {
		require.NoError(t, c.Add(t.Context(), who, menu.Turn{}, now().Add(d)))
	}
	for i := range maxConversations {
		add(user.ID(i+1), time.Hour+time.Duration(i)*time.Second)
	}
	add(maxConversations+1, time.Hour)
	assert.Len(t, c.all, maxConversations)
	assert.NotContains(t, c.all, user.ID(1), "the one that would have been over first")
	pass(time.Hour + time.Minute)
	add(maxConversations+2, time.Hour)
	assert.Less(t, len(c.all), maxConversations, "those that are over are gone")
}
