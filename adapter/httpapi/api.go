// Package httpapi is the REST API: it turns requests into calls of use cases,
// and what they return into JSON. openapi.yaml describes it.
package httpapi

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// deadline bounds the work on one request.
const deadline = 10 * time.Second

// slow are the paths on which others are asked who bound the work by themselves: a
// language model to 20 seconds, and a provider who vouches for somebody to 12. The
// server's time to write has to be longer.
var slow = map[string]time.Duration{
	"/api/openAPI/foodchoicer/":             22 * time.Second,
	"/api/user/social/callback/{provider}/": 15 * time.Second,
}

// API serves the REST API.
type API struct {
	Accounts *usecase.Accounts
	Parties  *usecase.Parties
	Chat     *usecase.Chat
	Regions  *usecase.Regions
	Menus    *usecase.Menus
	Messages Messages
	Seal     Seal
	Socket   Handler      // opens the socket of a room
	Personal Handler      // opens the personal socket of who asks
	App      http.Handler // serves what is not the API's
	Document []byte       // openapi.yaml
	Edge     Edge         // what requests come through
	Limits   Limits       // how often they may come
	Ready    Readiness    // what /readyz tells
	Log      *slog.Logger
	NewID    func() string        // makes the ids of requests
	Random   func() signin.Secret // makes the marks of devices
	Now      func() time.Time

	// Observe hears when a request begins, and what it returns hears how it ended:
	// on which route, without a final {$} and "" where none is known, by which
	// method as it was sent, with which status and, if it was refused, which code.
	// A request that becomes a socket ends there. It may be nil.
	Observe func() (ended func(route, method string, status int, code string, took time.Duration))

	boards         coalesce[pageOf, []byte] // as JSON
	inFlight, shed atomic.Int64             // requests that are being answered, and those that were too many
}

// Handler answers a request, or returns why not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// personal is a Handler that cannot run without knowing who asks.
type personal func(w http.ResponseWriter, r *http.Request, me usecase.Me) error

type route struct {
	method, path string
	serve        Handler
}

func (a *API) routes() []route {
	return []route{
		{"POST", "/api/user/register/", a.limited(registering, network, a.register)},
		{"POST", "/api/user/login/", a.signIn},
		{"GET", "/api/user/current/", a.signedIn(a.current)},
		{"POST", "/api/user/update/", a.surely(a.updateUser)},
		{"POST", "/api/user/changepassword/", a.surely(a.changePassword)},
		{"POST", "/api/user/delete/", a.surely(a.withdraw)},

		{"POST", "/api/user/refresh/", a.returns(a.refresh)},
		{"POST", "/api/user/logout/", a.returns(a.signOut)},
		{"GET", "/api/user/sessions/", a.surely(a.listSignIns)},
		{"DELETE", "/api/user/sessions/", a.surely(a.endSignIns)},
		{"DELETE", "/api/user/sessions/{id}/", a.surely(a.endSignIn)},

		{"POST", "/api/user/ticket/", a.signedIn(a.issuePersonalTicket)},

		{"GET", "/api/user/social/", a.limited(looking, network, a.listProviders)},
		{"POST", "/api/user/social/start/{provider}/", a.limited(vouching, network, a.beginSocial)},
		{"GET", "/api/user/social/callback/{provider}/", a.limited(vouching, network, a.finishSocial)},
		{"DELETE", "/api/user/social/linked/{provider}/", a.surely(a.unlink)},
		{"GET", "/api/user/social/linked/", a.surely(a.listLinks)},
		{"GET", "/api/user/social/pending/", a.limited(looking, network, a.getPending)},
		{"POST", "/api/user/social/pending/", a.limited(registering, network, a.registerPending)},

		{"GET", "/api/post/", a.signedIn(a.listPosts)},
		{"POST", "/api/post/write/", a.signedIn(a.writePost)},
		{"GET", "/api/post/detail/{id}/", a.signedIn(a.getPost)},
		{"GET", "/api/post/detail/{id}/edit/", a.signedIn(a.getOwnPost)},
		{"POST", "/api/post/detail/{id}/edit/", a.signedIn(a.editPost)},
		{"POST", "/api/post/detail/{id}/delete/", a.signedIn(a.deletePost)},

		{"GET", "/api/chat/{id}/", a.signedIn(a.getRoom)},
		{"POST", "/api/chat/{id}/", a.signedIn(a.joinRoom)},
		{"DELETE", "/api/chat/{id}/", a.signedIn(a.deleteRoom)},
		{"GET", "/api/chat/{id}/user/", a.signedIn(a.listMembers)},
		{"DELETE", "/api/chat/{id}/user/", a.signedIn(a.leaveRoom)},
		{"POST", "/api/chat/{id}/user/ban/", a.signedIn(a.banMember)},
		{"POST", "/api/chat/{id}/ticket/", a.signedIn(a.issueTicket)},

		{"GET", "/api/region/search/", a.limited(looking, network, a.searchRegions)},
		{"GET", "/api/region/near/", a.limited(looking, network, a.nearRegion)},

		{"GET", "/api/openAPI/", a.limited(looking, network, a.listServices)},
		{"GET", "/api/openAPI/weather/", a.signedIn(a.getWeather)},
		{"GET", "/api/openAPI/foodchoicer/", a.signedIn(a.suggestMenus)},
		{"POST", "/api/openAPI/foodchoicer/", a.signedIn(a.askForMenus)},
		{"DELETE", "/api/openAPI/foodchoicer/", a.signedIn(a.forgetMenus)},

		{"GET", "/ws/chat/{id}/", a.limited(connecting, address, a.Socket)},
		{"GET", "/ws/me/", a.limited(connecting, address, a.Personal)},

		{"GET", "/openapi.yaml", a.limited(looking, network, a.document)},
	}
}

