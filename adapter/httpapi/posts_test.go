package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

const written = "2026-11-22T12:00:00.123456Z"

func person(who someone, name string) object {
	return object{"id": who.id, "username": name, "email": name[:2] + "**@example.com"} // masked
}

// A page is read, and made into JSON, once for all who wait for it.
func TestBoardIsSharedByThoseWhoWait(t *testing.T) {
	_, err := hash() // whose slots belong to no bubble
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		ann := s.person("ann")
		s.open(2, ann)
		p := &posts{base: s.base, parties: s.Parties}
		board := s.serve(p.routes()[0])
		get := func(query string) *answer {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/post/"+query, nil)
			r.Header.Set("Authorization", "token "+ann.token)
			w := httptest.NewRecorder()
			board.ServeHTTP(w, r)
			return &answer{t, w}
		}
		var all sync.WaitGroup
		looks := func(category party.Category, look func(context.Context) ([]byte, error)) {
			all.Go(func() { p.boards.do(t.Context(), pageOf{jongno, party.Filter{Category: category}, 1}, look) })
			synctest.Wait()
		}
		ready := make(chan struct{})
		slowly := func(context.Context) ([]byte, error) { <-ready; return nil, nil }
		looks("", slowly)
		looks("피자", slowly)
		looks("", func(context.Context) ([]byte, error) { return []byte(`{"shared":true}`), nil })

		var same *answer
		all.Go(func() { same = get("?page=1") })
		synctest.Wait()
		other := get("?category=치킨")
		assert.Len(t, other.json(200)["posts"], 1, "another page waits for nobody")
		close(ready)
		all.Wait()
		same.is(200, object{"shared": true})
		assert.Len(t, get("").json(200)["posts"], 1, "what was shared is not kept")
	})
}

