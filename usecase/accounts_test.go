package usecase_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func registration(name string) user.Registration {
	return user.Registration{
		Email: name + "@example.com", Username: name, Password: password, PasswordAgain: password, Neighborhood: jongno,
	}
}

// watched counts what is asked of passwords, and lets something happen in between.
type watched struct {
	port.Passwords
	hashed   int
	verified []string // the hashes
	then     func()   // after each call
	err      error
}

func (w *watched) Hash(ctx context.Context, password string) (string, error) {
	if w.err != nil {
		return "", w.err
	}
	w.hashed++
	h, err := w.Passwords.Hash(ctx, password)
	w.happen()
	return h, err
}

func (w *watched) Verify(ctx context.Context, hash, password string) (ok, stale bool, err error) {
	if w.err != nil {
		return false, false, w.err
	}
	w.verified = append(w.verified, hash)
	ok, stale, err = w.Passwords.Verify(ctx, hash, password)
	w.happen()
	return ok, stale, err
}

func (w *watched) happen() {
	if then := w.then; then != nil {
		w.then = nil
		then()
	}
}

// watch lets the town's accounts use watched passwords.
func (tn *town) watch() *watched {
	w := &watched{Passwords: tn.passwords}
	tn.passwords = w
	tn.build()
	return w
}

