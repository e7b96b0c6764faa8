package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Edge is what stands between the service and the people who use it.
type Edge struct {
	// Proxies are those whose X-Forwarded-For and X-Forwarded-Proto are trusted. Those
	// of others are ignored.
	Proxies []netip.Prefix
	// Public is the origin at which people find the service, written as browsers do:
	// https://mealbuddy.example. If it is "", requests may name any host.
	Public string
}

type callerKey struct{}

// caller is what is known of a request before anything of it is read.
type caller struct {
	request string // its id
	at      netip.Addr
	secure  bool
}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	if c == nil {
		return caller{}
	}
	return *c
}

// Client returns the address that a request comes from. It is that of the
// connection, unless a trusted proxy is there.
func Client(ctx context.Context) netip.Addr { return callerOf(ctx).at }

// Secure reports whether a request came by TLS, at least to the first proxy.
func Secure(ctx context.Context) bool { return callerOf(ctx).secure }

func requestID(ctx context.Context) string { return callerOf(ctx).request }

// caller finds who sends r. request is the id of r.
func (e Edge) caller(r *http.Request, request string) *caller {
	peer := peerOf(r)
	return &caller{
		request: request,
		at:      clientBehind(peer, r.Header["X-Forwarded-For"], e.trusts),
		secure:  r.TLS != nil || strings.HasPrefix(e.Public, "https://") || e.trusts(peer) && nearest(r.Header["X-Forwarded-Proto"]) == "https",
	}
}

// peerOf returns the other end of the connection. It is not valid if that is not TCP.
func peerOf(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return normal(at.Addr())
}

// proxyWarning is a warning of proxies that are not trusted, at most one in an hour.
type proxyWarning struct{ last atomic.Int64 }

const proxyWarningEvery = time.Hour

// due reports whether r comes from such a proxy, and it is time to say so: all of its
// clients count as one then.
func (p *proxyWarning) due(e Edge, r *http.Request, now time.Time) bool {
	if len(r.Header["X-Forwarded-For"]) == 0 || e.trusts(peerOf(r)) {
		return false
	}
	last := p.last.Load()
	return (last == 0 || now.Sub(time.Unix(0, last)) >= proxyWarningEvery) && p.last.CompareAndSwap(last, now.UnixNano())
}

func (e Edge) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(e.Proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}

// clientBehind follows X-Forwarded-For from peer, the nearest proxy, back to the
// client. It returns the first address that is not a trusted proxy, or the last one
// before the header ends or is malformed.
func clientBehind(peer netip.Addr, forwarded []string, trusted func(netip.Addr) bool) netip.Addr {
	at := peer
	for _, line := range slices.Backward(forwarded) {
		for more := true; more && trusted(at); {
			comma := strings.LastIndexByte(line, ',')
			next, ok := parseHop(line[comma+1:])
			if !ok {
				return at
			}
			at = next
			more = comma >= 0
			line = line[:max(0, comma)]
		}
		if !trusted(at) {
			return at
		}
	}
	return at
}

// parseHop reads an address that may have a port, or the brackets of one.
func parseHop(s string) (at netip.Addr, ok bool) {
	s = strings.TrimSpace(s)
	if inside, found := strings.CutPrefix(s, "["); found && strings.HasSuffix(inside, "]") {
		s = inside[:len(inside)-1]
	}
	at, err := netip.ParseAddr(s)
	if err != nil {
		both, err := netip.ParseAddrPort(s)
		return normal(both.Addr()), err == nil
	}
	return normal(at), true
}

// normal returns the one form of an address: IPv4 not mapped into IPv6, and no zone.
func normal(at netip.Addr) netip.Addr { return at.Unmap().WithZone("") }

// nearest returns the value that the nearest proxy has set, in lower case.
func nearest(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	return strings.ToLower(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]))
}

// Network returns the part of an address that a household or a company shares.
func Network(at netip.Addr) string {
	bits := 48
	if at.Is4() {
		bits = 24
	}
	prefix, err := at.Prefix(bits)
	if err != nil || !prefix.IsValid() {
		return ""
	}
	return prefix.String()
}
