package httpapi

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

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

// signIns are the devices that people are signed in on.
type signIns struct{ *base }

func (s *signIns) routes() []route {
	limits := []limit{{networkRefreshes, perNetwork}, {refreshes, perSignIn}}
	return []route{
		open("POST", "/api/user/refresh/", s.refresh, limits...).withSecret(),
		open("POST", "/api/user/logout/", s.signOut, limits...),
		verified("GET", "/api/user/sessions/", s.list),
		verified("DELETE", "/api/user/sessions/", s.endAll),
		verified("DELETE", "/api/user/sessions/{id}/", s.end),
	}
}

// refresh answers with a fresh access token for the cookie, and the next cookie. If the sign-in
// has ended, it removes the cookie.
func (s *signIns) refresh(w http.ResponseWriter, r *http.Request) error {
	kept, ok := keptToken(r)
	if !ok {
		keepSignedIn(w, r, nil)
		return user.ErrSignedOut
	}
	account, err := s.accounts.Refresh(r.Context(), kept, network(r))
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
func (s *signIns) signOut(w http.ResponseWriter, r *http.Request) error {
	var err error
	if kept, ok := keptToken(r); ok {
		err = s.accounts.SignOut(r.Context(), kept, network(r))
	} else if me, _, who := s.accounts.WhoIs(r.Context(), Token(r)); who == nil {
		note(w, me.ID)
		err = s.accounts.EndSignIn(r.Context(), me, me.SignIn.ID, network(r))
	} else if !errors.Is(who, user.ErrSignedOut) {
		err = who
	}
	if err != nil && !errors.Is(err, signin.ErrNotFound) && !errors.Is(err, user.ErrSignedOut) {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}

func (s *signIns) list(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	all, err := s.accounts.SignIns(r.Context(), me)
	if err != nil {
		return err
	}
	here := network(r)
	shown := make([]signInJSON, len(all))
	for i, in := range all {
		shown[i] = signInJSON{in.ID, in.Device, placeOf(in.Network, here), toTime(in.CreatedAt), toTime(in.SeenAt), in.ID == me.SignIn.ID}
	}
	return respond(w, http.StatusOK, shown)
}

func (s *signIns) end(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[signin.ID](r, signin.ErrNotFound)
	if err != nil {
		return err
	}
	if err := s.accounts.EndSignIn(r.Context(), me, id, network(r)); err != nil {
		return err
	}
	if id == me.SignIn.ID {
		keepSignedIn(w, r, nil)
	}
	return done(w)
}

func (s *signIns) endAll(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	if err := s.accounts.EndSignIns(r.Context(), me, network(r)); err != nil {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}

// placeOf says in words from which network a sign-in was last used.
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

// Marks of browsers and systems in a User-Agent. The first match counts, since most
// browsers also carry the marks of others.
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
