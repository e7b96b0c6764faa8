package httpapi

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A wire is a connection from some address.
type wire struct {
	net.Conn
	from string
}

func (w wire) RemoteAddr() net.Addr { return endpoint(w.from + ":4711") }

type endpoint string

func (endpoint) Network() string  { return "tcp" }
func (e endpoint) String() string { return string(e) }

// wires is a listener that nothing but dial reaches, so that time can be made up.
type wires struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (w *wires) Addr() net.Addr { return endpoint("127.0.0.1:80") }
func (w *wires) Close() error   { close(w.closed); return nil }
func (w *wires) Accept() (net.Conn, error) {
	select {
	case conn := <-w.accepted:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// served runs a site that has nothing but these routes, behind the timeouts of the
// program. dial connects from an address.
func served(t *testing.T, routes ...route) (s *site, dial func(from string) net.Conn) {
	s = &site{T: t, Config: Config{
		App:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the app") }),
		Log:   slog.New(slog.DiscardHandler),
		NewID: rand.Text,
	}}
	s.API = New(s.Config)
	s.routes = routes
	s.server = s.Handler()
	ln := &wires{make(chan net.Conn), make(chan struct{})}
	srv := &http.Server{Handler: s.server, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return s, func(from string) net.Conn {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { ours.Close() })
		ln.accepted <- wire{theirs, from}
		return ours
	}
}

// reader is a route that reads a form.
var reader = open("POST", "/api/form/", func(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(w, r); err != nil {
		return err
	}
	return done(w)
})

// post begins a request with a body of ten bytes, of which it sends some.
func post(t *testing.T, conn net.Conn, sent string) {
	t.Helper()
	_, err := fmt.Fprintf(conn, "POST /api/form/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n%s", sent)
	require.NoError(t, err)
}

// answered expects the answer to what was sent over conn.
func answered(t *testing.T, conn net.Conn) *answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	if resp.Close {
		w.Header().Set("Connection", "close")
	}
	w.Code = resp.StatusCode
	w.Body.Write(text)
	return &answer{t, w}
}

func TestARequestTakesItsPlaceWithItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dial := served(t, reader)
		var slow []net.Conn
		for i := range maxInFlight + 50 {
			conn := dial(fmt.Sprintf("10.0.%d.%d", i/20, i%20))
			post(t, conn, "{")
			slow = append(slow, conn)
		}
		synctest.Wait()
		assert.Zero(t, s.inFlight.Load())
		assert.Equal(t, 200, s.ask(nobody, "GET", "/", "").Code, "others are served meanwhile")

		_, err := io.WriteString(slow[0], `"a":"bc"}`)
		require.NoError(t, err)
		answered(t, slow[0]).empty(204)
		began := time.Now()
		for _, conn := range slow[1:] {
			a := answered(t, conn)
			a.refused(408, "body_too_slow")
			assert.Equal(t, "close", a.Header().Get("Connection"))
		}
		assert.Equal(t, bodyTime, time.Since(began))
	})
}

func TestOnlySoManyRequestsAreUnfinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := served(t, reader)
		begin := func(from string) net.Conn {
			conn := dial(from)
			post(t, conn, "{")
			synctest.Wait()
			return conn
		}
		first := begin("10.0.0.1")
		for range maxUnfinishedOfOne - 1 {
			begin("10.0.0.1")
		}
		refused := answered(t, begin("10.0.0.1"))
		refused.refused(429, "too_many_requests")
		assert.Equal(t, "1", refused.Header().Get("Retry-After"))
		assert.Equal(t, "close", refused.Header().Get("Connection"))
		_, err := io.WriteString(first, `"a":"bc"}`)
		require.NoError(t, err)
		answered(t, first).empty(204)
		begin("10.0.0.1") // in the place of the first

		for i := 1; i < maxUnfinished/maxUnfinishedOfOne; i++ {
			for range maxUnfinishedOfOne {
				begin(fmt.Sprintf("10.0.1.%d", i))
			}
		}
		answered(t, begin("10.0.2.1")).refused(503, "busy")
		time.Sleep(bodyTime)
		synctest.Wait()
		again := begin("10.0.2.1")
		_, err = io.WriteString(again, `"a":"bc"}`)
		require.NoError(t, err)
		answered(t, again).empty(204)
	})
}

// The time for the body is no time for the work: see deadline.
func TestARequestThatIsHereHasNoReadDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := served(t, open("GET", "/api/long/", func(w http.ResponseWriter, r *http.Request) error {
			select {
			case <-r.Context().Done():
				return ErrUpgrade
			case <-time.After(20 * time.Second):
				return done(w)
			}
		}).within(25*time.Second))
		for _, body := range []string{"", "123"} {
			conn := dial("10.0.0.1")
			fmt.Fprintf(conn, "GET /api/long/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			answered(t, conn).empty(204)
		}
	})
}

func TestAClientThatLeavesBeforeItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dial := served(t, reader)
		conn := dial("10.0.0.1")
		post(t, conn, "{")
		synctest.Wait()
		conn.Close()
		synctest.Wait()
		assert.Zero(t, s.unfinished.all)
		assert.Empty(t, s.unfinished.of)

		conn = dial("10.0.0.1")
		_, err := io.WriteString(conn, "POST /api/form/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n")
		require.NoError(t, err)
		answered(t, conn).refused(400, "malformed_body")
	})
}

func TestABodyThatIsTooLargeIsNotReceived(t *testing.T) {
	s := newSite(t)
	r := httptest.NewRequest("POST", "/api/user/login/", unread{t})
	r.ContentLength = maxBody + 1
	a := s.send(r)
	a.refused(413, "body_too_large")
	assert.Equal(t, "close", a.Header().Get("Connection"))
	r = httptest.NewRequest("POST", "/api/post/", strings.NewReader(strings.Repeat(" ", maxBody+1)))
	r.ContentLength = -1
	s.send(r).refused(413, "body_too_large")
}
