package httpapi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSharedPosts(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	id := s.open(3, ann, bob)
	path := s.ask(ann, "GET", at("/api/post/detail/%d/", id), "").json(200)["shared_path"].(string)
	assert.Equal(t, path, s.ask(bob, "GET", at("/api/post/detail/%d/", id), "").json(200)["shared_path"], "the same for all")
	code := strings.TrimPrefix(path, "/s/")
	api := "/api/shared/" + code + "/"

	a := s.ask(nobody, "GET", api, "")
	a.is(200, object{
		"id": id, "title": "치킨", "created_at": written, "category": "치킨", "address": jongno,
		"is_compelete": false, "target_number": 3, "join_number": 2,
	})
	assert.Equal(t, "noindex", a.Header().Get("X-Robots-Tag"))
	for _, secret := range []string{"ann", "bob", "test.com", "같이"} {
		assert.NotContains(t, a.Body.String(), secret, "who and what is not for strangers")
	}
	page := s.ask(nobody, "GET", path, "")
	assert.Equal(t, 200, page.Code)
	assert.Contains(t, page.Body.String(), `"Title":"치킨","Text":"혜화동 · 3명 중 2명이 모였어요","Category":"치킨","Site":"http://example.com","Path":"`+path+`"`)

	s.ask(ann, "POST", at("/api/post/detail/%d/edit/", id), `{"is_compelete":true}`).json(200)
	assert.Contains(t, s.ask(nobody, "GET", path, "").Body.String(), "모집이 끝났어요")

	for _, wrong := range []string{"1", code[1:], code + "x", "%20", strings.Repeat("A", 24)} {
		s.ask(nobody, "GET", "/api/shared/"+wrong+"/", "").refused(404, "post_not_found")
		page := s.ask(nobody, "GET", "/s/"+wrong, "")
		assert.Equal(t, 404, page.Code)
		assert.Contains(t, page.Body.String(), `"Title":""`)
	}
	for _, other := range []string{path + "/", "/S/" + code, "/S/" + code + "/"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.ask(nobody, method, other+"?from=talk", "")
			a.empty(308)
			assert.Equal(t, path+"?from=talk", a.Header().Get("Location"), other)
		}
	}
	assert.Equal(t, "/s/%20x", s.ask(nobody, "GET", "/S/%20x", "").Header().Get("Location"))
	for _, below := range []string{"/s/", "/S/", path + "/x", path + "/x/", "/S/" + code + "/x"} {
		page := s.ask(nobody, "GET", below, "")
		assert.Equal(t, 404, page.Code, below)
		assert.Contains(t, page.Body.String(), `"Title":""`, below)
	}
	assert.Equal(t, 405, s.ask(nobody, "POST", path+"/", "").Code)

	s.ask(ann, "POST", at("/api/post/detail/%d/delete/", id), "").empty(204)
	s.ask(nobody, "GET", api, "").refused(404, "post_not_found")
	assert.Equal(t, 404, s.ask(nobody, "GET", path, "").Code)
}
