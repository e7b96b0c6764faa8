package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func identities(t *testing.T, open func(t *testing.T) port.Store) {
	link := func(s filled, l social.Link) error {
		return s.Write(t.Context(), func(r port.Repos) error { return r.Identities.Link(t.Context(), l) })
	}
	of := func(s filled, who user.ID) []social.Link {
		t.Helper()
		all, err := s.Read().Identities.Of(t.Context(), who)
		require.NoError(t, err)
		return all
	}

	t.Run("an identity is of the account that it is linked to", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		kakao := social.Link{Provider: "kakao", Subject: "1234", Who: ann, LinkedAt: kept(minutes(1))}
		google := social.Link{Provider: "google", Subject: "1234", Who: ann, LinkedAt: kept(noon)}
		require.NoError(t, link(s, kakao))
		require.NoError(t, link(s, google))
		require.NoError(t, link(s, social.Link{Provider: "kakao", Subject: "5678", Who: bob, LinkedAt: kept(noon)}))
		who, err := s.Read().Identities.Owner(t.Context(), "kakao", "1234")
		require.NoError(t, err)
		assert.Equal(t, ann, who)
		for _, other := range [][2]string{{"kakao", "12345"}, {"naver", "1234"}, {"google", "5678"}} {
			_, err = s.Read().Identities.Owner(t.Context(), other[0], other[1])
			assert.ErrorIs(t, err, user.ErrNotFound, other)
		}
		assert.Equal(t, []social.Link{google, kakao}, of(s, ann), "in the order of linking")
		assert.Empty(t, of(s, bob+1))
	})

	t.Run("it is of one account, which has one of a provider", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		first := social.Link{Provider: "kakao", Subject: "1234", Who: ann, LinkedAt: kept(noon)}
		require.NoError(t, link(s, first))
		assert.NoError(t, link(s, social.Link{Provider: "kakao", Subject: "1234", Who: ann, LinkedAt: minutes(5)}), "again")
		assert.ErrorIs(t, link(s, social.Link{Provider: "kakao", Subject: "1234", Who: bob, LinkedAt: noon}), social.ErrTaken)
		assert.ErrorIs(t, link(s, social.Link{Provider: "kakao", Subject: "5678", Who: ann, LinkedAt: noon}), social.ErrTaken)
		assert.Equal(t, []social.Link{first}, of(s, ann))
		assert.Empty(t, of(s, bob))
	})

	t.Run("of two who link it at once one gets it", func(t *testing.T) {
		s := fill(t, open)
		who := []user.ID{s.user("ann"), s.user("bob")}
		won := 0
		for _, err := range s.together(2, func(i int, r port.Repos) error {
			return r.Identities.Link(t.Context(), social.Link{Provider: "kakao", Subject: "1234", Who: who[i], LinkedAt: noon})
		}) {
			if err == nil {
				won++
				continue
			}
			assert.ErrorIs(t, err, social.ErrTaken)
		}
		assert.Equal(t, 1, won)
	})

	t.Run("links can be given up, one or all", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		for _, provider := range []string{"google", "kakao", "naver"} {
			require.NoError(t, link(s, social.Link{Provider: provider, Subject: "1234", Who: ann, LinkedAt: noon}))
		}
		require.NoError(t, link(s, social.Link{Provider: "kakao", Subject: "5678", Who: bob, LinkedAt: noon}))
		unlink := func(providers ...string) {
			s.write(func(r port.Repos) error { return r.Identities.Unlink(t.Context(), ann, providers...) })
		}
		unlink("kakao")
		unlink("kakao")
		assert.Len(t, of(s, ann), 2)
		require.NoError(t, link(s, social.Link{Provider: "kakao", Subject: "1234", Who: ann, LinkedAt: noon}), "and taken up again")
		unlink()
		assert.Empty(t, of(s, ann))
		assert.Len(t, of(s, bob), 1)
	})
}
