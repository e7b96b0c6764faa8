package oidc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

// ways lists how the client has authenticated at the token endpoint so far.
func (s *scene) ways() (all []string) {
	for _, asked := range s.stub.Asked(issuer.Token) {
		switch {
		case asked.Header.Get("Authorization") != "":
			all = append(all, "basic")
		case asked.Values.Has("client_secret"):
			all = append(all, "post")
		default:
			all = append(all, "none")
		}
	}
	return all
}

func TestAClientAuthenticatesAsTheProviderTakesIt(t *testing.T) {
	const basic, post = "client_secret_basic", "client_secret_post"
	for name, tt := range map[string]struct {
		auth  Auth
		lists []string // by discovery
		basic bool     // what the client is registered for
		want  []string // of two sign-ins
	}{
		"basic, listed":                  {"", []string{basic}, true, []string{"basic", "basic"}},
		"post, listed":                   {"", []string{post}, false, []string{"post", "post"}},
		"basic, of several":              {"", []string{post, "private_key_jwt", basic}, true, []string{"basic", "basic"}},
		"post, of several":               {"", []string{basic, post}, false, []string{"basic", "post", "post"}},
		"basic, of none":                 {"", []string{}, true, []string{"basic", "basic"}},
		"post, of none":                  {"", []string{}, false, []string{"basic", "post", "post"}},
		"basic, although post is listed": {"", []string{post}, true, []string{"post", "basic", "basic"}},
		"basic, as it is set":            {Basic, []string{post}, true, []string{"basic", "basic"}},
		"post, as it is set":             {Post, []string{basic}, false, []string{"post", "post"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := other()
			s.relyingParties[0].client.Auth = tt.auth
			s.stub.Lists, s.stub.Basic, s.stub.Keeps = tt.lists, tt.basic, true
			for range 2 {
				_, err := s.signIn(t)
				require.NoError(t, err)
			}
			assert.Equal(t, tt.want, s.ways())
			assert.Empty(t, s.log.String())
		})
	}
}

// Where the first try has used up the code, the second tells at least that the client is
// taken, and the next sign-in works.
func TestAClientThatIsTakenTooLate(t *testing.T) {
	s := other()
	s.stub.Lists = []string{"client_secret_basic", "client_secret_post"}
	_, err := s.signIn(t)
	assert.ErrorIs(t, err, social.ErrFailed)
	_, err = s.signIn(t)
	require.NoError(t, err)
	assert.Equal(t, []string{"basic", "post", "post"}, s.ways())
}

func TestAClientThatIsNotTaken(t *testing.T) {
	for _, auth := range []Auth{"", Basic, Post} {
		s := other()
		s.relyingParties[0].client.Auth, s.relyingParties[0].client.Secret = auth, "another-secret"
		s.stub.Lists, s.stub.Keeps = []string{"client_secret_post"}, true
		_, err := s.signIn(t)
		assert.ErrorIs(t, err, social.ErrSetup)
		assert.Len(t, s.ways(), map[Auth]int{"": 2, Basic: 1, Post: 1}[auth], "one more try, if any")
		assert.Contains(t, s.log.String(), "status 401, error invalid_client")
		assert.Contains(t, s.log.String(), "client id and secret")
		assert.NotContains(t, s.log.String(), "another-secret")
	}
}

// Kakao, Google and Naver say in their manuals how a client authenticates.
func TestKnownProvidersAreNotTriedOut(t *testing.T) {
	for _, s := range []*scene{kakao(), google(), naver()} {
		s.stub.Lists = []string{"client_secret_basic"}
		_, err := s.signIn(t)
		require.NoError(t, err)
		assert.Equal(t, []string{"post"}, s.ways())
	}
}

func TestSecretsWithOddCharacters(t *testing.T) {
	s := other()
	s.relyingParties[0].client.Secret, s.stub.Secret = "a+b/c:d=&%", "a+b/c:d=&%"
	s.stub.Basic, s.stub.Lists = true, []string{"client_secret_basic"}
	_, err := s.signIn(t)
	require.NoError(t, err)
}

func TestES256(t *testing.T) {
	s := other()
	s.stub.EC = true
	id, err := s.signIn(t)
	require.NoError(t, err)
	assert.Equal(t, "1001", id.Subject)
}

// Whether an issuer ends with a slash is easily mistaken.
func TestTheFinalSlashOfAnIssuer(t *testing.T) {
	for set, is := range map[string]string{
		"https://login.example/realm": "https://login.example/realm/", "https://login.example/realm/": "https://login.example/realm",
		"https://login.example": "https://login.example/", "https://login.example/": "https://login.example",
	} {
		s := stage(func(c Client) Provider {
			c.Issuer = set
			return Other("우리 회사", c)
		}, is)
		_, err := s.signIn(t)
		require.NoError(t, err, set)
		for _, said := range []string{"level=INFO", set, is} {
			assert.Contains(t, s.log.String(), said)
		}
		assert.Equal(t, 1, strings.Count(s.log.String(), "\n"), "it is said once")

		s.stub.Fail(issuer.Token, issuer.OtherIssuer)
		_, err = s.signIn(t)
		assert.ErrorIs(t, err, social.ErrFailed, "another is another")
	}
}
