package signin_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	phone = signin.Origin{Device: "Chrome · Android", Network: "203.0.113.0/24", Mark: secret(7).Digest()}
)

const away = "198.51.100.0/24"

// secret returns the nth test secret.
func secret(n byte) signin.Secret { return signin.Secret{n, 31: n} }

var first = signin.NewToken(secret(1), secret(2))

func open() *signin.SignIn { return signin.Open(42, 1, phone, first, noon) }

func TestOpen(t *testing.T) {
	assert.Equal(t, signin.State{
		ID: 42, Who: 1, Origin: phone,
		Family: first.Family(), Current: first.Digest(),
		CreatedAt: noon, RotatedAt: noon, SeenAt: noon, Until: noon.Add(14 * 24 * time.Hour),
	}, open().State())
}

func TestASignInIsLive(t *testing.T) {
	ended := open()
	ended.End(noon.Add(time.Minute))
	for name, tt := range map[string]struct {
		s    *signin.SignIn
		at   time.Time
		want bool
	}{
		"from its beginning":      {open(), noon, true},
		"until it was idle":       {open(), noon.Add(signin.Idle - 1), true},
		"and not any more then":   {open(), noon.Add(signin.Idle), false},
		"not once it has ended":   {ended, noon.Add(time.Hour), false},
		"not even before the end": {ended, noon, false},
	} {
		assert.Equal(t, tt.want, tt.s.State().Live(tt.at), name)
	}
	ended.End(noon.Add(time.Hour))
	assert.Equal(t, noon.Add(time.Minute), ended.State().EndedAt, "ended twice is ended once")
}

// A turn is one use of the sign-in's nth token, at a time.
type turn struct {
	token int
	after time.Duration // since noon
	want  error
	gives int // the returned token; a new one has the next number
}

