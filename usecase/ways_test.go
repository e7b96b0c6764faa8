package usecase_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// linked gives somebody an identity at a provider, by no rule.
func (tn *town) linked(me usecase.Me, provider string) {
	tn.Helper()
	require.NoError(tn, tn.accounts.Link(tn.Context(), port.Access{Who: me.ID, SignIn: me.SignIn.ID}, port.Identity{Provider: provider, Subject: me.Username}, ""))
}

func (tn *town) providers(me usecase.Me) (names []string) {
	tn.Helper()
	_, links, err := tn.accounts.Ways(tn.Context(), me)
	require.NoError(tn, err)
	for _, l := range links {
		names = append(names, l.Provider)
	}
	return names
}

// strip takes the password away from somebody, as if a provider had always signed them in.
func (tn *town) strip(me usecase.Me) usecase.Me {
	tn.Helper()
	require.NoError(tn, tn.store.Write(tn.Context(), func(r port.Repos) error {
		person, err := r.Users.Lock(tn.Context(), me.ID)
		require.NoError(tn, err)
		person.SetPassword("")
		_, err = r.Users.Save(tn.Context(), person)
		return err
	}))
	me.PasswordHash = ""
	return me
}

func TestWhatSignsInChangesByThePasswordOrAFreshSignIn(t *testing.T) {
	for name, do := range map[string]func(g *gate, me usecase.Me, typed string) error{
		"link": func(g *gate, me usecase.Me, typed string) error {
			return g.accounts.MayLink(g.Context(), me, typed, from(1))
		},
		"unlink": func(g *gate, me usecase.Me, typed string) error {
			return g.accounts.Unlink(g.Context(), me, "kakao", typed, from(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			fresh := g.me(g.person("ann"))
			g.linked(fresh, "kakao")
			require.NoError(t, do(g, fresh, ""), "within five minutes of the sign-in")
			g.linked(fresh, "kakao")
			require.Equal(t, user.ErrWrongPassword, do(g, fresh, "wrong"), "what is given has to be right")

			g.later(5 * time.Minute)
			assert.Equal(t, user.ErrNoPassword, do(g, fresh, ""))
			assert.Equal(t, user.ErrWrongPassword, do(g, fresh, "wrong"))
			assert.Equal(t, []string{"kakao"}, g.providers(fresh))
			require.NoError(t, do(g, fresh, password))

			for range 3 {
				require.Equal(t, user.ErrWrongPassword, do(g, fresh, "wrong"))
			}
			assert.ErrorIs(t, do(g, fresh, password), signin.ErrTooOften, "and counts like any other")
		})

		t.Run(name+" without a password", func(t *testing.T) {
			g := newGate(t)
			me := g.strip(g.me(g.person("ann")))
			g.linked(me, "kakao")
			g.linked(me, "google")
			require.NoError(t, do(g, me, ""))
			g.later(5 * time.Minute)
			for _, typed := range []string{"", password} {
				assert.Same(t, signin.ErrAgain, do(g, me, typed))
			}
			require.NotErrorIs(t, do(g, g.strip(g.me(me.ID)), ""), signin.ErrAgain, "signed in again")
		})
	}

	t.Run("password and account, too, where there is none", func(t *testing.T) {
		for name, c := range confirmations {
			g := newGate(t)
			me := g.strip(g.me(g.person("ann")))
			g.later(5 * time.Minute)
			assert.Same(t, signin.ErrAgain, c.do(g, me, "", here), name)
			require.NoError(t, c.do(g, g.strip(g.me(me.ID)), "", here), name)
		}
	})

	t.Run("not by a sign-in that has ended meanwhile", func(t *testing.T) {
		g := newGate(t)
		me := g.me(g.person("ann"))
		g.linked(me, "kakao")
		other := g.me(me.ID)
		require.NoError(t, g.accounts.EndSignIn(t.Context(), other, me.SignIn.ID, ""))
		assert.Same(t, user.ErrSignedOut, g.accounts.Unlink(t.Context(), me, "kakao", password, here))
		assert.Equal(t, []string{"kakao"}, g.providers(other))
	})
}

func TestANewPasswordCanEndLinks(t *testing.T) {
	change := user.PasswordChange{Current: password, New: "another horse", Repeat: "another horse"}
	setUp := func(t *testing.T) (*town, usecase.Me) {
		tn := newQuickTown(t)
		me := tn.me(tn.person("ann"))
		tn.linked(me, "kakao")
		tn.linked(me, "google")
		return tn, me
	}

	t.Run("or leave them", func(t *testing.T) {
		tn, me := setUp(t)
		_, err := tn.accounts.ChangePassword(t.Context(), me, change, here)
		require.NoError(t, err)
		assert.Equal(t, []string{"kakao", "google"}, tn.providers(me))
	})

	t.Run("all of them, on record", func(t *testing.T) {
		tn, me := setUp(t)
		before := len(tn.record())
		c := change
		c.EndLinks = true
		_, err := tn.accounts.ChangePassword(t.Context(), me, c, here)
		require.NoError(t, err)
		assert.Empty(t, tn.providers(me))
		var kinds []audit.Kind
		for _, e := range tn.record()[before:] {
			kinds = append(kinds, e.Kind)
		}
		assert.Equal(t, []audit.Kind{audit.Unlinked, audit.Unlinked, audit.PasswordChanged}, kinds)
	})

	t.Run("unless it is refused", func(t *testing.T) {
		tn, me := setUp(t)
		c := change
		c.Current, c.EndLinks = "wrong", true
		_, err := tn.accounts.ChangePassword(t.Context(), me, c, here)
		require.Error(t, err)
		assert.Equal(t, []string{"kakao", "google"}, tn.providers(me))
	})
}
