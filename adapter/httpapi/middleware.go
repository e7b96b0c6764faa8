package httpapi

import (
	"bufio"
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// maxURL bounds a request's address in bytes.
const maxURL = 8 << 10

// recorder notes what becomes of a request.
type recorder struct {
	http.ResponseWriter
	status int
	code   string // of the refusal
	who    user.ID
	quiet  bool   // not worth a line of the log
	ended  func() // to be called once, when what the client waits for is there; nil after that

	admitted *atomic.Int64 // counts requests, until what the client waits for is there; nil after that
}

// end says that what the client waits for is there, or nothing more to wait for.
func (rec *recorder) end() {
	if rec.admitted != nil {
		rec.admitted.Add(-1)
		rec.admitted = nil
	}
	if rec.ended != nil {
		rec.ended()
		rec.ended = nil
	}
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	return rec.ResponseWriter.Write(b)
}

// Hijack hands over the connection, as a WebSocket upgrade asks for.
func (rec *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(rec.ResponseWriter).Hijack()
	if err == nil {
		rec.status = http.StatusSwitchingProtocols
		rec.end()
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the real writer.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// note tells the log who asks.
func note(w http.ResponseWriter, who user.ID) {
	if rec, ok := w.(*recorder); ok {
		rec.who = who
	}
}

// observe names each request, writes one line about it to the log, and lives
// through a panic.
func (a *API) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := a.NewID()
		c := a.Edge.meet(r, id)
		maps.Copy(w.Header(), protection)
		if c.secure {
			maps.Copy(w.Header(), protectionByTLS)
		}
		w.Header().Set("X-Request-Id", id)
		if a.Ready.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
		rec := &recorder{ResponseWriter: w}
		if a.Observe != nil {
			ended := a.Observe()
			rec.ended = func() { ended(routeOf(r.Pattern), r.Method, rec.status, rec.code, time.Since(began)) }
		}
		defer func() {
			rec.end()
			level := slog.LevelInfo
			if rec.quiet {
				level = slog.LevelDebug
			}
			a.Log.LogAttrs(r.Context(), level, "request",
				slog.String("request", id),
				slog.String("method", r.Method),
				slog.String("route", r.Pattern),
				slog.Int("status", rec.status),
				slog.Duration("took", time.Since(began)),
				slog.Int64("user", int64(rec.who)),
			)
		}()
		defer func() {
			v := recover()
			switch {
			case v == nil:
				return
			case v == http.ErrAbortHandler:
				panic(v)
			}
			a.Log.ErrorContext(r.Context(), "panic", "request", id, "value", v, "stack", string(debug.Stack()))
			if rec.status != 0 {
				panic(http.ErrAbortHandler) // so that what was begun does not look whole
			}
			a.refuse(rec, r, errPanic)
		}()
		next.ServeHTTP(rec, r)
	})
}

// routeOf gives the path of a pattern of ServeMux, or "" if that is of the paths
// that are not known.
func routeOf(pattern string) string {
	_, path, method := strings.Cut(pattern, " ")
	if !method {
		path = pattern
	}
	if path == "/api" || path == "/api/" || path == "/ws" || path == "/ws/" {
		return ""
	}
	return strings.TrimSuffix(path, "{$}")
}

// protection is the headers that every response has. They suit an API; a page
// sets its own policy for content and caching. All responses share the values,
// which nobody changes but by setting others.
var protection = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"geolocation=(self), camera=(), microphone=()"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cache-Control":                {"no-store"},
}

// protectionByTLS is the headers that responses have besides where TLS protects them.
var protectionByTLS = http.Header{
	"Strict-Transport-Security": {"max-age=63072000; includeSubDomains"},
}

// ours keeps out what is for another host, and what pages of another origin send.
// The probes are asked by machines, under any name.
func (a *API) ours(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !a.Edge.hosts(r) && !probes(r):
			a.refuse(w, r, errHost)
		case a.Edge.foreign(r):
			a.refuse(w, r, ErrCrossOrigin)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// oneForm leads every path of the API to its one form, which ends in a slash.
// Paths that are written in a roundabout way are no paths of the API.
func (a *API) oneForm(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Path
		switch {
		case len(r.RequestURI) > maxURL:
			a.refuse(w, r, errURLSize)
		case !strings.HasPrefix(p, "/") || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/":
			a.refuse(w, r, errNoPath)
		case !strings.HasSuffix(p, "/") && known(mux, r):
			to := r.URL.EscapedPath() + "/"
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusPermanentRedirect)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// known tells whether the path of r, with a slash at its end, is one of the API.
func known(mux *http.ServeMux, r *http.Request) bool {
	slashed := r.Clone(r.Context())
	slashed.URL.Path += "/"
	slashed.URL.RawPath = ""
	_, pattern := mux.Handler(slashed)
	return strings.HasSuffix(pattern, "{$}")
}

// document serves the description of the API.
func (a *API) document(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(a.Document) // the asker has gone
	return nil
}
