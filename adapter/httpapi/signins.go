package httpapi

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

type signInJSON struct {
	ID       signin.ID `json:"id"`
	Device   string    `json:"device"`
	Place    string    `json:"place"`
	Created  string    `json:"created_at"`
	LastSeen string    `json:"last_seen_at"`
	Current  bool      `json:"current"`
}

// refresh gives a fresh token to a browser that is kept signed in by its cookie,
// and the next cookie. Where nobody is signed in any more, it takes the cookie away.
func (a *API) refresh(w http.ResponseWriter, r *http.Request) error {
	kept, ok := keptToken(r)
	if !ok {
		keepSignedIn(w, r, nil)
		return user.ErrSignedOut
	}
	account, err := a.Accounts.Refresh(r.Context(), kept, network(r))
	switch {
	case errors.Is(err, user.ErrSignedOut), errors.Is(err, signin.ErrReused):
		keepSignedIn(w, r, nil)
		return err
	case err != nil:
		return err
	}
	note(w, account.User.ID)
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusOK, signedJSON{toAccountJSON(account)})
}

// signOut ends the sign-in of the cookie, or of the token if there is no cookie.
func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	var err error
	if kept, ok := keptToken(r); ok {
		err = a.Accounts.SignOut(r.Context(), kept, network(r))
	} else if me, _, who := a.Accounts.WhoIs(r.Context(), Token(r)); who == nil {
		note(w, me.ID)
		err = a.Accounts.EndSignIn(r.Context(), me, me.SignIn.ID, network(r))
	} else if !errors.Is(who, user.ErrSignedOut) {
		err = who
	}
	if err != nil && !errors.Is(err, signin.ErrNotFound) && !errors.Is(err, user.ErrSignedOut) {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}

func (a *API) listSignIns(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	all, err := a.Accounts.SignIns(r.Context(), me)
	if err != nil {
		return err
	}
	here := network(r)
	shown := make([]signInJSON, len(all))
	for i, s := range all {
		shown[i] = signInJSON{s.ID, s.Device, placeOf(s.Network, here), toTime(s.CreatedAt), toTime(s.SeenAt), s.ID == me.SignIn.ID}
	}
	return respond(w, http.StatusOK, shown)
}

func (a *API) endSignIn(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, ok := parseID(r.PathValue("id"))
	if !ok {
		return signin.ErrNotFound
	}
	if err := a.Accounts.EndSignIn(r.Context(), me, signin.ID(id), network(r)); err != nil {
		return err
	}
	if signin.ID(id) == me.SignIn.ID {
		keepSignedIn(w, r, nil)
	}
	return done(w)
}

func (a *API) endSignIns(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	if err := a.Accounts.EndSignIns(r.Context(), me, network(r)); err != nil {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}

type ticketJSON struct {
	Ticket    string `json:"ticket"`
	ExpiresIn int    `json:"expires_in"` // seconds
}

func (a *API) issueTicket(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ticket, err := a.Chat.Ticket(r.Context(), me, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, toTicketJSON(ticket))
}

func (a *API) issuePersonalTicket(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	ticket, err := a.Chat.PersonalTicket(r.Context(), me)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, toTicketJSON(ticket))
}

func toTicketJSON(ticket signin.Secret) ticketJSON {
	return ticketJSON{ticket.String(), int(signin.TicketLife / time.Second)}
}

// placeOf says in words which network a sign-in was last used from.
func placeOf(network, here string) string {
	prefix, err := netip.ParsePrefix(network)
	switch {
	case err != nil:
		return "알 수 없는 곳"
	case network == here:
		return "지금과 같은 네트워크"
	case prefix.Addr().IsLoopback():
		return "서버와 같은 컴퓨터"
	case prefix.Addr().IsPrivate():
		return "사설 네트워크 " + network
	}
	return "네트워크 " + network
}

// The products that say in a User-Agent what a browser is, and what it runs on. The
// first that is found counts: most browsers also call themselves by other names.
var (
	browsers = []struct{ mark, name string }{
		{"KAKAOTALK", "카카오톡"}, {"NAVER(", "네이버 앱"}, {"Instagram", "Instagram"}, {"Whale/", "웨일"},
		{"SamsungBrowser/", "삼성 인터넷"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"},
	}
)

// deviceOf says in words which device a User-Agent is of.
func deviceOf(agent string) string {
	var words []string
	for _, products := range [][]struct{ mark, name string }{browsers, systems} {
		for _, p := range products {
			if strings.Contains(agent, p.mark) {
				words = append(words, p.name)
				break
			}
		}
	}
	if len(words) == 0 {
		return "알 수 없는 기기"
	}
	return strings.Join(words, " · ")
}
