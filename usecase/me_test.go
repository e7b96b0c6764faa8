package usecase_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestWhoIs(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	issue := func(who user.ID, by signin.ID) string {
		token, err := tn.tokens.Issue(who, by)
		require.NoError(t, err)
		return token
	}
	mine, ended, gone := tn.me(ann), tn.me(ann), tn.me(bob)
	good := issue(ann, mine.SignIn.ID)
	require.NoError(t, tn.accounts.EndSignIn(t.Context(), mine, ended.SignIn.ID, ""))

	me, access, err := tn.accounts.WhoIs(t.Context(), good)
	require.NoError(t, err)
	assert.Equal(t, tn.account(ann), me.State)
	assert.Equal(t, mine.SignIn.ID, me.SignIn.ID)
	assert.Equal(t, ann, access.Who)
	assert.WithinDuration(t, noon.Add(15*time.Minute), access.Until, time.Minute)
	assert.NoError(t, tn.accounts.Admits(t.Context(), access))

	tn.withdraw(bob)
	for name, token := range map[string]string{
		"none":                      "",
		"odd":                       "odd",
		"forged":                    good[:len(good)-2] + "xx",
		"of a sign-in that ended":   issue(ann, ended.SignIn.ID),
		"of no sign-in":             issue(ann, 1<<50),
		"of the sign-in of another": issue(bob, mine.SignIn.ID),
		"of nobody":                 issue(9999, mine.SignIn.ID),
		"of somebody who has gone":  issue(bob, gone.SignIn.ID),
	} {
		t.Run(name, func(t *testing.T) {
			me, _, err := tn.accounts.WhoIs(t.Context(), token)
			assert.Same(t, user.ErrSignedOut, err)
			assert.Zero(t, me)
		})
	}

	t.Run("when the store does not answer", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, err := tn.accounts.WhoIs(ctx, good)
		require.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, user.ErrSignedOut)
	})
	t.Run("once the token is over", func(t *testing.T) {
		tn.at = tn.at.Add(16 * time.Minute)
		_, _, err := tn.accounts.WhoIs(t.Context(), good)
		assert.Same(t, user.ErrSignedOut, err)
	})
}
