package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ours refuses requests for another host, and changes sent by pages of another origin.
// Probes may come under any host name.
func (a *API) ours(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !a.edge.hosts(r) && !isProbe(r):
			a.refuse(w, r, errHost)
		case a.edge.foreign(r):
			a.refuse(w, r, ErrCrossOrigin)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hosts reports whether the Host of r is this service: the public one, if there is one.
// Clients on this machine may also use localhost.
func (e Edge) hosts(r *http.Request) bool {
	return e.Public == "" || e.named(r.Host) || local(r)
}

// named reports whether a Host names the public origin, with or without its port.
func (e Edge) named(host string) bool {
	scheme, public, _ := strings.Cut(e.Public, "://")
	port := ":80"
	if scheme == "https" {
		port = ":443"
	}
	return strings.EqualFold(host, public) || strings.EqualFold(host, public+port)
}

// local reports whether r comes from this machine to a loopback name.
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

// foreign reports whether r may change something and is sent by a page of another origin
// than the public one. It is stricter than http.CrossOriginProtection, which does not
// know the public origin and does not tell http from https.
func (e Edge) foreign(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return e.Public != "" && !e.Owns(r)
}

// Owns reports whether the page that sends r belongs to this service: it has the public
// origin or, if none is set, that of the requested host. Programs other than browsers
// send no origin, and are let through.
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
