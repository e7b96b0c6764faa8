package main

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/adapter/oidc"
)

// social offers the providers that are set up: those with a client id.
func social(cfg config, client *http.Client, log *slog.Logger) *oidc.Social {
	var offered []oidc.Provider
	offer := func(of func(oidc.Client) oidc.Provider, issuer, id string, key secret) {
		if id != "" {
			offered = append(offered, of(oidc.Client{Issuer: issuer, ID: id, Secret: string(key)}))
		}
	}
	offer(oidc.Kakao, cfg.KakaoLoginURL, cfg.KakaoLoginID, cfg.KakaoLoginSecret)
	offer(oidc.Naver, cfg.NaverLoginURL, cfg.NaverLoginID, cfg.NaverLoginSecret)
	offer(oidc.Google, cfg.GoogleLoginURL, cfg.GoogleLoginID, cfg.GoogleLoginSecret)
	offer(func(c oidc.Client) oidc.Provider {
		c.Auth = cfg.OIDCAuth
		return oidc.Other(cfg.OIDCName, c)
	}, cfg.OIDCIssuer, cfg.OIDCID, cfg.OIDCSecret)
	return oidc.New(oidc.Options{Providers: offered, HTTP: client, Secret: oauth2.GenerateVerifier, Now: time.Now, Log: log})
}

// loginVariables is what the names of a provider's variables begin with.
func loginVariables(provider string) string {
	if provider == "oidc" {
		return "OIDC"
	}
	return strings.ToUpper(provider) + "_LOGIN"
}
