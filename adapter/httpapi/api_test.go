package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
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
				open := strings.HasPrefix(p, "/api/region/") || rt.path == "/api/openAPI/" || slices.Contains([]string{
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

func TestProblems(t *testing.T) {
	kinds := map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 400, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404,
		fault.Conflict: 409, fault.Gone: 410, fault.Unavailable: 503, fault.TooMany: 429, fault.Absent: 503,
	}
	assert.Len(t, statusOf, len(kinds))
	serve := func(t *testing.T, err error) (*site, *answer) {
		t.Helper()
		s := newSite(t)
		s.Socket = always(err)
		s.build()
		return s, s.ask(nobody, "GET", "/ws/chat/1/", "")
	}
	for kind, status := range kinds {
		_, a := serve(t, fmt.Errorf("do it: %w", fault.New(kind, "a_code", "한 문장.")))
		assert.Empty(t, a.refused(status, "a_code"))
		assert.Contains(t, a.Body.String(), "한 문장.")
		assert.Equal(t, status == 503, a.Header().Get("Retry-After") != "")
		assert.Equal(t, status == 401, a.Header().Get("WWW-Authenticate") != "")
	}
	t.Run("of fields", func(t *testing.T) {
		_, a := serve(t, fault.Fields{"a": {"x"}, "b": {"y", "z"}}.Err())
		assert.ElementsMatch(t, []string{"a", "b"}, a.refused(400, "invalid"))
	})
	t.Run("of our own are logged in full and shown to nobody", func(t *testing.T) {
		s, a := serve(t, errors.New("SELECT secret FROM /var/lib"))
		a.refused(500, "internal")
		assert.NotContains(t, a.Body.String(), "SELECT")
		assert.Contains(t, s.log.String(), "SELECT secret FROM /var/lib")
	})
	t.Run("that took too long say so, unless they know a better word", func(t *testing.T) {
		_, a := serve(t, fmt.Errorf("ask: %w", context.DeadlineExceeded))
		a.refused(503, "busy")
		_, a = serve(t, fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "a_code", "한 문장."), context.DeadlineExceeded))
		a.refused(503, "a_code")
	})
	t.Run("of an upgrade", func(t *testing.T) {
		_, a := serve(t, ErrUpgrade)
		a.refused(426, "upgrade_required")
		assert.Equal(t, "websocket", a.Header().Get("Upgrade"))
		assert.Equal(t, "upgrade_required: 웹소켓으로 연결해 주세요.", ErrUpgrade.Error())
	})
	t.Run("of a large body end the connection", func(t *testing.T) {
		_, a := serve(t, errBodySize)
		a.refused(413, "body_too_large")
		assert.Equal(t, "close", a.Header().Get("Connection"))
	})
	t.Run("that cannot be answered", func(t *testing.T) {
		err := respond(httptest.NewRecorder(), 200, make(chan int))
		assert.Error(t, err)
	})
}