func TestPosts(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	shared := "/s/" + s.Shares.Code(1)
	post := object{
		"id": 1, "title": "치킨", "created_at": written, "category": "치킨", "address": jongno, "content": "같이\n먹어요",
		"is_compelete": false, "closed_by_writer": false, "room_deleted": false, "target_number": 8, "join_number": 1, "chat_id": 1, "writer": person(ann, "ann"),
	}
	with := func(changes object) object {
		all := object{}
		for _, o := range []object{post, changes} {
			for k, v := range o {
				all[k] = v
			}
		}
		return all
	}

	t.Run("are written", func(t *testing.T) {
		s.ask(ann, "POST", "/api/post/write/", `{"title":"치킨","category":"치킨","content":"같이\r\n먹어요","target_number":"8",}`).is(201, with(object{"is_joined": true, "is_banned": false, "is_hidden": false, "shared_path": shared}))
		s.ask(ann, "POST", "/api/post/write/", `{"title":"치킨","category":"페스트푸드","content":"같이\n먹어요","모집인원":2}`).
			is(201, with(object{"is_joined": true, "is_banned": false, "is_hidden": false, "shared_path": "/s/" + s.Shares.Code(2), "id": 2, "chat_id": 2, "category": "패스트푸드", "target_number": 2}))
	})

	t.Run("are not written with bad fields", func(t *testing.T) {
		all := []string{"title", "category", "content", "target_number"}
		for _, body := range []string{
			`{}`, `{"title":null,"category":"밥","content":" ","target_number":1}`,
			`{"title":1,"category":[],"content":{},"target_number":"eight"}`,
			`{"title":"\u0000","category":"\u0007","content":"\u001b","target_number":1e1}`,
			`{"title":true,"category":"밥","content":"","target_number":9223372036854775807}`,
			`{"title":true,"category":"밥","content":"","target_number":-9223372036854775808}`,
			`{"title":true,"category":"밥","content":"","target_number":4294967298}`,
		} {
			assert.ElementsMatch(t, all, s.ask(ann, "POST", "/api/post/write/", body).refused(400, "invalid"), body)
		}
		s.ask(ann, "POST", "/api/post/write/", `{`).refused(400, "malformed_body")
		s.ask(ann, "POST", "/api/post/write/", "").refused(400, "invalid")
	})

	t.Run("are read", func(t *testing.T) {
		s.ask(bob, "GET", "/api/post/detail/1/", "").is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": false}))
		s.ask(ann, "GET", "/api/post/detail/1/", "").is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": true}))
		s.ask(ann, "GET", "/api/post/detail/1/edit/", "").is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": true}))
		s.ask(bob, "GET", "/api/post/detail/1/edit/", "").refused(403, "not_writer")
		s.ask(bob, "GET", "/api/post/detail/9999/", "").refused(404, "post_not_found")
	})

	t.Run("are edited", func(t *testing.T) {
		const edit = "/api/post/detail/1/edit/"
		s.ask(ann, "POST", edit, "").is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": true}))
		s.ask(ann, "POST", edit, `{"title":"피자","target_number":2,"is_compelete":"True"}`).
			is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": true, "title": "피자", "target_number": 2, "is_compelete": true, "closed_by_writer": true}))
		s.ask(ann, "POST", edit, `{"title":"치킨","target_number":8,"is_compelete":false,"category":null}`).is(200, with(object{"is_banned": false, "is_hidden": false, "shared_path": shared, "is_joined": true}))
		assert.ElementsMatch(t, []string{"title", "target_number", "is_compelete", "category"},
			s.ask(ann, "POST", edit, `{"title":1,"target_number":11,"is_compelete":"maybe","category":""}`).refused(400, "invalid"))
		s.ask(bob, "POST", edit, `{"title":"피자"}`).refused(403, "not_writer")
		s.ask(ann, "POST", edit, `{`).refused(400, "malformed_body")
	})

	t.Run("are listed", func(t *testing.T) {
		s.ask(bob, "GET", "/api/post/?category="+url.QueryEscape("페스트푸드"), "").is(200, object{
			"posts":     []object{with(object{"id": 2, "chat_id": 2, "category": "패스트푸드", "target_number": 2})},
			"paginator": object{"page_range": []int{1}, "current_page": 1, "prev_button": nil, "next_button": nil},
		})
		for range 10 {
			s.open(2, ann)
		}
		first := s.ask(bob, "GET", "/api/post/", "").json(200)
		assert.Len(t, first["posts"], 10)
		assert.Equal(t, object{"page_range": []any{1.0, 2.0}, "current_page": 1.0, "prev_button": nil, "next_button": 2.0}, first["paginator"])
		second := s.ask(bob, "GET", "/api/post/?page=99999999999999999999&category=", "").json(200)
		assert.Len(t, second["posts"], 2)
		assert.Equal(t, object{"page_range": []any{1.0, 2.0}, "current_page": 2.0, "prev_button": 1.0, "next_button": nil}, second["paginator"])
		assert.Equal(t, []string{"category"}, s.ask(bob, "GET", "/api/post/?category=x", "").refused(400, "invalid"))
		none := s.ask(bob, "GET", "/api/post/?category="+url.QueryEscape("중식"), "").json(200)
		assert.Equal(t, []any{}, none["posts"], "a list, and empty")
	})

	t.Run("are deleted", func(t *testing.T) {
		const remove = "/api/post/detail/1/delete/"
		s.ask(bob, "POST", remove, "").refused(403, "not_writer")
		s.ask(ann, "POST", remove, "").empty(204)
		s.ask(ann, "POST", remove, "").refused(404, "post_not_found")
		s.ask(ann, "GET", "/api/post/detail/1/", "").refused(404, "post_not_found")
		s.ask(ann, "GET", "/api/chat/1/", "").refused(404, "post_not_found")
	})

	t.Run("say who closed them, and that their room is deleted", func(t *testing.T) {
		id := s.open(2, ann, bob)
		says := func() (closed, deleted any) {
			post := s.ask(bob, "GET", at("/api/post/detail/%d/", id), "").json(200)
			card := s.ask(bob, "GET", "/api/post/?state=complete", "").json(200)["posts"].([]any)[0].(object)
			assert.Equal(t, []any{post["closed_by_writer"], post["room_deleted"]}, []any{card["closed_by_writer"], card["room_deleted"]})
			return post["closed_by_writer"], post["room_deleted"]
		}
		closed, deleted := says()
		assert.Equal(t, []any{false, false}, []any{closed, deleted}, "it is only full")
		s.ask(ann, "POST", at("/api/post/detail/%d/edit/", id), `{"is_compelete":true}`).json(200)
		closed, _ = says()
		assert.Equal(t, true, closed)
		s.ask(ann, "DELETE", at("/api/chat/%d/", id), "").empty(204)
		_, deleted = says()
		assert.Equal(t, true, deleted)
	})

	t.Run("are joined by nobody once their room is deleted", func(t *testing.T) {
		id := s.open(3, ann, bob)
		s.ask(ann, "DELETE", at("/api/chat/%d/", id), "").empty(204)
		for _, who := range []someone{ann, bob} {
			assert.Equal(t, false, s.ask(who, "GET", at("/api/post/detail/%d/", id), "").json(200)["is_joined"])
		}
		assert.Equal(t, false, s.ask(ann, "POST", at("/api/post/detail/%d/edit/", id), `{"title":"남은 글"}`).json(200)["is_joined"])
	})

	t.Run("say why nobody joins", func(t *testing.T) {
		cho := s.person("cho")
		id := s.open(2, ann, bob)
		says := func(who someone, closed, deleted, banned bool) {
			t.Helper()
			post := s.ask(who, "GET", at("/api/post/detail/%d/", id), "").json(200)
			assert.Equal(t, []any{closed, deleted, banned}, []any{post["closed_by_writer"], post["room_deleted"], post["is_banned"]})
			card := s.ask(who, "GET", "/api/post/", "").json(200)["posts"].([]any)[0].(map[string]any)
			assert.Equal(t, []any{closed, deleted}, []any{card["closed_by_writer"], card["room_deleted"]})
			assert.NotContains(t, card, "is_banned", "boards are shared")
			assert.NotContains(t, card, "is_hidden", "no board has one")
		}
		says(bob, false, false, false)
		s.ask(ann, "POST", at("/api/post/detail/%d/edit/", id), `{"is_compelete":true}`).json(200)
		says(bob, true, false, false)
		s.ask(ann, "POST", at("/api/chat/%d/user/ban/", id), fmt.Sprintf(`{"target_user_id":%d}`, bob.id)).empty(204)
		says(bob, true, false, true)
		says(ann, true, false, false)
		s.ask(cho, "POST", at("/api/chat/%d/", id), "").refused(409, "recruitment_closed") // the seat stays free
		s.ask(ann, "DELETE", at("/api/chat/%d/", id), "").empty(204)
		says(bob, true, true, true)
		says(cho, true, true, false)
	})

	t.Run("are complete when they are full", func(t *testing.T) {
		id := s.open(2, ann, bob)
		post := s.ask(bob, "GET", at("/api/post/detail/%d/", id), "").json(200)
		assert.Equal(t, true, post["is_compelete"])
		assert.Equal(t, true, post["is_joined"])
		s.ask(bob, "DELETE", at("/api/chat/%d/user/", id), "").empty(204)
		post = s.ask(bob, "GET", at("/api/post/detail/%d/", id), "").json(200)
		assert.Equal(t, false, post["is_compelete"])
		assert.Equal(t, false, post["is_joined"])
	})
}

