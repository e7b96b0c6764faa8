package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/room"
)

func TestEveryAnswerIsProtected(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	id := s.open(2, ann)
	s.Socket = func(http.ResponseWriter, *http.Request) error { return room.ErrNotMember }
	s.build()
	seen := map[int]bool{}
	check := func(a *answer) {
		t.Helper()
		seen[a.Code] = true
		for name, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "geolocation=(self), camera=(), microphone=()",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
		} {
			assert.Equal(t, want, a.Header().Get(name))
		}
		assert.NotEmpty(t, a.Header().Get("Cache-Control"))
		assert.NotEmpty(t, a.Header().Get("X-Request-Id"))
		assert.Empty(t, a.Header().Get("Server"))
		assert.Empty(t, a.Header().Get("Access-Control-Allow-Origin"))
	}
	for _, rt := range s.routes {
		p := strings.NewReplacer("{id}", fmt.Sprint(id), "{provider}", "kakao").Replace(rt.path)
		for _, who := range []someone{nobody, s.signIn(ann.id)} {
			a := s.ask(who, rt.method, p, "")
			check(a)
			if strings.HasPrefix(p, "/api/") {
				assert.Equal(t, "no-store", a.Header().Get("Cache-Control"))
				open := strings.HasPrefix(p, "/api/region/") || strings.HasPrefix(p, "/api/shared/") || rt.path == "/api/openAPI/" || slices.Contains([]string{
					"/api/user/register/", "/api/user/login/", "/api/user/logout/", "/api/user/social/", "/api/user/social/start/{provider}/",
					"/api/user/social/callback/{provider}/", "/api/user/social/pending/",
				}, rt.path)
				if who == nobody && !open {
					a.refused(401, "not_signed_in")
					assert.Equal(t, `Bearer realm="mealbuddy"`, a.Header().Get("WWW-Authenticate"))
				}
			}
		}
		check(s.ask(ann, http.MethodPatch, p, ""))
		check(s.ask(ann, rt.method, strings.TrimSuffix(p, "/"), ""))
	}
	check(s.ask(nobody, "GET", "/", ""))
	check(s.ask(nobody, "GET", "/api/nowhere/", ""))
	check(s.ask(nobody, "GET", "/"+strings.Repeat("x", maxURL), ""))
	s.limit()
	for range 61 {
		check(s.ask(s.signIn(ann.id), "POST", "/api/post/write/", "{"))
	}
	s.inFlight.Store(maxInFlight)
	check(s.ask(nobody, "GET", "/", ""))
	s.inFlight.Store(0)
	s.App = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
	s.build()
	check(s.ask(nobody, "GET", "/", ""))
	s.Edge.Public = "https://mealbuddy.example"
	s.build()
	check(s.ask(nobody, "GET", "/", ""))
	for _, status := range []int{200, 204, 303, 308, 400, 401, 403, 404, 405, 414, 421, 429, 500, 503} {
		assert.True(t, seen[status], status)
	}
}

