package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A gate is a town that counts failures to sign in, by a clock that stands still
// unless the test lets it go on.
type gate struct {
	*town
	*quick
	counts port.Quota
	past   atomic.Int64
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{town: newTown(t), quick: &quick{}}
	g.town.passwords = g.quick
	g.counts = inproc.NewQuota(func() time.Time { return noon.Add(time.Duration(g.past.Load())) })
	g.town.quota = g.counts
	g.town.build()
	return g
}

func (g *gate) wait(d time.Duration) { g.past.Add(int64(d)) }

// from is a device that nobody has seen, in the nth network.
func from(n int) signin.Origin {
	return signin.Origin{Device: "curl", Network: fmt.Sprintf("10.0.%d.0/24", n), Mark: signin.Secret{byte(n), byte(n >> 8), 9}.Digest()}
}

func (g *gate) tries(email, typed string, at signin.Origin) error {
	_, err := g.accounts.SignIn(g.Context(), email, typed, at)
	return err
}

// looked requires that a password was looked at, and found to be wrong.
func (g *gate) looked(email string, at signin.Origin) {
	g.Helper()
	require.Same(g, user.ErrInvalidCredentials, g.tries(email, "wrong", at))
}

// closed requires that nobody looks at a password, right or wrong, and tells until
// when.
func (g *gate) closed(email string, at signin.Origin) (wait time.Duration) {
	g.Helper()
	before := g.looks.Load()
	for _, typed := range []string{"wrong", password} {
		err := g.tries(email, typed, at)
		require.ErrorIs(g, err, signin.ErrTooOften)
		require.Equal(g, "too_many_logins", fault.Of(err).Code)
		wait = waitOf(err)
		require.Positive(g, wait)
	}
	require.Equal(g, before, g.looks.Load())
	return wait
}

// waitOf tells when to come back, as far as err knows.
func waitOf(err error) time.Duration {
	var w *fault.Wait
	if errors.As(err, &w) {
		return w.For
	}
	return 0
}

const ann = "ann@example.com"