func TestPostsByState(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	full, open := s.open(2, ann, bob), s.open(2, ann)
	ids := func(query string) (ids []any) {
		for _, post := range s.ask(ann, "GET", "/api/post/"+query, "").json(200)["posts"].([]any) {
			ids = append(ids, post.(object)["id"])
		}
		return ids
	}
	assert.Equal(t, []any{float64(open)}, ids("?state=recruiting"))
	assert.Equal(t, []any{float64(full)}, ids("?state=complete"))
	assert.Equal(t, []any{float64(full)}, ids("?state=complete&category=치킨"))
	assert.Empty(t, ids("?state=complete&category=피자"))
	for _, all := range []string{"", "?state=", "?page=1"} {
		assert.Equal(t, []any{float64(open), float64(full)}, ids(all))
	}
	for _, unknown := range []string{"open", "COMPLETE", "recruiting,complete"} {
		assert.Equal(t, []string{"state"}, s.ask(ann, "GET", "/api/post/?state="+unknown, "").refused(400, "invalid"))
	}
	assert.ElementsMatch(t, []string{"state", "category"}, s.ask(ann, "GET", "/api/post/?state=x&category=x", "").refused(400, "invalid"))
}

// Every category can be written and looked for.
func TestCategories(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	for _, c := range party.Categories {
		s.ask(ann, "POST", "/api/post/write/", fmt.Sprintf(`{"title":"a","category":%q,"content":"b","target_number":2}`, c)).json(201)
		board := s.ask(ann, "GET", "/api/post/?category="+url.QueryEscape(string(c)), "").json(200)
		require.Len(t, board["posts"], 1)
	}
}

func TestToPage(t *testing.T) {
	for s, want := range map[string]int{
		"": 1, "1": 1, "7": 7, "x": 1, "1.5": 1, "1e3": 1, " 2": 1, "0": 0, "-3": -3, // the nearest page is found later
		"99999999999999999999": math.MaxInt, "-99999999999999999999": 1, "한": 1, "９": 1,
	} {
		assert.Equal(t, want, parsePage(s), "%q", s)
	}
}

func TestToTime(t *testing.T) {
	kst := time.FixedZone("KST", 9*60*60)
	assert.Equal(t, "2023-09-01T01:34:49.237071Z", toTime(time.Date(2023, 9, 1, 10, 34, 49, 237071999, kst)))
	assert.Equal(t, "2023-09-01T00:00:00.000000Z", toTime(time.Date(2023, 9, 1, 0, 0, 0, 0, time.UTC)))
}

// What somebody asks is looked at only if they may ask it.
func TestPermissionComesBeforeTheFields(t *testing.T) {
	s := newSite(t)
	ann, bob, cho := s.person("ann"), s.person("bob"), s.person("cho")
	id := s.open(3, ann, bob)
	for _, tt := range []struct{ method, path, body, stranger string }{
		{"POST", "/api/post/detail/%d/edit/", `{"title":"","target_number":"x"}`, "not_writer"},
		{"POST", "/api/post/detail/%d/edit/", `{"target_number":1}`, "not_writer"},
		{"POST", "/api/chat/%d/user/ban/", `{"target_user_id":"x"}`, "not_writer"},
		{"POST", "/api/chat/%d/user/ban/", "", "not_writer"},
		{"GET", "/api/chat/%d/?limit=0", "", "not_a_member"},
	} {
		s.ask(cho, tt.method, at(tt.path, id), tt.body).refused(403, tt.stranger)
		s.ask(cho, tt.method, at(tt.path, 9999), tt.body).refused(404, "post_not_found")
		s.ask(ann, tt.method, at(tt.path, id), tt.body).refused(400, "invalid")
		if tt.method == "POST" {
			s.ask(bob, tt.method, at(tt.path, id), tt.body).refused(403, tt.stranger)
		}
	}
}