func TestRefresh(t *testing.T) {
	const s = time.Second
	for name, turns := range map[string][]turn{
		"gives the next token, again and again":               {{0, s, nil, 1}, {1, 2 * s, nil, 2}, {2, time.Hour, nil, 3}},
		"gives the same again to the one before":              {{0, s, nil, 1}, {0, 2 * s, nil, 1}, {0, 3 * s, nil, 1}, {1, 4 * s, nil, 2}},
		"does so however late, as long as that is unused":     {{0, s, nil, 1}, {0, time.Hour, nil, 1}, {0, signin.Idle, nil, 1}, {1, signin.Idle, nil, 2}},
		"and for ten seconds after it was used":               {{0, s, nil, 1}, {1, time.Hour, nil, 2}, {0, time.Hour + 10*s, nil, 1}, {1, time.Hour + 10*s, nil, 2}},
		"and no longer":                                       {{0, s, nil, 1}, {1, time.Hour, nil, 2}, {0, time.Hour + 10*s + 1, signin.ErrReused, 0}},
		"counts the ten seconds from the first use":           {{0, s, nil, 1}, {1, 2 * s, nil, 2}, {1, 11 * s, nil, 2}, {0, 13 * s, signin.ErrReused, 0}},
		"knows no token from before that":                     {{0, s, nil, 1}, {1, 2 * s, nil, 2}, {2, 3 * s, nil, 3}, {0, 4 * s, signin.ErrReused, 0}},
		"ends by a former token, for the newest one too":      {{0, s, nil, 1}, {1, s, nil, 2}, {0, time.Hour, signin.ErrReused, 0}, {2, time.Hour, user.ErrSignedOut, 0}},
		"ends by a token of its family that it never gave":    {{-1, s, signin.ErrReused, 0}, {0, 2 * s, user.ErrSignedOut, 0}},
		"is refused when nobody has used it for two weeks":    {{0, signin.Idle, user.ErrSignedOut, 0}},
		"and is not, a moment before":                         {{0, signin.Idle - 1, nil, 1}, {1, 2*signin.Idle - 2, nil, 2}},
		"refuses a former token of what is over, and no more": {{0, s, nil, 1}, {0, signin.Idle + s, user.ErrSignedOut, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			in := open()
			tokens := map[int]signin.Token{0: first, -1: signin.NewToken(secret(1), secret(99))}
			for i, turn := range turns {
				got, err := in.Refresh(tokens[turn.token], secret(byte(10+i)), away, noon.Add(turn.after))
				require.ErrorIs(t, err, turn.want, "turn %d", i)
				if err != nil {
					assert.Zero(t, got)
					assert.False(t, in.State().Live(noon.Add(turn.after)))
					continue
				}
				if want, known := tokens[turn.gives]; known {
					assert.Equal(t, want, got, "turn %d", i)
				}
				tokens[turn.gives] = got
				assert.Equal(t, first.Family(), got.Family())
				newest := tokens[slices.Max(slices.Collect(maps.Keys(tokens)))]
				assert.Equal(t, newest.Digest(), in.State().Current)
			}
		})
	}

	t.Run("notes when and from where", func(t *testing.T) {
		in, at := open(), noon.Add(time.Minute)
		next, err := in.Refresh(first, secret(9), away, at)
		require.NoError(t, err)
		want := open().State()
		want.Current, want.Previous, want.Salt = next.Digest(), first.Digest(), secret(9)
		want.Network, want.RotatedAt, want.SeenAt, want.Until = away, at, at, at.Add(signin.Idle)
		assert.Equal(t, want, in.State())
		_, err = in.Refresh(first, secret(10), "192.0.2.0/24", at.Add(time.Second))
		require.NoError(t, err)
		assert.Equal(t, want, in.State(), "what is given again changes nothing")
	})

	t.Run("remembers two tokens before the newest", func(t *testing.T) {
		in := open()
		second, err := in.Refresh(first, secret(9), away, noon)
		require.NoError(t, err)
		_, err = in.Refresh(second, secret(10), away, noon)
		require.NoError(t, err)
		got := in.State()
		assert.Equal(t, []signin.Digest{second.Digest(), first.Digest()}, []signin.Digest{got.Previous, got.Elder})
		assert.Equal(t, []signin.Secret{secret(10), secret(9)}, []signin.Secret{got.Salt, got.ElderSalt})
	})

	t.Run("gives a token that differs by the salt and by the token before", func(t *testing.T) {
		seen := map[signin.Token]bool{}
		for _, token := range []signin.Token{first, signin.NewToken(secret(1), secret(3)), signin.NewToken(secret(4), secret(2))} {
			for salt := range byte(3) {
				next, err := signin.Open(1, 1, phone, token, noon).Refresh(token, secret(salt), away, noon)
				require.NoError(t, err)
				assert.False(t, seen[next])
				seen[next] = true
			}
		}
	})

	t.Run("lets nobody make the next token of what is kept", func(t *testing.T) {
		in := open()
		next, err := in.Refresh(first, secret(9), away, noon)
		require.NoError(t, err)
		kept := in.State()
		for _, guess := range []signin.Token{
			signin.NewToken(signin.Secret(kept.Family), kept.Salt),
			signin.NewToken(signin.Secret(kept.Family), signin.Secret(kept.Current)),
			signin.NewToken(secret(1), kept.Salt),
			signin.NewToken(secret(1), signin.Secret(kept.Previous)),
		} {
			assert.NotEqual(t, next, guess)
			assert.NotEqual(t, kept.Current, guess.Digest())
		}
	})
}

func TestNobodyIsSignedInForLongerThanNinetyDays(t *testing.T) {
	in, token, at := open(), first, noon
	for n := byte(0); ; n++ {
		require.Less(t, n, byte(20))
		at = at.Add(signin.Idle - time.Second)
		next, err := in.Refresh(token, secret(n), away, at)
		if err != nil {
			require.ErrorIs(t, err, user.ErrSignedOut)
			break
		}
		require.False(t, in.State().Until.After(noon.Add(90*24*time.Hour)))
		token = next
	}
	assert.Equal(t, noon.Add(90*24*time.Hour), in.State().Until)
	_, err := in.Refresh(token, secret(200), away, in.State().Until)
	assert.ErrorIs(t, err, user.ErrSignedOut)
}

func TestRestore(t *testing.T) {
	in := open()
	_, err := in.Refresh(first, secret(9), away, noon.Add(time.Minute))
	require.NoError(t, err)
	again := signin.Restore(in.State())
	assert.Equal(t, in, again)
	again.End(noon)
	assert.Zero(t, in.State().EndedAt, "a state is a copy")
}

func TestNewID(t *testing.T) {
	assert.EqualValues(t, 1, signin.NewID(signin.Secret{}))
	full := signin.Secret{}
	for i := range full {
		full[i] = 0xff
	}
	assert.EqualValues(t, 1<<52, signin.NewID(full))
	assert.NotEqual(t, signin.NewID(secret(1)), signin.NewID(secret(2)))
}
