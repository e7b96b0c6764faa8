package httpapi

import (
	"net/http"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

// The cookies of a browser go to the routes of accounts alone. Scripts cannot read
// them, and no page of another site can make a browser send them.
const (
	cookiePath   = "/api/user/"
	signInCookie = "mealbuddy_sign_in" // holds the token that keeps the device signed in
	deviceCookie = "mealbuddy_device"  // knows the device again, signed in or not
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

// nameOf gives the name of a cookie: over https one that browsers take from https
// only.
func nameOf(r *http.Request, name string) string {
	if Secure(r.Context()) {
		return "__Secure-" + name
	}
	return name
}

// keepSignedIn gives the browser the token that keeps it signed in, or takes it away
// if there is none.
func keepSignedIn(w http.ResponseWriter, r *http.Request, t *signin.Token) {
	if t == nil {
		setCookie(w, r, signInCookie, "", 0)
		return
	}
	setCookie(w, r, signInCookie, t.String(), signin.Idle)
}

// keptToken reads the token that keeps the browser signed in.
func keptToken(r *http.Request) (t signin.Token, ok bool) {
	c, err := r.Cookie(nameOf(r, signInCookie))
	if err != nil {
		return signin.Token{}, false
	}
	return signin.ParseToken(c.Value)
}

// from tells where a request to sign in comes from, and marks a device that has no
// mark yet.
func (a *API) from(w http.ResponseWriter, r *http.Request) signin.Origin {
	var mark signin.Secret
	c, err := r.Cookie(nameOf(r, deviceCookie))
	marked := err == nil
	if marked {
		mark, marked = signin.ParseSecret(c.Value)
	}
	if !marked {
		mark = a.Random()
		setCookie(w, r, deviceCookie, mark.String(), deviceLife)
	}
	return signin.Origin{Device: deviceOf(r.UserAgent()), Network: network(r), Mark: mark.Digest()}
}

func network(r *http.Request) string { return Network(Client(r.Context())) }
