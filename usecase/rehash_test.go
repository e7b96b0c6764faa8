package usecase_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestSignInMakesStaleHashesAnew(t *testing.T) {
	better := auth.Cost{Memory: 19456, Time: 3}
	setUp := func(t *testing.T) (*town, user.ID, *watched) {
		tn := newTown(t)
		ann := tn.person("ann")
		tn.passwords = newPasswords(t, better)
		return tn, ann, tn.watch()
	}

	t.Run("once", func(t *testing.T) {
		tn, ann, w := setUp(t)
		first, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		require.NoError(t, err)
		after := tn.account(ann)
		assert.Contains(t, after.PasswordHash, "m=19456,t=3")
		assert.Empty(t, tn.told(), "nobody is signed out")
		_, _, err = tn.accounts.WhoIs(t.Context(), first.Token)
		require.NoError(t, err)

		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		require.NoError(t, err)
		assert.Equal(t, after, tn.account(ann))
		assert.Equal(t, 1, w.hashed)
	})

	t.Run("but not of a wrong password", func(t *testing.T) {
		tn, ann, w := setUp(t)
		before := tn.account(ann)
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", "correct house", here)
		assert.Same(t, user.ErrInvalidCredentials, err)
		assert.Equal(t, before, tn.account(ann))
		assert.Zero(t, w.hashed)
	})

	t.Run("but not over a password that is set meanwhile", func(t *testing.T) {
		tn, ann, w := setUp(t)
		w.then = func() {
			_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), user.PasswordChange{Current: password, New: "another horse", Repeat: "another horse"}, here)
			require.NoError(t, err)
		}
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.Same(t, user.ErrInvalidCredentials, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", "another horse", here)
		assert.NoError(t, err)
	})

	t.Run("but not of somebody who withdraws meanwhile", func(t *testing.T) {
		tn, ann, w := setUp(t)
		w.then = func() { tn.withdraw(ann) }
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.Same(t, user.ErrInvalidCredentials, err)
	})

	t.Run("or another time, if it is too busy now", func(t *testing.T) {
		tn, ann, w := setUp(t)
		w.then = func() { w.err = fault.New(fault.Unavailable, "busy", "") }
		before := tn.account(ann).PasswordHash
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		require.NoError(t, err, "the password was right")
		assert.Equal(t, before, tn.account(ann).PasswordHash)
	})

	t.Run("and passes on any other failure", func(t *testing.T) {
		tn, _, w := setUp(t)
		broken := errors.New("broken")
		w.then = func() { w.err = broken }
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.ErrorIs(t, err, broken)
	})
}
