package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Finding is what Check says of one part of a set-up.
type Finding struct {
	Wrong bool
	Text  string
}

// Check asks a provider whether this service is set up for it as it wants to be asked.
// redirect is where it is to lead back to, or "" if nobody knows.
func (s *Social) Check(ctx context.Context, provider, redirect string) []Finding {
	rp, err := s.relyingParty(provider)
	if err != nil {
		return []Finding{{true, "it is not set up"}}
	}
	c := &check{relyingParty: rp}
	e, err := rp.discover(ctx)
	if err != nil {
		c.wrong("what it says of itself, at %s: %v", discoveryOf(rp.client.Issuer), err)
		return c.found
	}
	c.described(e)
	c.keys(ctx, e)
	c.client(ctx, e, redirect)
	if redirect != "" {
		c.redirect(ctx, e, redirect)
	}
	return c.found
}

type check struct {
	*relyingParty
	found []Finding
}

func (c *check) good(format string, args ...any) {
	c.found = append(c.found, Finding{false, fmt.Sprintf(format, args...)})
}

func (c *check) wrong(format string, args ...any) {
	c.found = append(c.found, Finding{true, fmt.Sprintf(format, args...)})
}

// described looks at what the provider says of itself.
func (c *check) described(e *endpoints) {
	if e.issuer == c.relyingParty.client.Issuer {
		c.good("the issuer is %s", e.issuer)
	} else {
		c.good("the issuer is %s, and %s is set, which is taken as the same", e.issuer, c.relyingParty.client.Issuer)
	}
	if len(e.algorithms) > 0 && !slices.ContainsFunc(e.algorithms, func(a string) bool { return slices.Contains(algorithms, a) }) {
		c.wrong("it signs with %s; only %s are taken", strings.Join(e.algorithms, ", "), strings.Join(algorithms, " and "))
	}
	if len(e.challenges) > 0 && !slices.Contains(e.challenges, "S256") {
		c.wrong("it does not take code challenges with S256, but %s", strings.Join(e.challenges, ", "))
	}
	if name := methodNames[c.relyingParty.client.Auth]; name != "" && len(e.methods) > 0 && !slices.Contains(e.methods, name) {
		c.wrong("the client secret is set to be sent by %s; it takes %s", name, strings.Join(e.methods, ", "))
	}
}

var methodNames = map[Auth]string{Basic: "client_secret_basic", Post: "client_secret_post"}

// keys looks whether the keys for the signatures are there.
func (c *check) keys(ctx context.Context, e *endpoints) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	err := c.get(ctx, e.keysURL, "", &set)
	if err == nil && len(set.Keys) == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		c.wrong("its keys, at %s: %v", e.keysURL, err)
		return
	}
	c.good("its keys are there")
}

// client redeems a code that does not exist, to see what the provider refuses.
func (c *check) client(ctx context.Context, e *endpoints, redirect string) {
	var refused error
	for _, style := range c.styles(e) {
		config := c.config(e, redirect)
		config.Endpoint.AuthStyle = style
		_, err := config.Exchange(oidc.ClientContext(ctx, c.http), "none", oauth2.VerifierOption(oauth2.GenerateVerifier()), oauth2.SetAuthURLParam("state", "none"))
		switch {
		case refusesClient(err):
			refused = err
		case unavailable(err):
			c.wrong("the token endpoint, at %s: %v", e.auth.TokenURL, scrubbed(err))
			return
		default:
			way := methodNames[Post]
			if style == oauth2.AuthStyleInHeader {
				way = methodNames[Basic]
			}
			c.secret(ctx, e, style, way)
			return
		}
	}
	c.wrong("it refuses the client id and secret, or how the secret is sent: %v", scrubbed(refused))
}

// secret revokes a token that does not exist. Some providers look at the secret only once
// a code is good, but they all do when a token is to be revoked.
func (c *check) secret(ctx context.Context, e *endpoints, style oauth2.AuthStyle, way string) {
	client := c.relyingParty.client
	if client.Secret == "" || !trusted(client.Issuer, e.revokes) {
		c.good("it does not refuse the client id and secret, as far as one can ask without a person")
		return
	}
	form := url.Values{"token": {"none"}}
	if style == oauth2.AuthStyleInParams {
		form.Set("client_id", client.ID)
		form.Set("client_secret", client.Secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.revokes, strings.NewReader(form.Encode()))
	if err != nil {
		c.wrong("the endpoint to revoke tokens: not an address")
		return
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if style == oauth2.AuthStyleInHeader {
		r.SetBasicAuth(url.QueryEscape(client.ID), url.QueryEscape(client.Secret))
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.wrong("the endpoint to revoke tokens, at %s: %v", e.revokes, scrubbed(err))
		return
	}
	defer res.Body.Close()
	var said struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(res.Body).Decode(&said) // a success has no body
	if res.StatusCode == http.StatusUnauthorized || said.Error == "invalid_client" {
		c.wrong("it refuses the client id and secret, sent by %s: status %d, error %s", way, res.StatusCode, errorCode(said.Error))
		return
	}
	c.good("it takes the client id and secret, sent by %s", way)
}

// redirect opens the page where people sign in.
func (c *check) redirect(ctx context.Context, e *endpoints, redirect string) {
	address := c.config(e, redirect).AuthCodeURL("check", oidc.Nonce("check"), oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		c.wrong("the page to sign in: not an address")
		return
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.wrong("the page to sign in, at %s: %v", e.auth.AuthURL, scrubbed(err))
		return
	}
	res.Body.Close()
	var said url.Values
	if to, err := res.Location(); err == nil {
		said = to.Query()
	}
	switch {
	case res.StatusCode >= http.StatusBadRequest:
		c.wrong("the page to sign in refuses the client id, or the redirect URI %s: status %d", redirect, res.StatusCode)
	case said.Has("error"):
		c.wrong("the page to sign in refuses the client id, the scopes %s or the redirect URI %s: error %s",
			strings.Join(c.scopes, " "), redirect, errorCode(said.Get("error")))
	default:
		c.good("it lets people sign in, and lead back to %s", redirect)
	}
}
