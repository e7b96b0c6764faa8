// Package httpapi is the REST API: it turns requests into calls of use cases,
// and what they return into JSON. openapi.yaml describes it.
package httpapi

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// Config has the dependencies and settings of the API.
type Config struct {
	Accounts *usecase.Accounts
	Repeats  *usecase.Once
	Parties  *usecase.Parties
	Chat     *usecase.Chat
	Regions  *usecase.Regions
	Menus    *usecase.Menus
	Messages Messages
	Seal     Seal
	Socket   Handler      // opens the socket of a room
	Personal Handler      // opens the personal socket of the client
	App      http.Handler // serves all other paths
	Shares   *usecase.Shares
	Shared   SharedPage
	Document []byte  // openapi.yaml
	Edge     Edge    // what requests come through
	Limits   Limits  // how often they may come
	Checks   []Check // must hold for /readyz to say yes
	Log      *slog.Logger
	NewID    func() string        // makes the ids of requests
	Random   func() signin.Secret // makes the marks of devices
	Now      func() time.Time

	// Observe is called when a request begins, and what it returns when it ends: with
	// the route, without a final {$} and "" if there is none, the method as it was
	// sent, the status, and the code if the request was refused. A request that becomes
	// a socket ends there. It may be nil.
	Observe func() (ended func(route, method string, status int, code string, took time.Duration))
}

// API serves the REST API.
type API struct {
	*base
	routes []route
	pages  []route // of the app, outside the API
	app    http.Handler
	edge   Edge
	ready  readiness
	newID  func() string
	begin  func() (ended func(route, method string, status int, code string, took time.Duration)) // Config.Observe

	strangers      proxyWarning
	unfinished     unfinished
	inFlight, shed atomic.Int64 // requests that are being answered, and those that were too many
}

// New makes the API of its resources. Each of them lists its own routes.
func New(c Config) *API {
	b := &base{accounts: c.Accounts, repeats: c.Repeats, limits: c.Limits, log: c.Log, random: c.Random}
	shares := &shares{base: b, shares: c.Shares, page: c.Shared, edge: c.Edge}
	return &API{
		base:  b,
		app:   c.App,
		pages: shares.pages(),
		edge:  c.Edge,
		ready: newReadiness(c.Checks),
		newID: c.NewID,
		begin: c.Observe,
		routes: slices.Concat(
			(&accounts{b}).routes(),
			(&signIns{b}).routes(),
			(&socials{base: b, seal: c.Seal, now: c.Now}).routes(),
			(&posts{base: b, parties: c.Parties, people: c.Messages.People, sharedAt: shares.pathOf}).routes(),
			shares.routes(),
			(&rooms{base: b, parties: c.Parties, messages: c.Messages}).routes(),
			(&sockets{base: b, chat: c.Chat, openRoom: c.Socket, openPersonal: c.Personal}).routes(),
			(&regions{regions: c.Regions}).routes(),
			(&menus{menus: c.Menus}).routes(),
			document(c.Document).routes(),
		),
	}
}

// Handler serves all routes. An unknown path under /api and /ws is a problem of code
// not_found; everything else is left to the app.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, rt := range a.routes {
		mux.Handle(rt.method+" "+exact(rt.path), a.serve(rt))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for _, rt := range a.probes() {
		mux.Handle(rt.method+" "+rt.path, a.probe(rt))
		methods[rt.path] = append(methods[rt.path], rt.method)
	}
	for path, allowed := range methods {
		mux.Handle(exact(path), a.answer(notAllowed(allowed)))
	}
	for _, tree := range []string{"/api", "/ws"} {
		mux.Handle(tree, a.answer(always(errNoPath))) // or ServeMux redirects to the slash
		mux.Handle(tree+"/", a.answer(always(errNoPath)))
	}
	for _, rt := range a.pages {
		mux.Handle(rt.method+" "+rt.path, a.serve(rt))
	}
	mux.Handle("/", a.page())

	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(a.answer(always(ErrCrossOrigin)))
	return compress(a.observe(a.receive(a.admit(a.ours(a.canonical(mux, crossOrigin.Handler(mux)))))))
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

// page serves the app, for GET and HEAD only.
func (a *API) page() http.Handler {
	other := a.answer(notAllowed([]string{http.MethodGet}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			a.app.ServeHTTP(w, r)
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

// document is openapi.yaml.
type document []byte

const documentPath = "/openapi.yaml"

func (d document) routes() []route {
	return []route{open("GET", documentPath, d.get, limit{publicReads, perNetwork})}
}

func (d document) get(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(d) // the client disconnected
	return nil
}
