package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// Whom each route serves, and how often: "open" with its limits, "signed in" or
// "verified"; and whether it has its effect "once" for each Idempotency-Key. The limits of people are the same for all their routes. test/e2e has the
// statuses that come of it.
func TestWhomRoutesServe(t *testing.T) {
	want := map[string]string{
		"POST /api/user/register/":       "open; registrations by network",
		"POST /api/user/login/":          "open; sign-in-tries by network",
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
		"GET /api/user/social/callback/{provider}/":  "open; social-logins by network; 18s",
		"GET /api/user/social/linked/":               "verified",
		"DELETE /api/user/social/linked/{provider}/": "verified",
		"GET /api/user/social/pending/":              "open; public-reads by network",
		"POST /api/user/social/pending/":             "open; registrations by network",

		"GET /api/post/":                     "signed in",
		"POST /api/post/write/":              "signed in; once",
		"GET /api/post/detail/{id}/":         "signed in",
		"GET /api/post/detail/{id}/edit/":    "signed in",
		"POST /api/post/detail/{id}/edit/":   "signed in",
		"POST /api/post/detail/{id}/delete/": "signed in",

		"GET /api/chat/{id}/":           "signed in",
		"POST /api/chat/{id}/":          "signed in; once",
		"DELETE /api/chat/{id}/":        "signed in",
		"GET /api/chat/{id}/user/":      "signed in",
		"DELETE /api/chat/{id}/user/":   "signed in",
		"POST /api/chat/{id}/user/ban/": "signed in",

		"POST /api/user/ticket/":      "signed in",
		"POST /api/chat/{id}/ticket/": "signed in",
		"GET /ws/chat/{id}/":          "open; handshakes by address without a ticket",
		"GET /ws/me/":                 "open; handshakes by address without a ticket",

		"GET /api/region/search/": "open; public-reads by network",
		"GET /api/region/near/":   "open; public-reads by network",
		"GET /api/rooms/":         "signed in",
		"GET /api/shared/{code}/": "open; shared-reads by network",

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
		if rt.creates != nil {
			words = append(words, "once")
		}
		if rt.forever {
			words = append(words, "for ever")
		}
		if rt.deadline != deadline {
			words = append(words, rt.deadline.String())
		}
		assert.Less(t, rt.deadline, 30*time.Second, "the server's time to write")
		got[fmt.Sprint(rt.method, " ", rt.path)] = strings.Join(words, "; ")
	}
	assert.Equal(t, want, got)
}

func TestToken(t *testing.T) {
	for header, want := range map[string]string{
		"token abc": "abc", "Token abc": "abc", "TOKEN abc": "abc", "Bearer abc": "abc", "bearer  abc ": "abc",
		"": "", "abc": "", "token": "", "Basic abc": "", "tokenabc": "", "token\tabc": "", "Bearer ": "", "Bearerabc": "",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		assert.Equal(t, want, Token(r), "%q", header)
	}
	assert.Empty(t, Token(httptest.NewRequest("GET", "/", nil)))
}

func TestDeadline(t *testing.T) {
	for name, wait := range map[string]func(context.Context) error{
		"the cause":       func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
		"the plain error": func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("read: %w", ctx.Err()) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			synctest.Test(t, func(t *testing.T) {
				s.Socket = func(_ http.ResponseWriter, r *http.Request) error { return wait(r.Context()) }
				s.build()
				began := time.Now()
				w := httptest.NewRecorder()
				s.server.ServeHTTP(w, httptest.NewRequest("GET", "/ws/chat/1/", nil))
				(&answer{t, w}).refused(503, "busy")
				assert.Equal(t, "1", w.Header().Get("Retry-After"))
				assert.Equal(t, deadline, time.Since(began))
			})
		})
	}

	t.Run("of somebody who waits for the store", func(t *testing.T) {
		dir := migrated(t)
		synctest.Test(t, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), dir)
			require.NoError(t, err)
			defer store.Close()
			tokens := auth.NewTokens(time.Minute, time.Now, func() string { return "one" }, auth.Key{1})
			var bus inproc.Bus
			api := New(Config{
				Accounts: usecase.NewAccounts(usecase.AccountsConfig{Store: store, Bus: &bus, Tokens: tokens, Random: chance, Now: time.Now, Wake: func() {}}),
				Parties:  usecase.NewParties(store, usecase.NewChanges(store, &bus, time.Now, func() {}), party.Limits{}),
				Log:      slog.New(slog.DiscardHandler), NewID: func() string { return "id" }, App: http.NotFoundHandler(),
				Socket: always(ErrUpgrade), Personal: always(ErrUpgrade),
			})
			ann := user.Restore(user.State{Email: "ann@example.com", Username: "ann", Neighborhood: jongno, CreatedAt: noon})
			require.NoError(t, store.Write(t.Context(), func(r port.Repos) error {
				if _, err := r.Users.Save(t.Context(), ann); err != nil {
					return err
				}
				return r.SignIns.Save(t.Context(), signin.Open(1, 1, signin.Origin{Device: "Chrome"}, signin.Token{}, time.Now()))
			}))
			token, err := tokens.Issue(1, 1)
			require.NoError(t, err)

			require.NoError(t, store.Write(t.Context(), func(port.Repos) error { // holds the only lock
				r := httptest.NewRequest("POST", "/api/post/write/", strings.NewReader(`{"title":"a","content":"b","category":"피자","target_number":2}`))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "token "+token)
				w := httptest.NewRecorder()
				api.Handler().ServeHTTP(w, r)
				(&answer{t, w}).refused(503, "busy")
				return nil
			}))
		})
	})

	t.Run("is not of somebody who has gone", func(t *testing.T) {
		s := newSite(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "/api/user/current/", nil)
		r.Header.Set("Authorization", "token "+s.person("ann").token)
		a := s.send(r)
		assert.Zero(t, a.Body.Len(), "nobody reads an answer")
		lines := s.lines()
		require.Len(t, lines, 1, "and it is no failure of ours")
		assert.Equal(t, "INFO", lines[0]["level"])
	})
}

