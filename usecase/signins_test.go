package usecase_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
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

const away = "198.51.100.0/24"

// quick is passwords that take no work: everybody's is password.
type quick struct{ looks atomic.Int64 }

func (q *quick) Hash(context.Context, string) (string, error) { return "hash", nil }

func (q *quick) Verify(_ context.Context, hash, typed string) (ok, stale bool, err error) {
	q.looks.Add(1)
	return hash != "" && typed == password, false, nil
}

// newQuickTown is a town where signing in takes no work.
func newQuickTown(t *testing.T) *town {
	t.Helper()
	tn := newTown(t)
	tn.passwords = &quick{}
	tn.build()
	return tn
}

// enter signs somebody in by the password, and gives what is good from then on.
func (tn *town) enter(name string, from signin.Origin) usecase.Account {
	tn.Helper()
	a, err := tn.accounts.SignIn(tn.Context(), name+"@example.com", password, from)
	require.NoError(tn, err)
	require.NotNil(tn, a.Refresh)
	return a
}

// by tells who asks with a token.
func (tn *town) by(token string) usecase.Me {
	tn.Helper()
	me, _, err := tn.accounts.WhoIs(tn.Context(), token)
	require.NoError(tn, err)
	return me
}

// out requires that a token is good for nothing any more.
func (tn *town) out(token string) {
	tn.Helper()
	_, _, err := tn.accounts.WhoIs(tn.Context(), token)
	assert.Same(tn, user.ErrSignedOut, err)
}

// record is all that is on record, the oldest first, without when it was.
func (tn *town) record() (events []audit.Event) {
	tn.Helper()
	all, err := tn.store.Read().Audit.Before(tn.Context(), 0, audit.Filter{}, 1000)
	require.NoError(tn, err)
	for _, one := range slices.Backward(all) {
		assert.False(tn, one.At.IsZero())
		one.At = time.Time{}
		events = append(events, one.Event)
	}
	return events
}

func TestRefresh(t *testing.T) {
	t.Run("gives the account, a fresh token and the next one to keep", func(t *testing.T) {
		tn := newQuickTown(t)
		ann := tn.person("ann")
		first := tn.enter("ann", here)
		before := tn.record()
		next, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		assert.Equal(t, tn.account(ann), next.User)
		require.NotNil(t, next.Refresh)
		assert.NotEqual(t, first.Refresh, next.Refresh)
		me := tn.by(next.Token)
		assert.Equal(t, tn.by(first.Token).SignIn.ID, me.SignIn.ID)
		assert.Equal(t, away, me.SignIn.Network)
		assert.Equal(t, next.Refresh.Digest(), me.SignIn.Current, "of the token only the digest is kept")
		assert.Empty(t, tn.told())
		assert.Equal(t, before, tn.record(), "it happens all the time")
	})

	t.Run("passes on what fails where the store runs it again", func(t *testing.T) {
		tn := newQuickTown(t)
		tn.person("ann")
		first := tn.enter("ann", here)
		_, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		tn.later(time.Minute) // so that the first is used for the second time
		tn.over(func(s port.Store) port.Store { return moody{s} })
		_, err = tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		assert.ErrorIs(t, err, errTorn)
	})

	t.Run("gives the same to whoever asks twice in a moment", func(t *testing.T) {
		tn := newQuickTown(t)
		tn.person("ann")
		first := tn.enter("ann", here)
		next, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		again, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		assert.Equal(t, next.Refresh, again.Refresh)
		tn.by(again.Token)
	})

	t.Run("gives the same to twenty who ask at once", func(t *testing.T) {
		tn := newQuickTown(t)
		tn.person("ann")
		first := tn.enter("ann", here)
		still := noon.Add(time.Hour)
		c := tn.accountsConfig()
		c.Now = func() time.Time { return still } // the clock of the town goes on with each look
		tn.accounts = usecase.NewAccounts(c)
		var got [20]usecase.Account
		var errs [20]error
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() { got[i], errs[i] = tn.accounts.Refresh(t.Context(), *first.Refresh, away) })
		}
		all.Wait()
		for i := range got {
			require.NoError(t, errs[i])
			assert.Equal(t, got[0].Refresh, got[i].Refresh)
		}
		_, err := tn.accounts.Refresh(t.Context(), *got[0].Refresh, away)
		assert.NoError(t, err)
	})

	t.Run("takes what is used again for stolen", func(t *testing.T) {
		tn := newQuickTown(t)
		ann := tn.person("ann")
		first, other := tn.enter("ann", here), tn.enter("ann", here)
		used, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		tn.later(time.Minute)
		again, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err, "its successor has never been used")
		assert.Equal(t, used.Refresh, again.Refresh)
		next, err := tn.accounts.Refresh(t.Context(), *used.Refresh, away)
		require.NoError(t, err)
		id := tn.by(next.Token).SignIn.ID
		tn.later(time.Minute)
		before := len(tn.record())

		_, err = tn.accounts.Refresh(t.Context(), *first.Refresh, "192.0.2.0/24")
		assert.Same(t, signin.ErrReused, err)
		assert.Equal(t, []string{"1 changed"}, tn.told())
		assert.Equal(t, []audit.Event{{Kind: audit.Reused, Who: ann, SignIn: id, Network: "192.0.2.0/24"}}, tn.record()[before:])
		tn.out(first.Token)
		tn.out(next.Token)
		tn.by(other.Token)
		for _, token := range []signin.Token{*first.Refresh, *next.Refresh} {
			_, err = tn.accounts.Refresh(t.Context(), token, away)
			assert.Same(t, user.ErrSignedOut, err)
		}
		assert.Empty(t, tn.told(), "once")
		assert.Len(t, tn.record(), before+1, "once")
	})

	t.Run("is refused to whoever is not signed in", func(t *testing.T) {
		tn := newQuickTown(t)
		ann := tn.person("ann")
		tn.person("bob")
		idle, out, gone := tn.enter("bob", here), tn.enter("bob", here), tn.enter("ann", here)
		require.NoError(t, tn.accounts.SignOut(t.Context(), *out.Refresh, away))
		tn.withdraw(ann)
		tn.later(signin.Idle)
		for name, token := range map[string]signin.Token{
			"by no token that there is": signin.NewToken(tn.chance(), tn.chance()),
			"any more":                  *out.Refresh,
			"since nobody used it":      *idle.Refresh,
			"who has withdrawn":         *gone.Refresh,
		} {
			_, err := tn.accounts.Refresh(t.Context(), token, away)
			assert.Same(t, user.ErrSignedOut, err, name)
		}
	})

	t.Run("is done once where it meets a conflict", func(t *testing.T) {
		tn := newQuickTown(t)
		tn.person("ann")
		first := tn.enter("ann", here)
		tn.over(func(s port.Store) port.Store { return fickle{s} })
		next, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		again, err := tn.accounts.Refresh(t.Context(), *next.Refresh, away)
		require.NoError(t, err)
		tn.later(time.Minute)
		before := len(tn.record())
		_, err = tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		assert.Same(t, signin.ErrReused, err)
		assert.Len(t, tn.record(), before+1)
		assert.Equal(t, []string{"1 changed"}, tn.told())
		tn.out(again.Token)
	})

	t.Run("that is not stored has not been", func(t *testing.T) {
		tn := newQuickTown(t)
		tn.person("ann")
		first := tn.enter("ann", here)
		tn.over(func(s port.Store) port.Store { return torn{s} })
		_, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.ErrorIs(t, err, errTorn)
		tn.over(func(port.Store) port.Store { return tn.sound })
		next, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		tn.later(time.Minute)
		tn.over(func(s port.Store) port.Store { return torn{s} })
		_, err = tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.ErrorIs(t, err, errTorn)
		assert.Empty(t, tn.told())
		tn.over(func(port.Store) port.Store { return tn.sound })
		tn.by(next.Token)
	})
}

