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

// While a browser is at a provider, and until whoever comes back for the first
// time has filled in a name, what the server has to remember lies sealed in a
// cookie of that browser.
const (
	socialPath    = "/api/user/social/"
	attemptCookie = "mealbuddy_attempt"
	pendingCookie = "mealbuddy_pending"
	socialLife    = 10 * time.Minute
	socialPage    = "/social" // of the app, which goes on from there
)

// Seal closes what only this service may make and read.
type Seal interface {
	Close(purpose string, text []byte) string
	Open(purpose, sealed string) (text []byte, ok bool)
}

// attempt is what is remembered while a browser is at a provider.
type attempt struct {
	port.Attempt
	Next  string
	Link  port.Access // whose account it is to be linked to; zero if somebody signs in
	Until time.Time
}

// pending is somebody of whom a provider has told, and who has no account yet.
type pending struct {
	port.Identity
	Next  string
	Until time.Time
}

// remember seals v in a cookie. Providers send the browser back from another site,
// so the cookie of an attempt has to be lax; it is of no use to anybody else.
func (a *API) remember(w http.ResponseWriter, r *http.Request, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c := &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, name), Value: a.Seal.Close(name, text), Path: socialPath, MaxAge: int(socialLife / time.Second),
		HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	}
	if name == attemptCookie {
		c.SameSite = http.SameSiteLaxMode
	}
	http.SetCookie(w, c)
	return nil
}

// recall reads what remember has sealed.
func (a *API) recall(r *http.Request, name string, v any) bool {
	c, err := r.Cookie(nameOf(r, name))
	if err != nil {
		return false
	}
	text, ok := a.Seal.Open(name, c.Value)
	return ok && json.Unmarshal(text, v) == nil
}

func (a *API) forget(w http.ResponseWriter, r *http.Request, name string) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, name), Path: socialPath, MaxAge: -1, HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	})
}

type providerJSON struct {
	Provider string `json:"provider"`
	Name     string `json:"name"`
}

func (a *API) listProviders(w http.ResponseWriter, _ *http.Request) error {
	all := []providerJSON{}
	for _, p := range a.Accounts.Providers() {
		all = append(all, providerJSON{p.ID, p.Name})
	}
	return respond(w, http.StatusOK, all)
}

type addressJSON struct {
	URL string `json:"url"`
}

// beginSocial tells where to send the browser. With link it is to link the account
// of the token, and without to sign in.
func (a *API) beginSocial(w http.ResponseWriter, r *http.Request) error {
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
		if me, whose, err = a.Accounts.WhoIs(r.Context(), Token(r)); err != nil {
			return err
		}
		note(w, me.ID)
		whose.Until = time.Time{}
	}
	provider := r.PathValue("provider")
	address, try, err := a.Accounts.BeginSocial(r.Context(), provider, redirectTo(r, provider))
	if err != nil {
		return err
	}
	err = a.remember(w, r, attemptCookie, attempt{try, safeNext(next), whose, a.Now().Add(socialLife)})
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, addressJSON{address})
}

// finishSocial is where a provider sends the browser back to. Whatever comes of it
// is for the app to say.
func (a *API) finishSocial(w http.ResponseWriter, r *http.Request) error {
	var try attempt
	known := a.recall(r, attemptCookie, &try)
	a.forget(w, r, attemptCookie)
	result := url.Values{"next": {safeNext(&try.Next)}}
	if err := a.comeBack(w, r, known, try, result); err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			a.Log.ErrorContext(r.Context(), "request failed", "request", requestID(r.Context()), "route", r.Pattern, "err", err)
		}
		result.Set("error", f.Code)
	}
	w.Header().Set("Location", socialPage+"?"+result.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// comeBack signs in, links, or remembers who has come back, and adds to result how
// the app goes on.
func (a *API) comeBack(w http.ResponseWriter, r *http.Request, known bool, try attempt, result url.Values) error {
	provider := r.PathValue("provider")
	if !known || try.Provider != provider || !a.Now().Before(try.Until) {
		return social.ErrFailed
	}
	by, err := a.Accounts.FinishSocial(r.Context(), try.Attempt, redirectTo(r, provider), r.URL.Query())
	if err != nil {
		return err
	}
	if try.Link.Who != 0 {
		note(w, try.Link.Who)
		result.Set("linked", provider)
		return a.Accounts.Link(r.Context(), try.Link, by, network(r))
	}
	account, err := a.Accounts.SignInBy(r.Context(), by, fromElsewhere(r))
	switch {
	case errors.Is(err, user.ErrNotFound):
		result.Set("pending", provider)
		return a.remember(w, r, pendingCookie, pending{by, try.Next, a.Now().Add(socialLife)})
	case err != nil:
		return err
	}
	note(w, account.User.ID)
	keepSignedIn(w, r, account.Refresh)
	return nil
}

// fromElsewhere is from for a request that a page of another site leads to: a
// browser does not send the mark of its device with it.
func fromElsewhere(r *http.Request) signin.Origin {
	return signin.Origin{Device: deviceOf(r.UserAgent()), Network: network(r)}
}

// awaited finds who has come back from a provider and is to fill in the rest.
func (a *API) awaited(r *http.Request) (p pending, err error) {
	if !a.recall(r, pendingCookie, &p) || !a.Now().Before(p.Until) {
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

func (a *API) getPending(w http.ResponseWriter, r *http.Request) error {
	p, err := a.awaited(r)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, pendingJSON{p.Provider, p.Name, p.Email})
}

func (a *API) registerPending(w http.ResponseWriter, r *http.Request) error {
	p, err := a.awaited(r)
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
	account, err := a.Accounts.RegisterBy(r.Context(), p.Identity, asked, a.from(w, r))
	if err != nil {
		return err
	}
	note(w, account.User.ID)
	a.forget(w, r, pendingCookie)
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

func (a *API) listLinks(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	password, links, err := a.Accounts.Ways(r.Context(), me)
	if err != nil {
		return err
	}
	ways := waysJSON{password, []linkJSON{}}
	for _, l := range links {
		ways.Linked = append(ways.Linked, linkJSON{l.Provider, toTime(l.LinkedAt)})
	}
	return respond(w, http.StatusOK, ways)
}

func (a *API) unlink(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	if err := a.Accounts.Unlink(r.Context(), me, r.PathValue("provider"), network(r)); err != nil {
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

// safeNext gives a path of the app, or the board.
func safeNext(next *string) string {
	if next == nil || len(*next) > 512 || !strings.HasPrefix(*next, "/") || strings.HasPrefix(*next, "//") || strings.ContainsAny(*next, "\\\t\r\n") {
		return "/board"
	}
	return *next
}
