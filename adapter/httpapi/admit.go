package httpapi

import (
	"math/rand/v2"
	"net/http"
	"strconv"
)

// maxInFlight is how many requests a process answers at once. Beyond that, a client
// does better to retry than to wait.
const maxInFlight = 256

// Load returns the limit of concurrent requests, and how many requests it has refused.
func (a *API) Load() (limit int, shed int64) { return maxInFlight, a.shed.Load() }

// admit refuses requests at once while there are too many. Probes are always admitted,
// and an open socket no longer counts.
func (a *API) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, ok := w.(*recorder)
		if !ok || isProbe(r) {
			next.ServeHTTP(w, r)
			return
		}
		rec.admitted = &a.inFlight
		if a.inFlight.Add(1) > maxInFlight {
			a.shed.Add(1)
			w.Header().Set("Retry-After", strconv.Itoa(1+rand.IntN(3))) // #nosec G404 -- not all at once
			a.refuse(w, r, errSlow)
			return
		}
		next.ServeHTTP(w, r)
	})
}
