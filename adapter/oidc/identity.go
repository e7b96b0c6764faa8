package oidc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/port"
)

// exchange gives the tokens for a code. It is not tried again: the code is spent.
func (d *desk) exchange(ctx context.Context, e *endpoints, a port.Attempt, redirect, code string) (*oauth2.Token, error) {
	token, err := d.config(e, redirect).Exchange(oidc.ClientContext(ctx, d.http), code,
		oauth2.VerifierOption(a.Verifier),
		oauth2.SetAuthURLParam("state", a.State)) // Naver wants it, and nobody minds
	if err != nil {
		refusal := social.ErrFailed
		if away(err) {
			refusal = social.ErrAway
		}
		return nil, d.fail(ctx, refusal, fmt.Errorf("the token endpoint: %w", scrubbed(err)))
	}
	return token, nil
}

// identify reads who it is from the tokens, if they hold.
func (d *desk) identify(ctx context.Context, e *endpoints, a port.Attempt, token *oauth2.Token) (port.Identity, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, errors.New("no id_token came; is OpenID Connect switched on there?"))
	}
	idToken, err := d.verify(ctx, e, raw)
	if err != nil {
		refusal := social.ErrFailed
		if errors.Is(err, errNoKeys) {
			refusal = social.ErrAway
		}
		return port.Identity{}, d.fail(ctx, refusal, fmt.Errorf("the id_token: %w", err))
	}
	var told claims
	if idToken.Claims(&told) != nil {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, fmt.Errorf("the id_token: %w", errBroken))
	}
	if err := told.check(idToken, d.client.ID, a.Nonce, token.AccessToken); err != nil {
		return port.Identity{}, d.fail(ctx, social.ErrFailed, fmt.Errorf("the id_token: %w", err))
	}
	p := told.profile
	if d.asks && p.Email == "" && e.userinfo != "" {
		more, err := d.ask(ctx, e, token.AccessToken, p.Subject)
		if err != nil { // who it is, is known without
			d.warn(ctx, fmt.Errorf("the userinfo endpoint: %w", err))
		}
		p.Nickname, p.Name = cmp.Or(p.Nickname, more.Nickname), cmp.Or(p.Name, more.Name)
		p.Email, p.Verified = more.Email, more.Verified
	}
	return port.Identity{
		Provider:      d.id,
		Subject:       p.Subject,
		Name:          cmp.Or(p.Nickname, p.Name),
		Email:         p.Email,
		EmailVerified: p.Email != "" && bool(p.Verified) && !d.doubtful,
	}, nil
}

// errNoKeys says that there is nothing to hold a signature against.
var errNoKeys = errors.New("the keys of the provider do not come")

// verify holds a token to its signature, issuer, audience and expiry. What it says
// of itself is repeated only once it is known to be the provider's.
func (d *desk) verify(ctx context.Context, e *endpoints, raw string) (*oidc.IDToken, error) {
	keys := &watched{KeySet: e.keys}
	t, err := oidc.NewVerifier(d.client.Issuer, keys, &oidc.Config{
		ClientID:             d.client.ID,
		SupportedSigningAlgs: []string{oidc.RS256}, // whatever discovery or the token may say
		Now:                  d.now,
	}).Verify(ctx, raw)
	switch {
	case err == nil:
		return t, nil
	case !keys.asked:
		return nil, errors.New("not one that is signed with RS256")
	case keys.err != nil && strings.HasPrefix(keys.err.Error(), "fetching keys"): // it has no type of its own
		return nil, errNoKeys
	case keys.err != nil:
		return nil, errors.New("its signature does not hold")
	}
	return nil, err
}

// watched notes what became of a question to a set of keys, which the error of a
// verifier does not tell.
type watched struct {
	oidc.KeySet
	asked bool
	err   error
}

func (w *watched) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	w.asked = true
	payload, w.err = w.KeySet.VerifySignature(ctx, jwt)
	return payload, w.err
}

// profile is what there may be to know of a person.
type profile struct {
	Subject  string `json:"sub"`
	Nickname string `json:"nickname"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified truth  `json:"email_verified"`
}

// truth is true only where that is said, in either way in which providers say it.
type truth bool

func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == `true` || string(b) == `"true"`
	return nil
}

// claims is what is read of an id_token.
type claims struct {
	profile
	Party string `json:"azp"`
}

// check holds a token that is the provider's to what only we know, and to those
// claims that libraries leave to us.
func (c claims) check(t *oidc.IDToken, client, nonce, access string) error {
	switch {
	case !equal(t.Nonce, nonce):
		return errors.New("it has another nonce")
	case c.Party != "" && c.Party != client, c.Party == "" && len(t.Audience) > 1:
		return errors.New("it was issued to another party")
	case t.AccessTokenHash != "" && t.VerifyAccessToken(access) != nil:
		return errors.New("it came with another access token")
	case !named(c.Subject):
		return errors.New("it names nobody")
	}
	return nil
}

// named tells whether a subject is one: at most 255 printable ASCII characters.
func named(subject string) bool {
	return subject != "" && len(subject) <= 255 && !strings.ContainsFunc(subject, func(r rune) bool { return r <= ' ' || r > '~' })
}

// ask reads what the userinfo endpoint has to say of a person: in the form of OpenID
// Connect, which must be about the same subject, or in Naver's.
func (d *desk) ask(ctx context.Context, e *endpoints, access, subject string) (profile, error) {
	var told struct {
		profile
		Naver *profile `json:"response"`
	}
	if err := d.get(ctx, e.userinfo, access, &told); err != nil {
		return profile{}, err
	}
	if told.Naver != nil {
		return *told.Naver, nil // its id need not be the sub of the id_token
	}
	if told.Subject != subject {
		return profile{}, errors.New("it is about another person")
	}
	return told.profile, nil
}