// fields returns the names of the fields that err refuses.
func fields(t *testing.T, err error) []string {
	t.Helper()
	f := fault.Of(err)
	require.Equal(t, fault.Invalid, f.Kind, "%v", err)
	var names []string
	for name, whys := range f.Fields {
		assert.NotEmpty(t, whys)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestRegister(t *testing.T) {
	t.Run("makes an account and signs it in", func(t *testing.T) {
		tn := newTown(t)
		a, err := tn.accounts.Register(t.Context(), user.Registration{
			Email: " Ann@Example.com ", Username: " ann ", Password: password, PasswordAgain: password, Neighborhood: "  서울특별시  종로구 혜화동",
		}, here)
		require.NoError(t, err)
		assert.Equal(t, tn.account(a.User.ID), a.User, "the answer is what is stored")
		assert.Equal(t, user.Email("Ann@Example.com"), a.User.Email)
		assert.Equal(t, "ann", a.User.Username)
		assert.Equal(t, user.Neighborhood(jongno), a.User.Neighborhood)
		assert.NotContains(t, a.User.PasswordHash, password)

		me, _, err := tn.accounts.WhoIs(t.Context(), a.Token)
		require.NoError(t, err)
		assert.Equal(t, a.User, me.State)
		assert.Equal(t, "203.0.113.0/24", me.SignIn.Network)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.NoError(t, err)
		assert.Empty(t, tn.told())
	})

	t.Run("refuses every bad field at once", func(t *testing.T) {
		tn := newTown(t)
		tn.person("ann")
		for name, tt := range map[string]struct {
			asked user.Registration
			want  []string
		}{
			"nothing given": {user.Registration{}, []string{"email", "neighborhood", "password", "password_again", "username"}},
			"both taken, in another case, and more": {
				user.Registration{Email: "ANN@EXAMPLE.COM", Username: "Ann", Password: "1234", PasswordAgain: "4321"},
				[]string{"email", "neighborhood", "password", "password_again", "username"},
			},
			"a taken address only": {
				user.Registration{Email: "ann@example.com", Username: "bob", Password: password, PasswordAgain: password, Neighborhood: jongno},
				[]string{"email"},
			},
			"a taken name only": {
				user.Registration{Email: "bob@example.com", Username: "ann", Password: password, PasswordAgain: password, Neighborhood: jongno},
				[]string{"username"},
			},
			"a taken name and a bad address": {
				user.Registration{Email: "bob", Username: "ann", Password: password, PasswordAgain: password, Neighborhood: jongno},
				[]string{"email", "username"},
			},
		} {
			t.Run(name, func(t *testing.T) {
				a, err := tn.accounts.Register(t.Context(), tt.asked, here)
				assert.Equal(t, tt.want, fields(t, err))
				assert.Zero(t, a)
			})
		}
		_, err := tn.accounts.Register(t.Context(), user.Registration{Email: "ann@example.com", Username: "ann"}, here)
		assert.Equal(t, []string{"이미 가입된 이메일이에요."}, fault.Of(err).Fields["email"])
		assert.Equal(t, []string{"이미 사용 중인 닉네임이에요."}, fault.Of(err).Fields["username"])
	})

	t.Run("hashes nothing for what it refuses", func(t *testing.T) {
		tn := newTown(t)
		tn.person("ann")
		w := tn.watch()
		_, err := tn.accounts.Register(t.Context(), registration("ann"), here)
		require.Error(t, err)
		assert.Zero(t, w.hashed)
	})

	t.Run("gives a name that is taken meanwhile to one of the two", func(t *testing.T) {
		tn := newTown(t)
		tn.watch().then = func() { tn.person("ann") }
		_, err := tn.accounts.Register(t.Context(), registration("ann"), here)
		assert.Contains(t, []error{user.ErrEmailTaken, user.ErrNameTaken}, err)
	})

	t.Run("keeps nothing when it is too busy to hash", func(t *testing.T) {
		tn := newTown(t)
		busy := fault.New(fault.Unavailable, "busy", "")
		tn.watch().err = busy
		_, err := tn.accounts.Register(t.Context(), registration("ann"), here)
		assert.Equal(t, busy, err)
		taken, _, err := tn.store.Read().Users.Taken(t.Context(), "ann@example.com", "", 0)
		require.NoError(t, err)
		assert.False(t, taken)
	})
}

func TestSignIn(t *testing.T) {
	t.Run("gives the account and a token", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		for _, email := range []string{"ann@example.com", "ANN@example.COM", " ann@example.com "} {
			a, err := tn.accounts.SignIn(t.Context(), email, password, here)
			require.NoError(t, err)
			assert.Equal(t, tn.account(ann), a.User)
			me, in, err := tn.accounts.WhoIs(t.Context(), a.Token)
			require.NoError(t, err)
			assert.Equal(t, a.User, me.State)
			assert.Equal(t, ann, in.Who)
		}
	})

	t.Run("refuses all that is wrong in the same way, after the same work", func(t *testing.T) {
		tn := newTown(t)
		tn.person("ann")
		tn.withdraw(tn.person("bob"))
		w := tn.watch()
		for name, tt := range map[string]struct {
			email, password string
			unknown         bool
		}{
			"wrong password":      {"ann@example.com", "correct house", false},
			"password with space": {"ann@example.com", " " + password, false},
			"unknown address":     {"nobody@example.com", password, true},
			"withdrawn":           {"bob@example.com", password, true},
			"no address at all":   {"ann", password, true},
			"a name":              {"ann example", password, true},
			"control characters":  {"ann@example.com\x00", password, true},
		} {
			t.Run(name, func(t *testing.T) {
				w.verified = nil
				a, err := tn.accounts.SignIn(t.Context(), tt.email, tt.password, here)
				assert.Same(t, user.ErrInvalidCredentials, err)
				assert.Zero(t, a)
				require.Len(t, w.verified, 1)
				assert.Equal(t, tt.unknown, w.verified[0] == "")
				assert.Zero(t, w.hashed)
			})
		}
	})

	t.Run("asks for both fields at once", func(t *testing.T) {
		tn := newTown(t)
		_, err := tn.accounts.SignIn(t.Context(), "", "", here)
		assert.Equal(t, []string{"email", "password"}, fields(t, err))
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", "", here)
		assert.Equal(t, []string{"password"}, fields(t, err))
	})

	t.Run("passes on that it is too busy", func(t *testing.T) {
		tn := newTown(t)
		tn.person("ann")
		busy := fault.New(fault.Unavailable, "busy", "")
		tn.watch().err = busy
		_, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.Equal(t, busy, err)
	})
}

func TestEdit(t *testing.T) {
	name, place := "Annie", jeju
	own, taken, bad, empty := "ANN", "Bob", "x", ""
	alike, staff := "ВoЬ", "관리자" // in part Cyrillic
	tests := []struct {
		name              string
		username, address *string
		want              []string // the fields refused
	}{
		{"name", &name, nil, nil},
		{"place", nil, &place, nil},
		{"both", &name, &place, nil},
		{"nothing", nil, nil, nil},
		{"own name in another case", &own, nil, nil},
		{"taken name", &taken, nil, []string{"username"}},
		{"name that looks like a taken one", &alike, nil, []string{"username"}},
		{"name of the staff", &staff, nil, []string{"username"}},
		{"taken name and good place", &taken, &place, []string{"username"}},
		{"taken name and bad place", &taken, &bad, []string{"neighborhood", "username"}},
		{"bad name and bad place", &bad, &empty, []string{"neighborhood", "username"}},
		{"good name and bad place", &name, &bad, []string{"neighborhood"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tn := newTown(t)
			ann := tn.people("ann", "bob")[0]
			want := tn.account(ann)
			a, err := tn.accounts.Edit(t.Context(), tn.me(ann), tt.username, tt.address)
			if tt.want != nil {
				assert.Equal(t, tt.want, fields(t, err))
				assert.Zero(t, a)
				assert.Equal(t, want, tn.account(ann), "nothing has changed")
				return
			}
			require.NoError(t, err)
			if tt.username != nil {
				want.Username = *tt.username
			}
			if tt.address != nil {
				want.Neighborhood = user.Neighborhood(*tt.address)
			}
			assert.Equal(t, want, a)
			assert.Equal(t, want, tn.account(ann))
		})
	}

	t.Run("leaves posts where they were written", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		id := tn.open(2, ann)
		_, err := tn.accounts.Edit(t.Context(), tn.me(ann), nil, &place)
		require.NoError(t, err)
		assert.Equal(t, user.Neighborhood(jongno), tn.state(id).Neighborhood)
	})
}

