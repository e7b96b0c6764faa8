package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// checkTime bounds one check.
const checkTime = time.Second

// Check is something that must hold for the service to be ready.
type Check struct {
	Name string // in the answer of /readyz; it never changes
	Run  func(context.Context) error
}

// readiness reports whether requests should come here. Each check runs once for all who
// ask at the same time.
type readiness struct {
	checks   []Check
	draining atomic.Bool
	flights  singleflight.Group

	mu     sync.Mutex
	logged []string // what failed when it was last logged
}

// Drain makes /readyz say no while the service still runs. Connections are closed after
// their next response, so that nobody is cut off when the listener closes.
func (a *API) Drain() { a.ready.draining.Store(true) }

// check runs all checks in parallel, and returns the names of those that fail, and for
// the log their names and errors. A check that hangs is not run again until it returns.
func (rd *readiness) check() (failed []string, errs []any) {
	if rd.draining.Load() {
		return []string{"draining"}, nil
	}
	late, cancel := context.WithTimeout(context.Background(), checkTime) // of no single request: others wait for it too
	defer cancel()
	answers := make([]<-chan singleflight.Result, len(rd.checks))
	for i, c := range rd.checks {
		answers[i] = rd.flights.DoChan(c.Name, func() (_ any, err error) {
			ctx, cancel := context.WithTimeout(context.Background(), checkTime)
			defer cancel()
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v", v)
				}
			}()
			return nil, c.Run(ctx)
		})
	}
	for i, c := range rd.checks {
		if err := result(late, answers[i]); err != nil {
			failed, errs = append(failed, c.Name), append(errs, c.Name, err)
		}
	}
	return failed, errs
}

// result waits for an answer until late ends. An answer that came in time counts.
func result(late context.Context, answer <-chan singleflight.Result) error {
	select {
	case r := <-answer:
		return r.Err
	case <-late.Done():
	}
	select {
	case r := <-answer:
		return r.Err
	default:
		return late.Err()
	}
}

// changed reports whether failed differs from what was logged last.
func (rd *readiness) changed(failed []string) bool {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	defer func() { rd.logged = failed }()
	return !slices.Equal(failed, rd.logged)
}

// isProbe reports whether r asks for one of a.probes.
func isProbe(r *http.Request) bool { return r.URL.Path == livez || r.URL.Path == readyz }

const (
	livez  = "/livez"
	readyz = "/readyz"
)

// probes come from machines, often and also under load: they are logged at level debug,
// and no limit and no queue is before them.
func (a *API) probes() []route {
	return []route{
		open("GET", livez, a.live),
		open("GET", readyz, a.readyz),
	}
}

func (a *API) probe(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rec, ok := w.(*recorder); ok {
			rec.quiet = true
		}
		if err := h(w, r); err != nil {
			a.refuse(w, r, err)
		}
	})
}

type healthJSON struct {
	Status string `json:"status"`
}

var errNotReady = &refusal{http.StatusServiceUnavailable, "not_ready", "지금은 요청을 받을 수 없어요. 잠시 후 다시 시도해 주세요."}

// notReady is errNotReady together with the names of the checks that do not hold.
type notReady struct{ failed []string }

func (notReady) Error() string { return errNotReady.Error() }

func (notReady) Unwrap() error { return errNotReady }

// live says that the process answers. It depends on nothing, so that no outage
// elsewhere gets the process restarted.
func (a *API) live(w http.ResponseWriter, _ *http.Request) error {
	return respond(w, http.StatusOK, healthJSON{"live"})
}

func (a *API) readyz(w http.ResponseWriter, r *http.Request) error {
	failed, errs := a.ready.check()
	if a.ready.changed(failed) {
		if len(failed) > 0 {
			a.log.WarnContext(r.Context(), "not ready", append([]any{"failed", failed}, errs...)...)
		} else {
			a.log.InfoContext(r.Context(), "ready again")
		}
	}
	if len(failed) > 0 {
		return notReady{failed}
	}
	return respond(w, http.StatusOK, healthJSON{"ready"})
}
