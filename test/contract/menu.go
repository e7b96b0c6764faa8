package contract

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Chef checks a port.Chef that is well.
func Chef(t *testing.T, open func(t *testing.T) port.Chef) {
	evening := time.Date(2026, 11, 27, 19, 30, 0, 0, menu.Seoul)
	celsius := 6.0
	for name, c := range map[string]menu.Craving{
		"for anything":           {At: evening},
		"for the weather":        {At: evening, Weather: &menu.Forecast{Rain: menu.Raining, Temperature: &celsius}},
		"for a weather of holes": {At: evening, Weather: &menu.Forecast{}},
		"for what is asked":      {At: evening, Words: "국물 있는 거"},
		"for a whole page":       {At: evening, Words: strings.Repeat("밥 ", 250)},
		"before dawn elsewhere":  {At: evening.UTC()},
	} {
		t.Run("has five dishes "+name, func(t *testing.T) {
			s, err := open(t).Suggest(t.Context(), c)
			require.NoError(t, err)
			assert.NotEmpty(t, s.Source)
			seen := map[string]bool{}
			for _, d := range s.Dishes {
				seen[menu.Key(d.Name)] = true
				assert.Contains(t, party.Categories, d.Category)
				assert.NotEmpty(t, d.Reason)
			}
			assert.Len(t, seen, menu.Served)
			assert.Len(t, s.Dishes, menu.Served)
		})
	}

	t.Run("serves nothing again in a conversation", func(t *testing.T) {
		chef, c := open(t), menu.Craving{At: evening}
		had := map[string]bool{}
		for turn := range 3 {
			s, err := chef.Suggest(t.Context(), c)
			require.NoError(t, err)
			for _, d := range s.Dishes {
				had[menu.Key(d.Name)] = true
			}
			assert.Len(t, had, menu.Served*(turn+1))
			c.Turns = append(c.Turns, menu.Turn{Dishes: s.Dishes})
		}
	})
}

// Conversations checks a port.Conversations. open must return an empty one, and
// what lets its clock go on.
func Conversations(t *testing.T, open func(t *testing.T) (c port.Conversations, now func() time.Time, pass func(time.Duration))) {
	turn := func(words string) menu.Turn {
		return menu.Turn{Words: words, Dishes: []menu.Dish{{Name: "김밥", Category: "분식", Reason: "점심에 좋아요."}}}
	}
	turns := func(t *testing.T, c port.Conversations, who user.ID) (words []string) {
		t.Helper()
		all, err := c.Turns(t.Context(), who)
		require.NoError(t, err)
		for _, one := range all {
			assert.Equal(t, turn(one.Words), one)
			words = append(words, one.Words)
		}
		return words
	}

	t.Run("keeps turns in order, for each person", func(t *testing.T) {
		c, now, _ := open(t)
		until := now().Add(time.Hour)
		assert.Empty(t, turns(t, c, 1))
		require.NoError(t, c.Add(t.Context(), 1, turn("a"), until))
		require.NoError(t, c.Add(t.Context(), 2, turn("b"), until))
		require.NoError(t, c.Add(t.Context(), 1, turn("c"), until))
		assert.Equal(t, []string{"a", "c"}, turns(t, c, 1))
		assert.Equal(t, []string{"b"}, turns(t, c, 2))
	})

	t.Run("forgets the oldest turns", func(t *testing.T) {
		c, now, _ := open(t)
		for i := range menu.MaxTurns + 2 {
			require.NoError(t, c.Add(t.Context(), 1, turn(string(rune('a'+i))), now().Add(time.Hour)))
		}
		got := turns(t, c, 1)
		assert.Len(t, got, menu.MaxTurns)
		assert.Equal(t, "c", got[0])
	})

	t.Run("forgets a conversation after its time, and starts anew", func(t *testing.T) {
		c, now, pass := open(t)
		require.NoError(t, c.Add(t.Context(), 1, turn("a"), now().Add(time.Hour)))
		pass(time.Hour)
		assert.Empty(t, turns(t, c, 1))
		require.NoError(t, c.Add(t.Context(), 1, turn("b"), now().Add(time.Hour)))
		assert.Equal(t, []string{"b"}, turns(t, c, 1))
	})

	t.Run("forgets when it is told to", func(t *testing.T) {
		c, now, _ := open(t)
		require.NoError(t, c.Add(t.Context(), 1, turn("a"), now().Add(time.Hour)))
		require.NoError(t, c.Forget(t.Context(), 1))
		require.NoError(t, c.Forget(t.Context(), 1))
		assert.Empty(t, turns(t, c, 1))
	})

	t.Run("what it gave is the caller's own", func(t *testing.T) {
		c, now, _ := open(t)
		require.NoError(t, c.Add(t.Context(), 1, turn("a"), now().Add(time.Hour)))
		all, err := c.Turns(t.Context(), 1)
		require.NoError(t, err)
		all[0].Words = "changed"
		_ = append(all, turn("more"))
		require.NoError(t, c.Add(t.Context(), 1, turn("b"), now().Add(time.Hour)))
		assert.Equal(t, []string{"a", "b"}, turns(t, c, 1))
	})
}
