package httpapi

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// observe gives each request an id and a line in the log, and recovers from panics.
func (a *API) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := a.newID()
		c := a.edge.caller(r, id)
		maps.Copy(w.Header(), protection)
		if c.secure {
			maps.Copy(w.Header(), protectionByTLS)
		}
		w.Header().Set("X-Request-Id", id)
		if a.ready.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		if a.strangers.due(a.edge, r, began) {
			a.log.WarnContext(r.Context(), "X-Forwarded-For from an address that is not a trusted proxy: its clients are counted as one", "peer", peerOf(r).String())
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
		rec := &recorder{ResponseWriter: w}
		if a.begin != nil {
			ended := a.begin()
			rec.ended = func() { ended(routeOf(r.Pattern), r.Method, rec.status, rec.code, time.Since(began)) }
		}
		defer func() {
			rec.end()
			level := slog.LevelInfo
			if rec.quiet {
				level = slog.LevelDebug
			}
			a.log.LogAttrs(r.Context(), level, "request",
				slog.String("request", id),
				slog.String("method", r.Method),
				slog.String("route", r.Pattern),
				slog.Int("status", rec.status),
				slog.Float64("took_ms", milliseconds(time.Since(began))),
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
			a.log.ErrorContext(r.Context(), "panic", "request", id, "value", v, "stack", string(debug.Stack()))
			if rec.status != 0 {
				panic(http.ErrAbortHandler) // so that a partial answer does not look complete
			}
			a.refuse(rec, r, errPanic)
		}()
		next.ServeHTTP(rec, r)
	})
}

// milliseconds gives d with microseconds behind the point.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// routeOf returns the path of a pattern of ServeMux, or "" for the patterns that catch
// unknown paths.
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
