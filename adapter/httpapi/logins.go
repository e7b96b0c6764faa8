package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// maxLogins is how many logins of a kind a browser may have open. Their cookies fit in
	// the header of a request.
	maxLogins = 4
	// attemptLife is how long the cookie of an attempt is kept. It is longer than socialLife:
	// who comes back from a provider too late still gets to where they wanted.
	attemptLife = 2 * time.Hour
)

// loginID is the name of a login through a provider, for its cookies and for the app. It
// says nothing about the state, which is secret.
func loginID(state string) string {
	sum := sha256.Sum256([]byte(state))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// loginCookie is the cookie of a login, which begins with the name of its kind.
func loginCookie(kind, id string) string { return kind + "_" + id }

// remember seals v in a cookie, and makes room for it. Providers send the browser back
// from another site, so the cookie of an attempt has to be lax; it is of no use to anybody
// else.
func (s *socials) remember(w http.ResponseWriter, r *http.Request, kind, id string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(s.kept(r, kind), func(l keptLogin) bool { return l.id == id })
	for _, l := range others[:max(0, len(others)-maxLogins+1)] {
		s.forget(w, r, kind, l.id)
	}
	c := &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, loginCookie(kind, id)), Value: s.seal.Close(loginCookie(kind, id), text), Path: socialPath, MaxAge: int(socialLife / time.Second),
		HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	}
	if kind == attemptCookie {
		c.SameSite, c.MaxAge = http.SameSiteLaxMode, int(attemptLife/time.Second)
	}
	http.SetCookie(w, c)
	return nil
}

// recall reads what remember has sealed.
func (s *socials) recall(r *http.Request, kind, id string, v any) bool {
	c, err := r.Cookie(nameOf(r, loginCookie(kind, id)))
	if err != nil {
		return false
	}
	text, ok := s.seal.Open(loginCookie(kind, id), c.Value)
	return ok && json.Unmarshal(text, v) == nil
}

func (s *socials) forget(w http.ResponseWriter, r *http.Request, kind, id string) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name: nameOf(r, loginCookie(kind, id)), Path: socialPath, MaxAge: -1, HttpOnly: true, Secure: Secure(r.Context()), SameSite: http.SameSiteStrictMode,
	})
}

// keptLogin is a login that the browser has a cookie of.
type keptLogin struct {
	id    string
	Until time.Time // zero if the cookie can't be read
}

// kept lists the logins of a kind, the oldest first.
func (s *socials) kept(r *http.Request, kind string) (all []keptLogin) {
	for _, c := range r.Cookies() {
		if id, ok := strings.CutPrefix(c.Name, nameOf(r, loginCookie(kind, ""))); ok {
			l := keptLogin{id: id}
			s.recall(r, kind, id, &l)
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b keptLogin) int { return a.Until.Compare(b.Until) })
	return all
}
