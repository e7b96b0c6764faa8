package usecase_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// A token whose sign-in has ended is good for nothing, and can be shown any number of
// times until it expires.
func TestASignInThatHasEndedIsAskedForOnce(t *testing.T) {
	tn := newTown(t)
	tn.person("ann")
	looks := 0
	c := tn.accountsConfig()
	c.Store, c.Trust = overtaken{c.Store, func() { looks++ }}, 10*time.Second
	accounts := usecase.NewAccounts(c)
	token, other := tn.signIn("ann"), tn.signIn("ann")
	me, access, err := accounts.WhoIs(t.Context(), token)
	require.NoError(t, err)
	require.NoError(t, tn.accounts.EndSignIn(t.Context(), me, me.SignIn.ID, ""))
	assert.False(t, accounts.Ended(access))

	looks = 0
	for range 10 {
		_, _, err := accounts.WhoIs(t.Context(), token)
		assert.ErrorIs(t, err, user.ErrSignedOut)
		_, err = accounts.Recognize(t.Context(), access)
		assert.ErrorIs(t, err, user.ErrSignedOut)
		assert.ErrorIs(t, accounts.Admits(t.Context(), access), user.ErrSignedOut)
	}
	assert.Equal(t, 1, looks)
	assert.True(t, accounts.Ended(access))
	_, err = recognize(t, accounts, other)
	assert.NoError(t, err, "the other device is signed in")

	tn.later(access.Until.Sub(tn.now()))
	assert.False(t, accounts.Ended(access), "its tokens have expired")
}
