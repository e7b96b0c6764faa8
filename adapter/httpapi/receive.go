package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// maxBody bounds a request's body in bytes.
const maxBody = 64 << 10

// bodyTime is how long the body of a request may take to arrive.
const bodyTime = 5 * time.Second

// How many requests may be unfinished at once, which means that their bodies are still
// on the way: in all, and of one address.
const (
	maxUnfinished      = 1024
	maxUnfinishedOfOne = 32
)

// receive reads the body of each request before anything else happens, so that clients
// that send slowly take no place: see admit.
func (a *API) receive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.readBody(w, r); err != nil {
			w.Header().Set("Connection", "close") // the rest of the body is not read
			a.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// readBody replaces the body of r by one that is in memory.
func (a *API) readBody(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	who := address(r)
	if err := a.unfinished.add(who); err != nil {
		return err
	}
	defer a.unfinished.remove(who)
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // until the body ends; the read reports the error
	body, err := readAll(w, r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// readAll returns the body of r.
func readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errBodySize
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, errBodySize
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errBodySlow
	case err != nil:
		return nil, errBody
	}
	return body, nil
}

// unfinished counts the requests whose bodies are not here.
type unfinished struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by address
}

// add counts a request from an address, or returns why there are too many.
func (u *unfinished) add(who string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.of[who] == maxUnfinishedOfOne:
		return fault.After(errTooOften, time.Second)
	case u.all == maxUnfinished:
		return errSlow
	}
	if u.of == nil {
		u.of = map[string]int{}
	}
	u.all++
	u.of[who]++
	return nil
}

// remove undoes add.
func (u *unfinished) remove(who string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.of[who]--; u.of[who] == 0 {
		delete(u.of, who)
	}
}
