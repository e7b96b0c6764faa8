package oidc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
)

// pause is how long a provider that could not be discovered is left alone.
const pause = 5 * time.Second

// A desk deals with one provider.
type desk struct {
	Provider
	http *http.Client
	now  func() time.Time
	log  *slog.Logger

	turn  chan struct{} // holds who discovers, so that all who wait share one question
	known *endpoints    // nil until then
	again time.Time     // no question before
}

func newDesk(p Provider, o Options, client *http.Client) *desk {
	return &desk{Provider: p, http: client, now: o.Now, log: o.Log, turn: make(chan struct{}, 1)}
}

// endpoints is what a provider says of itself.
type endpoints struct {
	auth     oauth2.Endpoint
	userinfo string // "" if it has none
	keys     oidc.KeySet
	named    bool // its answers name their issuer, as RFC 9207 has it
}

// endpoints asks the provider where its endpoints are, if it has not said so yet. It
// asks whether or not who wanted it is still there, since others may wait too.
func (d *desk) endpoints(ctx context.Context) (*endpoints, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("discover %s: %w: %w", d.id, ctx.Err(), social.ErrAway)
	}
	if d.known != nil {
		return d.known, nil
	}
	if d.now().Before(d.again) {
		return nil, fmt.Errorf("discover %s: asked a moment ago: %w", d.id, social.ErrAway)
	}
	ctx = context.WithoutCancel(ctx)
	e, err := d.discover(ctx)
	if err != nil {
		d.again = d.now().Add(pause)
		return nil, d.fail(ctx, social.ErrAway, fmt.Errorf("discovery: %w", err))
	}
	d.known = e
	return e, nil
}

func (d *desk) discover(ctx context.Context) (*endpoints, error) {
	var said struct {
		Issuer   string `json:"issuer"`
		Auth     string `json:"authorization_endpoint"`
		Token    string `json:"token_endpoint"`
		Keys     string `json:"jwks_uri"`
		Userinfo string `json:"userinfo_endpoint"`
		Named    bool   `json:"authorization_response_iss_parameter_supported"`
	}
	issuer := d.client.Issuer
	if err := d.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", "", &said); err != nil {
		return nil, err
	}
	if said.Issuer != issuer {
		return nil, fmt.Errorf("the issuer is %q, and not %q", said.Issuer, issuer)
	}
	said.Userinfo = cmp.Or(said.Userinfo, d.userinfo)
	for name, address := range map[string]string{
		"authorization": said.Auth, "token": said.Token, "keys": said.Keys, "userinfo": cmp.Or(said.Userinfo, issuer),
	} {
		if !trusted(issuer, address) {
			return nil, fmt.Errorf("no %s endpoint, or not by https", name)
		}
	}
	return &endpoints{
		auth:     oauth2.Endpoint{AuthURL: said.Auth, TokenURL: said.Token, AuthStyle: oauth2.AuthStyleInParams}, // trying another style may cost the code
		userinfo: said.Userinfo,
		keys:     oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), d.http), said.Keys),
		named:    said.Named,
	}, nil
}

// get asks for JSON. Its errors hold neither what was asked with nor the answer.
func (d *desk) get(ctx context.Context, address, bearer string, v any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("not an address")
	}
	r.Header.Set("Accept", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := d.http.Do(r)
	if err != nil {
		return scrubbed(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return errCut
	}
	if json.Unmarshal(body, v) != nil {
		return errBroken
	}
	return nil
}

func (d *desk) config(e *endpoints, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: d.client.ID, ClientSecret: d.client.Secret, Endpoint: e.auth, Scopes: d.scopes, RedirectURL: redirect}
}

// trusted tells whether an endpoint that an issuer names may be asked: by https, or
// on this machine if the issuer is there too.
func trusted(issuer, endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && u.Host != "" && (u.Scheme == "https" || local(endpoint) && local(issuer))
}

// local tells whether an address is by http and of this machine.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// CheckIssuer says what is wrong with an issuer that is to be asked.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || !trusted(issuer, issuer) {
		return errors.New("not an issuer like https://example.com; http is for 127.0.0.1 and localhost only")
	}
	return nil
}
