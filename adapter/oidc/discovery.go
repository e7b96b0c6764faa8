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
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
)

// pause is how long no other discovery is tried after one that failed.
const pause = 5 * time.Second

// relyingParty signs people in with one provider.
type relyingParty struct {
	Provider
	http *http.Client
	now  func() time.Time
	log  *slog.Logger

	turn  chan struct{} // held during discovery, so that concurrent callers share one request
	known *endpoints    // nil until discovered
	again time.Time     // no discovery before this time

	style atomic.Int32 // the oauth2.AuthStyle that worked; 0 if none did yet
}

func newRelyingParty(p Provider, o Options, client *http.Client) *relyingParty {
	return &relyingParty{Provider: p, http: client, now: o.Now, log: o.Log, turn: make(chan struct{}, 1)}
}

// endpoints is a provider's discovered configuration.
type endpoints struct {
	issuer   string // as it calls itself
	auth     oauth2.Endpoint
	userinfo string // "" if it has none
	keys     oidc.KeySet
	keysURL  string
	revokes  string // its endpoint to revoke tokens; "" if it has none
	named    bool   // its responses contain iss, as in RFC 9207

	// What it says that it takes: at the token endpoint, for signatures, for PKCE.
	methods, algorithms, challenges []string
}

// endpoints returns the provider's endpoints, and discovers them first if needed.
// Discovery continues if the caller gives up, because others may wait for it.
func (rp *relyingParty) endpoints(ctx context.Context) (*endpoints, error) {
	select {
	case rp.turn <- struct{}{}:
		defer func() { <-rp.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("discover %s: %w: %w", rp.id, ctx.Err(), social.ErrAway)
	}
	if rp.known != nil {
		return rp.known, nil
	}
	if rp.now().Before(rp.again) {
		return nil, fmt.Errorf("discover %s: asked a moment ago: %w", rp.id, social.ErrAway)
	}
	ctx = context.WithoutCancel(ctx)
	e, err := rp.discover(ctx)
	if err != nil {
		rp.again = rp.now().Add(pause)
		return nil, rp.fail(ctx, social.ErrAway, fmt.Errorf("discovery: %w", err))
	}
	rp.known = e
	return e, nil
}

func (rp *relyingParty) discover(ctx context.Context) (*endpoints, error) {
	var said struct {
		Issuer     string   `json:"issuer"`
		Auth       string   `json:"authorization_endpoint"`
		Token      string   `json:"token_endpoint"`
		Keys       string   `json:"jwks_uri"`
		Userinfo   string   `json:"userinfo_endpoint"`
		Revokes    string   `json:"revocation_endpoint"`
		Methods    []string `json:"token_endpoint_auth_methods_supported"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Challenges []string `json:"code_challenge_methods_supported"`
		Named      bool     `json:"authorization_response_iss_parameter_supported"`
	}
	issuer := rp.client.Issuer
	if err := rp.get(ctx, discoveryOf(issuer), "", &said); err != nil {
		return nil, err
	}
	if !sameIssuer(said.Issuer, issuer) {
		return nil, fmt.Errorf("the issuer is %q, and not %q", said.Issuer, issuer)
	}
	if said.Issuer != issuer {
		rp.log.InfoContext(ctx, "the issuer differs by a final slash, which does no harm", "provider", rp.id, "set", issuer, "is", said.Issuer)
	}
	said.Userinfo = cmp.Or(said.Userinfo, rp.userinfo)
	for name, address := range map[string]string{
		"authorization": said.Auth, "token": said.Token, "keys": said.Keys, "userinfo": cmp.Or(said.Userinfo, issuer),
	} {
		if !trusted(issuer, address) {
			return nil, fmt.Errorf("no %s endpoint, or not by https", name)
		}
	}
	return &endpoints{
		issuer:   said.Issuer,
		auth:     oauth2.Endpoint{AuthURL: said.Auth, TokenURL: said.Token, AuthStyle: oauth2.AuthStyleInParams},
		userinfo: said.Userinfo,
		keys:     oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), rp.http), said.Keys),
		keysURL:  said.Keys,
		revokes:  said.Revokes,
		methods:  said.Methods, algorithms: said.Algorithms, challenges: said.Challenges,
		named: said.Named,
	}, nil
}

// discoveryOf is the address at which an issuer says what it is.
func discoveryOf(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// get requests JSON. Its errors contain neither the request nor the answer.
func (rp *relyingParty) get(ctx context.Context, address, bearer string, v any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("not an address")
	}
	r.Header.Set("Accept", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := rp.http.Do(r)
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

func (rp *relyingParty) config(e *endpoints, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: rp.client.ID, ClientSecret: rp.client.Secret, Endpoint: e.auth, Scopes: rp.scopes, RedirectURL: redirect}
}

// sameIssuer reports whether two issuers are equal, but for a final slash.
func sameIssuer(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// trusted reports whether an endpoint may be used: it must use https, or be on this
// machine together with its issuer.
func trusted(issuer, endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && u.Host != "" && (u.Scheme == "https" || local(endpoint) && local(issuer))
}

// local reports whether a URL uses http and is on this machine.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// CheckIssuer returns an error if a URL cannot be an issuer.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || !trusted(issuer, issuer) {
		return errors.New("not an issuer like https://example.com; http is for 127.0.0.1 and localhost only")
	}
	return nil
}