func TestPaths(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	id := s.open(2, ann)

	t.Run("lead to the one with a slash", func(t *testing.T) {
		for from, to := range map[string]string{
			"/api/post":                           "/api/post/",
			"/api/post?page=2&category=%ED%94%BC": "/api/post/?page=2&category=%ED%94%BC",
			at("/api/post/detail/%d", id):         at("/api/post/detail/%d/", id),
			at("/ws/chat/%d?token=x", id):         at("/ws/chat/%d/?token=x", id),
			"/ws/me?token=x":                      "/ws/me/?token=x",
			"/api/user/login":                     "/api/user/login/",
			"/api/chat/a%20b":                     "/api/chat/a%20b/",
		} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				a := s.ask(ann, method, from, "")
				a.empty(http.StatusPermanentRedirect)
				assert.Equal(t, to, a.Header().Get("Location"))
			}
		}
	})

	t.Run("that nobody knows are problems under /api and /ws, and the app's elsewhere", func(t *testing.T) {
		for _, p := range []string{
			"/api/", "/api/nowhere", "/api/nowhere/", "/api/post/1/", "/api/user/", "/ws/", "/ws/chat/", "/ws/chat/1/2/", "/api/post/detail/",
			"/api//post/", "/api/./post/", "/api/../api/post/", "/api/post/..%2fpost/", "/api/chat/%2e%2e/", "//evil.example/", "//api/post",
		} {
			for _, method := range []string{"GET", "POST"} {
				s.ask(ann, method, p, "").refused(404, "not_found")
			}
		}
		for _, p := range []string{"/", "/signin", "/posts/1", "/openapi", "/apis/", "/openapi.yaml/"} {
			a := s.ask(nobody, "GET", p, "")
			assert.Equal(t, "the app", a.Body.String(), p)
		}
		r := httptest.NewRequest(http.MethodOptions, "http://mealbuddy.example/", nil)
		r.RequestURI, r.URL.Path = "*", "*"
		s.send(r).refused(404, "not_found")
	})

	t.Run("take their methods only", func(t *testing.T) {
		for p, allow := range map[string]string{
			"/api/user/login/":                     "POST",
			"/api/user/current/":                   "GET, HEAD",
			at("/api/chat/%d/", id):                "DELETE, GET, HEAD, POST",
			at("/api/chat/%d/user/", id):           "DELETE, GET, HEAD",
			at("/api/post/detail/%d/edit/", id):    "GET, HEAD, POST",
			at("/ws/chat/%d/", id):                 "GET, HEAD",
			"/ws/me/":                              "GET, HEAD",
			"/api/user/ticket/":                    "POST",
			"/openapi.yaml":                        "GET, HEAD",
			at("/api/post/detail/%d/delete/", id):  "POST",
			at("/api/chat/%d/user/ban/", id):       "POST",
			at("/api/post/detail/%d/", 9999999999): "GET, HEAD",
		} {
			for _, method := range []string{"PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
				a := s.ask(ann, method, p, "")
				a.refused(405, "method_not_allowed")
				assert.Equal(t, allow, a.Header().Get("Allow"), p)
			}
		}
		assert.Equal(t, 200, s.ask(ann, "HEAD", "/api/post/", "").Code)
	})

	t.Run("have an id that is a positive integer, or name nothing", func(t *testing.T) {
		for _, odd := range []string{"0", "-1", "+1", "01x", "1e3", "1.0", "9223372036854775808", "99999999999999999999", "x", "%00", "%20", "１", "0x1", "1_0"} {
			s.ask(ann, "GET", "/api/post/detail/"+odd+"/", "").refused(404, "post_not_found")
			for _, rt := range s.routes {
				if !strings.Contains(rt.path, "{id}") || strings.HasPrefix(rt.path, "/ws/") {
					continue
				}
				code := "post_not_found"
				if strings.HasPrefix(rt.path, "/api/user/sessions/") {
					code = "session_not_found"
				}
				s.ask(ann, rt.method, strings.ReplaceAll(rt.path, "{id}", odd), `{"target_user_id":1}`).refused(404, code)
			}
		}
		s.ask(ann, "GET", "/api/post/detail/9223372036854775807/", "").refused(404, "post_not_found")
	})

	t.Run("have a bounded length", func(t *testing.T) {
		long := "/api/post/?x=" + strings.Repeat("x", maxURL)
		assert.Equal(t, 200, s.ask(ann, "GET", long[:maxURL], "").Code)
		s.ask(ann, "GET", long[:maxURL+1], "").refused(414, "url_too_long")
	})
}

func TestDocument(t *testing.T) {
	s := newSite(t)
	a := s.ask(nobody, "GET", "/openapi.yaml", "")
	assert.Equal(t, 200, a.Code)
	assert.Equal(t, "openapi: 3.1.0\n", a.Body.String())
	assert.Equal(t, "application/yaml; charset=utf-8", a.Header().Get("Content-Type"))
}

func TestCrossOrigin(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	for name, tt := range map[string]struct {
		method  string
		headers map[string]string
		refused bool
	}{
		"from another site":        {"POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		"from a sister":            {"POST", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		"with a foreign origin":    {"POST", map[string]string{"Origin": "https://evil.example"}, true},
		"with no origin to name":   {"POST", map[string]string{"Origin": "null"}, true},
		"from here":                {"POST", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, false},
		"from here, older browser": {"POST", map[string]string{"Origin": "http://example.com"}, false},
		"by a program":             {"POST", nil, false},
		"delete":                   {"DELETE", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		"read":                     {"GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := "/api/post/write/"
			if tt.method != "POST" {
				p = "/api/chat/1/"
			}
			r := httptest.NewRequest(tt.method, p, strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "token "+ann.token)
			for k, v := range tt.headers {
				r.Header.Set(k, v)
			}
			if a := s.send(r); tt.refused {
				a.refused(403, "cross_origin")
			} else {
				assert.NotEqual(t, 403, a.Code)
			}
		})
	}
}
