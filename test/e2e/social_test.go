package e2e

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

const socialAPI = "/api/user/social/"

// providers are issuers in the place of Kakao and Google, and a server that people
// can sign in to by way of them.
type providers struct {
	*server
	kakao, google *issuer.Stub
}

func serveWithProviders(t *testing.T) providers {
	t.Helper()
	p := providers{kakao: &issuer.Stub{Client: "k", Secret: "ks"}, google: &issuer.Stub{Client: "g", Secret: "gs"}}
	kakao, google := httptest.NewServer(p.kakao), httptest.NewServer(p.google)
	t.Cleanup(kakao.Close)
	t.Cleanup(google.Close)
	p.server = serve(t, t.TempDir(),
		"MEALBUDDY_KAKAO_LOGIN_URL="+kakao.URL, "MEALBUDDY_KAKAO_LOGIN_ID=k", "MEALBUDDY_KAKAO_LOGIN_SECRET=ks",
		"MEALBUDDY_GOOGLE_LOGIN_URL="+google.URL, "MEALBUDDY_GOOGLE_LOGIN_ID=g", "MEALBUDDY_GOOGLE_LOGIN_SECRET=gs",
	)
	return p
}

// A browser keeps cookies as browsers do.
type browser struct {
	caller
	jar http.CookieJar
}

func newBrowser(t *testing.T, on *server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{stranger(t, on), jar}
}

func (b *browser) url(path string) *url.URL {
	return &url.URL{Scheme: "http", Host: b.on.addr, Path: path}
}

// asks sends a request to the service, with the cookies that go there.
func (b *browser) asks(method, path string, f fields) answer {
	b.t.Helper()
	if f == nil {
		return b.do(method, path, nothing)
	}
	return b.do(method, path, asJSON(f))
}

// sends posts a body as it stands.
func (b *browser) sends(path string, what body) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, what)
}

func (b *browser) do(method, path string, what body) answer {
	b.t.Helper()
	at, _, _ := strings.Cut(path, "?")
	c := b.caller
	var cookies []string
	for _, own := range b.jar.Cookies(b.url(at)) {
		cookies = append(cookies, own.Name+"="+own.Value)
	}
	if len(cookies) > 0 {
		c = c.with("Cookie", strings.Join(cookies, "; "))
	}
	a := c.do(method, path, what)
	b.jar.SetCookies(b.url(at), (&http.Response{Header: a.header}).Cookies())
	return a
}

// starts gives the address of a provider that the browser is sent to.
func (b *browser) starts(provider string, f fields) *url.URL {
	b.t.Helper()
	u, err := url.Parse(read[struct {
		URL string `json:"url"`
	}](b.asks(http.MethodPost, socialAPI+"start/"+provider+"/", f).is(http.StatusOK)).URL)
	require.NoError(b.t, err)
	return u
}

// visits lets somebody say at the provider who they are, and gives the path that
// the provider leads back to.
func (b *browser) visits(at *url.URL, subject string) string {
	b.t.Helper()
	q := at.Query()
	q.Set("person", subject)
	at.RawQuery = q.Encode()
	away := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer away.CloseIdleConnections()
	resp, err := away.Get(at.String())
	require.NoError(b.t, err)
	resp.Body.Close()
	back, err := resp.Location()
	require.NoError(b.t, err)
	require.Equal(b.t, b.on.addr, back.Host)
	return back.RequestURI()
}

// comesBack follows the way back, and gives what the app is told.
func (b *browser) comesBack(path string) url.Values {
	b.t.Helper()
	a := b.asks(http.MethodGet, path, nil).is(http.StatusSeeOther)
	to, err := url.Parse(a.header.Get("Location"))
	require.NoError(b.t, err)
	require.Equal(b.t, "/social", to.Path)
	require.Empty(b.t, to.Host)
	return to.Query()
}

func (b *browser) signsInBy(provider, subject string, f fields) url.Values {
	b.t.Helper()
	return b.comesBack(b.visits(b.starts(provider, f), subject))
}

// current gives who is signed in by the browser's cookie.
func (b *browser) current() person {
	b.t.Helper()
	p := read[signed](b.asks(http.MethodPost, "/api/user/refresh/", nil).is(http.StatusOK)).User
	p.on = b.on
	return p
}

type pendingPerson struct{ Provider, Username, Email string }

type ways struct {
	Password bool
	Linked   []struct{ Provider string }
}

func (w ways) providers() (all []string) {
	for _, l := range w.Linked {
		all = append(all, l.Provider)
	}
	return all
}

