package oidc

// Where the providers of the table are. A provider's issuer is also how its
// tokens name it.
const (
	KakaoIssuer  = "https://kauth.kakao.com"
	GoogleIssuer = "https://accounts.google.com"
	NaverIssuer  = "https://nid.naver.com"
)

// Client is what a provider knows this service by.
type Client struct {
	Issuer string // the provider's own, or one that stands in for it
	ID     string
	Secret string // "" where the provider asks for none
}

// Provider is one that people may sign in with, and what is particular about it.
type Provider struct {
	id, name string
	client   Client
	scopes   []string
	asks     bool   // for what the id_token may leave out, at the userinfo endpoint
	userinfo string // where that is, if discovery does not say
	doubtful bool   // nobody has verified its e-mail addresses, whatever it says
}

// Kakao tells an e-mail address only if the person agrees, and never says whether
// it is verified.
func Kakao(c Client) Provider {
	return Provider{id: "kakao", name: "카카오", client: c, scopes: []string{"openid", "profile_nickname", "account_email"}}
}

// Google tells everything in the id_token.
func Google(c Client) Provider {
	return Provider{id: "google", name: "Google", client: c, scopes: []string{"openid", "email", "profile"}}
}

// Naver tells name and e-mail address elsewhere, in a form of its own. The address
// may be one of somewhere else that nobody has verified.
func Naver(c Client) Provider {
	return Provider{
		id: "naver", name: "네이버", client: c, scopes: []string{"openid", "profile"},
		asks: true, userinfo: "https://openapi.naver.com/v1/nid/me", doubtful: true,
	}
}

// Other is any provider that keeps to OpenID Connect.
func Other(name string, c Client) Provider {
	return Provider{id: "oidc", name: name, client: c, scopes: []string{"openid", "email", "profile"}, asks: true}
}
