// Package oidc signs people in with OpenID Connect providers: with the authorization
// code flow, PKCE, a state and a nonce. Its logs and errors never contain codes, tokens,
// secrets or personal data.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	timeout   = 3 * time.Second // for one request
	maxAnswer = 256 << 10       // bytes
)

// Options configure a Social.
type Options struct {
	Providers []Provider    // in display order
	HTTP      *http.Client  // only its Transport is used
	Secret    func() string // returns 256 random bits as 43 characters of base64url, as oauth2.GenerateVerifier does
	Now       func() time.Time
	Log       *slog.Logger
}

// Social is a port.Social.
type Social struct {
	secret         func() string
	relyingParties []*relyingParty
}

// New returns a Social. It sends no request yet, so that a provider's outage does not
// prevent the start.
func New(o Options) *Social {
	client := &http.Client{
		Transport:     bounded{o.HTTP.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}
	s := &Social{secret: o.Secret}
	for _, p := range o.Providers {
		s.relyingParties = append(s.relyingParties, newRelyingParty(p, o, client))
	}
	return s
}

// bounded limits the size of response bodies to maxAnswer.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	}
	return res, err
}

// Providers implements port.Social.
func (s *Social) Providers() []port.Provider {
	all := make([]port.Provider, len(s.relyingParties))
	for i, rp := range s.relyingParties {
		all[i] = port.Provider{ID: rp.id, Name: rp.name}
	}
	return all
}

func (s *Social) relyingParty(id string) (*relyingParty, error) {
	for _, rp := range s.relyingParties {
		if rp.id == id {
			return rp, nil
		}
	}
	return nil, social.ErrNoProvider
}

// Begin implements port.Social.
func (s *Social) Begin(ctx context.Context, provider, redirect string) (string, port.Attempt, error) {
	rp, err := s.relyingParty(provider)
	if err != nil {
		return "", port.Attempt{}, err
	}
	e, err := rp.endpoints(ctx)
	if err != nil {
		return "", port.Attempt{}, err
	}
	a := port.Attempt{Provider: provider, State: s.secret(), Nonce: s.secret(), Verifier: s.secret()}
	return rp.config(e, redirect).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// Finish implements port.Social. It does not log responses that match no attempt,
// because anybody can send them.
func (s *Social) Finish(ctx context.Context, a port.Attempt, redirect string, answer url.Values) (port.Identity, error) {
	rp, err := s.relyingParty(a.Provider)
	if err != nil {
		return port.Identity{}, err
	}
	if !equal(single(answer, "state"), a.State) {
		return port.Identity{}, fmt.Errorf("finish signing in: another state: %w", social.ErrFailed)
	}
	if answer.Has("iss") && !sameIssuer(single(answer, "iss"), rp.client.Issuer) {
		return port.Identity{}, rp.fail(ctx, social.ErrFailed, errors.New("the answer is of another issuer"))
	}
	if answer.Has("error") {
		return port.Identity{}, rp.refused(ctx, answer)
	}
	code := single(answer, "code")
	if code == "" {
		return port.Identity{}, rp.fail(ctx, social.ErrFailed, errors.New("the answer has no code"))
	}
	e, err := rp.endpoints(ctx)
	if err != nil {
		return port.Identity{}, err
	}
	if e.named && !answer.Has("iss") {
		return port.Identity{}, rp.fail(ctx, social.ErrFailed, errors.New("the answer does not name its issuer"))
	}
	token, err := rp.exchange(ctx, e, a, redirect, code)
	if err != nil {
		return port.Identity{}, err
	}
	return rp.identify(ctx, e, a, token)
}

// single returns the value of a parameter that occurs exactly once, else "".
func single(answer url.Values, name string) string {
	if len(answer[name]) != 1 {
		return ""
	}
	return answer[name][0]
}

// equal compares secrets in constant time. An empty secret equals nothing.
func equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
