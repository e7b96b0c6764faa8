package httpapi

import (
	"net/http"
)

// protection is the security headers of every response. They suit an API; a page sets
// its own policy for content and caching. All responses share the values, so they must
// be replaced, not modified.
var protection = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"geolocation=(self), camera=(), microphone=()"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cache-Control":                {"no-store"},
}

// protectionByTLS is added to responses over TLS.
var protectionByTLS = http.Header{
	"Strict-Transport-Security": {"max-age=63072000; includeSubDomains"},
}
