// Package oidc lets people sign in with providers that speak OpenID Connect: by
// the authorization code flow, with PKCE, a state and a nonce. What it logs and
// returns never holds a code, a token, a secret or anything of a person.
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
	patience  = 3 * time.Second // for one answer
	maxAnswer = 256 << 10       // bytes
)

// Options is what a Social is made of.
type Options struct {
	Providers []Provider    // in the order in which they are shown
	HTTP      *http.Client  // whose Transport is used
	Secret    func() string // gives 256 random bits as 43 characters of base64url, as oauth2.GenerateVerifier does
	Now       func() time.Time
	Log       *slog.Logger
}

// Social is a port.Social.
type Social struct {
	secret func() string
	desks  []*desk
}

// New makes a Social. Nobody is asked anything yet, so that a provider that is away
// keeps nothing from starting.
func New(o Options) *Social {
	client := &http.Client{
		Transport:     bounded{o.HTTP.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       patience,
	}
	s := &Social{secret: o.Secret}
	for _, p := range o.Providers {
		s.desks = append(s.desks, newDesk(p, o, client))
	}
	return s
}

// bounded reads no more than maxAnswer of an answer.
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
	all := make([]port.Provider, len(s.desks))
	for i, d := range s.desks {
		all[i] = port.Provider{ID: d.id, Name: d.name}
	}
	return all
}

func (s *Social) desk(id string) (*desk, error) {
	for _, d := range s.desks {
		if d.id == id {
			return d, nil
		}
	}
	return nil, social.ErrNoProvider
}

// Begin implements port.Social.
func (s *Social) Begin(ctx context.Context, provider, redirect string) (string, port.Attempt, error) {
	d, err := s.desk(provider)
	if err != nil {
		return "", port.Attempt{}, err
	}
	e, err := d.endpoints(ctx)
	if err != nil {
		return "", port.Attempt{}, err
	}
	a := port.Attempt{Provider: provider, State: s.secret(), Nonce: s.secret(), Verifier: s.secret()}
	return d.config(e, redirect).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// Finish implements port.Social. What a browser brings that belongs to no attempt
// is not logged: anybody may bring that.
func (s *Social) Finish(ctx context.Context, a port.Attempt, redirect string, answer url.Values) (port.Identity, error) {
	d, err := s.desk(a.Provider)
	if err != nil {
		return port.Identity{}, err
	}
	if !equal(single(answer, "state"), a.State) {
		return port.Identity{}, fmt.Errorf("finish signing in: another state: %w", social.ErrFailed)
	}
	if answer.Has("iss") && single(answer, "iss") != d.client.Issuer {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, errors.New("the answer is of another issuer"))
	}
	if answer.Has("error") {
		return port.Identity{}, d.refused(ctx, answer)
	}
	code := single(answer, "code")
	if code == "" {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, errors.New("the answer has no code"))
	}
	e, err := d.endpoints(ctx)
	if err != nil {
		return port.Identity{}, err
	}
	if e.named && !answer.Has("iss") {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, errors.New("the answer does not name its issuer"))
	}
	token, err := d.exchange(ctx, e, a, redirect, code)
	if err != nil {
		return port.Identity{}, err
	}
	return d.identify(ctx, e, a, token)
}

// single gives a parameter that came once, and "" for every other.
func single(answer url.Values, name string) string {
	if len(answer[name]) != 1 {
		return ""
	}
	return answer[name][0]
}

// equal compares secrets. None is equal to nothing.
func equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
