package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Who stayed at a provider for too long is told so, and can still go on to where they
// wanted.
func TestAnAttemptThatTookTooLong(t *testing.T) {
	seal, err := auth.NewSeal(auth.Key{1})
	require.NoError(t, err)
	now := noon
	s := &socials{base: &base{}, seal: seal, now: func() time.Time { return now }}
	begun := httptest.NewRecorder()
	try := attempt{port.Attempt{Provider: "kakao", State: "a-state"}, "/posts/7", port.Access{}, now.Add(socialLife)}
	require.NoError(t, s.remember(begun, httptest.NewRequest(http.MethodPost, socialPath, nil), attemptCookie, loginID(try.State), try))
	kept := begun.Result().Cookies()
	require.Len(t, kept, 1)
	assert.Greater(t, kept[0].MaxAge, int(time.Hour/time.Second))

	now = now.Add(socialLife)
	r := httptest.NewRequest(http.MethodGet, socialPath+"callback/kakao/?code=c&state=a-state", nil)
	r.SetPathValue("provider", "kakao")
	r.AddCookie(kept[0])
	back := httptest.NewRecorder()
	require.NoError(t, s.finish(back, r))
	to, err := back.Result().Location()
	require.NoError(t, err)
	assert.Equal(t, url.Values{"error": {"social_expired"}, "next": {"/posts/7"}}, to.Query())
}
