package usecase_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestCurrent(t *testing.T) {
	tn := newQuickTown(t)
	tn.person("ann")
	a := tn.enter("ann", here)
	seen := func() time.Time { return tn.by(a.Token).SignIn.SeenAt }
	began := seen()
	current := func(me usecase.Me) usecase.Account {
		t.Helper()
		got, err := tn.accounts.Current(t.Context(), me)
		require.NoError(t, err)
		assert.Nil(t, got.Refresh, "nothing new to keep")
		return got
	}
	a = current(tn.by(a.Token))
	assert.Equal(t, began, seen(), "not worth a write")

	for range 4 { // a client that keeps no cookie stays signed in by this
		for range 5 {
			tn.later(3 * 24 * time.Hour)
			fresh, err := tn.tokens.Issue(a.User.ID, tn.signInOf(a.User.ID))
			require.NoError(t, err)
			a = current(tn.by(fresh))
		}
	}
	assert.Greater(t, seen().Sub(began), 2*signin.Idle)

	t.Run("gives nothing to a sign-in that has ended meanwhile", func(t *testing.T) {
		me := tn.by(a.Token)
		tn.later(2 * time.Hour)
		require.NoError(t, tn.accounts.EndSignIns(t.Context(), me, away))
		_, err := tn.accounts.Current(t.Context(), me)
		assert.Same(t, user.ErrSignedOut, err)
	})
}

// signInOf gives the sign-in of somebody who has just one.
func (tn *town) signInOf(who user.ID) (id signin.ID) {
	tn.Helper()
	require.NoError(tn, tn.store.Write(tn.Context(), func(r port.Repos) error {
		all, err := r.SignIns.Of(tn.Context(), who, tn.now())
		require.Len(tn, all, 1)
		id = all[0].State().ID
		return err
	}))
	return id
}
