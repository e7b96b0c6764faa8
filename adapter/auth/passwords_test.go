package auth

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ port.Passwords = (*Passwords)(nil)

func newPasswords(t *testing.T, c Cost) *Passwords {
	t.Helper()
	p, err := NewPasswords(c)
	require.NoError(t, err)
	return p
}

func TestCost(t *testing.T) {
	tests := []struct {
		name string
		cost Cost
		weak bool
	}{
		{"the default", DefaultCost, false},
		{"the least", leastCost, false},
		{"more memory than the default", Cost{1 << 17, 1}, false},
		{"more time than the least", Cost{19456, 3}, false},
		{"a little less memory than the default", Cost{47103, 1}, true},
		{"a little less memory than the least", Cost{19455, 2}, true},
		{"no amount of time makes up for memory", Cost{1024, 1000}, true},
		{"no time at all", Cost{1 << 17, 0}, true},
		{"nothing", Cost{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.weak {
				assert.NoError(t, tt.cost.Check())
				return
			}
			assert.ErrorIs(t, tt.cost.Check(), ErrWeak)
			p, err := NewPasswords(tt.cost)
			assert.ErrorIs(t, err, ErrWeak)
			assert.Nil(t, p)
		})
	}
}

func TestHash(t *testing.T) {
	p := newPasswords(t, leastCost)
	h, err := p.Hash(t.Context(), "correct horse")
	require.NoError(t, err)

	t.Run("is a PHC string", func(t *testing.T) {
		assert.Regexp(t, regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`), h)
		cost, salt, key, err := parse(h)
		require.NoError(t, err)
		assert.Equal(t, leastCost, cost)
		assert.Len(t, salt, 16)
		assert.Len(t, key, 32)
	})

	t.Run("has a salt of its own", func(t *testing.T) {
		again, err := p.Hash(t.Context(), "correct horse")
		require.NoError(t, err)
		assert.NotEqual(t, h, again)
	})

	t.Run("is of its password only", func(t *testing.T) {
		for password, want := range map[string]bool{
			"correct horse": true, "correct horsf": false, "Correct horse": false, "correct horse ": false,
			" correct horse": false, "correct horse\x00": false, "correct hors": false, "": false, h: false,
		} {
			ok, stale, err := p.Verify(t.Context(), h, password)
			require.NoError(t, err)
			assert.Equal(t, want, ok, "%q", password)
			assert.False(t, stale)
		}
	})

	t.Run("by another implementation is understood", func(t *testing.T) {
		// made by OpenSSL's argon2id, through Python's cryptography
		const phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHlzYWx0eXNhbHR5MQ$kQd3oILkcP7R6ayKBmgqBrX/toK6jr83oVLenE7mVu4"
		ok, _, err := p.Verify(t.Context(), phc, "password")
		require.NoError(t, err)
		assert.True(t, ok)
	})
}

func TestPasswordsAreTakenAsTyped(t *testing.T) {
	p := newPasswords(t, leastCost)
	typed := " \tPässwörd 비밀번호 🦄\n"
	h, err := p.Hash(t.Context(), typed)
	require.NoError(t, err)
	for password, want := range map[string]bool{
		typed:                    true,
		strings.TrimSpace(typed): false,
		strings.ReplaceAll(typed, "ä", "a\u0308"): false, // looks the same
		strings.ToLower(typed):                    false,
	} {
		ok, _, err := p.Verify(t.Context(), h, password)
		require.NoError(t, err)
		assert.Equal(t, want, ok, "%q", password)
	}

	long := strings.Repeat("가", 170)
	h, err = p.Hash(t.Context(), long+"a")
	require.NoError(t, err)
	ok, _, err := p.Verify(t.Context(), h, long+"b")
	require.NoError(t, err)
	assert.False(t, ok, "nothing is cut off")
}

func TestVerifyTellsStaleHashes(t *testing.T) {
	old := newPasswords(t, leastCost)
	h, err := old.Hash(t.Context(), "correct horse")
	require.NoError(t, err)
	for _, cost := range []Cost{{19456, 3}, {19457, 2}} {
		ok, stale, err := newPasswords(t, cost).Verify(t.Context(), h, "correct horse")
		require.NoError(t, err)
		assert.True(t, ok, "by its own parameters, not by today's")
		assert.True(t, stale)
	}
}

func TestAnEmptyHashIsOfNothing(t *testing.T) {
	p := newPasswords(t, leastCost)
	cost, _, key, err := parse(p.dummy)
	require.NoError(t, err)
	assert.Equal(t, p.cost, cost, "it takes the same work")
	assert.Len(t, key, hashSize)

	for _, password := range []string{"", "correct horse", p.dummy} {
		ok, _, err := p.Verify(t.Context(), "", password)
		require.NoError(t, err)
		assert.False(t, ok)
	}
	t.Run("not even of the password that the stand-in has", func(t *testing.T) {
		p.dummy = p.cost.hash("guessed")
		ok, _, err := p.Verify(t.Context(), "", "guessed")
		require.NoError(t, err)
		assert.False(t, ok)
	})
	t.Run("which waits for its turn like any other", func(t *testing.T) {
		fill(p.queue)
		defer empty(p.queue)
		_, _, err := p.Verify(t.Context(), "", "correct horse")
		assert.ErrorIs(t, err, errBusy)
	})
}

func TestParseRefusesMalformedHashes(t *testing.T) {
	const salt, key = "c2FsdHlzYWx0eXNhbHR5MQ", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
	good := "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key
	_, _, _, err := parse(good)
	require.NoError(t, err)

	p := newPasswords(t, leastCost)
	for name, h := range map[string]string{
		"empty":                "",
		"words":                "correct horse",
		"another algorithm":    strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt":               "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"another version":      strings.Replace(good, "v=19", "v=16", 1),
		"no version":           strings.Replace(good, "v=19$", "", 1),
		"two lanes":            strings.Replace(good, "p=1", "p=2", 1),
		"no time":              strings.Replace(good, "t=2", "t=0", 1),
		"less than no time":    strings.Replace(good, "t=2", "t=-1", 1),
		"more than a number":   strings.Replace(good, "m=19456", "m=4294967296", 1),
		"other order":          strings.Replace(good, "m=19456,t=2", "t=2,m=19456", 1),
		"no key":               "$argon2id$v=19$m=19456,t=2,p=1$" + salt,
		"empty key":            "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"one part more":        good + "$",
		"padded salt":          strings.Replace(good, salt, salt+"==", 1),
		"URL alphabet":         strings.Replace(good, key, "-_"+key[2:], 1),
		"odd bits in the end":  good[:len(good)-1] + "F",
		"white space in front": " " + good,
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := parse(h)
			assert.ErrorIs(t, err, errMalformed)
			if h == "" {
				return // Verify rejects the empty hash
			}
			ok, _, err := p.Verify(t.Context(), h, "correct horse")
			assert.ErrorIs(t, err, errMalformed)
			assert.Equal(t, fault.Internal, fault.Of(err).Kind)
			assert.False(t, ok)
		})
	}
}

func fill(places chan struct{}) {
	for range cap(places) {
		places <- struct{}{}
	}
}

func empty(places chan struct{}) {
	for range cap(places) {
		<-places
	}
}

func TestTurns(t *testing.T) {
	t.Run("no more work at once than there are processors", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPasswords(t, leastCost)
			var working atomic.Int32
			gate := make(chan struct{})
			var all sync.WaitGroup
			for range runtime.GOMAXPROCS(0) + maxQueue {
				all.Go(func() {
					err := p.inTurn(t.Context(), func() {
						working.Add(1)
						<-gate
					})
					assert.NoError(t, err)
				})
			}
			synctest.Wait()
			assert.EqualValues(t, runtime.GOMAXPROCS(0), working.Load())
			assert.ErrorIs(t, p.inTurn(t.Context(), func() {}), errBusy, "nobody more may wait")
			atWork, waiting := p.Queue()
			assert.Equal(t, []int{runtime.GOMAXPROCS(0), maxQueue}, []int{atWork, waiting})

			close(gate)
			all.Wait()
			assert.EqualValues(t, runtime.GOMAXPROCS(0)+maxQueue, working.Load(), "all had their turn")
			assert.NoError(t, p.inTurn(t.Context(), func() {}), "and the places are free again")
			assert.Empty(t, p.queue)
			assert.Empty(t, p.turns)
		})
	})

	t.Run("those aside have a queue of their own, and take turns with the others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPasswords(t, leastCost)
			gate := make(chan struct{})
			var all sync.WaitGroup
			var working atomic.Int64
			work := func() { working.Add(1); <-gate }
			for range runtime.GOMAXPROCS(0) + maxAside {
				all.Go(func() { assert.NoError(t, p.Aside().inTurn(t.Context(), work)) })
			}
			synctest.Wait()
			assert.ErrorIs(t, p.Aside().inTurn(t.Context(), work), errBusy)
			for range maxQueue {
				all.Go(func() { assert.NoError(t, p.inTurn(t.Context(), work)) })
			}
			synctest.Wait()
			assert.EqualValues(t, runtime.GOMAXPROCS(0), working.Load(), "no more at once than processors")
			atWork, waiting := p.Queue()
			assert.Equal(t, []int{runtime.GOMAXPROCS(0), maxAside + maxQueue}, []int{atWork, waiting})
			close(gate)
			all.Wait()
		})
	})

	t.Run("a full queue refuses at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPasswords(t, leastCost)
			fill(p.queue)
			began := time.Now()
			_, err := p.Hash(t.Context(), "correct horse")
			assertBusy(t, err)
			_, _, err = p.Verify(t.Context(), p.dummy, "correct horse")
			assertBusy(t, err)
			assert.Zero(t, time.Since(began))
		})
	})

	t.Run("nobody waits longer than three seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPasswords(t, leastCost)
			fill(p.turns)
			began := time.Now()
			_, err := p.Hash(t.Context(), "correct horse")
			assertBusy(t, err)
			assert.Equal(t, 3*time.Second, time.Since(began))
			assert.Empty(t, p.queue, "the place in the queue is given up")
		})
	})

	t.Run("who goes away waits no longer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPasswords(t, leastCost)
			fill(p.turns)
			gone := errors.New("gone")
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(gone)
			began := time.Now()
			_, err := p.Hash(ctx, "correct horse")
			assert.ErrorIs(t, err, gone)
			ok, _, err := p.Verify(ctx, "", "correct horse")
			assert.ErrorIs(t, err, gone)
			assert.False(t, ok)
			assert.Zero(t, time.Since(began))
			assert.Empty(t, p.queue)
		})
	})
}

func assertBusy(t *testing.T, err error) {
	t.Helper()
	f := fault.Of(err)
	assert.Equal(t, fault.Unavailable, f.Kind)
	assert.Equal(t, "busy", f.Code)
}
