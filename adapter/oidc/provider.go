package oidc

import "errors"

// Issuers of the known providers. Their tokens contain the same values.
const (
	KakaoIssuer  = "https://kauth.kakao.com"
	GoogleIssuer = "https://accounts.google.com"
	NaverIssuer  = "https://nid.naver.com"
)

// Client is the registration of this service at a provider.
type Client struct {
	Issuer string // the provider's issuer, or a replacement in tests
	ID     string
	Secret string // "" if the provider needs none
	Auth   Auth
}

// Auth is how a client authenticates at the token endpoint.
type Auth string

// Basic is client_secret_basic, Post client_secret_post. Auto is either: what discovery
// lists comes first, and the other one after a refusal. What worked is remembered.
const (
	Auto  Auth = ""
	Basic Auth = "basic"
	Post  Auth = "post"
)

// UnmarshalText reads auto, basic or post.
func (a *Auth) UnmarshalText(text []byte) error {
	*a = Auth(text)
	if *a == "auto" {
		*a = Auto
	}
	if *a != Auto && *a != Basic && *a != Post {
		return errors.New("none of auto, basic and post")
	}
	return nil
}

// Provider is a provider that people may sign in with, with its special cases.
type Provider struct {
	id, name   string
	client     Client
	scopes     []string
	asks       bool   // reads the userinfo endpoint, because the id_token may lack data
	userinfo   string // the userinfo endpoint, if discovery does not name it
	unverified bool   // its e-mail addresses count as unverified, whatever it claims
}

// Kakao shares an e-mail address only with the person's consent, and never says whether
// it is verified.
func Kakao(c Client) Provider {
	c.Auth = Post
	return Provider{id: "kakao", name: "카카오", client: c, scopes: []string{"openid", "profile_nickname", "account_email"}}
}

// Google puts everything in the id_token.
func Google(c Client) Provider {
	c.Auth = Post
	return Provider{id: "google", name: "Google", client: c, scopes: []string{"openid", "email", "profile"}}
}

// Naver returns name and e-mail address from its own userinfo endpoint. The address may
// belong to another service and is not verified.
func Naver(c Client) Provider {
	c.Auth = Post
	return Provider{
		id: "naver", name: "네이버", client: c, scopes: []string{"openid", "profile"},
		asks: true, userinfo: "https://openapi.naver.com/v1/nid/me", unverified: true,
	}
}

// Other is any provider that follows OpenID Connect.
func Other(name string, c Client) Provider {
	return Provider{id: "oidc", name: name, client: c, scopes: []string{"openid", "email", "profile"}, asks: true}
}
