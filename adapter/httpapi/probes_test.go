package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newProbed is an API of which nothing but the probes works.
func newProbed(t *testing.T, checks ...Check) *site {
	log := &bytes.Buffer{}
	s := &site{T: t, log: log, Config: Config{
		Checks: checks,
		App:    http.NotFoundHandler(),
		Log:    slog.New(slog.NewJSONHandler(log, nil)),
		NewID:  func() string { return "request" },
	}}
	s.build()
	return s
}

// notReady expects a refusal that names these checks.
func (a *answer) notReady(failed ...any) {
	a.Helper()
	assert.Empty(a, a.refused(503, "not_ready"))
	assert.Equal(a, "1", a.Header().Get("Retry-After"))
	assert.Equal(a, failed, a.json(503)["failed"])
}

func holds(context.Context) error { return nil }

func TestLivenessDependsOnNothing(t *testing.T) {
	s := newProbed(t, Check{"database", func(context.Context) error { panic("asked") }})
	s.Drain()
	s.ask(nobody, "GET", "/livez", "").is(200, object{"status": "live"})
	s.ask(nobody, "HEAD", "/livez", "").json(200)
	s.ask(nobody, "POST", "/livez", "").refused(405, "method_not_allowed")
	assert.Equal(t, 404, s.ask(nobody, "GET", "/livez/", "").Code)
}

func TestReadiness(t *testing.T) {
	t.Run("of a service that depends on nothing", func(t *testing.T) {
		newProbed(t).ask(nobody, "GET", "/readyz", "").is(200, object{"status": "ready"})
	})

	t.Run("names what fails, and nothing of why", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var broken error
			s := newProbed(t,
				Check{"database", func(context.Context) error { return broken }},
				Check{"cache", holds},
				Check{"disk", func(context.Context) error { return broken }})
			ready := func() *answer { time.Sleep(lookEvery); return s.ask(nobody, "GET", "/readyz", "") }
			ready().is(200, object{"status": "ready"})
			broken = errors.New("password of 10.0.0.7")
			for range 3 {
				a := ready()
				a.notReady("database", "disk")
				assert.NotContains(t, a.Body.String(), "10.0.0.7")
			}
			broken = nil
			for range 3 {
				ready().is(200, object{"status": "ready"})
			}
			assert.Equal(t, 2, strings.Count(s.log.String(), "\n"), "the log has the changes, and not every probe: %s", s.log)
			assert.Contains(t, s.log.String(), "10.0.0.7")
			assert.Contains(t, s.log.String(), "ready again")
		})
	})

	t.Run("outlives two late answers, as of a busy machine", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var state error
			s := newProbed(t, Check{"database", func(ctx context.Context) error {
				if errors.Is(state, context.DeadlineExceeded) {
					<-ctx.Done()
					return fmt.Errorf("ask the database: %w", ctx.Err())
				}
				return state
			}})
			for i, tt := range []struct {
				state error
				ready bool
			}{
				{context.DeadlineExceeded, false}, // never ready so far
				{nil, true},
				{context.DeadlineExceeded, true},
				{context.DeadlineExceeded, true},
				{nil, true},
				{context.DeadlineExceeded, true},
				{context.DeadlineExceeded, true},
				{context.DeadlineExceeded, false}, // the third in a row
				{context.DeadlineExceeded, false},
				{nil, true},
				{errors.New("connection refused"), false},
				{context.DeadlineExceeded, false},
				{nil, true},
			} {
				synctest.Wait() // for checks that nobody waits for any more
				state = tt.state
				time.Sleep(lookEvery)
				if a := s.ask(nobody, "GET", "/readyz", ""); tt.ready {
					assert.Equal(t, 200, a.Code, "%d: %s", i, a.Body)
				} else {
					a.notReady("database")
				}
			}
		})
	})

	t.Run("is looked at once a second, whoever asks", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			looks := 0
			s := newProbed(t, Check{"database", func(context.Context) error { looks++; return nil }})
			for range 100 {
				s.ask(nobody, "GET", "/readyz", "").json(200)
			}
			assert.Equal(t, 1, looks)
			time.Sleep(lookEvery)
			s.ask(nobody, "GET", "/readyz", "").json(200)
			assert.Equal(t, 2, looks)
		})
	})

	t.Run("ends when the service drains, whatever else holds", func(t *testing.T) {
		looks := 0
		s := newProbed(t, Check{"database", func(context.Context) error { looks++; return nil }})
		assert.Empty(t, s.ask(nobody, "GET", "/readyz", "").Header().Get("Connection"))
		s.Drain()
		a := s.ask(nobody, "GET", "/readyz", "")
		a.notReady("draining")
		assert.Equal(t, "close", a.Header().Get("Connection"))
		assert.Equal(t, "close", s.ask(nobody, "GET", "/", "").Header().Get("Connection"), "so do connections that ask something else")
		assert.Equal(t, 1, looks)
	})

	t.Run("lives through a check that panics", func(t *testing.T) {
		s := newProbed(t, Check{"database", func(context.Context) error { panic("oh") }})
		s.ask(nobody, "GET", "/readyz", "").notReady("database")
	})
}

func TestReadinessWaitsForNobody(t *testing.T) {
	for name, hang := range map[string]func(context.Context) error{
		"a check that minds its time":    func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"a check that forgets its time":  func(context.Context) error { time.Sleep(time.Hour); return nil },
		"a check that is only just late": func(context.Context) error { time.Sleep(checkTime + 1); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newProbed(t,
					Check{"first", hang},
					Check{"quick", holds},
					Check{"slow", func(context.Context) error { time.Sleep(checkTime / 2); return nil }})
				began := time.Now()
				s.ask(nobody, "GET", "/readyz", "").notReady("first")
				assert.Equal(t, checkTime, time.Since(began), "checks are made side by side")
				time.Sleep(time.Hour)
			})
		})
	}
}

func TestAStormOfProbesLooksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int32
		back := make(chan struct{})
		s := newProbed(t, Check{"database", func(context.Context) error {
			looks.Add(1)
			<-back
			return nil
		}})
		storm := func(status int) {
			time.Sleep(lookEvery) // for which the last answer is shared
			codes := make(chan int)
			for range 100 {
				go func() {
					w := httptest.NewRecorder()
					s.server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", nil))
					codes <- w.Code
				}()
			}
			synctest.Wait()
			if status == 200 {
				close(back)
			}
			for range 100 {
				require.Equal(t, status, <-codes)
			}
		}
		storm(503)
		storm(503) // the first look hangs still
		storm(200)
		assert.EqualValues(t, 1, looks.Load())
	})
}
