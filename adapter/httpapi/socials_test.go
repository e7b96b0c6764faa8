package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// gullible is providers that take every answer for their own.
type gullible struct{ asked []string }

func (*gullible) Providers() []port.Provider { return nil }

func (*gullible) Begin(_ context.Context, provider, _ string) (string, port.Attempt, error) {
	return "https://provider.example/", port.Attempt{Provider: provider, State: "state of " + provider}, nil
}

func (g *gullible) Finish(_ context.Context, a port.Attempt, _ string, _ url.Values) (port.Identity, error) {
	g.asked = append(g.asked, a.Provider)
	return port.Identity{Provider: a.Provider, Subject: "1"}, nil
}

// An attempt is answered at the call-back of its own provider, and no provider is asked
// about the attempt of another one.
func TestAnAttemptIsOfOneProvider(t *testing.T) {
	s := newSite(t)
	providers := &gullible{}
	seal, err := auth.NewSeal(auth.Key{1})
	require.NoError(t, err)
	s.Accounts = usecase.NewAccounts(usecase.AccountsConfig{
		Store: s.store, Bus: &inproc.Bus{}, Tokens: s.tokens, Social: providers, Random: chance, Now: s.Now, Wake: func() {},
	})
	s.Seal = seal
	s.build()
	callback := func(provider string) string {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/user/social/start/kakao/", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		started := s.send(r)
		require.Equal(t, http.StatusOK, started.Code)
		r = httptest.NewRequestWithContext(t.Context(), "GET", "/api/user/social/callback/"+provider+"/?code=1&state="+url.QueryEscape("state of kakao"), nil)
		for _, c := range started.Result().Cookies() {
			r.AddCookie(c)
		}
		back, err := url.Parse(s.send(r).Header().Get("Location"))
		require.NoError(t, err)
		return back.Query().Get("error")
	}
	assert.Equal(t, "social_failed", callback("google"))
	assert.Empty(t, providers.asked)
	assert.Empty(t, callback("kakao"))
	assert.Equal(t, []string{"kakao"}, providers.asked)
}
