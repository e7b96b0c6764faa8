package usecase_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const trust = 10 * time.Second

// A process is the accounts of a town as another process has them, with a bus of
// its own. That of the town tells it nothing unless the test says so.
type process struct {
	*usecase.Accounts
	port.PeopleFollower
	bus *inproc.Bus
}

func (tn *town) process() process {
	p := process{bus: &inproc.Bus{}}
	c := tn.accountsConfig()
	c.Bus, c.Trust = p.bus, trust
	p.Accounts = usecase.NewAccounts(c)
	p.PeopleFollower = p.Follower()
	p.bus.FollowPeople(p)
	return p
}

func (tn *town) signIn(name string) string {
	tn.Helper()
	a, err := tn.accounts.SignIn(tn.Context(), name+"@example.com", password, here)
	require.NoError(tn, err)
	return a.Token
}

func recognize(t *testing.T, accounts *usecase.Accounts, token string) (usecase.Me, error) {
	t.Helper()
	access, err := accounts.Access(token)
	if err != nil {
		return usecase.Me{}, err
	}
	return accounts.Recognize(t.Context(), access)
}

func TestRecognize(t *testing.T) {
	const next = "another horse"
	change := user.PasswordChange{Current: password, New: next, Repeat: next}
	place, back := jeju, jongno

	// lives says where somebody lives as far as a process knows, "" if it takes
	// the token for nothing.
	lives := func(t *testing.T, p process, token string) user.Neighborhood {
		t.Helper()
		me, err := recognize(t, p.Accounts, token)
		if err != nil {
			assert.Same(t, user.ErrSignedOut, err)
		}
		assert.Empty(t, me.PasswordHash)
		return me.Neighborhood
	}

	t.Run("is WhoIs without the password", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		token := tn.signIn("ann")
		p := tn.process()
		want := tn.account(ann)
		want.PasswordHash = ""
		for range 2 {
			me, err := recognize(t, p.Accounts, token)
			require.NoError(t, err)
			assert.Equal(t, want, me.State)
		}
		assert.Empty(t, lives(t, p, "odd"))
	})

	t.Run("goes by what it knows for as long as it trusts that", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		token := tn.signIn("ann")
		near, there := tn.process(), tn.process()
		assert.EqualValues(t, jongno, lives(t, near, token))
		_, err := there.Edit(t.Context(), tn.me(ann), nil, &place) // and the hint is lost
		require.NoError(t, err)
		assert.EqualValues(t, jeju, lives(t, there, token))
		assert.EqualValues(t, jongno, lives(t, near, token))
		tn.later(trust)
		assert.EqualValues(t, jeju, lives(t, near, token))
	})

	t.Run("knows at once of what is changed here", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		old := tn.signIn("ann")
		p := tn.process()
		for _, where := range []string{place, back} {
			_, err := p.Edit(t.Context(), tn.me(ann), nil, &where)
			require.NoError(t, err)
			assert.EqualValues(t, where, lives(t, p, old))
		}
		a, err := p.ChangePassword(t.Context(), tn.me(ann), change, here)
		require.NoError(t, err)
		assert.Empty(t, lives(t, p, old))
		assert.EqualValues(t, jongno, lives(t, p, a.Token))
		require.NoError(t, p.Withdraw(t.Context(), tn.me(ann), next, here))
		assert.Empty(t, lives(t, p, a.Token))
	})

	t.Run("hears of what is changed elsewhere", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		old := tn.signIn("ann")
		near, there := tn.process(), tn.process()
		there.bus.FollowPeople(near)
		assert.EqualValues(t, jongno, lives(t, near, old))
		_, err := there.Edit(t.Context(), tn.me(ann), nil, &place)
		require.NoError(t, err)
		assert.EqualValues(t, jeju, lives(t, near, old))
		a, err := there.ChangePassword(t.Context(), tn.me(ann), change, here)
		require.NoError(t, err)
		assert.Empty(t, lives(t, near, old))
		assert.EqualValues(t, jeju, lives(t, near, a.Token))
		require.NoError(t, there.Withdraw(t.Context(), tn.me(ann), next, here))
		assert.Empty(t, lives(t, near, a.Token))
	})

	t.Run("asks after a resync", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		token := tn.signIn("ann")
		near, there := tn.process(), tn.process()
		assert.EqualValues(t, jongno, lives(t, near, token))
		_, err := there.Edit(t.Context(), tn.me(ann), nil, &place)
		require.NoError(t, err)
		near.Resync()
		assert.EqualValues(t, jeju, lives(t, near, token))
	})

	t.Run("takes a newer sign-in than it knows of for news, and an older one for nothing after that", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		old := tn.signIn("ann")
		near, there := tn.process(), tn.process()
		assert.EqualValues(t, jongno, lives(t, near, old))
		a, err := there.ChangePassword(t.Context(), tn.me(ann), change, here) // and the hint is lost
		require.NoError(t, err)
		assert.EqualValues(t, jongno, lives(t, near, old), "for now")
		assert.EqualValues(t, jongno, lives(t, near, a.Token))
		assert.Empty(t, lives(t, near, old))
	})

	t.Run("does not remember what was changed while it was read", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		token := tn.signIn("ann")
		whole := tn.store
		var p process
		tn.store = overtaken{whole, func() {
			_, err := p.Edit(t.Context(), tn.me(ann), nil, &place)
			require.NoError(t, err)
		}}
		p = tn.process()
		assert.EqualValues(t, jongno, lives(t, p, token), "who asked before the change may hear of before it")
		tn.store = whole
		assert.EqualValues(t, jeju, lives(t, p, token))
	})

	t.Run("asks whenever nobody told it to remember", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		token := tn.signIn("ann")
		there := tn.process()
		for _, where := range []string{place, back} {
			_, err := there.Edit(t.Context(), tn.me(ann), nil, &where)
			require.NoError(t, err)
			me, err := recognize(t, tn.accounts, token)
			require.NoError(t, err)
			assert.EqualValues(t, where, me.Neighborhood)
		}
	})

	t.Run("tells the others of an edit that is stored, and of no other", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		_, err := tn.accounts.Edit(t.Context(), tn.me(ann), nil, &place)
		require.NoError(t, err)
		assert.Equal(t, []string{"1 changed"}, tn.told())
		bad := "x"
		_, err = tn.accounts.Edit(t.Context(), tn.me(ann), &bad, nil)
		require.Error(t, err)
		assert.Empty(t, tn.told())
	})
}

// overtaken is a store where something happens after each look at an account,
// before that is returned.
type overtaken struct {
	port.Store
	then func()
}

func (s overtaken) Read() port.Repos {
	r := s.Store.Read()
	r.SignIns = overtakenSignIns{r.SignIns, s.then}
	return r
}

type overtakenSignIns struct {
	port.SignIns
	then func()
}

func (o overtakenSignIns) Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error) {
	person, by, err := o.SignIns.Holder(ctx, id, at)
	o.then()
	return person, by, err
}
