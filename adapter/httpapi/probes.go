package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// checkTime bounds one check.
	checkTime = time.Second
	// lookEvery is for how long an answer of /readyz is shared.
	lookEvery = time.Second
	// patience is how many looks in a row a check may be late before it fails. A busy
	// machine is late everywhere: if one late check were enough, all nodes would be taken
	// out at the same time.
	patience = 3
)

// Check is something that must hold for the service to be ready.
type Check struct {
	Name string // in the answer of /readyz; it never changes
	// Run returns why the check does not hold. An error that is a time-out counts once
	// there have been patience of them in a row, and any other at once.
	Run func(context.Context) error
}

// readiness reports whether requests should come here.
type readiness struct {
	checks   []Check
	draining atomic.Bool
	last     atomic.Pointer[look]
	flights  singleflight.Group // of looks, by "", and of checks, by their names
	late     []int              // of each check: how many times it was late in a row; only looks use it

	mu     sync.Mutex
	logged []string // what failed when it was last logged
}

func newReadiness(checks []Check) readiness {
	// Whoever has never been ready is not, however late the first answer is.
	return readiness{checks: checks, late: slices.Repeat([]int{patience}, len(checks))}
}

// look is an answer, and when it was found.
type look struct {
	at     time.Time
	failed []string // the names of the checks that fail
	errs   []any    // for the log: their names and errors
}

// Drain makes /readyz say no while the service still runs. Connections are closed after
// their next response, so that nobody is cut off when the listener closes.
func (a *API) Drain() { a.ready.draining.Store(true) }

// check returns the last look, or looks again if that is too old. All who ask meanwhile
// wait for the same look.
func (rd *readiness) check() look {
	if rd.draining.Load() {
		return look{failed: []string{"draining"}}
	}
	if l := rd.last.Load(); l != nil && time.Since(l.at) < lookEvery {
		return *l
	}
	found, _, _ := rd.flights.Do("", func() (any, error) {
		l := rd.look()
		rd.last.Store(&l)
		return l, nil
	})
	return found.(look)
}

// look runs all checks in parallel. A check that hangs is not run again until it returns.
func (rd *readiness) look() (l look) {
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
		err := result(late, answers[i])
		slow, _ := errors.AsType[net.Error](err) // context.DeadlineExceeded is one
		switch {
		case err == nil:
			rd.late[i] = 0
		case slow != nil && slow.Timeout():
			rd.late[i] = min(rd.late[i]+1, patience)
		default:
			rd.late[i] = patience
		}
		if rd.late[i] == patience {
			l.failed, l.errs = append(l.failed, c.Name), append(l.errs, c.Name, err)
		}
	}
	l.at = time.Now()
	return l
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
// and have a place at any time: see admit.
func (a *API) probes() []route {
	return []route{
		open("GET", livez, a.live, limit{probes, perAddress}),
		open("GET", readyz, a.readyz, limit{probes, perAddress}),
	}
}

func (a *API) probe(rt route) http.Handler {
	h := a.limited(rt.limits, rt.open)
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
	l := a.ready.check()
	if a.ready.changed(l.failed) {
		if len(l.failed) > 0 {
			a.log.WarnContext(r.Context(), "not ready", append([]any{"failed", l.failed}, l.errs...)...)
		} else {
			a.log.InfoContext(r.Context(), "ready again")
		}
	}
	if len(l.failed) > 0 {
		return notReady{l.failed}
	}
	return respond(w, http.StatusOK, healthJSON{"ready"})
}