// Handler serves all routes. What it does not know under /api and /ws is a
// problem of code not_found; everything else is left to App.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, rt := range a.routes() {
		mux.Handle(rt.method+" "+exact(rt.path), a.answerWithin(cmp.Or(slow[rt.path], deadline), rt.serve))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for _, rt := range a.probes() {
		mux.Handle(rt.method+" "+rt.path, a.probe(rt.serve))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for path, allowed := range methods {
		mux.Handle(exact(path), a.answer(notAllowed(allowed)))
	}
	for _, tree := range []string{"/api", "/ws"} {
		mux.Handle(tree, a.answer(always(errNoPath))) // or ServeMux leads to the slash
		mux.Handle(tree+"/", a.answer(always(errNoPath)))
	}
	mux.Handle("/", a.page())

	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(a.answer(always(ErrCrossOrigin)))
	return a.observe(a.admit(a.ours(a.oneForm(mux, crossOrigin.Handler(mux)))))
}

// exact makes a pattern that matches path and nothing below it.
func exact(path string) string {
	if strings.HasSuffix(path, "/") {
		return path + "{$}"
	}
	return path
}

func always(err error) Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

// page serves the app, to GET and HEAD alone.
func (a *API) page() http.Handler {
	other := a.answer(notAllowed([]string{http.MethodGet}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			a.App.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

func notAllowed(methods []string) Handler {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	allow := strings.Join(methods, ", ")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return errMethod
	}
}

func (a *API) answer(h Handler) http.Handler { return a.answerWithin(deadline, h) }

func (a *API) answerWithin(limit time.Duration, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), limit, errSlow)
		defer cancel()
		if err := h(w, r.WithContext(ctx)); err != nil {
			a.refuse(w, r, err)
		}
	})
}

// signedIn finds out who asks by the token in the Authorization header. It may
// go by what was so a moment ago.
func (a *API) signedIn(h personal) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		me, err := a.Accounts.Recognize(r.Context(), Token(r))
		if err != nil {
			return err
		}
		note(w, me.ID)
		if err := a.Limits.takeAs(w, r, me.ID); err != nil {
			return err
		}
		return h(w, r, me)
	}
}

// surely is signedIn for what must never go by a sign-in that has ended: it asks
// the store.
func (a *API) surely(h personal) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		me, _, err := a.Accounts.WhoIs(r.Context(), Token(r))
		if err != nil {
			return err
		}
		note(w, me.ID)
		if err := a.Limits.takeAs(w, r, me.ID); err != nil {
			return err
		}
		return h(w, r, me)
	}
}

// Token returns the token of the Authorization header, which may call itself
// token or Bearer in any case of letters. There is "" where there is none.
func Token(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "token") || strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// pathID reads the id in the path. What is no id names nothing.
func pathID(r *http.Request) (party.ID, error) {
	id, ok := parseID(r.PathValue("id"))
	if !ok {
		return 0, party.ErrNotFound
	}
	return party.ID(id), nil
}

// parseID reads a positive integer in plain decimal digits.
func parseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && s[0] >= '1'
}