func TestFailuresToSignIn(t *testing.T) {
	t.Run("are five of one account from one network", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		g.person("bob")
		for range 5 {
			g.looked(ann, from(1))
		}
		assert.Equal(t, 3*time.Minute, g.closed(ann, from(1)))
		g.closed("ANN@Example.com ", from(1))
		require.NoError(t, g.tries("bob@example.com", password, from(1)), "others get in from there")
		require.NoError(t, g.tries(ann, password, from(2)), "and the owner from elsewhere")
		g.wait(3 * time.Minute)
		g.looked(ann, from(1))
		g.closed(ann, from(1))
		g.wait(15 * time.Minute)
		for range 5 {
			g.looked(ann, from(1))
		}
		g.closed(ann, from(1))
	})

	t.Run("are fifty from one network", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		for i := range 50 {
			g.looked(fmt.Sprintf("somebody%d@example.com", i), from(1))
		}
		assert.Equal(t, 72*time.Second, g.closed(ann, from(1)))
		require.NoError(t, g.tries(ann, password, from(2)))
		g.wait(72 * time.Second)
		require.NoError(t, g.tries(ann, password, from(1)))
	})

	t.Run("are fifty of one account, but for devices that it was signed in from", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		known := here
		known.Mark = signin.Secret{1, 2, 3}.Digest()
		require.NoError(t, g.tries(ann, password, known))
		for i := range 50 {
			g.looked(ann, from(i/5))
		}
		assert.Equal(t, 72*time.Second, g.closed(ann, from(100)))
		moved, neighbour := from(101), signin.Origin{Device: "Edge · Windows", Network: here.Network}
		moved.Mark = known.Mark
		for name, at := range map[string]signin.Origin{"the device elsewhere": moved, "as before": known} {
			for range 3 {
				assert.NoError(t, g.tries(ann, password, at), name)
			}
		}
		g.closed(ann, neighbour)
		for range 5 {
			g.looked(ann, moved)
		}
		g.closed(ann, moved)
		g.wait(72 * time.Second)
		require.NoError(t, g.tries(ann, password, from(100)), "a stranger now and then")
	})

	t.Run("of others never lock out a known device, whether they are neighbours or many", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		known, neighbour := from(1), from(1)
		known.Mark = signin.Secret{1, 2, 3}.Digest()
		require.NoError(t, g.tries(ann, password, known))
		for range 5 {
			g.looked(ann, neighbour)
		}
		g.closed(ann, neighbour)
		require.NoError(t, g.tries(ann, password, known), "beside a neighbour who guesses")
		for i := range 45 {
			g.looked(fmt.Sprintf("somebody%d@example.com", i), neighbour)
		}
		g.closed("bob@example.com", neighbour)
		require.NoError(t, g.tries(ann, password, known), "in a network that guesses")
		for i := range 50 {
			if err := g.tries(ann, "wrong", from(2+i/5)); err != nil {
				require.Contains(t, []string{"invalid_credentials", "too_many_logins"}, fault.Of(err).Code)
			}
		}
		require.NoError(t, g.tries(ann, password, known), "of an account that is guessed everywhere")

		for range 5 {
			g.looked(ann, known)
		}
		g.closed(ann, known)
		assert.Error(t, g.tries("bob@example.com", "wrong", known), "and is known to nobody else")
	})

	t.Run("of a known device count for nobody else", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		known := from(1)
		known.Mark = signin.Secret{1, 2, 3}.Digest()
		require.NoError(t, g.tries(ann, password, known))
		for range 5 {
			g.looked(ann, known)
		}
		for range 5 {
			g.looked(ann, from(1))
		}
	})

	t.Run("stay counted and on record when the client does not wait for the answer", func(t *testing.T) {
		g := newGate(t)
		id := g.person("ann")
		for range 5 {
			ctx, leave := context.WithCancel(t.Context())
			g.watch().then = leave
			_, err := g.accounts.SignIn(ctx, ann, "wrong", from(1))
			require.Error(t, err)
		}
		g.town.passwords = g.quick
		g.build()
		g.closed(ann, from(1))
		failed := audit.Event{Kind: audit.SignInFailed, Who: id, Network: from(1).Network}
		assert.Equal(t, slices.Repeat([]audit.Event{failed}, 5), g.record()[:5])
	})

	t.Run("are taken back when the client leaves before anybody has looked", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		for range 60 {
			ctx, leave := context.WithCancel(t.Context())
			g.town.quota = leavingQuota{g.counts, "failed sign-in from", leave}
			g.build()
			_, err := g.accounts.SignIn(ctx, ann, "wrong", from(1))
			require.ErrorIs(t, err, context.Canceled)
		}
		g.town.quota = g.counts
		g.build()
		for range 5 {
			g.looked(ann, from(1))
		}
	})

	t.Run("do not count once the password was right", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		for range 100 {
			require.NoError(t, g.tries(ann, password, from(1)))
		}
		for range 4 {
			g.looked(ann, from(1))
		}
		require.NoError(t, g.tries(ann, password, from(1)))
		g.looked(ann, from(1))
		g.closed(ann, from(1))
	})

	t.Run("are none where nobody could look", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		w := g.watch()
		w.err = fault.New(fault.Unavailable, "busy", "")
		for range 20 {
			require.ErrorIs(t, g.tries(ann, "wrong", from(1)), w.err)
		}
		w.err = nil
		for range 5 {
			g.looked(ann, from(1))
		}
	})

	t.Run("are none where nothing was typed", func(t *testing.T) {
		g := newGate(t)
		for range 20 {
			require.Equal(t, []string{"password"}, fields(t, g.tries(ann, "", from(1))))
		}
		g.looked(ann, from(1))
	})

	t.Run("are not more when they come at once", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		var all sync.WaitGroup
		for range 60 {
			all.Go(func() { assert.Error(t, g.tries(ann, "wrong", from(1))) })
		}
		all.Wait()
		assert.LessOrEqual(t, g.looks.Load(), int64(5))
		assert.Positive(t, g.looks.Load())
	})

	t.Run("are counted alike, whether or not there is such an account", func(t *testing.T) {
		course := func(email string) (said []string) {
			g := newGate(t)
			g.person("ann")
			g.withdraw(g.person("bob"))
			for i := range 70 {
				err := g.tries(email, "wrong", from(i/7))
				said = append(said, fmt.Sprint(fault.Of(err).Code, " ", waitOf(err)))
			}
			for i := range 3 {
				err := g.tries(email, "wrong", from(50+i))
				said = append(said, fmt.Sprint(fault.Of(err).Code, " ", waitOf(err)))
			}
			return said
		}
		want := course(ann)
		assert.Contains(t, want, "too_many_logins 3m0s")
		assert.Contains(t, want, "too_many_logins 1m12s")
		for _, email := range []string{"nobody@example.com", "bob@example.com", "no address"} {
			assert.Equal(t, want, course(email), email)
		}
	})

	t.Run("are on record, and that nobody looks any more is once in a while", func(t *testing.T) {
		g := newGate(t)
		id := g.person("ann")
		g.looked(ann, from(1))
		g.looked("nobody@example.com", from(1))
		g.looked("no address", from(2))
		failed := func(who user.ID, n int) audit.Event {
			return audit.Event{Kind: audit.SignInFailed, Who: who, Network: from(n).Network}
		}
		assert.Equal(t, []audit.Event{failed(id, 1), failed(0, 1), failed(0, 2)}, g.record())
		for range 4 {
			g.looked(ann, from(1))
		}
		before := len(g.record())
		for range 10 {
			g.closed(ann, from(1))
		}
		limited := audit.Event{Kind: audit.SignInLimited, Network: from(1).Network}
		assert.Equal(t, []audit.Event{limited}, g.record()[before:])
		g.wait(15 * time.Minute)
		for range 5 {
			g.looked(ann, from(1))
		}
		before = len(g.record())
		g.closed(ann, from(1))
		assert.Equal(t, []audit.Event{limited}, g.record()[before:])
	})

	t.Run("are not looked at where nobody can count", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		g.town.quota = mute{}
		g.town.build()
		assert.ErrorIs(t, g.tries(ann, password, from(1)), errTorn)
		assert.Zero(t, g.looks.Load())
	})

	t.Run("are not counted where there is no quota", func(t *testing.T) {
		g := newGate(t)
		g.person("ann")
		g.town.quota = nil
		g.town.build()
		for range 60 {
			g.looked(ann, from(1))
		}
		require.NoError(t, g.tries(ann, password, from(1)))
	})
}