func TestSocialSignIn(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	b := newBrowser(t, on.server)
	b.asks(http.MethodGet, socialAPI, nil).is(http.StatusOK)
	b.asks(http.MethodGet, socialAPI+"pending/", nil).refused(http.StatusNotFound, "nothing_pending")
	b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "x", "email": "x", "address": "x"}).refused(http.StatusNotFound, "nothing_pending")

	// The first time it asks for a name, and for an address where the provider tells none.
	told := b.signsInBy("kakao", "1003", fields{"next": "/posts/7"})
	attempt := told.Get("attempt")
	assert.NotEmpty(t, attempt)
	assert.Equal(t, url.Values{"pending": {"kakao"}, "attempt": {attempt}, "next": {"/posts/7"}}, told)
	assert.Equal(t, pendingPerson{"kakao", "바다", ""}, read[pendingPerson](b.asks(http.MethodGet, socialAPI+"pending/?attempt="+attempt, nil).is(http.StatusOK)))
	assert.Equal(t, pendingPerson{"kakao", "바다", ""}, read[pendingPerson](b.asks(http.MethodGet, socialAPI+"pending/", nil).is(http.StatusOK)), "the only one")
	b.meaning(Request).post(socialAPI+"pending/", fields{}).refused(http.StatusNotFound, "nothing_pending") // another browser
	b.caller = b.caller.meaning(Request)
	b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "a", "email": "x"}).invalid("username", "email", "address")
	for _, path := range []string{socialAPI + "pending/", socialAPI + "start/kakao/"} {
		b.sends(path, body{"text/plain", strings.NewReader("x")}).refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		b.sends(path, text(`{"username":"`+strings.Repeat("x", 64<<10)+`"}`)).refused(http.StatusRequestEntityTooLarge, "body_too_large")
	}
	b.caller = b.caller.meaning(None)
	b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "바다", "email": "bada@newcomer.test", "address": town}).is(http.StatusCreated)
	bada := b.current()
	assert.Equal(t, "바다", bada.Username)
	b.asks(http.MethodGet, socialAPI+"pending/", nil).refused(http.StatusNotFound, "nothing_pending")

	// The next time, and with another browser, it signs in.
	other := newBrowser(t, on.server)
	assert.Equal(t, url.Values{"next": {"/board"}}, other.signsInBy("kakao", "1003", nil))
	assert.Equal(t, bada.ID, other.current().ID)

	// There is no password to sign in with, and what needs one asks for a fresh sign-in.
	stranger(t, on.server).post("/api/user/login/", fields{"email": bada.Email, "password": password}).refused(http.StatusUnauthorized, "invalid_credentials")
	assert.Equal(t, ways{false, []struct{ Provider string }{{"kakao"}}}, read[ways](bada.as(t).get(socialAPI+"linked/").is(http.StatusOK)))
	bada.as(t).delete(socialAPI+"linked/kakao/").refused(http.StatusConflict, "last_way")
	bada.as(t).delete(socialAPI+"linked/google/").refused(http.StatusNotFound, "not_linked")

	// With a password the link is not the last way any more.
	bada = read[signed](bada.as(t).meaning(Request).post("/api/user/changepassword/", fields{"new_password1": password, "new_password2": password}).is(http.StatusOK)).User
	bada.on = on.server
	bada.as(t).delete(socialAPI + "linked/kakao/").is(http.StatusNoContent)
	stranger(t, on.server).post("/api/user/login/", fields{"email": bada.Email, "password": password}).is(http.StatusOK)
	assert.Equal(t, "kakao", newBrowser(t, on.server).signsInBy("kakao", "1003", nil).Get("pending"), "it is nobody's again")
}

