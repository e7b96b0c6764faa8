package httpapi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Limits counts how often somebody asks. Where it has no quotas, nobody counts.
type Limits struct {
	// Here counts in this process what bounds the load that people put on it, with
	// every request. To ask Redis each time would make GET current take five times as
	// long (0.2 ms for 0.04), where this cannot be told from noise. The price is that n
	// nodes allow n times as much, and they can also do as much.
	Here port.Quota
	// Joint counts for all processes what is worth abusing.
	Joint port.Quota
}

// rate is how often somebody may do something.
type rate struct {
	port.Limit
	name   string
	policy string // as the header has it
	joint  bool
}

func newRate(name string, burst int, per time.Duration) rate {
	return rate{port.Limit{Burst: burst, Per: per}, name, fmt.Sprintf(`"%s";q=%d;w=%d`, name, burst, int(per.Seconds())), false}
}

func jointRate(name string, burst int, per time.Duration) rate {
	l := newRate(name, burst, per)
	l.joint = true
	return l
}

// What may be done how often. Behind one network there may be a whole school, so
// that those who can be told apart better are.
var (
	reading     = newRate("reads", 300, time.Minute)               // of a user
	writing     = newRate("writes", 60, time.Minute)               // of a user
	looking     = newRate("public-reads", 300, time.Minute)        // of a network, by nobody in particular
	registering = jointRate("registrations", 20, time.Hour)        // of a network
	refreshing  = jointRate("refreshes", 30, time.Minute)          // of a sign-in
	returning   = jointRate("network-refreshes", 300, time.Minute) // of a network: sign-ins can be made up
	vouching    = jointRate("social-logins", 60, time.Minute)      // of a network: each asks a provider
	connecting  = jointRate("handshakes", 30, time.Minute)         // of an address
)

// errTooOften refuses what somebody has done too often of late.
var errTooOften = fault.New(fault.TooMany, "too_many_requests", "요청이 너무 많아요. 잠시 후 다시 시도해 주세요.")

// take counts a request of whom, or returns when there may be one again. In any case
// the answer will tell how many more there may be. A quota that fails lets nobody in.
func (l Limits) take(w http.ResponseWriter, r *http.Request, of rate, whom string) error {
	quota := l.Here
	if of.joint {
		quota = l.Joint
	}
	if quota == nil {
		return nil
	}
	left, err := quota.Take(r.Context(), of.name+" of "+whom, of.Limit, 1)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Add("Ratelimit-Policy", of.policy)
	h.Add("Ratelimit", `"`+of.name+`";r=`+strconv.Itoa(left.Remaining)+`;t=`+strconv.Itoa(seconds(left.Reset)))
	if !left.OK {
		return fault.After(errTooOften, left.RetryAfter)
	}
	return nil
}

// takeAs is take for somebody who is signed in.
func (l Limits) takeAs(w http.ResponseWriter, r *http.Request, who user.ID) error {
	of := writing
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		of = reading
	}
	return l.take(w, r, of, strconv.FormatInt(int64(who), 10))
}

// limited lets h answer no more often than a rate allows those whom tell tells apart.
func (a *API) limited(of rate, tell func(*http.Request) string, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := a.Limits.take(w, r, of, tell(r)); err != nil {
			return err
		}
		return h(w, r)
	}
}

// address tells single addresses apart. Whoever has one of IPv6 has a network of
// them.
func address(r *http.Request) string {
	at := Client(r.Context())
	if at.Is6() {
		return netip.PrefixFrom(at, 64).Masked().String()
	}
	return at.String()
}

// returns lets h answer no more often than each sign-in that a browser is kept in,
// and the whole network of it, may come back by its cookie.
func (a *API) returns(h Handler) Handler {
	return a.limited(returning, network, func(w http.ResponseWriter, r *http.Request) error {
		if kept, ok := keptToken(r); ok {
			if err := a.Limits.take(w, r, refreshing, fmt.Sprintf("%x", kept.Family())); err != nil {
				return err
			}
		}
		return h(w, r)
	})
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// maxInFlight is how many requests a process answers at once. Beyond that it is
// quicker to come again than to wait.
const maxInFlight = 256

// Load tells how many requests there may be at once, and how many were sent away
// because there were as many.
func (a *API) Load() (most int, shed int64) { return maxInFlight, a.shed.Load() }

// admit sends requests away at once while there are too many. Probes are let in
// always, and a socket that is open is no request any more.
func (a *API) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, ok := w.(*recorder)
		if !ok || probes(r) {
			next.ServeHTTP(w, r)
			return
		}
		rec.admitted = &a.inFlight
		if a.inFlight.Add(1) > maxInFlight {
			a.shed.Add(1)
			w.Header().Set("Retry-After", strconv.Itoa(1+rand.IntN(3))) // not all at once
			a.refuse(w, r, errSlow)
			return
		}
		next.ServeHTTP(w, r)
	})
}
