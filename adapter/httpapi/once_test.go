package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const (
	key     = "7c1f64a2-0d5c-4a7e-9a44-1f6f6c1a2b3c"
	chicken = `{"title":"치킨","category":"치킨","content":"같이\n먹어요","target_number":2}`
)

// askOnce is ask with an Idempotency-Key.
func (s *site) askOnce(who someone, key, path, body string) *answer {
	s.Helper()
	return s.askForm(who, path, "application/json", body, key)
}

func (s *site) askForm(who someone, path, kind, body string, keys ...string) *answer {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), "POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "token "+who.token)
	r.Header["Idempotency-Key"] = keys
	return s.send(r)
}

func (a *answer) replays(first *answer) {
	a.Helper()
	assert.Equal(a, "true", a.Header().Get("Idempotency-Replayed"))
	assert.Equal(a, first.Code, a.Code)
	assert.Equal(a, first.Body.String(), a.Body.String())
	assert.Equal(a, "application/json", a.Header().Get("Content-Type"))
	assert.Empty(a, first.Header().Get("Idempotency-Replayed"))
}

func (s *site) posts(who someone) int {
	s.Helper()
	return len(s.ask(who, "GET", "/api/post/", "").json(200)["posts"].([]any))
}

func TestARequestWithAKeyHasItsEffectOnce(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	first := s.askOnce(ann, key, "/api/post/write/", chicken)
	id := party.ID(first.json(201)["id"].(float64))
	s.askOnce(ann, key, "/api/post/write/", chicken).replays(first)

	t.Run("however its fields are written", func(t *testing.T) {
		for _, body := range []string{
			`{"content": "같이\r\n먹어요", "target_number": "2", "unknown": [1], "category": "치킨", "title": "치킨"}`,
			"{\"title\":\"\u110e\u1175\u110f\u1175\u11ab\",\"category\":\"치킨\",\"content\":\"같이\\n먹어요\",\"target_number\":2}", // decomposed
		} {
			s.askOnce(ann, key, "/api/post/write/", body).replays(first)
		}
		s.askForm(ann, "/api/post/write/", "application/x-www-form-urlencoded",
			"title=치킨&category=치킨&content=같이%0D%0A먹어요&target_number=2", key).replays(first)
	})
	t.Run("not with other content", func(t *testing.T) {
		for _, body := range []string{
			strings.Replace(chicken, "2", "3", 1), strings.Replace(chicken, "먹어요", "먹어요!", 1), strings.Replace(chicken, `"치킨","cat`, `"치킨 ","cat`, 1),
		} {
			s.askOnce(ann, key, "/api/post/write/", body).refused(422, "idempotency_conflict")
		}
	})
	t.Run("a key is one person's", func(t *testing.T) {
		a := s.askOnce(bob, key, "/api/post/write/", chicken)
		assert.NotEqual(t, first.json(201)["id"], a.json(201)["id"])
		assert.Empty(t, a.Header().Get("Idempotency-Replayed"))
	})
	t.Run("on one route", func(t *testing.T) {
		joined := s.askOnce(bob, key, at("/api/chat/%d/", id), "")
		joined.json(201)
		s.askOnce(bob, key, at("/api/chat/%d/", id), "").replays(joined)
		other := s.open(3, ann)
		s.askOnce(bob, key, fmt.Sprintf("/api/chat/%d/", other), "").refused(422, "idempotency_conflict")
	})
	assert.Equal(t, 3, s.posts(ann), "of ann one, of bob one, and the other")
}

func TestAKeyIsFreeAfterARefusal(t *testing.T) {
	s := newSite(t)
	ann, bob, cho := s.person("ann"), s.person("bob"), s.person("cho")
	id := s.open(2, ann, bob)
	s.askOnce(cho, key, at("/api/chat/%d/", id), "").refused(409, "recruitment_closed")
	require.NoError(t, s.Parties.Leave(t.Context(), bob.id, id))
	a := s.askOnce(cho, key, at("/api/chat/%d/", id), "")
	a.json(201)
	assert.Empty(t, a.Header().Get("Idempotency-Replayed"))

	s.askOnce(ann, key, "/api/post/write/", `{"title":""}`).refused(400, "invalid")
	s.askOnce(ann, key, "/api/post/write/", chicken).json(201)
}

func TestBadKeys(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	for _, bad := range [][]string{
		{""}, {"short"}, {strings.Repeat("a", 129)}, {"with spaces in the middle"}, {strings.Repeat("가", 20)}, {key, key}, {key, key + "2"},
	} {
		s.askForm(ann, "/api/post/write/", "application/json", chicken, bad...).refused(400, "invalid_idempotency_key")
	}
	assert.Equal(t, 0, s.posts(ann))
	s.askForm(ann, fmt.Sprintf("/api/post/detail/%d/edit/", s.open(2, ann)), "application/json", `{"title":"새"}`, "short").json(200) // creates nothing
}

