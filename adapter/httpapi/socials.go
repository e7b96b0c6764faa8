package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// While a browser is at a provider, and until somebody new has filled in a name, the
// state of the login is kept in a sealed cookie of that browser.
const (
	socialPath    = "/api/user/social/"
	attemptCookie = "mealbuddy_attempt"
	pendingCookie = "mealbuddy_pending"
	socialLife    = 10 * time.Minute
	socialPage    = "/social" // of the app, which goes on from there
)

// Seal encrypts what only this service may make and read.
type Seal interface {
	Close(purpose string, text []byte) string
	Open(purpose, sealed string) (text []byte, ok bool)
}

// attempt is a login while the browser is at a provider.
type attempt struct {
	port.Attempt
	Next  string
	Link  port.Access // whose account it is to be linked to; zero if somebody signs in
	Until time.Time
}

// pending is somebody whom a provider has identified and who has no account yet.
type pending struct {
	port.Identity
	Next  string
	Until time.Time
}

// socials are the ways to sign in through a provider.
type socials struct {
	*base
	seal Seal
	now  func() time.Time
}

func (s *socials) routes() []route {
	providers := limit{socialLogins, perNetwork}
	return []route{
		open("GET", "/api/user/social/", s.listProviders, limit{publicReads, perNetwork}),
		open("POST", "/api/user/social/start/{provider}/", s.begin, providers),
		open("GET", "/api/user/social/callback/{provider}/", s.finish, providers).within(15 * time.Second), // a provider may take 12
		verified("GET", "/api/user/social/linked/", s.listLinks),
		verified("DELETE", "/api/user/social/linked/{provider}/", s.unlink),
		open("GET", "/api/user/social/pending/", s.getPending, limit{publicReads, perNetwork}),
		open("POST", "/api/user/social/pending/", s.registerPending, limit{registrations, perNetwork}),
	}
}

// remember seals v in a cookie. Providers send the browser back from another site,
// so the cookie of an attempt has to be lax; it is of no use to anybody else.
func (s *socials) remember(w http.ResponseWriter, r *http.Request, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c := &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, name), Value: s.seal.Close(name, text), Path: socialPath, MaxAge: int(socialLife / time.Second),
		HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	}
	if name == attemptCookie {
		c.SameSite = http.SameSiteLaxMode
	}
	http.SetCookie(w, c)
	return nil
}

// recall reads what remember has sealed.
func (s *socials) recall(r *http.Request, name string, v any) bool {
	c, err := r.Cookie(nameOf(r, name))
	if err != nil {
		return false
	}
	text, ok := s.seal.Open(name, c.Value)
	return ok && json.Unmarshal(text, v) == nil
}

func (s *socials) forget(w http.ResponseWriter, r *http.Request, name string) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, name), Path: socialPath, MaxAge: -1, HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	})
}

type providerJSON struct {
	Provider string `json:"provider"`
	Name     string `json:"name"`
}

func (s *socials) listProviders(w http.ResponseWriter, _ *http.Request) error {
	all := []providerJSON{}
	for _, p := range s.accounts.Providers() {
		all = append(all, providerJSON{p.ID, p.Name})
	}
	return respond(w, http.StatusOK, all)
}

type addressJSON struct {
	URL string `json:"url"`
}

// begin tells where to send the browser. With link it is to link the account
// of the token, and without to sign in.
func (s *socials) begin(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	next, link := f.optText("next"), f.optBool("link")
	if err := f.refuse(nil); err != nil {
		return err
	}
	var whose port.Access
	if link != nil && *link {
		var me usecase.Me
		if me, whose, err = s.accounts.WhoIs(r.Context(), Token(r)); err != nil {
			return err
		}
		note(w, me.ID)
		whose.Until = time.Time{}
	}
	provider := r.PathValue("provider")
	address, try, err := s.accounts.BeginSocial(r.Context(), provider, redirectTo(r, provider))
	if err != nil {
		return err
	}
	err = s.remember(w, r, attemptCookie, attempt{try, safeNext(next), whose, s.now().Add(socialLife)})
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, addressJSON{address})
}

