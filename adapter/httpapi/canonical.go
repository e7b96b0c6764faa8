package httpapi

import (
	"net/http"
	"path"
	"strings"
)

// maxURL bounds a request's address in bytes.
const maxURL = 8 << 10

// canonical redirects paths of the API to their canonical form, which ends in a slash.
// Paths with dots or doubled slashes are unknown.
func (a *API) canonical(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Path
		switch {
		case len(r.RequestURI) > maxURL:
			a.refuse(w, r, errURLSize)
		case !strings.HasPrefix(p, "/") || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/":
			a.refuse(w, r, errNoPath)
		case !strings.HasSuffix(p, "/") && known(mux, r):
			to := r.URL.EscapedPath() + "/"
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusPermanentRedirect)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// known reports whether the path of r, with a slash at its end, is a route.
func known(mux *http.ServeMux, r *http.Request) bool {
	slashed := r.Clone(r.Context())
	slashed.URL.Path += "/"
	slashed.URL.RawPath = ""
	_, pattern := mux.Handler(slashed)
	return strings.HasSuffix(pattern, "{$}")
}
