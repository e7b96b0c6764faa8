package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
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

// check asks every provider that is set up whether it takes this service, and says in
// words what is wrong. The variables are good, or it would not run.
func check(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
	fmt.Fprintln(stdout, "good   the variables")
	wrong := checkSeats(ctx, cfg, stdout)
	client := outbound()
	defer client.CloseIdleConnections()
	logins := social(cfg, client, slog.New(slog.DiscardHandler))
	for _, p := range logins.Providers() {
		path, redirect := httpapi.SocialCallback(p.ID), ""
		if cfg.PublicURL != "" {
			redirect = string(cfg.PublicURL) + path
		}
		fmt.Fprintf(stdout, "\n%s, to sign in with %s_*\n", p.Name, prefix+loginVariables(p.ID))
		for _, f := range logins.Check(ctx, p.ID, redirect) {
			verdict := "good "
			if f.Wrong {
				wrong++
				verdict = "wrong"
			}
			fmt.Fprintf(stdout, "%s  %s\n", verdict, f.Text)
		}
		if redirect == "" {
			fmt.Fprintf(stdout, "open   whether it leads back to %s of this service: set %sPUBLIC_URL to ask that, too\n", path, prefix)
		}
	}
	if wrong > 0 {
		return exit{exitFailed, fmt.Errorf("wrong: %d", wrong)}
	}
	return nil
}

// loginVariables is what the names of a provider's variables begin with.
func loginVariables(provider string) string {
	if provider == "oidc" {
		return "OIDC"
	}
	return strings.ToUpper(provider) + "_LOGIN"
}
