package usecase_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// A confirmation is something for which a signed-in person gives the password.
type confirmation struct {
	do    func(g *gate, me usecase.Me, typed string, at signin.Origin) error
	wrong error
}

var confirmations = map[string]confirmation{
	"change password": {func(g *gate, me usecase.Me, typed string, at signin.Origin) error {
		next := user.PasswordChange{Current: typed, New: "another horse", Repeat: "another horse"}
		_, err := g.accounts.ChangePassword(g.Context(), me, next, at)
		return err
	}, user.ErrWrongCurrent},
	"withdraw": {func(g *gate, me usecase.Me, typed string, at signin.Origin) error {
		return g.accounts.Withdraw(g.Context(), me, typed, at)
	}, user.ErrWrongPassword},
}

func TestPasswordsOfSignedInPeople(t *testing.T) {
	for name, c := range confirmations {
		t.Run(name+" counts wrong ones like a failure to sign in", func(t *testing.T) {
			g := newGate(t)
			id := g.person("ann")
			me := g.me(id)
			for range 5 {
				require.Equal(t, c.wrong, c.do(g, me, "wrong", from(1)))
			}
			looks := g.looks.Load()
			for _, typed := range []string{"wrong", password} {
				err := c.do(g, me, typed, from(1))
				require.ErrorIs(t, err, signin.ErrTooOften)
				assert.Equal(t, 3*time.Minute, waitOf(err))
			}
			assert.Equal(t, looks, g.looks.Load(), "nobody has looked")
			g.closed(ann, from(1))
			failed := audit.Event{Kind: audit.ConfirmFailed, Who: id, SignIn: me.SignIn.ID, Network: from(1).Network}
			limited := audit.Event{Kind: audit.SignInLimited, Network: from(1).Network}
			assert.Equal(t, append(slices.Repeat([]audit.Event{failed}, 5), limited), g.record())
			require.NoError(t, c.do(g, me, password, from(2)))
		})

		t.Run(name+" is refused where signing in has failed too often", func(t *testing.T) {
			g := newGate(t)
			me := g.me(g.person("ann"))
			for range 5 {
				g.looked(ann, from(1))
			}
			require.ErrorIs(t, c.do(g, me, password, from(1)), signin.ErrTooOften)
			g.wait(15 * time.Minute)
			require.NoError(t, c.do(g, me, password, from(1)))
		})

		t.Run(name+" counts nothing once the password was right", func(t *testing.T) {
			g := newGate(t)
			me := g.me(g.person("ann"))
			for range 4 {
				g.looked(ann, from(1))
			}
			require.NoError(t, c.do(g, me, password, from(1)))
			neighbour := from(1)
			neighbour.Mark = signin.Secret{7}.Digest()
			g.looked(ann, neighbour)
			g.closed(ann, neighbour)
		})

		t.Run(name+" has a queue of its own to be hashed", func(t *testing.T) {
			g := newGate(t)
			me := g.me(g.person("ann"))
			config := g.accountsConfig()
			config.Passwords = forbidden{t}
			config.Confirms = g.quick
			g.accounts = usecase.NewAccounts(config)
			require.NoError(t, c.do(g, me, password, from(1)))
		})
	}
}

// forbidden is passwords that nobody may ask for.
type forbidden struct{ t *testing.T }

func (f forbidden) Hash(context.Context, string) (string, error) {
	assert.Fail(f.t, "hashed in the queue of those who sign in")
	return "", nil
}

func (f forbidden) Verify(context.Context, string, string) (ok, stale bool, err error) {
	assert.Fail(f.t, "checked in the queue of those who sign in")
	return false, false, nil
}