// Five minutes after the sign-in, an access token alone changes nothing of what signs in.
func TestWhatSignsInNeedsThePasswordOrAFreshSignIn(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	start, unlink, link := socialAPI+"start/kakao/", socialAPI+"linked/kakao/", fields{"link": true}

	minji := newcomer(t, on.server, "minji")
	own := newBrowser(t, on.server)
	own.token = minji.Token
	require.Equal(t, "kakao", own.signsInBy("kakao", "1003", link).Get("linked"), "just signed in")
	minji.ages(t)
	minji.as(t).post(start, link).invalid("password")
	minji.as(t).post(start, fields{"link": true, "password": "wrong-word-1"}).invalid("password")
	minji.as(t).delete(unlink).invalid("password")
	minji.as(t).do(http.MethodDelete, unlink, asJSON(fields{"password": "wrong-word-1"})).invalid("password")
	assert.Equal(t, []string{"kakao"}, read[ways](minji.as(t).get(socialAPI+"linked/").is(http.StatusOK)).providers())
	assert.Equal(t, 2, recorded(t, on.server, minji.ID)["confirm_failed"])
	require.Equal(t, "google", own.signsInBy("google", "1002", fields{"link": true, "password": password}).Get("linked"))

	t.Run("and a new password shows and can end links", func(t *testing.T) {
		change := fields{"current_password": password, "new_password1": "another-word-1", "new_password2": "another-word-1"}
		a := minji.as(t).post("/api/user/changepassword/", change).is(http.StatusOK)
		minji := read[signed](a).User
		minji.on = on.server
		assert.Equal(t, []string{"kakao", "google"}, read[ways](a).providers())
		minji.as(t).do(http.MethodDelete, unlink, asJSON(fields{"password": "another-word-1"})).is(http.StatusNoContent)
		change = fields{"current_password": "another-word-1", "new_password1": password, "new_password2": password, "unlink": true}
		a = minji.as(t).post("/api/user/changepassword/", change).is(http.StatusOK)
		assert.Empty(t, read[ways](a).providers())
		assert.Equal(t, "google", newBrowser(t, on.server).signsInBy("google", "1002", nil).Get("pending"), "it is nobody's again")
	})

	t.Run("of an account without a password the latter", func(t *testing.T) {
		b := newBrowser(t, on.server)
		require.Equal(t, "kakao", b.signsInBy("kakao", "1001", nil).Get("pending"))
		b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "바다", "email": "bada@newcomer.test", "address": town}).is(http.StatusCreated)
		bada := b.current()
		bada.ages(t)
		for _, a := range []answer{
			bada.as(t).post(start, link),
			bada.as(t).delete(unlink),
			bada.as(t).meaning(Request).post("/api/user/changepassword/", fields{"new_password1": password, "new_password2": password}),
			bada.as(t).meaning(Request).post("/api/user/delete/", fields{}),
		} {
			a.refused(http.StatusForbidden, "sign_in_again")
		}
		b.signsInBy("kakao", "1001", nil)
		b.current().as(t).meaning(Request).post("/api/user/delete/", fields{}).is(http.StatusNoContent)
	})
}

func TestSocialLinks(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)

	// An address that somebody has does not link, verified or not.
	f := registration("minji@example.com", "민지")
	minji := read[signed](stranger(t, on.server).post("/api/user/register/", f).is(http.StatusCreated)).User
	minji.on = on.server
	b := newBrowser(t, on.server)
	assert.Equal(t, "google", b.signsInBy("google", "1001", nil).Get("pending"))
	p := read[pendingPerson](b.asks(http.MethodGet, socialAPI+"pending/", nil).is(http.StatusOK))
	assert.Equal(t, "minji@example.com", p.Email)
	b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "다른 민지", "email": p.Email, "address": town}).invalid("email")

	// Its owner links it, being signed in.
	own := newBrowser(t, on.server)
	own.asks(http.MethodPost, socialAPI+"start/kakao/", fields{"link": true}).refused(http.StatusUnauthorized, "not_signed_in")
	own.token = minji.Token
	assert.Equal(t, url.Values{"linked": {"google"}, "next": {"/profile"}}, own.signsInBy("google", "1001", fields{"link": true, "next": "/profile"}))
	assert.Equal(t, "google", own.signsInBy("google", "1001", fields{"link": true}).Get("linked"), "twice is as good as once")
	assert.Equal(t, []string{"google"}, read[ways](minji.as(t).get(socialAPI+"linked/").is(http.StatusOK)).providers())
	own.token = ""
	assert.Empty(t, own.signsInBy("google", "1001", nil).Get("pending"))
	assert.Equal(t, minji.ID, own.current().ID)

	// Whoever was to register meanwhile cannot any more.
	b.asks(http.MethodPost, socialAPI+"pending/", fields{"username": "다른 민지", "email": "other@newcomer.test", "address": town}).refused(http.StatusConflict, "identity_taken")

	// An identity is of one account only, and that has one at each provider.
	haneul := newcomer(t, on.server, "haneul")
	own.token = haneul.Token
	assert.Equal(t, "identity_taken", own.signsInBy("google", "1001", fields{"link": true}).Get("error"))
	assert.Empty(t, own.signsInBy("google", "1002", fields{"link": true}).Get("error"))
	assert.Equal(t, "identity_taken", own.signsInBy("google", "1003", fields{"link": true}).Get("error"))

	// Who has signed out meanwhile links nothing, and the withdrawn leave nothing behind.
	back := own.visits(own.starts("kakao", fields{"link": true}), "1002")
	haneul.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	assert.Equal(t, "not_signed_in", own.comesBack(back).Get("error"))
	own.token = ""
	assert.Equal(t, "google", own.signsInBy("google", "1002", nil).Get("pending"))
}

