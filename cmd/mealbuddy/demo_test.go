package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// everyPost reads the whole board of a folder.
func everyPost(t *testing.T, dir string) (posts []port.Post, lines int) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	require.NoError(t, err)
	defer store.Close()
	r := store.Read()
	for _, where := range []user.Neighborhood{yongdam, naei, yeoksam} {
		page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{where}, party.Filter{}, 0, 1000, party.Ahead)
		require.NoError(t, err)
		posts = append(posts, page...)
	}
	for _, p := range posts {
		log, err := r.Log.After(t.Context(), p.ID, 0, 1000)
		require.NoError(t, err)
		last := p.CreatedAt
		for i, l := range log {
			assert.EqualValues(t, i+1, l.Seq)
			assert.False(t, l.At.Before(last), "%s: line %d", p.Title, l.Seq)
			last = l.At
		}
		assert.False(t, last.After(time.Now()), "%s lies in the future", p.Title)
		assert.EqualValues(t, len(log), p.LastSeq)
		lines += len(log)
	}
	return posts, lines
}

func TestDemo(t *testing.T) {
	env := environ(t)
	code, stdout, stderr := runWith(t, env, "demo")
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "test@test.com")
	assert.Contains(t, stdout, demoPassword)
	posts, lines := everyPost(t, env["MEALBUDDY_DATA"])

	t.Run("is a believable neighbourhood", func(t *testing.T) {
		assert.GreaterOrEqual(t, len(posts), 40)
		categories, closed, full, open := map[party.Category]int{}, 0, 0, 0
		for _, p := range posts {
			assert.Empty(t, p.Draft.Problems(), p.Title)
			assert.LessOrEqual(t, p.Seated, p.Seats)
			categories[p.Category]++
			switch {
			case p.Closed:
				closed++
			case p.Seated == p.Seats:
				full++
			default:
				open++
			}
		}
		for _, c := range party.Categories {
			assert.NotZero(t, categories[c], c)
		}
		assert.Greater(t, closed, 2)
		assert.Greater(t, full, 2)
		assert.Greater(t, open, 10)
	})

	t.Run("twice is the same as once", func(t *testing.T) {
		code, stdout, stderr := runWith(t, env, "demo")
		require.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, "already")
		again, more := everyPost(t, env["MEALBUDDY_DATA"])
		assert.Equal(t, posts, again)
		assert.Equal(t, lines, more)
	})

	t.Run("is on record", func(t *testing.T) {
		code, stdout, stderr := runWith(t, env, "audit", "-kind", "registered", "-since", "1h")
		require.Equal(t, 0, code, stderr)
		assert.Equal(t, len(demoPeople), strings.Count(stdout, "\n"))
	})

	t.Run("lets everybody sign in", func(t *testing.T) {
		s := start(t, env)
		for _, p := range demoPeople {
			status, answer := s.ask("POST", "/api/user/login/", "", `{"email":"`+string(p.email)+`","password":"`+demoPassword+`"}`)
			require.Equal(t, 200, status, p.name)
			me := answer["user"].(map[string]any)
			assert.Equal(t, p.name, me["username"])
			status, board := s.ask("GET", "/api/post/", me["token"].(string), "")
			assert.Equal(t, 200, status)
			assert.NotEmpty(t, board["posts"])
		}
		s.stop()
	})
}

func TestDemoIsWholeOrNotThere(t *testing.T) {
	env := environ(t)
	s := start(t, env)
	s.register("하늘") // a name that the demo needs
	s.stop()
	code, stdout, stderr := runWith(t, env, "demo")
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "하늘")
	posts, _ := everyPost(t, env["MEALBUDDY_DATA"])
	assert.Empty(t, posts)
}

func TestDemoThatIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env := environ(t)
	assert.Equal(t, 1, run(ctx, []string{"demo"}, env, t.Output(), t.Output()))
	posts, _ := everyPost(t, env["MEALBUDDY_DATA"])
	assert.Empty(t, posts)
}
