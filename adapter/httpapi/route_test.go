package httpapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Whom each route serves, and how often: "open" with its limits, "signed in" or
// "verified". The limits of people are the same for all their routes. test/e2e has the
// statuses that come of it.
func TestWhomRoutesServe(t *testing.T) {
	want := map[string]string{
		"POST /api/user/register/":       "open; registrations by network",
		"POST /api/user/login/":          "open",
		"GET /api/user/current/":         "signed in",
		"POST /api/user/update/":         "verified",
		"POST /api/user/changepassword/": "verified",
		"POST /api/user/delete/":         "verified",

		"POST /api/user/refresh/":         "open; network-refreshes by network; refreshes by sign-in",
		"POST /api/user/logout/":          "open; network-refreshes by network; refreshes by sign-in",
		"GET /api/user/sessions/":         "verified",
		"DELETE /api/user/sessions/":      "verified",
		"DELETE /api/user/sessions/{id}/": "verified",

		"GET /api/user/social/":                      "open; public-reads by network",
		"POST /api/user/social/start/{provider}/":    "open; social-logins by network",
		"GET /api/user/social/callback/{provider}/":  "open; social-logins by network; 15s",
		"GET /api/user/social/linked/":               "verified",
		"DELETE /api/user/social/linked/{provider}/": "verified",
		"GET /api/user/social/pending/":              "open; public-reads by network",
		"POST /api/user/social/pending/":             "open; registrations by network",

		"GET /api/post/":                     "signed in",
		"POST /api/post/write/":              "signed in",
		"GET /api/post/detail/{id}/":         "signed in",
		"GET /api/post/detail/{id}/edit/":    "signed in",
		"POST /api/post/detail/{id}/edit/":   "signed in",
		"POST /api/post/detail/{id}/delete/": "signed in",

		"GET /api/chat/{id}/":           "signed in",
		"POST /api/chat/{id}/":          "signed in",
		"DELETE /api/chat/{id}/":        "signed in",
		"GET /api/chat/{id}/user/":      "signed in",
		"DELETE /api/chat/{id}/user/":   "signed in",
		"POST /api/chat/{id}/user/ban/": "signed in",

		"POST /api/user/ticket/":      "signed in",
		"POST /api/chat/{id}/ticket/": "signed in",
		"GET /ws/chat/{id}/":          "open; handshakes by address",
		"GET /ws/me/":                 "open; handshakes by address",

		"GET /api/region/search/": "open; public-reads by network",
		"GET /api/region/near/":   "open; public-reads by network",

		"GET /api/openAPI/":                "open; public-reads by network",
		"GET /api/openAPI/weather/":        "signed in",
		"GET /api/openAPI/foodchoicer/":    "signed in; 22s",
		"POST /api/openAPI/foodchoicer/":   "signed in; 22s",
		"DELETE /api/openAPI/foodchoicer/": "signed in",

		"GET /openapi.yaml": "open; public-reads by network",
	}
	got := map[string]string{}
	for _, rt := range newSite(t).routes {
		words := []string{string(rt.kind)}
		for _, l := range rt.limits {
			words = append(words, l.name+" by "+l.by.name)
		}
		if rt.deadline != deadline {
			words = append(words, rt.deadline.String())
		}
		assert.Less(t, rt.deadline, 30*time.Second, "the server's time to write")
		got[fmt.Sprint(rt.method, " ", rt.path)] = strings.Join(words, "; ")
	}
	assert.Equal(t, want, got)
}
