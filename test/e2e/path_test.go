package e2e

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed is every path with the methods it takes.
var allowed = map[string]string{
	"/api/user/register/":        "POST",
	"/api/user/login/":           "POST",
	"/api/user/delete/":          "POST",
	"/api/user/changepassword/":  "POST",
	"/api/user/current/":         "GET, HEAD",
	"/api/user/update/":          "POST",
	"/api/user/refresh/":         "POST",
	"/api/user/logout/":          "POST",
	"/api/user/sessions/":        "DELETE, GET, HEAD",
	"/api/user/sessions/1/":      "DELETE",
	"/api/post/":                 "GET, HEAD",
	"/api/post/write/":           "POST",
	"/api/post/detail/1/":        "GET, HEAD",
	"/api/post/detail/1/edit/":   "GET, HEAD, POST",
	"/api/post/detail/1/delete/": "POST",
	"/api/chat/1/":               "DELETE, GET, HEAD, POST",
	"/api/chat/1/user/":          "DELETE, GET, HEAD",
	"/api/chat/1/user/ban/":      "POST",
	"/api/chat/1/ticket/":        "POST",
	"/api/region/search/":        "GET, HEAD",
	"/api/region/near/":          "GET, HEAD",
	"/api/openAPI/":              "GET, HEAD",
	"/api/openAPI/weather/":      "GET, HEAD",
	"/api/openAPI/foodchoicer/":  "DELETE, GET, HEAD, POST",
	"/ws/chat/1/":                "GET, HEAD",
	"/ws/me/":                    "GET, HEAD",
	"/api/user/ticket/":          "POST",
}

func TestMethodsThatAPathDoesNotTake(t *testing.T) {
	for path, methods := range allowed {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
			if strings.Contains(", "+methods+",", " "+method+",") {
				continue
			}
			a := stranger(t, shared).meaning(Elsewhere).do(method, path, nothing)
			assert.Equal(t, methods, a.header.Get("Allow"), "%s %s", method, path)
			if method == "HEAD" {
				a.is(http.StatusMethodNotAllowed)
				continue
			}
			a.refused(http.StatusMethodNotAllowed, "method_not_allowed")
		}
	}
}

func TestPathsWithoutTheirLastSlash(t *testing.T) {
	ann, _ := two(t)
	for path, methods := range allowed {
		for _, query := range []string{"", "?page=2&category=%EC%B9%98%ED%82%A8", "?q=/"} {
			for _, method := range append(strings.Split(methods, ", "), "PUT") {
				a := ann.as(t).meaning(Elsewhere).do(method, strings.TrimSuffix(path, "/")+query, nothing).is(http.StatusPermanentRedirect)
				assert.Equal(t, path+query, a.header.Get("Location"))
				assert.Empty(t, a.body)
			}
		}
	}
	a := ann.as(t).meaning(Elsewhere).get("/api/post?page=1").is(http.StatusPermanentRedirect)
	ann.as(t).get(a.header.Get("Location")).is(http.StatusOK)
}

func TestPathsThatAreNone(t *testing.T) {
	ann, _ := two(t)
	for _, path := range []string{
		"/api/", "/api", "/api/nothing/", "/api/nothing", "/api/user/", "/api/user/register/x/", "/api/post/detail/", "/api/post/detail/1/2/",
		"/api/chat/", "/api/chat/1/user/ban/x", "/api/openapi.yaml", "/api/users/", "/api/user/login/index.html",
		"/ws/", "/ws/chat/", "/ws/chat/1/x/", "/ws/nothing",
		"//api/user/login/", "/api//user/login/", "/api/user/login//", "/api/./user/login/", "/api/user/../user/login/", "/api/user/%2e%2e/user/login/",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			ann.as(t).meaning(Elsewhere).do(method, path, nothing).refused(http.StatusNotFound, "not_found")
		}
		ann.as(t).meaning(Elsewhere).do("HEAD", path, nothing).is(http.StatusNotFound)
	}
}

func TestHead(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 2)
	for _, path := range []string{"/api/user/current/", "/api/post/", party.detail(), party.edit(), party.room(), party.members()} {
		a := ann.as(t).meaning(Elsewhere).do("HEAD", path, nothing).is(http.StatusOK)
		assert.Equal(t, "application/json", a.header.Get("Content-Type"))
		assert.Empty(t, a.body)
		stranger(t, shared).meaning(Elsewhere).do("HEAD", path, nothing).is(http.StatusUnauthorized)
	}
}

func TestWhatNoPathIsAskedWith(t *testing.T) {
	ann, _ := two(t)
	t.Run("an address that is too long", func(t *testing.T) {
		ann.as(t).meaning(Unexpected).get("/api/post/?page="+strings.Repeat("1", 8<<10)).refused(http.StatusRequestURITooLong, "url_too_long")
		ann.as(t).meaning(Elsewhere).get("/api/"+strings.Repeat("x", 8<<10)).refused(http.StatusRequestURITooLong, "url_too_long")
		ann.as(t).meaning(Request).get("/api/post/?page=" + strings.Repeat("1", 7<<10)).is(http.StatusOK)
	})
	t.Run("a page of another site", func(t *testing.T) {
		for _, c := range []caller{
			ann.as(t).with("Sec-Fetch-Site", "cross-site"),
			ann.as(t).with("Sec-Fetch-Site", "same-site"),
			ann.as(t).with("Origin", "https://evil.example"),
			ann.as(t).with("Origin", "null"),
		} {
			c.meaning(Unexpected).post("/api/post/write/", draft(2)).refused(http.StatusForbidden, "cross_origin")
			c.get("/api/post/").is(http.StatusOK)
		}
		for _, c := range []caller{
			ann.as(t).with("Sec-Fetch-Site", "same-origin"),
			ann.as(t).with("Sec-Fetch-Site", "none"),
			ann.as(t).with("Origin", "http://"+shared.addr),
		} {
			c.post("/api/post/write/", draft(2)).is(http.StatusCreated)
		}
	})
}

func TestTheDescriptionIsServed(t *testing.T) {
	want, err := os.ReadFile("../../openapi.yaml")
	require.NoError(t, err)
	a := stranger(t, shared).meaning(Elsewhere).get("/openapi.yaml").is(http.StatusOK)
	assert.Equal(t, string(want), string(a.body))
	assert.Contains(t, a.header.Get("Content-Type"), "yaml")
}

func TestEveryRequestHasAnIDOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		a := stranger(t, shared).with("X-Request-Id", "mine").get("/api/user/current/")
		id := a.refused(http.StatusUnauthorized, "not_signed_in").RequestID // the same as in the header
		assert.NotEqual(t, "mine", id)
		assert.False(t, seen[id])
		seen[id] = true
	}
}