// Nobody gets in by an answer that is not the provider's to this very browser.
func TestSocialAttacks(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	b := newBrowser(t, on.server)
	b.asks(http.MethodPost, socialAPI+"start/naver/", nil).refused(http.StatusNotFound, "provider_not_found")
	b.caller = b.caller.meaning(Request)
	b.asks(http.MethodPost, socialAPI+"start/kakao/", fields{"next": 1}).invalid("next")
	b.caller = b.caller.meaning(None)

	refused := func(b *browser, path, code string) {
		t.Helper()
		told := b.comesBack(path)
		assert.Equal(t, code, told.Get("error"), "%v", told)
		b.asks(http.MethodPost, "/api/user/refresh/", nil).refused(http.StatusUnauthorized, "not_signed_in")
		b.asks(http.MethodGet, socialAPI+"pending/", nil).refused(http.StatusNotFound, "nothing_pending")
	}
	failed := func(b *browser, path string) {
		t.Helper()
		refused(b, path, "social_failed")
	}

	t.Run("without having started", func(t *testing.T) {
		failed(newBrowser(t, on.server), socialAPI+"callback/kakao/?code=x&state=y")
	})
	t.Run("with the answer of another browser", func(t *testing.T) {
		mine, theirs := newBrowser(t, on.server), newBrowser(t, on.server)
		mine.starts("kakao", nil)
		failed(mine, theirs.visits(theirs.starts("kakao", nil), "1001"))
	})
	t.Run("at another provider's call-back", func(t *testing.T) {
		b := newBrowser(t, on.server)
		back := b.visits(b.starts("kakao", nil), "1001")
		failed(b, strings.Replace(back, "/kakao/", "/google/", 1))
	})
	t.Run("twice", func(t *testing.T) {
		b := newBrowser(t, on.server)
		back := b.visits(b.starts("kakao", nil), "1001")
		cookies := b.jar.Cookies(b.url(socialAPI))
		assert.Equal(t, "kakao", b.comesBack(back).Get("pending"))
		again := newBrowser(t, on.server)
		failed(again, back)
		again.jar.SetCookies(again.url(socialAPI), cookies) // of which somebody has a copy
		for _, c := range cookies {
			c.Path = socialAPI
		}
		again.jar.SetCookies(again.url(socialAPI), cookies)
		failed(again, back)
	})
	t.Run("having thought better of it", func(t *testing.T) {
		b := newBrowser(t, on.server)
		state := b.starts("kakao", nil).Query().Get("state")
		assert.Equal(t, "social_cancelled", b.comesBack(socialAPI+"callback/kakao/?error=access_denied&state="+state).Get("error"))
	})
	t.Run("with a token that does not hold", func(t *testing.T) {
		defer on.kakao.Fail(issuer.Token, issuer.None)
		for _, fault := range []issuer.Fault{
			issuer.OtherNonce, issuer.NoNonce, issuer.OtherAudience, issuer.OtherIssuer, issuer.Expired, issuer.Unsigned,
			issuer.Symmetric, issuer.WrongKey, issuer.Tampered, issuer.Garbled,
		} {
			on.kakao.Fail(issuer.Token, fault)
			b := newBrowser(t, on.server)
			failed(b, b.visits(b.starts("kakao", nil), "1001"))
		}
		on.kakao.Fail(issuer.Token, issuer.NoToken)
		b := newBrowser(t, on.server)
		refused(b, b.visits(b.starts("kakao", nil), "1001"), "social_misconfigured")
	})
	t.Run("to be led elsewhere", func(t *testing.T) {
		b := newBrowser(t, on.server)
		for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "evil", "/\t/evil.example", ""} {
			assert.Equal(t, "/board", b.signsInBy("kakao", "1001", fields{"next": next}).Get("next"), next)
		}
	})
	t.Run("while the provider is away", func(t *testing.T) {
		on.google.Fail(issuer.Discovery, issuer.Internal)
		newBrowser(t, on.server).asks(http.MethodPost, socialAPI+"start/google/", nil).refused(http.StatusServiceUnavailable, "social_unavailable")
	})
	for _, secret := range []string{"gs", "ks", "minji", "code=", "state=", "eyJ"} {
		assert.NotContains(t, on.log.String(), `"`+secret)
		if len(secret) > 2 {
			assert.NotContains(t, on.log.String(), secret)
		}
	}
}
