package issuer

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // the one of RFC 7636

func asks(change ...func(url.Values)) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {"me"}, "redirect_uri": {"https://app.example/back?a=b"}, "scope": {"openid"},
		"state": {`"><script>`}, "nonce": {"n"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	for _, c := range change {
		c(q)
	}
	return q
}

func open(s *Stub, q url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, string(Authorize)+"?"+q.Encode(), nil))
	return w
}

func TestABrowserChoosesWhoItIs(t *testing.T) {
	s := &Stub{Ask: true}
	page := open(s, asks())
	require.Equal(t, http.StatusOK, page.Code)
	body := page.Body.String()
	assert.NotContains(t, body, "<script")
	var offered []string
	for _, m := range regexp.MustCompile(`<button name="person" value="(\w+)">`).FindAllStringSubmatch(body, -1) {
		offered = append(offered, m[1])
	}
	assert.Equal(t, []string{"1001", "1002", "1003", "cancel"}, offered)
	for name := range asks() {
		assert.Contains(t, body, `<input type="hidden" name="`+name+`" value="`)
	}

	for person, want := range map[string]string{"1002": "code", "cancel": "error"} {
		back := open(s, asks(func(q url.Values) { q.Set("person", person) }))
		require.Equal(t, http.StatusFound, back.Code)
		u, err := url.Parse(back.Header().Get("Location"))
		require.NoError(t, err)
		assert.Equal(t, "app.example", u.Host)
		assert.Equal(t, `"><script>`, u.Query().Get("state"))
		assert.Equal(t, "b", u.Query().Get("a"))
		assert.NotEmpty(t, u.Query().Get(want))
	}
	assert.Equal(t, http.StatusBadRequest, open(s, asks(func(q url.Values) { q.Set("person", "1") })).Code)
}

func TestWhatIsAskedWronglyIsRefused(t *testing.T) {
	s := &Stub{Client: "me"}
	for name, value := range map[string]string{"client_id": "another", "redirect_uri": "/back"} {
		assert.Equal(t, http.StatusBadRequest, open(s, asks(func(q url.Values) { q.Set(name, value) })).Code, name)
	}
	for name, value := range map[string]string{
		"response_type": "token", "scope": "email", "state": "", "nonce": "", "code_challenge": "", "code_challenge_method": "plain",
	} {
		back := open(s, asks(func(q url.Values) { q.Set(name, value) }))
		require.Equal(t, http.StatusFound, back.Code, name)
		assert.Contains(t, back.Header().Get("Location"), "error=invalid_request", name)
	}
}
