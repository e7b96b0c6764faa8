package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Limits are the counters of rate limits. Without them nothing is limited.
type Limits struct {
	// Local counts in this process what bounds the load on it, with every request. To
	// ask Redis each time would make GET current take five times as long (0.2 ms for
	// 0.04), where this is within the noise. The price is that n nodes allow n times as
	// much, which they can also serve.
	Local port.Quota
	// Cluster counts for all processes what is worth abusing.
	Cluster port.Quota
}

// rate is how often something may be done.
type rate struct {
	port.Limit
	name    string
	policy  string // as the header has it
	cluster bool
}

func newRate(name string, burst int, per time.Duration) rate {
	return rate{port.Limit{Burst: burst, Per: per}, name, fmt.Sprintf(`"%s";q=%d;w=%d`, name, burst, int(per.Seconds())), false}
}

func clusterRate(name string, burst int, per time.Duration) rate {
	l := newRate(name, burst, per)
	l.cluster = true
	return l
}

func (r rate) key(who string) string { return r.name + " of " + who }

// Behind one network there may be a whole school, so limits count something narrower
// where they can.
var (
	reads            = newRate("reads", 300, time.Minute)         // of a user
	writes           = newRate("writes", 60, time.Minute)         // of a user
	publicReads      = newRate("public-reads", 300, time.Minute)  // of a network
	sharedReads      = newRate("shared-reads", 300, time.Minute)  // of a network: who tries codes takes nothing from others
	signInTries      = newRate("sign-in-tries", 300, time.Minute) // of a network, before the store is asked
	probes           = newRate("probes", 300, time.Minute)        // of an address
	registrations    = clusterRate("registrations", 20, time.Hour)
	refreshes        = clusterRate("refreshes", 30, time.Minute)          // of a sign-in
	networkRefreshes = clusterRate("network-refreshes", 300, time.Minute) // since sign-ins can be made up
	socialLogins     = clusterRate("social-logins", 60, time.Minute)      // each asks a provider
	handshakes       = clusterRate("handshakes", 30, time.Minute)         // see sockets.handshake
)

// limit is how often a route may be used by each one of a subject.
type limit struct {
	rate
	by subject
}

// subject tells requests apart for a limit. of returns false for a request to which the
// limit does not apply.
type subject struct {
	name string
	of   func(*http.Request) (who string, ok bool)
}

var (
	perNetwork = subject{"network", func(r *http.Request) (string, bool) { return network(r), true }}
	perAddress = subject{"address", func(r *http.Request) (string, bool) { return address(r), true }}
	// noTicket applies to handshakes without a ticket. Those with one: see sockets.handshake.
	noTicket = subject{"address without a ticket", func(r *http.Request) (string, bool) {
		return address(r), !r.URL.Query().Has("ticket")
	}}
	perSignIn = subject{"sign-in", func(r *http.Request) (string, bool) {
		kept, ok := keptToken(r)
		return fmt.Sprintf("%x", kept.Family()), ok
	}}
)

// errTooOften refuses what somebody has done too often.
var errTooOften = fault.New(fault.TooMany, "too_many_requests", "요청이 너무 많아요. 잠시 후 다시 시도해 주세요.")

// take counts a request of who as n, or returns errTooOften with how long to wait. In both
// cases the answer has the headers of the limit. A counter that fails lets nobody in.
func (l Limits) take(w http.ResponseWriter, r *http.Request, of rate, who string, n int) error {
	quota := l.quota(of)
	if quota == nil {
		return nil
	}
	left, err := quota.Take(r.Context(), of.key(who), of.Limit, n)
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

// quota returns what counts a rate. It is nil if nothing does.
func (l Limits) quota(of rate) port.Quota {
	if of.cluster {
		return l.Cluster
	}
	return l.Local
}

// look returns errTooOften if who has nothing left, and counts nothing.
func (l Limits) look(ctx context.Context, of rate, who string) error {
	quota := l.quota(of)
	if quota == nil {
		return nil
	}
	left, err := quota.Take(ctx, of.key(who), of.Limit, 0)
	if err != nil || left.Remaining > 0 {
		return err
	}
	return fault.After(errTooOften, of.Per/time.Duration(of.Burst))
}

// Handshake counts a handshake by a ticket of a sign-in: many people may come back from
// one address at the same time.
func (l Limits) Handshake(ctx context.Context, by signin.ID) error {
	quota := l.quota(handshakes)
	if quota == nil {
		return nil
	}
	left, err := quota.Take(ctx, handshakes.key(fmt.Sprint("sign-in ", by)), handshakes.Limit, 1)
	if err != nil || left.OK {
		return err
	}
	return fault.After(errTooOften, left.RetryAfter)
}

// takeAs is take for somebody with a token.
func (l Limits) takeAs(w http.ResponseWriter, r *http.Request, who string, n int) error {
	of := writes
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		of = reads
	}
	return l.take(w, r, of, who, n)
}

// limited puts limits before h, the first one first.
func (b *base) limited(limits []limit, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		for _, l := range limits {
			who, ok := l.by.of(r)
			if !ok {
				continue
			}
			if err := b.limits.take(w, r, l.rate, who, 1); err != nil {
				return err
			}
		}
		return h(w, r)
	}
}

// address tells single addresses apart. Who has an address of IPv6 has a network of
// them.
func address(r *http.Request) string {
	at := Client(r.Context())
	if at.Is6() {
		return netip.PrefixFrom(at, 64).Masked().String()
	}
	return at.String()
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