func TestSignOut(t *testing.T) {
	tn := newQuickTown(t)
	ann := tn.person("ann")
	first, other := tn.enter("ann", here), tn.enter("ann", here)
	id := tn.by(first.Token).SignIn.ID
	before := len(tn.record())
	require.NoError(t, tn.accounts.SignOut(t.Context(), *first.Refresh, away))
	assert.Equal(t, []string{"1 changed"}, tn.told())
	assert.Equal(t, []audit.Event{{Kind: audit.SignedOut, Who: ann, SignIn: id, Network: away}}, tn.record()[before:])
	tn.out(first.Token)
	tn.by(other.Token)

	require.NoError(t, tn.accounts.SignOut(t.Context(), *first.Refresh, away), "there is nothing left to do")
	require.NoError(t, tn.accounts.SignOut(t.Context(), signin.NewToken(tn.chance(), tn.chance()), away))
	assert.Empty(t, tn.told())
	assert.Len(t, tn.record(), before+1)

	t.Run("by a former token too", func(t *testing.T) {
		next, err := tn.accounts.Refresh(t.Context(), *other.Refresh, away)
		require.NoError(t, err)
		tn.later(time.Hour)
		require.NoError(t, tn.accounts.SignOut(t.Context(), *other.Refresh, away))
		tn.out(next.Token)
	})

	t.Run("is told of once where it meets a conflict, and not where it is not stored", func(t *testing.T) {
		tn.told()
		one, two := tn.enter("ann", here), tn.enter("ann", here)
		tn.over(func(s port.Store) port.Store { return fickle{s} })
		require.NoError(t, tn.accounts.SignOut(t.Context(), *one.Refresh, away))
		assert.Equal(t, []string{"1 changed"}, tn.told())
		tn.over(func(port.Store) port.Store { return torn{tn.sound} })
		require.ErrorIs(t, tn.accounts.SignOut(t.Context(), *two.Refresh, away), errTorn)
		assert.Empty(t, tn.told())
		tn.over(func(port.Store) port.Store { return tn.sound })
		tn.by(two.Token)
	})
}

