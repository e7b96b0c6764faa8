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

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestSocialOffersWhatIsSetUp(t *testing.T) {
	all := map[string]string{
		"MEALBUDDY_KAKAO_LOGIN_ID": "k", "MEALBUDDY_NAVER_LOGIN_ID": "n",
		"MEALBUDDY_GOOGLE_LOGIN_ID": "g", "MEALBUDDY_GOOGLE_LOGIN_SECRET": "s",
		"MEALBUDDY_OIDC_ISSUER": "https://login.example", "MEALBUDDY_OIDC_ID": "o", "MEALBUDDY_OIDC_NAME": "우리 회사",
	}
	for _, tt := range []struct {
		environ map[string]string
		want    []port.Provider
	}{
		{nil, []port.Provider{}},
		{map[string]string{"MEALBUDDY_NAVER_LOGIN_ID": "n"}, []port.Provider{{ID: "naver", Name: "네이버"}}},
		{all, []port.Provider{{ID: "kakao", Name: "카카오"}, {ID: "naver", Name: "네이버"}, {ID: "google", Name: "Google"}, {ID: "oidc", Name: "우리 회사"}}},
	} {
		cfg, err := parseConfig(tt.environ)
		require.NoError(t, err)
		assert.Equal(t, tt.want, social(cfg, outbound(), slog.New(slog.DiscardHandler)).Providers())
	}
}

// Each provider is asked where the configuration says that it is, by the client
// that asks all others, and as who it says.
func TestSocialSignsIn(t *testing.T) {
	const redirect = "https://mealbuddy.example/back"
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

			to, attempt, err := s.Begin(t.Context(), provider, redirect)
			require.NoError(t, err)
			res, err := client.Get(to)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusFound, res.StatusCode)
			back, err := url.Parse(res.Header.Get("Location"))
			require.NoError(t, err)
			who, err := s.Finish(t.Context(), attempt, redirect, back.Query())
			require.NoError(t, err)
			assert.Equal(t, port.Identity{
				Provider: provider, Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: provider != "naver",
			}, who)
		})
	}
}
