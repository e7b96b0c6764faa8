package httpapi

import (
	"net/http"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

// Browsers send these cookies to the routes of accounts only, and not with requests from
// pages of other sites. Scripts can't read them.
const (
	cookiePath   = "/api/user/"
	signInCookie = "mealbuddy_sign_in" // holds the refresh token
	deviceCookie = "mealbuddy_device"  // identifies the device, signed in or not
	deviceLife   = 400 * 24 * time.Hour
)

func setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	c := &http.Cookie{ // #nosec G124 -- Secure wherever there is https
		Name:     nameOf(r, name),
		Value:    value,
		Path:     cookiePath,
		MaxAge:   int(life / time.Second),
		HttpOnly: true,
		Secure:   Secure(r.Context()),
		SameSite: http.SameSiteStrictMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// nameOf returns the full name of a cookie. Over https it has a prefix with which browsers
// accept it over https only.
func nameOf(r *http.Request, name string) string {
	if Secure(r.Context()) {
		return "__Secure-" + name
	}
	return name
}

// keepSignedIn sets the cookie with the refresh token, or removes it if t is nil.
func keepSignedIn(w http.ResponseWriter, r *http.Request, t *signin.Token) {
	if t == nil {
		setCookie(w, r, signInCookie, "", 0)
		return
	}
	setCookie(w, r, signInCookie, t.String(), signin.Idle)
}

// keptToken reads the refresh token of the cookie.
func keptToken(r *http.Request) (t signin.Token, ok bool) {
	c, err := r.Cookie(nameOf(r, signInCookie))
	if err != nil {
		return signin.Token{}, false
	}
	return signin.ParseToken(c.Value)
}

// origin tells where a request to sign in comes from, and gives the device a mark if it
// has none.
func (b *base) origin(w http.ResponseWriter, r *http.Request) signin.Origin {
	from := originOf(r)
	if from.Mark == (signin.Digest{}) {
		mark := b.random()
		setCookie(w, r, deviceCookie, mark.String(), deviceLife)
		from.Mark = mark.Digest()
	}
	return from
}

// originOf is origin for a request that signs nobody in: a device without a mark gets none.
func originOf(r *http.Request) signin.Origin {
	from := signin.Origin{Device: deviceOf(r.UserAgent()), Network: network(r)}
	if c, err := r.Cookie(nameOf(r, deviceCookie)); err == nil {
		if mark, ok := signin.ParseSecret(c.Value); ok {
			from.Mark = mark.Digest()
		}
	}
	return from
}

func network(r *http.Request) string { return Network(Client(r.Context())) }
