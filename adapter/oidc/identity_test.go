package oidc

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestEmailAddresses(t *testing.T) {
	person := func(email string, verified any) []issuer.Person {
		return []issuer.Person{{Subject: "1", Nickname: "하늘", Name: "이하늘", Email: email, Verified: verified}}
	}
	for _, tt := range []struct {
		name     string
		of       func() *scene
		people   []issuer.Person
		email    string
		verified bool
	}{
		{"Kakao, which does not say whether it is verified", kakao, person("a@example.com", nil), "a@example.com", false},
		{"Kakao, to which the person did not agree", kakao, person("", nil), "", false},
		{"Kakao, verified without an address", kakao, person("", true), "", false},
		{"Google, verified", google, person("a@example.com", true), "a@example.com", true},
		{"Google, not verified", google, person("a@example.com", false), "a@example.com", false},
		{"Google, nothing said", google, person("a@example.com", nil), "a@example.com", false},
		{"another, verified as text", other, person("a@example.com", "true"), "a@example.com", true},
		{"another, not verified as text", other, person("a@example.com", "false"), "a@example.com", false},
		{"another, verified in a way that nobody knows", other, person("a@example.com", "TRUE"), "a@example.com", false},
		{"another, verified by a number", other, person("a@example.com", 1), "a@example.com", false},
		{"Naver, whatever it says", naver, person("a@example.com", true), "a@example.com", false},
		{"Naver, without one", naver, person("", nil), "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.of()
			s.stub.People = tt.people
			id, err := s.signIn(t)
			require.NoError(t, err)
			assert.Equal(t, tt.email, id.Email)
			assert.Equal(t, tt.verified, id.EmailVerified)
			assert.Equal(t, "하늘", id.Name)
		})
	}

	t.Run("one address at two providers is two people", func(t *testing.T) {
		a, err := kakao().signIn(t)
		require.NoError(t, err)
		s := google()
		s.stub.People = []issuer.Person{{Subject: "9", Email: a.Email, Verified: true}}
		b, err := s.signIn(t)
		require.NoError(t, err)
		assert.Equal(t, a.Email, b.Email)
		assert.NotEqual(t, a.Provider+a.Subject, b.Provider+b.Subject)
	})

	t.Run("a name, where there is no nickname", func(t *testing.T) {
		s := google()
		s.stub.People = []issuer.Person{{Subject: "1", Name: "이하늘"}}
		id, err := s.signIn(t)
		require.NoError(t, err)
		assert.Equal(t, port.Identity{Provider: "google", Subject: "1", Name: "이하늘"}, id)
	})
}

// Data from the userinfo endpoint is optional.
func TestUserinfo(t *testing.T) {
	t.Run("says what the id_token leaves out", func(t *testing.T) {
		s := other()
		s.stub.Fail(issuer.Token, issuer.NoProfile)
		id, err := s.signIn(t)
		require.NoError(t, err)
		assert.Equal(t, port.Identity{Provider: "oidc", Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: true}, id)
	})
	t.Run("is not asked where it has nothing to add", func(t *testing.T) {
		for _, s := range []*scene{kakao(), google()} {
			s.stub.Fail(issuer.Token, issuer.NoProfile)
			id, err := s.signIn(t)
			require.NoError(t, err)
			assert.Empty(t, id.Email)
			assert.Empty(t, s.stub.Asked(issuer.Userinfo))
		}
	})
	t.Run("is not believed about another person", func(t *testing.T) {
		s := other()
		s.stub.People = []issuer.Person{{Subject: "1001"}, {Subject: "1002", Email: "haneul@example.com", Verified: true}}
		s.stub.Fail(issuer.Userinfo, issuer.OtherPerson)
		id, err := s.signIn(t)
		require.NoError(t, err)
		assert.Equal(t, port.Identity{Provider: "oidc", Subject: "1001"}, id)
		assert.Contains(t, s.log.String(), "another person")
	})
	t.Run("never says who it is", func(t *testing.T) {
		id, err := naver().signIn(t)
		require.NoError(t, err)
		assert.Equal(t, "1001", id.Subject, "the sub of the id_token, and not the id beside the name")
	})
	for f, told := range map[issuer.Fault]string{
		issuer.Internal: "status 500", issuer.Throttled: "status 429", issuer.Refused: "another person", issuer.Broken: "makes no sense",
		issuer.Page: "makes no sense", issuer.Huge: "too long", issuer.Elsewhere: "status 307",
	} {
		t.Run("is done without: "+string(f), func(t *testing.T) {
			s := naver()
			s.stub.Fail(issuer.Userinfo, f)
			id, err := s.signIn(t)
			require.NoError(t, err)
			assert.Equal(t, port.Identity{Provider: "naver", Subject: "1001"}, id)
			assert.Contains(t, s.log.String(), told)
			assert.Equal(t, 1, strings.Count(s.log.String(), "\n"))
		})
	}
}

func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kakao()
		for range 3 {
			_, err := s.signIn(t)
			require.NoError(t, err)
			synctest.Wait() // until the keys are cached
		}
		assert.Len(t, s.stub.Asked(issuer.Keys), 1, "who asks too often is shut out")

		s.stub.Rotate()
		for range 2 {
			_, err := s.signIn(t)
			require.NoError(t, err, "new keys are found")
			synctest.Wait()
		}
		assert.Len(t, s.stub.Asked(issuer.Keys), 2)
		assert.Empty(t, s.log.String())
	})
}
