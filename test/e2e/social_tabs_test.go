package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two people who come for the first time in one browser, in two tabs, are not mixed up,
// whichever form is sent first.
func TestSocialFirstLoginsInTwoTabs(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	b := newBrowser(t, on.server)
	haneul := b.signsInBy("kakao", "1002", fields{"next": "/posts/2"}).Get("attempt") // the tab with Haneul's form
	bada := b.signsInBy("kakao", "1003", fields{"next": "/posts/3"}).Get("attempt")   // and then that with Bada's
	require.NotEqual(t, haneul, bada)

	pending := func(attempt string) pendingPerson {
		return read[pendingPerson](b.asks(http.MethodGet, socialAPI+"pending/?attempt="+attempt, nil).is(http.StatusOK))
	}
	assert.Equal(t, "하늘", pending(haneul).Username)
	assert.Equal(t, "바다", pending(bada).Username)
	form := func(name, attempt string) fields {
		f := fields{"username": name, "email": name + "@newcomer.test", "address": town}
		if attempt != "" {
			f["attempt"] = attempt
		}
		return f
	}
	register := func(f fields) answer { return b.asks(http.MethodPost, socialAPI+"pending/", f) }
	for _, other := range []string{"", "AAAAAAAAAAAAAAAA", bada + "x", "../" + bada, strings.Repeat("x", 5000)} {
		register(form("nobody", other)).refused(http.StatusNotFound, "nothing_pending")
	}
	b.asks(http.MethodGet, socialAPI+"pending/", nil).refused(http.StatusNotFound, "nothing_pending")

	register(form("haneul", haneul)).is(http.StatusCreated)
	first := b.current()
	assert.Equal(t, "haneul", first.Username)
	register(form("again", haneul)).refused(http.StatusNotFound, "nothing_pending")
	register(form("bada", bada)).is(http.StatusCreated)
	assert.Equal(t, "bada", b.current().Username)
	assert.Equal(t, "nothing_pending", read[problem](b.asks(http.MethodGet, socialAPI+"pending/", nil)).Code)

	for subject, want := range map[string]string{"1002": "haneul", "1003": "bada"} {
		other := newBrowser(t, on.server)
		assert.Empty(t, other.signsInBy("kakao", subject, nil).Get("pending"))
		assert.Equal(t, want, other.current().Username)
	}
}

// Every attempt of a browser waits for its own answer, and for no other.
func TestSocialAttemptsInTwoTabs(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	b := newBrowser(t, on.server)

	t.Run("are answered in any order", func(t *testing.T) {
		one := b.visits(b.starts("kakao", fields{"next": "/posts/1"}), "1001")
		two := b.visits(b.starts("google", fields{"next": "/posts/2"}), "1002")
		three := b.visits(b.starts("kakao", fields{"next": "/posts/3"}), "1003")
		for back, next := range map[string]string{two: "/posts/2", three: "/posts/3", one: "/posts/1"} {
			told := b.comesBack(back)
			assert.Empty(t, told.Get("error"))
			assert.Equal(t, next, told.Get("next"))
			assert.Equal(t, "social_failed", b.comesBack(back).Get("error"), "once")
		}
	})
	t.Run("are not forgotten for a stray answer", func(t *testing.T) {
		back := b.visits(b.starts("kakao", fields{"next": "/posts/7"}), "1001")
		state := url.Values{"state": {queryOf(t, back).Get("state")}}.Encode()
		for _, stray := range []string{"", "?code=x&state=y", "?error=access_denied", "?error=access_denied&state=y", "?" + state + "&" + state + "&code=x"} {
			told := b.comesBack(socialAPI + "callback/kakao/" + stray)
			assert.Equal(t, "social_failed", told.Get("error"), stray)
		}
		assert.Equal(t, url.Values{"pending": {"kakao"}, "next": {"/posts/7"}}, without(b.comesBack(back), "attempt"))
	})
	t.Run("are forgotten, the oldest first, where there are very many", func(t *testing.T) {
		b := newBrowser(t, on.server)
		var backs []string
		for range 30 {
			backs = append(backs, b.visits(b.starts("kakao", fields{"next": "/posts/" + strings.Repeat("7", 400)}), "1001"))
		}
		size := 0
		for _, c := range b.jar.Cookies(b.url(socialAPI)) {
			size += len(c.Name) + len(c.Value)
		}
		assert.Less(t, size, 8<<10, "a request has room for them")
		assert.Equal(t, "social_failed", b.comesBack(backs[0]).Get("error"))
		assert.Empty(t, b.comesBack(backs[29]).Get("error"))
		assert.Empty(t, b.comesBack(backs[27]).Get("error"))
	})
}

// The answer to an attempt at one provider is none at the call-back of another, even if
// the provider does not look where the code is redeemed.
func TestSocialAnswersAtAnotherCallBack(t *testing.T) {
	t.Parallel()
	on := serveWithProviders(t)
	on.kakao.Lax, on.google.Lax = true, true
	b := newBrowser(t, on.server)
	back := b.visits(b.starts("kakao", nil), "1001")
	assert.Equal(t, "social_failed", b.comesBack(strings.Replace(back, "/kakao/", "/google/", 1)).Get("error"))
	b.asks(http.MethodGet, socialAPI+"pending/", nil).refused(http.StatusNotFound, "nothing_pending")
	assert.Equal(t, "kakao", b.comesBack(back).Get("pending"), "its own is still good")
}

func queryOf(t *testing.T, path string) url.Values {
	t.Helper()
	u, err := url.Parse(path)
	require.NoError(t, err)
	return u.Query()
}

// without returns values without a name, which has to be there.
func without(values url.Values, name string) url.Values {
	if !values.Has(name) {
		return url.Values{name: {"missing"}}
	}
	values.Del(name)
	return values
}
