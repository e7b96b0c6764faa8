package httpapi

import (
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
// state of the login is kept in a sealed cookie of that browser. Several logins may go on
// in several tabs, each with a cookie of its own: see keptLogin.
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
		open("POST", "/api/user/social/start/{provider}/", s.begin, providers).withSecret(),
		open("GET", "/api/user/social/callback/{provider}/", s.finish, providers).within(18 * time.Second), // a provider may take 15
		verified("GET", "/api/user/social/linked/", s.listLinks),
		verified("DELETE", "/api/user/social/linked/{provider}/", s.unlink),
		open("GET", "/api/user/social/pending/", s.getPending, limit{publicReads, perNetwork}),
		open("POST", "/api/user/social/pending/", s.registerPending, limit{registrations, perNetwork}).withSecret(),
	}
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
	next, link, password := f.optText("next"), f.optBool("link"), f.secret("password")
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
		if err := s.accounts.MayLink(r.Context(), me, password, originOf(r)); err != nil {
			return err
		}
		whose.Until = time.Time{}
	}
	provider := r.PathValue("provider")
	address, try, err := s.accounts.BeginSocial(r.Context(), provider, redirectTo(r, provider))
	if err != nil {
		return err
	}
	err = s.remember(w, r, attemptCookie, loginID(try.State), attempt{try, safeNext(next), whose, s.now().Add(socialLife)})
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, addressJSON{address})
}

// finish is where a provider redirects the browser to. It redirects to the app, which
// shows the result. An answer to no attempt of this browser leaves all of them as they
// are.
func (s *socials) finish(w http.ResponseWriter, r *http.Request) error {
	provider, states := r.PathValue("provider"), r.URL.Query()["state"]
	var id string
	if len(states) == 1 {
		id = loginID(states[0])
	}
	var try attempt
	known := s.recall(r, attemptCookie, id, &try) && try.Provider == provider
	if known {
		s.forget(w, r, attemptCookie, id)
	} else {
		try = attempt{}
	}
	result := url.Values{"next": {safeNext(&try.Next)}}
	if err := s.complete(w, r, known, try, result); err != nil {
		s.report(r, err)
		result.Set("error", fault.Of(err).Code)
	}
	w.Header().Set("Location", socialPage+"?"+result.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// complete signs in, links, or keeps the person for a registration, and adds to result
// how the app goes on.
func (s *socials) complete(w http.ResponseWriter, r *http.Request, known bool, try attempt, result url.Values) error {
	switch {
	case !known:
		return social.ErrFailed
	case !s.now().Before(try.Until):
		return social.ErrExpired
	}
	by, err := s.accounts.FinishSocial(r.Context(), try.Attempt, redirectTo(r, try.Provider), r.URL.Query())
	if err != nil {
		return err
	}
	if try.Link.Who != 0 {
		note(w, try.Link.Who)
		result.Set("linked", try.Provider)
		return s.accounts.Link(r.Context(), try.Link, by, network(r))
	}
	account, err := s.accounts.SignInBy(r.Context(), by, crossSiteOrigin(r))
	switch {
	case errors.Is(err, user.ErrNotFound):
		id := loginID(try.State)
		result.Set("pending", try.Provider)
		result.Set("attempt", id)
		return s.remember(w, r, pendingCookie, id, pending{by, try.Next, s.now().Add(socialLife)})
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

// pending reads who has been identified and is to fill in the rest, by the id of the
// login. Without one it is the only one of the browser, since a form must not be taken
// for somebody else's.
func (s *socials) pending(r *http.Request, id *string) (p pending, found string, err error) {
	if id != nil {
		found = *id
	} else if all := s.kept(r, pendingCookie); len(all) == 1 {
		found = all[0].id
	}
	if !s.recall(r, pendingCookie, found, &p) || !s.now().Before(p.Until) {
		return pending{}, "", errNoPending
	}
	return p, found, nil
}

var errNoPending = fault.New(fault.NotFound, "nothing_pending", "가입할 시간이 지났거나 이미 가입을 마쳤어요. 처음부터 다시 시작해 주세요.")

type pendingJSON struct {
	Provider string `json:"provider"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

func (s *socials) getPending(w http.ResponseWriter, r *http.Request) error {
	var id *string
	if q := r.URL.Query(); q.Has("attempt") {
		asked := q.Get("attempt")
		id = &asked
	}
	p, _, err := s.pending(r, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, pendingJSON{p.Provider, p.Name, p.Email})
}

func (s *socials) registerPending(w http.ResponseWriter, r *http.Request) error {
	if len(s.kept(r, pendingCookie)) == 0 {
		return errNoPending
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	p, id, err := s.pending(r, f.optText("attempt"))
	if err != nil {
		return err
	}
	asked := user.Registration{Email: f.text("email"), Username: f.text("username"), Neighborhood: f.text("address")}
	if err := f.refuse(asked.ProfileProblems()); err != nil {
		return suggesting(err, &asked.Neighborhood)
	}
	account, err := s.accounts.RegisterBy(r.Context(), p.Identity, asked, s.origin(w, r))
	if err != nil {
		return suggesting(err, &asked.Neighborhood)
	}
	note(w, account.User.ID)
	s.forget(w, r, pendingCookie, id)
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
	return respond(w, http.StatusOK, waysJSON{password, toLinksJSON(links)})
}

func toLinksJSON(links []social.Link) []linkJSON {
	shown := make([]linkJSON, len(links))
	for i, l := range links {
		shown[i] = linkJSON{l.Provider, toTime(l.LinkedAt)}
	}
	return shown
}

func (s *socials) unlink(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	password := f.secret("password")
	if err := f.refuse(nil); err != nil {
		return err
	}
	if err := s.accounts.Unlink(r.Context(), me, r.PathValue("provider"), password, originOf(r)); err != nil {
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
	return scheme + r.Host + SocialCallback(provider)
}

// SocialCallback is the path of redirectTo.
func SocialCallback(provider string) string {
	return socialPath + "callback/" + url.PathEscape(provider) + "/"
}

// safeNext returns a path of the app, or the board.
func safeNext(next *string) string {
	if next == nil || len(*next) > 512 || !strings.HasPrefix(*next, "/") || strings.HasPrefix(*next, "//") || strings.ContainsAny(*next, "\\\t\r\n") {
		return "/board"
	}
	return *next
}