// Whom each route serves. What ends or changes an account, its sign-ins or its ways to sign
// in asks the store each time; the rest trusts what was read a moment ago.
func TestWhomEachRouteServes(t *testing.T) {
	got := map[string]kind{}
	for _, rt := range New(newSite(t).Config).routes {
		got[rt.method+" "+rt.path] = rt.kind
	}
	assert.Equal(t, map[string]kind{
		"POST /api/user/register/":                   kindOpen,
		"POST /api/user/login/":                      kindOpen,
		"GET /api/user/current/":                     kindSignedIn,
		"POST /api/user/update/":                     kindVerified,
		"POST /api/user/changepassword/":             kindVerified,
		"POST /api/user/delete/":                     kindVerified,
		"POST /api/user/refresh/":                    kindOpen,
		"POST /api/user/logout/":                     kindOpen,
		"GET /api/user/sessions/":                    kindVerified,
		"DELETE /api/user/sessions/":                 kindVerified,
		"DELETE /api/user/sessions/{id}/":            kindVerified,
		"GET /api/user/social/":                      kindOpen,
		"POST /api/user/social/start/{provider}/":    kindOpen,
		"GET /api/user/social/callback/{provider}/":  kindOpen,
		"GET /api/user/social/linked/":               kindVerified,
		"DELETE /api/user/social/linked/{provider}/": kindVerified,
		"GET /api/user/social/pending/":              kindOpen,
		"POST /api/user/social/pending/":             kindOpen,
		"GET /api/post/":                             kindSignedIn,
		"POST /api/post/write/":                      kindSignedIn,
		"GET /api/post/detail/{id}/":                 kindSignedIn,
		"GET /api/post/detail/{id}/edit/":            kindSignedIn,
		"POST /api/post/detail/{id}/edit/":           kindSignedIn,
		"POST /api/post/detail/{id}/delete/":         kindSignedIn,
		"GET /api/chat/{id}/":                        kindSignedIn,
		"POST /api/chat/{id}/":                       kindSignedIn,
		"DELETE /api/chat/{id}/":                     kindSignedIn,
		"GET /api/chat/{id}/user/":                   kindSignedIn,
		"DELETE /api/chat/{id}/user/":                kindSignedIn,
		"POST /api/chat/{id}/user/ban/":              kindSignedIn,
		"POST /api/user/ticket/":                     kindSignedIn,
		"POST /api/chat/{id}/ticket/":                kindSignedIn,
		"GET /ws/chat/{id}/":                         kindOpen,
		"GET /ws/me/":                                kindOpen,
		"GET /api/region/search/":                    kindOpen,
		"GET /api/rooms/":                            kindSignedIn,
		"GET /api/shared/{code}/":                    kindOpen,
		"GET /api/region/near/":                      kindOpen,
		"GET /api/openAPI/":                          kindOpen,
		"GET /api/openAPI/weather/":                  kindSignedIn,
		"GET /api/openAPI/foodchoicer/":              kindSignedIn,
		"POST /api/openAPI/foodchoicer/":             kindSignedIn,
		"DELETE /api/openAPI/foodchoicer/":           kindSignedIn,
		"GET /openapi.yaml":                          kindOpen,
	}, got)
}
