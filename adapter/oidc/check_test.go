package oidc

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestCheck(t *testing.T) {
	const good = "" // nothing is wrong
	for name, tt := range map[string]struct {
		change func(*scene)
		told   string
	}{
		"all is well":               {func(*scene) {}, good},
		"with Basic":                {func(s *scene) { s.stub.Basic, s.stub.Lists = true, []string{"client_secret_basic"} }, good},
		"without a secret":          {func(s *scene) { s.stub.Secret, s.relyingParties[0].client.Secret = "", "" }, good},
		"with a final slash":        {func(s *scene) { s.relyingParties[0].client.Issuer += "/" }, good},
		"a wrong secret":            {func(s *scene) { s.stub.Secret = "another" }, "refuses the client id and secret, or how the secret is sent: status 401, error invalid_client"},
		"a wrong client":            {func(s *scene) { s.stub.Client = "another" }, "status 400"},
		"the wrong way":             {func(s *scene) { s.relyingParties[0].client.Auth = Basic }, "set to be sent by client_secret_basic; it takes client_secret_post"},
		"no discovery":              {func(s *scene) { s.stub.Fail(issuer.Discovery, issuer.Internal) }, "https://login.example/realm/.well-known/openid-configuration: status 500"},
		"a page instead":            {func(s *scene) { s.stub.Fail(issuer.Discovery, issuer.Page) }, "makes no sense"},
		"another issuer":            {func(s *scene) { s.stub.Fail(issuer.Discovery, issuer.OtherIssuer) }, `the issuer is "https://evil.example", and not "https://login.example/realm"`},
		"algorithms that are weak":  {func(s *scene) { s.stub.Fail(issuer.Discovery, issuer.Weak) }, "only RS256 and ES256 are taken"},
		"no keys":                   {func(s *scene) { s.stub.Fail(issuer.Keys, issuer.Refused) }, "there are none"},
		"no answer to codes":        {func(s *scene) { s.stub.Fail(issuer.Token, issuer.Internal) }, "the token endpoint, at https://login.example/realm/token: status 500"},
		"scopes that are not given": {func(s *scene) { s.stub.Fail(issuer.Authorize, issuer.Unfit) }, "error unauthorized_client"},
	} {
		t.Run(name, func(t *testing.T) {
			s := other()
			s.stub.Keeps = true
			tt.change(s)
			said := ""
			for _, f := range s.Check(t.Context(), "oidc", redirect) {
				if f.Wrong {
					said += f.Text + "\n"
				}
				assert.NotContains(t, f.Text, clientSecret)
			}
			if tt.told == good {
				assert.Empty(t, said)
				assert.Len(t, s.Check(t.Context(), "oidc", redirect), 4)
				assert.Len(t, s.Check(t.Context(), "oidc", ""), 3, "without a redirect URI")
			}
			assert.Contains(t, said, tt.told)
		})
	}
	assert.True(t, other().Check(t.Context(), "kakao", redirect)[0].Wrong)
}
