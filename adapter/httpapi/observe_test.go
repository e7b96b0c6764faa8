package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