func TestManyRepeatsAtOnceMakeOnePost(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	var wg sync.WaitGroup
	answers := make([]*answer, 50)
	for i := range answers {
		wg.Go(func() { answers[i] = s.askOnce(ann, key, "/api/post/write/", chicken) })
	}
	wg.Wait()
	firsts := 0
	for _, a := range answers {
		assert.Equal(t, 201, a.Code, "%s", a.Body)
		assert.Equal(t, answers[0].Body.String(), a.Body.String())
		if a.Header().Get("Idempotency-Replayed") == "" {
			firsts++
		}
	}
	assert.Equal(t, 1, firsts)
	assert.Equal(t, 1, s.posts(ann))
}

func TestARepeatWaitsForTheFirst(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	synctest.Test(t, func(t *testing.T) {
		// What waits for the lock does so outside the bubble, so the first is one that waits here.
		began, release := make(chan struct{}), make(chan struct{})
		first := make(chan error)
		id := idempotency.ID{Who: ann.id, Route: "POST /api/post/write/", Key: key}
		request := usecase.Request{ID: id}
		go func() {
			_, _, err := s.Repeats.Do(t.Context(), request, func(context.Context) error {
				close(began)
				<-release
				return assert.AnError
			})
			first <- err
		}()
		<-began
		at := time.Now()
		a := s.askOnce(ann, key, "/api/post/write/", chicken)
		a.refused(409, "idempotency_in_progress")
		assert.Equal(t, "1", a.Header().Get("Retry-After"))
		assert.Equal(t, idempotency.Wait, time.Since(at))

		go func() {
			time.Sleep(time.Second)
			close(release)
		}()
		at = time.Now()
		s.askOnce(ann, key, "/api/post/write/", chicken).json(201) // the first has ended without effect
		assert.Equal(t, time.Second, time.Since(at))
		assert.ErrorIs(t, <-first, assert.AnError)
	})
}

func TestAnAnswerIsKeptForADay(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	first := s.askOnce(ann, key, "/api/post/write/", chicken)
	first.json(201)
	forget := func(at time.Time) (n int) {
		require.NoError(t, s.store.Write(t.Context(), func(r port.Repos) (err error) {
			n, err = r.Cleanup.Answers(t.Context(), at, 10)
			return err
		}))
		return n
	}
	assert.Zero(t, forget(noon.Add(24*time.Hour)))
	s.askOnce(ann, key, "/api/post/write/", chicken).replays(first)
	assert.Equal(t, 1, forget(noon.Add(24*time.Hour+time.Second)))
	s.askOnce(ann, key, "/api/post/write/", chicken).json(201)
	assert.Equal(t, 2, s.posts(ann))
}

func TestAnAnswerMayBeKeptForEver(t *testing.T) {
	s := newSite(t)
	for i, rt := range s.API.routes {
		if rt.path == "/api/post/write/" {
			s.API.routes[i] = rt.keepsForever()
		}
	}
	s.server = s.Handler()
	ann := s.person("ann")
	first := s.askOnce(ann, key, "/api/post/write/", chicken)
	first.json(201)
	require.NoError(t, s.store.Write(t.Context(), func(r port.Repos) error {
		n, err := r.Cleanup.Answers(t.Context(), noon.AddDate(10, 0, 0), 10)
		assert.Zero(t, n)
		return err
	}))
	s.askOnce(ann, key, "/api/post/write/", chicken).replays(first)
}

// A handler whose use case does not keep its answer is a bug that no client may take for a
// success.
func TestACreationKeepsItsAnswer(t *testing.T) {
	var s *site
	for name, handle := range map[string]creates{
		"without a change": func(_ *http.Request, _ usecase.Me, c *creation) error { return c.answer(201, object{}) },
		"with two changes": func(r *http.Request, me usecase.Me, c *creation) error {
			for range 2 {
				if _, err := s.Parties.Open(r.Context(), me.ID, party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 2}, func(port.Post) error { return c.answer(201, object{}) }); err != nil {
					return err
				}
			}
			return nil
		},
		"without an answer": func(r *http.Request, me usecase.Me, c *creation) error {
			_, err := s.Parties.Open(r.Context(), me.ID, party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 2})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s = newSite(t)
			s.API.routes = []route{creating("/api/post/write/", handle)}
			s.server = s.Handler()
			s.askOnce(s.person("ann"), key, "/api/post/write/", chicken).refused(500, "internal")
		})
	}
}
