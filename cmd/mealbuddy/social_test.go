package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/oidc"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestSocialOffersWhatIsSetUp(t *testing.T) {
	all := map[string]string{
		"MEALBUDDY_KAKAO_LOGIN_ID": "k", "MEALBUDDY_NAVER_LOGIN_ID": "n", "MEALBUDDY_NAVER_LOGIN_SECRET": "s",
		"MEALBUDDY_GOOGLE_LOGIN_ID": "g", "MEALBUDDY_GOOGLE_LOGIN_SECRET": "s",
		"MEALBUDDY_OIDC_ISSUER": "https://login.example", "MEALBUDDY_OIDC_ID": "o", "MEALBUDDY_OIDC_NAME": "우리 회사",
	}
	for _, tt := range []struct {
		environ map[string]string
		want    []port.Provider
	}{
		{nil, []port.Provider{}},
		{map[string]string{"MEALBUDDY_NAVER_LOGIN_ID": "n", "MEALBUDDY_NAVER_LOGIN_SECRET": "s"}, []port.Provider{{ID: "naver", Name: "네이버"}}},
		{all, []port.Provider{{ID: "kakao", Name: "카카오"}, {ID: "naver", Name: "네이버"}, {ID: "google", Name: "Google"}, {ID: "oidc", Name: "우리 회사"}}},
	} {
		cfg, err := parseConfig(tt.environ)
		require.NoError(t, err)
		assert.Equal(t, tt.want, social(cfg, outbound(), slog.New(slog.DiscardHandler)).Providers())
	}
}

func TestSocialAuthenticatesAsItIsSet(t *testing.T) {
	for _, auth := range []string{"auto", "basic", "post"} {
		cfg, err := parseConfig(map[string]string{"MEALBUDDY_OIDC_ISSUER": "https://login.example", "MEALBUDDY_OIDC_ID": "me", "MEALBUDDY_OIDC_AUTH": auth})
		require.NoError(t, err)
		assert.Equal(t, auth == "basic", cfg.OIDCAuth == oidc.Basic)
		assert.Equal(t, auth == "post", cfg.OIDCAuth == oidc.Post)
	}
	_, err := parseConfig(map[string]string{"MEALBUDDY_OIDC_AUTH": "private_key_jwt"})
	assert.ErrorContains(t, err, "MEALBUDDY_OIDC_AUTH")

	srv := httptest.NewServer(&issuer.Stub{Client: "me", Secret: "hunter2", Basic: true, Lists: []string{"client_secret_post"}})
	defer srv.Close()
	client := outbound()
	defer client.CloseIdleConnections()
	for auth, want := range map[string]bool{"basic": true, "post": false} {
		cfg, err := parseConfig(map[string]string{"MEALBUDDY_OIDC_ISSUER": srv.URL, "MEALBUDDY_OIDC_ID": "me", "MEALBUDDY_OIDC_SECRET": "hunter2", "MEALBUDDY_OIDC_AUTH": auth})
		require.NoError(t, err)
		_, err = signIn(t, social(cfg, client, slog.New(slog.DiscardHandler)), "oidc", client)
		assert.Equal(t, want, err == nil, "%s: %v", auth, err)
	}
}

// signIn goes through a provider that leads back at once.
func signIn(t *testing.T, s port.Social, provider string, client *http.Client) (port.Identity, error) {
	t.Helper()
	const redirect = "https://mealbuddy.example/back"
	to, attempt, err := s.Begin(t.Context(), provider, redirect)
	require.NoError(t, err)
	res, err := client.Get(to)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusFound, res.StatusCode)
	back, err := url.Parse(res.Header.Get("Location"))
	require.NoError(t, err)
	return s.Finish(t.Context(), attempt, redirect, back.Query())
}

// Each provider is asked where the configuration says that it is, by the client
// that asks all others, and as who it says.
func TestSocialSignsIn(t *testing.T) {
	client := outbound()
	defer client.CloseIdleConnections()
	for _, provider := range []string{"kakao", "naver", "google", "oidc"} {
		t.Run(provider, func(t *testing.T) {
			srv := httptest.NewServer(&issuer.Stub{Client: "me", Secret: "hunter2", Nested: provider == "naver"})
			defer srv.Close()
			variables, address := strings.ToUpper(provider)+"_LOGIN", "_URL"
			if provider == "oidc" {
				variables, address = "OIDC", "_ISSUER"
			}
			cfg, err := parseConfig(map[string]string{
				prefix + variables + address: srv.URL, prefix + variables + "_ID": "me", prefix + variables + "_SECRET": "hunter2",
			})
			require.NoError(t, err)
			s := social(cfg, client, slog.New(slog.DiscardHandler))

			who, err := signIn(t, s, provider, client)
			require.NoError(t, err)
			assert.Equal(t, port.Identity{
				Provider: provider, Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: provider != "naver",
			}, who)
		})
	}
}

func TestCheck(t *testing.T) {
	good := httptest.NewServer(&issuer.Stub{Client: "me", Secret: "hunter2", Keeps: true})
	defer good.Close()
	bad := httptest.NewServer(&issuer.Stub{Client: "me", Secret: "another", Keeps: true})
	defer bad.Close()
	environ := map[string]string{
		"MEALBUDDY_DATA":        t.TempDir(),
		"MEALBUDDY_PUBLIC_URL":  "https://mealbuddy.example",
		"MEALBUDDY_OIDC_ISSUER": good.URL, "MEALBUDDY_OIDC_ID": "me", "MEALBUDDY_OIDC_SECRET": "hunter2", "MEALBUDDY_OIDC_NAME": "동네 계정",
	}
	var said, wrong strings.Builder
	assert.Equal(t, exitDone, run(t.Context(), []string{"check"}, environ, &said, &wrong))
	assert.Equal(t, 5, strings.Count(said.String(), "good "), said.String())
	assert.NotContains(t, said.String(), "wrong")
	for _, part := range []string{"동네 계정", "MEALBUDDY_OIDC_*", "https://mealbuddy.example/api/user/social/callback/oidc/"} {
		assert.Contains(t, said.String(), part)
	}

	said.Reset()
	environ["MEALBUDDY_KAKAO_LOGIN_URL"], environ["MEALBUDDY_KAKAO_LOGIN_ID"], environ["MEALBUDDY_KAKAO_LOGIN_SECRET"] = bad.URL, "me", "hunter2"
	delete(environ, "MEALBUDDY_PUBLIC_URL")
	assert.Equal(t, exitFailed, run(t.Context(), []string{"check"}, environ, &said, &wrong))
	assert.Regexp(t, `카카오, to sign in with MEALBUDDY_KAKAO_LOGIN_\*\n(good .*\n)*wrong  it refuses the client id and secret`, said.String())
	assert.Contains(t, said.String(), "set MEALBUDDY_PUBLIC_URL")
	assert.Equal(t, "mealbuddy: wrong: 1\n", wrong.String())
	assert.NotContains(t, said.String()+wrong.String(), "hunter2")

	assert.Equal(t, exitDone, run(t.Context(), []string{"check"}, nil, &said, &wrong), "with nothing set up")
	assert.Equal(t, exitUsage, run(t.Context(), []string{"check"}, map[string]string{"MEALBUDDY_OIDC_AUTH": "x"}, &said, &wrong))
}
