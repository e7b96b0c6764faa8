package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
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
	deadline     time.Duration
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

// deadline bounds the work on a request, unless its route says otherwise.
const deadline = 10 * time.Second

// within gives a route another deadline. It is for routes that ask services of others,
// and has to be shorter than the server's time to write.
func (rt route) within(d time.Duration) route {
	rt.deadline = d
	return rt
}

// base is what all resources share: who asks, how often, and how errors are answered.
type base struct {
	accounts *usecase.Accounts
	limits   Limits
	log      *slog.Logger
	random   func() signin.Secret
}

// serve makes the http.Handler of a route.
func (b *base) serve(rt route) http.Handler {
	var h Handler
	switch rt.kind {
	case kindOpen:
		h = b.limited(rt.limits, rt.open)
	case kindSignedIn:
		h = b.identified(b.accounts.Recognize, rt.personal)
	case kindVerified:
		h = b.identified(b.verify, rt.personal)
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

// identified finds who asks by the token in the Authorization header, and counts the
// request.
func (b *base) identified(find func(context.Context, string) (usecase.Me, error), h personal) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		me, err := find(r.Context(), Token(r))
		if err != nil {
			return err
		}
		note(w, me.ID)
		if err := b.limits.takeAs(w, r, me.ID); err != nil {
			return err
		}
		return h(w, r, me)
	}
}

// verify asks the store whose a token is.
func (b *base) verify(ctx context.Context, token string) (usecase.Me, error) {
	me, _, err := b.accounts.WhoIs(ctx, token)
	return me, err
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
