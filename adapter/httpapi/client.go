package httpapi

import (
	"context"
	"net/http"
	"net/netip"
)

type peerKey struct{}

// withPeer remembers where a request comes from.
func withPeer(r *http.Request) *http.Request {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return r.WithContext(context.WithValue(r.Context(), peerKey{}, at.Addr().Unmap().WithZone("")))
}

// Client returns the address that a request comes from.
func Client(ctx context.Context) netip.Addr {
	at, _ := ctx.Value(peerKey{}).(netip.Addr)
	return at
}

// Network returns the part of an address that a household or a company shares.
func Network(at netip.Addr) string {
	bits := 48
	if at.Is4() {
		bits = 24
	}
	prefix, err := at.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// Secure tells whether a request came by TLS.
func Secure(context.Context) bool { return false }