func TestAPanicIsAProblemAndNoMore(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	began := false
	s.Socket = func(w http.ResponseWriter, _ *http.Request) error {
		if began {
			w.WriteHeader(200)
		}
		panic("the secret is hunter2")
	}
	s.build()
	a := s.ask(nobody, "GET", "/ws/chat/1/?token=x", "")
	a.refused(500, "internal")
	assert.NotContains(t, a.Body.String(), "hunter2")
	lines := s.lines()
	require.Len(t, lines, 2)
	assert.Equal(t, "the secret is hunter2", lines[0]["value"])
	assert.Contains(t, lines[0]["stack"], "TestAPanicIsAProblemAndNoMore")
	assert.EqualValues(t, 500, lines[1]["status"])
	assert.Equal(t, lines[0]["request"], lines[1]["request"])

	began = true
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { s.ask(nobody, "GET", "/ws/chat/1/", "") },
		"what has begun breaks off, and does not look whole")
	lines = s.lines()
	assert.EqualValues(t, 200, lines[len(lines)-1]["status"])
	assert.Equal(t, 200, s.ask(ann, "GET", "/api/user/current/", "").Code, "and the process lives")

	s.Socket = func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) }
	s.build()
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { s.ask(nobody, "GET", "/ws/chat/1/", "") },
		"which net/http knows")
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
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), dir)
			require.NoError(t, err)
			defer store.Close()
			tokens := auth.NewTokens(time.Minute, time.Now, func() string { return "one" }, auth.Key{1})
			var bus inproc.Bus
			api := New(Config{
				Accounts: usecase.NewAccounts(usecase.AccountsConfig{Store: store, Bus: &bus, Tokens: tokens, Random: chance, Now: time.Now, Wake: func() {}}),
				Parties:  usecase.NewParties(store, usecase.NewChanges(store, &bus, time.Now, func() {})),
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

func TestAccessLog(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	id := s.open(3, ann, s.person("bob"))
	secrets := []string{ann.token, "ann@example.com", "ann@", password, "hunter2hunter2", "비밀스러운", "%EB%B9%84", "치킨"}
	for _, tt := range []struct {
		who                someone
		method, path, body string
		route              string
		status, user       int
	}{
		{nobody, "POST", "/api/user/login/?email=ann@example.com", `{"email":"ann@example.com","password":"correct horse"}`, "POST /api/user/login/{$}", 200, 1},
		{nobody, "POST", "/api/user/login/", `{"email":"ann@example.com","password":"hunter2hunter2"}`, "POST /api/user/login/{$}", 401, 0},
		{nobody, "POST", "/api/user/register/", `{"email":"ann@example.com","password":"hunter2hunter2"}`, "POST /api/user/register/{$}", 400, 0},
		{ann, "GET", "/api/user/current/", "", "GET /api/user/current/{$}", 200, 1},
		{ann, "GET", at("/api/chat/%d/", id) + "?after=비밀스러운", "", "GET /api/chat/{id}/{$}", 400, 1},
		{ann, "GET", "/api/post/?category=비밀스러운", "", "GET /api/post/{$}", 400, 1},
		{nobody, "GET", at("/ws/chat/%d/", id) + "?token=" + ann.token, "", "GET /ws/chat/{id}/{$}", 426, 0},
		{nobody, "GET", at("/ws/chat/%d", id) + "?token=" + ann.token, "", "", 308, 0},
		{nobody, "GET", "/api/비밀스러운/?token=" + ann.token, "", "/api/", 404, 0},
		{ann, "DELETE", "/api/user/current/", "", "/api/user/current/{$}", 405, 0},
		{ann, "POST", "/api/post/write/", `{"title":"비밀스러운","category":"치킨","content":"hunter2hunter2","target_number":2}`, "POST /api/post/write/{$}", 201, 1},
		{ann, "DELETE", at("/api/chat/%d/", id), "", "DELETE /api/chat/{id}/{$}", 204, 1},
		{nobody, "GET", "/", "", "/", 200, 0},
	} {
		s.log.Reset()
		a := s.ask(tt.who, tt.method, tt.path, tt.body)
		text := s.log.String()
		lines := s.lines()
		require.Len(t, lines, 1, "%s %s", tt.method, tt.path)
		line := lines[0]
		assert.Equal(t, "request", line["msg"])
		assert.Equal(t, tt.route, line["route"])
		assert.Equal(t, tt.method, line["method"])
		assert.EqualValues(t, tt.status, line["status"], tt.path)
		assert.EqualValues(t, tt.user, line["user"], tt.path)
		assert.Equal(t, a.Header().Get("X-Request-Id"), line["request"])
		for _, secret := range secrets {
			assert.NotContains(t, text, secret, "%s %s", tt.method, tt.path)
		}
	}
}

// hijackable is a writer whose connection can be taken over.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.conn, nil, nil }

func TestSocketsTakeOverTheConnection(t *testing.T) {
	s := newSite(t)
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	s.Socket = func(w http.ResponseWriter, _ *http.Request) error {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			assert.Same(t, ours, conn)
		}
		return err
	}
	s.build()
	s.server.ServeHTTP(hijackable{httptest.NewRecorder(), ours}, httptest.NewRequest("GET", "/ws/chat/1/", nil))
	assert.EqualValues(t, 101, s.lines()[0]["status"])

	a := s.ask(nobody, "GET", "/ws/chat/1/", "") // whose writer cannot be
	a.refused(500, "internal")
}

func TestRecorder(t *testing.T) {
	w := httptest.NewRecorder()
	rec := &recorder{ResponseWriter: w}
	rec.WriteHeader(http.StatusEarlyHints)
	rec.WriteHeader(http.StatusCreated)
	assert.Equal(t, 201, rec.status)
	assert.NoError(t, http.NewResponseController(rec).Flush(), "the real writer can be reached")

	rec = &recorder{ResponseWriter: httptest.NewRecorder()}
	_, err := io.WriteString(rec, "x")
	require.NoError(t, err)
	assert.Equal(t, 200, rec.status)
	note(httptest.NewRecorder(), 1) // has no log to note it in
}

func TestObserve(t *testing.T) {
	s := newSite(t)
	var begun int
	var heard []string
	s.Observe = func() func(string, string, int, string, time.Duration) {
		begun++
		return func(route, method string, status int, code string, took time.Duration) {
			assert.Positive(t, took)
			heard = append(heard, fmt.Sprintf("%s %s %d %s", method, route, status, code))
		}
	}
	s.build()
	ann := s.person("ann")
	room := s.open(4, ann)
	for _, ask := range []struct{ method, path, body, want string }{
		{"GET", fmt.Sprintf("/api/chat/%d/?limit=1", room), "", "GET /api/chat/{id}/ 200 "},
		{"GET", "/api/post/detail/99/", "", "GET /api/post/detail/{id}/ 404 post_not_found"},
		{"POST", "/api/post/write/", "{", "POST /api/post/write/ 400 malformed_body"},
		{"BREW", "/api/post/", "", "BREW /api/post/ 405 method_not_allowed"},
		{"GET", "/api/post", "", "GET  308 "},
		{"GET", "/api/99", "", "GET  404 not_found"},
		{"GET", "/api", "", "GET  404 not_found"},
		{"GET", "/ws/99/", "", "GET  404 not_found"},
		{"GET", "/api//post/", "", "GET  404 not_found"},
		{"GET", "/room/99", "", "GET / 200 "},
		{"GET", "/readyz", "", "GET /readyz 200 "},
	} {
		heard = nil
		s.ask(ann, ask.method, ask.path, ask.body)
		assert.Equal(t, []string{ask.want}, heard)
	}
	assert.Equal(t, 11, begun)

	t.Run("a page of another site", func(t *testing.T) {
		heard = nil
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/post/write/", nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		s.send(r)
		assert.Equal(t, []string{"POST  403 cross_origin"}, heard)
	})

	t.Run("a panic", func(t *testing.T) {
		heard = nil
		s.App = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
		s.build()
		s.ask(nobody, "GET", "/", "")
		assert.Equal(t, []string{"GET / 500 internal"}, heard)
	})

	t.Run("a socket, once it is open", func(t *testing.T) {
		heard = nil
		over := make(chan struct{})
		s.Socket = func(w http.ResponseWriter, _ *http.Request) error {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			assert.Equal(t, []string{"GET /ws/chat/{id}/ 101 "}, heard, "before it is over")
			close(over)
			return conn.Close()
		}
		s.build()
		server := httptest.NewServer(s.server)
		defer server.Close()
		if resp, err := server.Client().Get(server.URL + "/ws/chat/1/"); err == nil {
			resp.Body.Close()
		}
		<-over
		server.Close()
		assert.Len(t, heard, 1, "and not again when it is")
	})
}