func TestChangePassword(t *testing.T) {
	const next = "another horse"
	change := user.PasswordChange{Current: password, New: next, Repeat: next}

	t.Run("ends every sign-in, and signs in anew", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		old, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		require.NoError(t, err)
		a, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), change, here)
		require.NoError(t, err)

		assert.Equal(t, tn.account(ann), a.User)
		assert.Equal(t, []string{"1 changed"}, tn.told())
		assert.NotNil(t, a.Refresh)
		_, _, err = tn.accounts.WhoIs(t.Context(), old.Token)
		assert.Same(t, user.ErrSignedOut, err)
		_, _, err = tn.accounts.WhoIs(t.Context(), a.Token)
		require.NoError(t, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.Same(t, user.ErrInvalidCredentials, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", next, here)
		assert.NoError(t, err)
	})

	t.Run("is stored before the bus tells of it", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		before, seen := tn.account(ann).PasswordHash, ""
		tn.bus.FollowPeople(onChange(func() { seen = tn.account(ann).PasswordHash }))
		_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), change, here)
		require.NoError(t, err)
		assert.NotEmpty(t, seen)
		assert.NotEqual(t, before, seen)
	})

	t.Run("refuses every bad field at once", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		before := tn.account(ann)
		for name, tt := range map[string]struct {
			c    user.PasswordChange
			want []string
		}{
			"nothing given":              {user.PasswordChange{}, []string{"new_password", "new_password_again", "old_password"}},
			"wrong current":              {user.PasswordChange{Current: "correct house", New: next, Repeat: next}, []string{"old_password"}},
			"wrong current and more":     {user.PasswordChange{Current: "correct house", New: "1234", Repeat: next}, []string{"new_password", "new_password_again", "old_password"}},
			"the same as before":         {user.PasswordChange{Current: password, New: password, Repeat: password}, []string{"new_password"}},
			"not repeated":               {user.PasswordChange{Current: password, New: next, Repeat: password}, []string{"new_password_again"}},
			"the name":                   {user.PasswordChange{Current: password, New: "ann@example.com", Repeat: "ann@example.com"}, []string{"new_password"}},
			"current in another case":    {user.PasswordChange{Current: "Correct horse", New: next, Repeat: next}, []string{"old_password"}},
			"current with white space":   {user.PasswordChange{Current: password + " ", New: next, Repeat: next}, []string{"old_password"}},
			"same as before, both wrong": {user.PasswordChange{Current: "correct house", New: "correct house", Repeat: "correct house"}, []string{"new_password", "old_password"}},
		} {
			t.Run(name, func(t *testing.T) {
				a, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), tt.c, here)
				assert.Equal(t, tt.want, fields(t, err))
				assert.Zero(t, a)
			})
		}
		assert.Equal(t, before, tn.account(ann))
		assert.Empty(t, tn.told())
	})

	t.Run("twice at once is done once", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		tn.watch().then = func() {
			_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), change, here)
			require.NoError(t, err)
			tn.told()
		}
		_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), user.PasswordChange{Current: password, New: "third horse", Repeat: "third horse"}, here)
		assert.Equal(t, user.ErrWrongCurrent, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", next, here)
		assert.NoError(t, err)
		assert.Empty(t, tn.told())
	})

	t.Run("passes on that it is too busy", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		before := tn.account(ann)
		w := tn.watch()
		busy := fault.New(fault.Unavailable, "busy", "")
		w.then = func() { w.err = busy } // to hash, after it has verified
		_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), change, here)
		assert.Equal(t, busy, err)
		_, err = tn.accounts.ChangePassword(t.Context(), tn.me(ann), change, here)
		assert.Equal(t, busy, err)
		assert.Equal(t, before, tn.account(ann))
	})

	t.Run("needs a sign-in that holds at the end", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		me := tn.me(ann)
		tn.watch().then = func() { require.NoError(t, tn.accounts.EndSignIns(t.Context(), me, "")) }
		_, err := tn.accounts.ChangePassword(t.Context(), me, change, here)
		assert.Same(t, user.ErrSignedOut, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.NoError(t, err)
	})
}