// finish is where a provider redirects the browser to. It redirects to the app, which
// shows the result.
func (s *socials) finish(w http.ResponseWriter, r *http.Request) error {
	var try attempt
	known := s.recall(r, attemptCookie, &try)
	s.forget(w, r, attemptCookie)
	result := url.Values{"next": {safeNext(&try.Next)}}
	if err := s.complete(w, r, known, try, result); err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			s.log.ErrorContext(r.Context(), "request failed", "request", requestID(r.Context()), "route", r.Pattern, "err", err)
		}
		result.Set("error", f.Code)
	}
	w.Header().Set("Location", socialPage+"?"+result.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// complete signs in, links, or keeps the person for a registration, and adds to result
// how the app goes on.
func (s *socials) complete(w http.ResponseWriter, r *http.Request, known bool, try attempt, result url.Values) error {
	provider := r.PathValue("provider")
	if !known || try.Provider != provider || !s.now().Before(try.Until) {
		return social.ErrFailed
	}
	by, err := s.accounts.FinishSocial(r.Context(), try.Attempt, redirectTo(r, provider), r.URL.Query())
	if err != nil {
		return err
	}
	if try.Link.Who != 0 {
		note(w, try.Link.Who)
		result.Set("linked", provider)
		return s.accounts.Link(r.Context(), try.Link, by, network(r))
	}
	account, err := s.accounts.SignInBy(r.Context(), by, crossSiteOrigin(r))
	switch {
	case errors.Is(err, user.ErrNotFound):
		result.Set("pending", provider)
		return s.remember(w, r, pendingCookie, pending{by, try.Next, s.now().Add(socialLife)})
	case err != nil:
		return err
	}
	note(w, account.User.ID)
	keepSignedIn(w, r, account.Refresh)
	return nil
}

// crossSiteOrigin is origin for a request that comes from a page of another site, with
// which a browser does not send the mark of its device.
func crossSiteOrigin(r *http.Request) signin.Origin {
	return signin.Origin{Device: deviceOf(r.UserAgent()), Network: network(r)}
}

// pending reads who has been identified and is to fill in the rest.
func (s *socials) pending(r *http.Request) (p pending, err error) {
	if !s.recall(r, pendingCookie, &p) || !s.now().Before(p.Until) {
		return pending{}, errNoPending
	}
	return p, nil
}

var errNoPending = fault.New(fault.NotFound, "nothing_pending", "가입을 다시 시작해 주세요.")

type pendingJSON struct {
	Provider string `json:"provider"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

func (s *socials) getPending(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pending(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, pendingJSON{p.Provider, p.Name, p.Email})
}

func (s *socials) registerPending(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pending(r)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	asked := user.Registration{Email: f.text("email"), Username: f.text("username"), Neighborhood: f.text("address")}
	if err := f.refuse(asked.ProfileProblems()); err != nil {
		return err
	}
	account, err := s.accounts.RegisterBy(r.Context(), p.Identity, asked, s.origin(w, r))
	if err != nil {
		return err
	}
	note(w, account.User.ID)
	s.forget(w, r, pendingCookie)
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusCreated, signedJSON{toAccountJSON(account)})
}

type linkJSON struct {
	Provider string `json:"provider"`
	LinkedAt string `json:"linked_at"`
}

type waysJSON struct {
	Password bool       `json:"password"`
	Linked   []linkJSON `json:"linked"`
}

func (s *socials) listLinks(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	password, links, err := s.accounts.Ways(r.Context(), me)
	if err != nil {
		return err
	}
	ways := waysJSON{password, []linkJSON{}}
	for _, l := range links {
		ways.Linked = append(ways.Linked, linkJSON{l.Provider, toTime(l.LinkedAt)})
	}
	return respond(w, http.StatusOK, ways)
}

func (s *socials) unlink(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	if err := s.accounts.Unlink(r.Context(), me, r.PathValue("provider"), network(r)); err != nil {
		return err
	}
	return done(w)
}

// redirectTo is the address that a provider sends the browser back to.
func redirectTo(r *http.Request, provider string) string {
	scheme := "http://"
	if Secure(r.Context()) {
		scheme = "https://"
	}
	return scheme + r.Host + socialPath + "callback/" + url.PathEscape(provider) + "/"
}

// safeNext returns a path of the app, or the board.
func safeNext(next *string) string {
	if next == nil || len(*next) > 512 || !strings.HasPrefix(*next, "/") || strings.HasPrefix(*next, "//") || strings.ContainsAny(*next, "\\\t\r\n") {
		return "/board"
	}
	return *next
}
