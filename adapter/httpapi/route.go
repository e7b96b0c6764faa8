package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// Handler answers a request, or returns why not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// personal is a Handler that cannot run without knowing who asks.
type personal func(w http.ResponseWriter, r *http.Request, me usecase.Me) error

// A kind says whom a route serves.
type kind string

const (
	kindOpen     kind = "open"      // anybody
	kindSignedIn kind = "signed in" // people whose token was valid a moment ago
	kindVerified kind = "verified"  // people whose token the store has just confirmed
)

// route is a method on a path. open, signedIn and verified make one of each kind.
type route struct {
	method, path string
	kind         kind
	limits       []limit // of an open route; people have a limit on reads and one on writes
	open         Handler
	personal     personal
	creates      creates // instead of personal
	forever      bool    // keeps its answers for ever
	secret       bool    // answers with a token, so they are never compressed
	deadline     time.Duration
	cost         func(*http.Request) int // as how many a request of a person counts; nil: 1
}

func open(method, path string, h Handler, limits ...limit) route {
	return route{method: method, path: path, kind: kindOpen, limits: limits, open: h, deadline: deadline}
}

// signedIn makes a route that goes by a cache: see usecase.Accounts.Recognize.
func signedIn(method, path string, h personal) route {
	return route{method: method, path: path, kind: kindSignedIn, personal: h, deadline: deadline}
}

// verified makes a route that a sign-in which has ended must never reach.
func verified(method, path string, h personal) route {
	return route{method: method, path: path, kind: kindVerified, personal: h, deadline: deadline}
}

// creating makes a route of signedIn that creates something, and so honours
// Idempotency-Key.
func creating(path string, h creates) route {
	return route{method: http.MethodPost, path: path, kind: kindSignedIn, creates: h, deadline: deadline}
}

// keepsForever keeps the answers to requests with an Idempotency-Key for ever, instead of
// idempotency.Memory. It is for routes that move money.
func (rt route) keepsForever() route {
	rt.forever = true
	return rt
}

// deadline bounds the work on a request, unless its route says otherwise.
const deadline = 10 * time.Second

// within gives a route another deadline. It is for routes that ask services of others,
// and has to be shorter than the server's time to write.
func (rt route) within(d time.Duration) route {
	rt.deadline = d
	return rt
}

// withSecret is for a route that answers with a token or something like it.
func (rt route) withSecret() route {
	rt.secret = true
	return rt
}

// costing makes requests count as more than one in the limit of a person.
func (rt route) costing(cost func(*http.Request) int) route {
	rt.cost = cost
	return rt
}

// base is what all resources share: who asks, how often, and how errors are answered.
type base struct {
	accounts *usecase.Accounts
	repeats  *usecase.Once
	limits   Limits
	log      *slog.Logger
	random   func() signin.Secret
}

// serve makes the http.Handler of a route.
func (b *base) serve(rt route) http.Handler {
	var h Handler
	if rt.creates != nil {
		rt.personal = b.once(rt)
	}
	switch rt.kind {
	case kindOpen:
		h = b.limited(rt.limits, rt.open)
	case kindSignedIn:
		h = b.identified(b.accounts.Recognize, rt)
	case kindVerified:
		h = b.identified(b.accounts.Verify, rt)
	}
	if rt.secret {
		h = plain(h)
	}
	return b.answerWithin(rt.deadline, h)
}

func (b *base) answer(h Handler) http.Handler { return b.answerWithin(deadline, h) }

func (b *base) answerWithin(d time.Duration, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), d, errSlow)
		defer cancel()
		if err := h(w, r.WithContext(ctx)); err != nil {
			b.refuse(w, r, err)
		}
	})
}

// identified counts the request, and finds who asks, by the token in the Authorization
// header.
func (b *base) identified(find func(context.Context, port.Access) (usecase.Me, error), rt route) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		access, err := b.accounts.Access(Token(r))
		if err != nil {
			return err
		}
		cost := 1
		if rt.cost != nil {
			cost = rt.cost(r)
		}
		if b.accounts.Ended(access) { // and does not count for the person any more
			if err := b.limits.takeAs(w, r, fmt.Sprint("sign-in ", access.SignIn), cost); err != nil {
				return err
			}
			return user.ErrSignedOut
		}
		if err := b.limits.takeAs(w, r, fmt.Sprint(access.Who), cost); err != nil {
			return err
		}
		me, err := find(r.Context(), access)
		if err != nil {
			return err
		}
		note(w, me.ID)
		return rt.personal(w, r, me)
	}
}

// Token returns the token of the Authorization header, whose scheme is token or Bearer
// in any case of letters. It returns "" if there is none.
func Token(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "token") || strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// pathID reads the id in the path, or returns notFound for what cannot be an id.
func pathID[ID ~int64](r *http.Request, notFound error) (ID, error) {
	id, ok := parseID(r.PathValue("id"))
	if !ok {
		return 0, notFound
	}
	return ID(id), nil
}

// parseID reads a positive integer in plain decimal digits.
func parseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && s[0] >= '1'
}