func TestSignIns(t *testing.T) {
	tn := newQuickTown(t)
	tn.person("ann")
	tn.person("bob")
	desk := signin.Origin{Device: "Firefox · Linux", Network: away}
	first, second, third := tn.enter("ann", here), tn.enter("ann", desk), tn.enter("ann", here)
	bobs := tn.enter("bob", here)
	list := func(token string) (all []signin.State) {
		t.Helper()
		all, err := tn.accounts.SignIns(t.Context(), tn.by(token))
		require.NoError(t, err)
		return all
	}
	ids := func(tokens ...string) (ids []signin.ID) {
		for _, token := range tokens {
			ids = append(ids, tn.by(token).SignIn.ID)
		}
		return ids
	}
	of := func(all []signin.State) (ids []signin.ID) {
		for _, s := range all {
			ids = append(ids, s.ID)
		}
		return ids
	}

	t.Run("are listed, the last used first, to their owner", func(t *testing.T) {
		all := list(first.Token)
		assert.Equal(t, ids(third.Token, second.Token, first.Token), of(all))
		assert.Equal(t, "Firefox · Linux", all[1].Device)
		assert.Equal(t, away, all[1].Network)
		_, err := tn.accounts.Refresh(t.Context(), *first.Refresh, away)
		require.NoError(t, err)
		assert.Equal(t, ids(first.Token, third.Token, second.Token), of(list(first.Token)))
		assert.Equal(t, ids(bobs.Token), of(list(bobs.Token)))
	})

	t.Run("are listed without a Write, which would have to wait", func(t *testing.T) {
		writes := 0
		tn.over(func(s port.Store) port.Store { return counting{s, &writes} })
		defer tn.over(func(port.Store) port.Store { return tn.sound })
		assert.Len(t, list(first.Token), 3)
		assert.Zero(t, writes)
	})

	t.Run("are ended by their owner alone", func(t *testing.T) {
		me, id := tn.by(first.Token), tn.by(second.Token).SignIn.ID
		assert.Same(t, signin.ErrNotFound, tn.accounts.EndSignIn(t.Context(), tn.by(bobs.Token), id, away))
		tn.by(second.Token)
		tn.told()
		before := len(tn.record())
		require.NoError(t, tn.accounts.EndSignIn(t.Context(), me, id, away))
		assert.Equal(t, []string{"1 changed"}, tn.told())
		assert.Equal(t, []audit.Event{{Kind: audit.SignedOut, Who: me.ID, SignIn: id, Network: away}}, tn.record()[before:])
		tn.out(second.Token)
		assert.Equal(t, ids(first.Token, third.Token), of(list(first.Token)))
		for _, none := range []signin.ID{id, 0, -1, 12345} {
			assert.Same(t, signin.ErrNotFound, tn.accounts.EndSignIn(t.Context(), me, none, away))
		}
		assert.Empty(t, tn.told())
		assert.Len(t, tn.record(), before+1)
	})

	t.Run("are all ended at once", func(t *testing.T) {
		before := len(tn.record())
		me := tn.by(first.Token)
		require.NoError(t, tn.accounts.EndSignIns(t.Context(), me, away))
		tn.out(first.Token)
		tn.out(third.Token)
		tn.by(bobs.Token)
		assert.Len(t, tn.record(), before+2)
		assert.Equal(t, []string{"1 changed"}, tn.told())
		assert.Same(t, signin.ErrNotFound, tn.accounts.EndSignIns(t.Context(), me, away))
	})
}

func TestTheTwentyFirstSignInEndsTheOneThatWasNotUsedForLongest(t *testing.T) {
	tn := newQuickTown(t)
	tn.person("ann")
	var all []usecase.Account
	for range signin.Most {
		all = append(all, tn.enter("ann", here))
	}
	_, err := tn.accounts.Refresh(t.Context(), *all[0].Refresh, away) // the first is the last used now
	require.NoError(t, err)
	assert.Empty(t, tn.told())

	last := tn.enter("ann", here)
	assert.Equal(t, []string{"1 changed"}, tn.told())
	tn.out(all[1].Token)
	for _, a := range append(all[2:], all[0], last) {
		tn.by(a.Token)
	}
	live, err := tn.accounts.SignIns(t.Context(), tn.by(last.Token))
	require.NoError(t, err)
	assert.Len(t, live, signin.Most)
}

// moody is a store that meets a conflict, and then reads nothing more.
type moody struct{ port.Store }

func (s moody) Write(ctx context.Context, fn func(port.Repos) error) error {
	if err := (torn(s)).Write(ctx, fn); !errors.Is(err, errTorn) {
		return err
	}
	return fn(port.Repos{AccountRepos: port.AccountRepos{SignIns: unreadable{}}})
}

type unreadable struct{ port.SignIns }

func (unreadable) Lock(context.Context, signin.Digest) (*signin.SignIn, error) { return nil, errTorn }