// A password that changes while it is looked at is looked at again, and not for ever.
func TestAPasswordThatChangesMeanwhile(t *testing.T) {
	g := newGate(t)
	id := g.person("ann")
	changes := 0
	g.town.passwords = restless{g.quick, func() {
		changes++
		require.NoError(t, g.sound.Write(t.Context(), func(r port.Repos) error {
			person, err := r.Users.Lock(t.Context(), id)
			require.NoError(t, err)
			person.SetPassword(fmt.Sprint("hash ", changes))
			_, err = r.Users.Save(t.Context(), person)
			return err
		}))
	}}
	g.build()
	for range 8 {
		err := g.tries(ann, password, from(1))
		assert.Equal(t, fault.Unavailable, fault.Of(err).Kind)
		assert.Equal(t, "busy", fault.Of(err).Code)
	}
	assert.Equal(t, 8*4, changes, "four looks each")
	assert.Empty(t, g.record(), "nobody was signed in, and nothing was wrong")
	g.town.passwords = g.quick
	g.build()
	for range 5 {
		g.looked(ann, from(1))
	}
}

// restless is passwords of which the hash changes at every look.
type restless struct {
	*quick
	then func()
}

func (r restless) Verify(ctx context.Context, hash, typed string) (ok, stale bool, err error) {
	defer r.then()
	return r.quick.Verify(ctx, hash, typed)
}

// leavingQuota is a quota whose client leaves once a count is asked for.
type leavingQuota struct {
	port.Quota
	count string
	leave func()
}

func (l leavingQuota) Take(ctx context.Context, key string, limit port.Limit, n int) (port.Allowance, error) {
	if strings.HasPrefix(key, l.count) {
		l.leave()
	}
	if ctx.Err() != nil {
		return port.Allowance{}, ctx.Err()
	}
	return l.Quota.Take(ctx, key, limit, n)
}

// mute is a quota that cannot be asked.
type mute struct{}

func (mute) Take(context.Context, string, port.Limit, int) (port.Allowance, error) {
	return port.Allowance{}, errTorn
}
