package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Edge is what stands between the service and the people who use it.
type Edge struct {
	// Proxies are those whose word counts on whom they ask for. What others say of
	// that is ignored.
	Proxies []netip.Prefix
	// Public is the origin at which people find the service, written as browsers do:
	// https://mealbuddy.example. If it is "", every host that a request names will do.
	Public string
}

type callerKey struct{}

// caller is what is known of a request before anything of it is read.
type caller struct {
	request string // what the request is called
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

// Secure tells whether a request came by TLS, at least to the first proxy.
func Secure(ctx context.Context) bool { return callerOf(ctx).secure }

func requestID(ctx context.Context) string { return callerOf(ctx).request }

// meet finds out who sends r.
func (e Edge) meet(r *http.Request, request string) *caller {
	at, _ := netip.ParseAddrPort(r.RemoteAddr) // none of a connection that is not TCP
	peer := plain(at.Addr())
	return &caller{
		request: request,
		at:      behind(peer, r.Header["X-Forwarded-For"], e.trusts),
		secure:  r.TLS != nil || strings.HasPrefix(e.Public, "https://") || e.trusts(peer) && nearest(r.Header["X-Forwarded-Proto"]) == "https",
	}
}

func (e Edge) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(e.Proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}

// behind follows what proxies say of whom they ask for, from peer on, which is the
// last of them. It returns the first that is not trusted, or where the words end,
// or make no sense, the last that is known.
func behind(peer netip.Addr, forwarded []string, trusted func(netip.Addr) bool) netip.Addr {
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
		return plain(both.Addr()), err == nil
	}
	return plain(at), true
}

// plain gives an address its only form: an IPv4 address is not wrapped into one of
// IPv6, and the name of an interface does not count.
func plain(at netip.Addr) netip.Addr { return at.Unmap().WithZone("") }

// nearest returns what the last of all proxies says.
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

// hosts tells whether r is for this service: its name has to be the public one, if
// there is one. People on this machine may use one of the machine's.
func (e Edge) hosts(r *http.Request) bool {
	return e.Public == "" || e.named(r.Host) || local(r)
}

// named tells whether a Host names the public origin, with or without its port.
func (e Edge) named(host string) bool {
	scheme, public, _ := strings.Cut(e.Public, "://")
	port := ":80"
	if scheme == "https" {
		port = ":443"
	}
	return strings.EqualFold(host, public) || strings.EqualFold(host, public+port)
}

// local tells whether r comes from this machine to a name that only it has.
func local(r *http.Request) bool {
	if !Client(r.Context()).IsLoopback() {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

// foreign tells whether r is to change something, and is sent by a page of another
// origin than the public one. It is stricter than http.CrossOriginProtection, which
// knows no name of ours and takes plain http for https.
func (e Edge) foreign(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return e.Public != "" && !e.Owns(r)
}

// Owns tells whether the page that sends r is of this service: it has the public
// origin, or where there is none, that of the host which it asks. Programs that are
// no browsers name no origin.
func (e Edge) Owns(r *http.Request) bool {
	origin := r.Header["Origin"]
	switch {
	case len(origin) == 0:
		return true
	case len(origin) > 1:
		return false
	case e.Public != "" && !local(r):
		return origin[0] == e.Public
	}
	return r.Host != "" && (origin[0] == "http://"+r.Host || origin[0] == "https://"+r.Host)
}
