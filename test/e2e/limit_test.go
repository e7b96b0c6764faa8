package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

const limited = "MEALBUDDY_LIMITS=on" // the default

func TestLimitsOfOneProcess(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), limited)
	limits(t, on, on)
}

func TestLimitsOfNodesThatShareThem(t *testing.T) {
	t.Parallel()
	s := stand(t, 2, container.Postgres(t), container.StartRedis(t), limited)
	limits(t, s.at(0), s.at(1))
}

func TestPostsOfOnePerson(t *testing.T) {
	t.Parallel()
	s := stand(t, 2, container.Postgres(t), container.StartRedis(t), limited)
	ann := newcomer(t, s.at(0), "ann")
	var last post
	for range 10 {
		last = ann.opens(t, 2)
	}
	ann.on = s.at(1)
	me := ann.as(t)
	me.post("/api/post/write/", draft(2)).refused(http.StatusConflict, "too_many_posts")
	me.post(last.edit(), fields{"is_compelete": true}).is(http.StatusOK)
	closed := last
	last = ann.opens(t, 2)
	me.post(closed.edit(), fields{"is_compelete": false}).refused(http.StatusConflict, "too_many_posts")
	for range 19 {
		me.post(last.remove(), nil).is(http.StatusNoContent)
		last = ann.opens(t, 2)
	}
	me.post(last.remove(), nil).is(http.StatusNoContent)
	a := me.post("/api/post/write/", draft(2))
	a.refused(http.StatusTooManyRequests, "too_many_posts_today")
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	require.NoError(t, err)
	assert.Positive(t, wait)
	assert.LessOrEqual(t, wait, 24*60*60)
}

// tooMany expects a 429 for that reason and returns its Retry-After in seconds.
func (a answer) tooMany() int {
	a.t.Helper()
	a.refused(http.StatusTooManyRequests, "too_many_requests")
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	require.NoError(a.t, err)
	return wait
}

// limits exhausts the limits of two nodes, or of one node used twice.
func limits(t *testing.T, one, two *server) {
	ann := newcomer(t, one, "ann")
	party := ann.opens(t, 2)

	t.Run("of people who register", func(t *testing.T) {
		nodes := []*server{one, two}
		for i := range 19 { // ann was the first
			stranger(t, nodes[i%2]).meaning(Unexpected).post("/api/user/register/", fields{}).refused(http.StatusBadRequest, "invalid")
		}
		for _, on := range nodes {
			assert.InDelta(t, 180, stranger(t, on).meaning(Unexpected).post("/api/user/register/", fields{}).tooMany(), 10)
		}
		elsewhere := stranger(t, one).with("X-Forwarded-For", "203.0.113.7").meaning(Unexpected)
		elsewhere.post("/api/user/register/", fields{}).tooMany() // its proxy headers are not trusted
	})

	t.Run("of somebody who writes", func(t *testing.T) {
		me := ann.as(t).meaning(Unexpected)
		began := time.Now()
		for i := range 120 { // one is free again per second
			a := me.post("/api/post/write/", fields{})
			if a.status == http.StatusTooManyRequests {
				assert.LessOrEqual(t, a.tooMany(), 1)
				assert.Equal(t, `"writes";q=60;w=60`, a.header.Get("RateLimit-Policy"))
				assert.Contains(t, a.header.Get("RateLimit"), `"writes";r=0;t=`)
				assert.GreaterOrEqual(t, i, 59)
				assert.LessOrEqual(t, i, 60+int(time.Since(began)/time.Second))
				break
			}
			a.refused(http.StatusBadRequest, "invalid")
			if i == 119 {
				t.Fatal("nobody counts")
			}
		}
		ann.as(t).get("/api/user/current/").is(http.StatusOK)
	})

	t.Run("of somebody who speaks", func(t *testing.T) {
		s := ann.listens(t, party)
		refused := 0
		for i := range 100 {
			s.says("말", fmt.Sprint("line-", i))
			f, err := s.take()
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				assert.Equal(t, 4429, closed.Code)
				break
			}
			require.NoError(t, err)
			if f.Type == "error" { // one is free again each fifth of a second
				assert.GreaterOrEqual(t, i, 10)
				assert.Equal(t, "too_fast", f.Code)
				refused++
			}
		}
		assert.Equal(t, 30, refused)
	})

	t.Run("of somebody who opens sockets", func(t *testing.T) {
		began := time.Now()
		for i := range 60 { // one was used; one is free again in two seconds
			on := []*server{one, two}[i%2]
			if a := stranger(t, on).meaning(Unexpected).get(party.socket()); a.status == http.StatusTooManyRequests {
				assert.LessOrEqual(t, a.tooMany(), 2)
				assert.GreaterOrEqual(t, i, 29)
				assert.LessOrEqual(t, i, 31+int(time.Since(began)/(2*time.Second)))
				return
			}
		}
		t.Fatal("nobody counts")
	})
}
