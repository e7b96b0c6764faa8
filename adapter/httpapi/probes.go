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

// checkTime bounds one look at what the service depends on.
const checkTime = time.Second

// Check is something that must hold for the service to be of use.
type Check struct {
	Name string // what probes call it, for good
	Ask  func(context.Context) error
}

// Readiness tells whether requests should come here. However many ask at once,
// each check is made once for all of them.
type Readiness struct {
	Checks []Check

	draining atomic.Bool
	looks    singleflight.Group

	mu   sync.Mutex
	told []string // what failed when it was last logged
}

// Drain makes the service not ready for as long as it still runs. Connections
// end with their next response, so that nobody is cut off when the listener goes.
func (rd *Readiness) Drain() { rd.draining.Store(true) }

// look makes all checks side by side, and returns the errors of those that do
// not hold by their names. A check that hangs is not made again until it is back.
func (rd *Readiness) look() (failed []string, errs []any) {
	if rd.draining.Load() {
		return []string{"draining"}, nil
	}
	late, cancel := context.WithTimeout(context.Background(), checkTime) // of no one's request: others wait for it too
	defer cancel()
	answers := make([]<-chan singleflight.Result, len(rd.Checks))
	for i, c := range rd.Checks {
		answers[i] = rd.looks.DoChan(c.Name, func() (_ any, err error) {
			ctx, cancel := context.WithTimeout(context.Background(), checkTime)
			defer cancel()
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v", v)
				}
			}()
			return nil, c.Ask(ctx)
		})
	}
	for i, c := range rd.Checks {
		if err := result(late, answers[i]); err != nil {
			failed, errs = append(failed, c.Name), append(errs, c.Name, err)
		}
	}
	return failed, errs
}

// result waits for an answer until it is too late. One that came in time counts.
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

// news tells whether failed differs from what was told last.
func (rd *Readiness) news(failed []string) bool {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	defer func() { rd.told = failed }()
	return !slices.Equal(failed, rd.told)
}

// probes tells whether r asks for one of a.probes.
func probes(r *http.Request) bool { return r.URL.Path == livez || r.URL.Path == readyz }

const (
	livez  = "/livez"
	readyz = "/readyz"
)

// probes are asked by machines, often and when all else is slow: they are not
// logged one by one, and nothing that makes others wait is before them.
func (a *API) probes() []route {
	return []route{
		{"GET", livez, a.live},
		{"GET", readyz, a.ready},
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
// elsewhere makes anybody restart it.
func (a *API) live(w http.ResponseWriter, _ *http.Request) error {
	return respond(w, http.StatusOK, healthJSON{"live"})
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) error {
	failed, errs := a.Ready.look()
	if a.Ready.news(failed) {
		if len(failed) > 0 {
			a.Log.WarnContext(r.Context(), "not ready", append([]any{"failed", failed}, errs...)...)
		} else {
			a.Log.InfoContext(r.Context(), "ready again")
		}
	}
	if len(failed) > 0 {
		return notReady{failed}
	}
	return respond(w, http.StatusOK, healthJSON{"ready"})
}
