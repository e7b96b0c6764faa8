package oidc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/port"
)

// exchange gets tokens for a code. It does not retry, because a code can be used only
// once, unless the provider refuses how the client authenticates.
func (rp *relyingParty) exchange(ctx context.Context, e *endpoints, a port.Attempt, redirect, code string) (*oauth2.Token, error) {
	var refused error
	for _, style := range rp.styles(e) {
		config := rp.config(e, redirect)
		config.Endpoint.AuthStyle = style
		token, err := config.Exchange(oidc.ClientContext(ctx, rp.http), code,
			oauth2.VerifierOption(a.Verifier),
			oauth2.SetAuthURLParam("state", a.State)) // Naver requires it; other providers ignore it
		if refusesClient(err) {
			refused = err
			continue
		}
		if !unavailable(err) {
			rp.style.Store(int32(style)) // #nosec G115 -- one of three; the client was taken, whatever else is wrong
		}
		if err == nil {
			return token, nil
		}
		refusal := social.ErrFailed
		if unavailable(err) {
			refusal = social.ErrAway
		}
		return nil, rp.fail(ctx, refusal, fmt.Errorf("the token endpoint: %w", scrubbed(err)))
	}
	return nil, rp.fail(ctx, social.ErrSetup, fmt.Errorf("the token endpoint refuses the client; see to its client id and secret, and how it is registered to send them: %w", scrubbed(refused)))
}

// styles lists the ways in which the client may authenticate, the most likely one first.
func (rp *relyingParty) styles(e *endpoints) []oauth2.AuthStyle {
	const basic, post = oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams
	works := oauth2.AuthStyle(rp.style.Load())
	switch {
	case rp.client.Secret == "", rp.client.Auth == Post:
		return []oauth2.AuthStyle{post}
	case rp.client.Auth == Basic:
		return []oauth2.AuthStyle{basic}
	case works == post, works != basic && slices.Contains(e.methods, "client_secret_post") && !slices.Contains(e.methods, "client_secret_basic"):
		return []oauth2.AuthStyle{post, basic}
	}
	return []oauth2.AuthStyle{basic, post} // basic is what the standard assumes
}

// identify verifies the tokens and returns the identity in them.
func (rp *relyingParty) identify(ctx context.Context, e *endpoints, a port.Attempt, token *oauth2.Token) (port.Identity, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return port.Identity{}, rp.fail(ctx, social.ErrSetup, errors.New("no id_token came; is OpenID Connect switched on there?"))
	}
	idToken, err := rp.verify(ctx, e, raw)
	if err != nil {
		refusal := social.ErrFailed
		if errors.Is(err, errNoKeys) {
			refusal = social.ErrAway
		}
		return port.Identity{}, rp.fail(ctx, refusal, fmt.Errorf("the id_token: %w", err))
	}
	var told claims
	if idToken.Claims(&told) != nil {
		return port.Identity{}, rp.fail(ctx, social.ErrFailed, fmt.Errorf("the id_token: %w", errBroken))
	}
	if err := told.check(idToken, rp.client.ID, a.Nonce, token.AccessToken); err != nil {
		return port.Identity{}, rp.fail(ctx, social.ErrFailed, fmt.Errorf("the id_token: %w", err))
	}
	p := told.profile
	if rp.asks && p.Email == "" && e.userinfo != "" {
		more, err := rp.ask(ctx, e, token.AccessToken, p.Subject)
		if err != nil { // the subject is known without it
			rp.warn(ctx, fmt.Errorf("the userinfo endpoint: %w", err))
		}
		p.Nickname, p.Name = cmp.Or(p.Nickname, more.Nickname), cmp.Or(p.Name, more.Name)
		p.Email, p.Verified = more.Email, more.Verified
	}
	return port.Identity{
		Provider:      rp.id,
		Subject:       p.Subject,
		Name:          cmp.Or(p.Nickname, p.Name),
		Email:         p.Email,
		EmailVerified: p.Email != "" && bool(p.Verified) && !rp.unverified,
	}, nil
}

// algorithms are those that a token may be signed with.
var algorithms = []string{oidc.RS256, oidc.ES256}

// errNoKeys means that the keys to verify a signature are not available.
var errNoKeys = errors.New("the keys of the provider do not come")

// verify checks the signature, issuer, audience and expiry of a token. Claims appear in
// errors only after the signature is verified.
func (rp *relyingParty) verify(ctx context.Context, e *endpoints, raw string) (*oidc.IDToken, error) {
	keys := &recordingKeys{KeySet: e.keys}
	t, err := oidc.NewVerifier(e.issuer, keys, &oidc.Config{
		ClientID:             rp.client.ID,
		SupportedSigningAlgs: algorithms, // regardless of discovery and of the token
		Now:                  rp.now,
	}).Verify(ctx, raw)
	switch {
	case err == nil:
		return t, nil
	case !keys.asked:
		return nil, errors.New("not one that is signed with RS256 or ES256")
	case keys.err != nil && strings.HasPrefix(keys.err.Error(), "fetching keys"): // the error has no type
		return nil, errNoKeys
	case keys.err != nil:
		return nil, errors.New("its signature does not hold")
	}
	return nil, err
}

// recordingKeys is a key set that remembers its error, which the verifier does not return.
type recordingKeys struct {
	oidc.KeySet
	asked bool
	err   error
}

func (w *recordingKeys) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	w.asked = true
	payload, w.err = w.KeySet.VerifySignature(ctx, jwt)
	return payload, w.err
}

// profile is the optional data about a person.
type profile struct {
	Subject  string    `json:"sub"`
	Nickname string    `json:"nickname"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Verified looseBool `json:"email_verified"`
}

// looseBool decodes true and "true" as true, and any other value as false.
type looseBool bool

func (t *looseBool) UnmarshalJSON(b []byte) error {
	*t = string(b) == `true` || string(b) == `"true"`
	return nil
}

// claims are the fields that are read from an id_token.
type claims struct {
	profile
	Party string `json:"azp"`
}

// check verifies the claims that libraries leave to the caller: the nonce and others
// that only this client can compare.
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

// named reports whether a subject is valid: 1 to 255 printable ASCII characters.
func named(subject string) bool {
	return subject != "" && len(subject) <= 255 && !strings.ContainsFunc(subject, func(r rune) bool { return r <= ' ' || r > '~' })
}

// ask reads the userinfo endpoint: in the form of OpenID Connect, which must be about
// the same subject, or in Naver's.
func (rp *relyingParty) ask(ctx context.Context, e *endpoints, access, subject string) (profile, error) {
	var told struct {
		profile
		Naver *profile `json:"response"`
	}
	if err := rp.get(ctx, e.userinfo, access, &told); err != nil {
		return profile{}, err
	}
	if told.Naver != nil {
		return *told.Naver, nil // its id may differ from the sub of the id_token
	}
	if told.Subject != subject {
		return profile{}, errors.New("it is about another person")
	}
	return told.profile, nil
}
