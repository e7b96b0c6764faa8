package usecase_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
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
		assert.Equal(t, []string{"이미 사용 중인 이름이에요."}, fault.Of(err).Fields["username"])
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

func TestEdit(t *testing.T) {
	name, place := "Annie", jeju
	own, taken, bad, empty := "ANN", "Bob", "x", ""
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
			assert.Equal(t, want, a.User)
			assert.Equal(t, want, tn.account(ann))
			_, _, err = tn.accounts.WhoIs(t.Context(), a.Token)
			assert.NoError(t, err)
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

// onChange follows people, and does something when an account changes.
type onChange func()

func (f onChange) AccountChanged(user.ID) { f() }
func (f onChange) Notified(user.ID)       {}
func (f onChange) Resync()                {}

func TestWithdraw(t *testing.T) {
	t.Run("leaves the rooms of others and closes its own", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
		annsOwn := tn.open(3, ann, cho)
		bobs := tn.open(3, bob, ann, cho)
		left := tn.open(3, bob, ann)
		require.NoError(t, tn.parties.Leave(t.Context(), ann, left))
		gone := tn.open(3, bob, ann)
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), bob, gone))
		strange := tn.open(3, bob)
		before := map[party.ID][]string{}
		for _, id := range []party.ID{left, gone, strange} {
			before[id] = tn.log(id)
		}
		a, err := tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		require.NoError(t, err)
		tn.told()

		require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))

		assert.Equal(t, []string{"1 changed"}, tn.told(), "sockets of the withdrawn hear of that first")
		post, err := tn.parties.Get(t.Context(), cho, annsOwn)
		require.NoError(t, err)
		assert.Equal(t, port.Person{ID: ann, Username: user.Withdrawn}, post.Leader, "the name is gone at once")
		_, err = tn.parties.Edit(t.Context(), ann, annsOwn, party.Change{Title: to("피자")})
		assert.Same(t, user.ErrSignedOut, err, "and so are the powers")
		_, _, err = tn.chat.Say(t.Context(), ann, bobs, "still here", "")
		assert.ErrorIs(t, err, room.ErrNotMember)

		tn.tick()

		assert.ElementsMatch(t, []string{
			"1/2 " + user.Withdrawn + " departed", "1/3 cho post", "1/4 cho post",
			"2/3 " + user.Withdrawn + " departed",
		}, tn.told())
		assert.Equal(t, []string{"1 " + user.Withdrawn + " joined", "2 cho joined", "3 " + user.Withdrawn + " departed"}, tn.log(bobs))
		assert.Equal(t, []string{"1 cho joined", "2 " + user.Withdrawn + " departed", "3 cho post", "4 cho post"}, tn.log(annsOwn))
		for id, log := range before {
			after := tn.log(id)
			require.Len(t, after, len(log))
		}

		post, err = tn.parties.Get(t.Context(), cho, annsOwn)
		require.NoError(t, err)
		assert.True(t, post.Closed)
		assert.Equal(t, cho, post.Leader.ID, "the earliest of the others leads on")
		assert.Equal(t, room.In, post.Standing, "cho may talk on")
		tn.say(cho, annsOwn, "anybody?")
		assert.False(t, tn.state(bobs).Closed)
		assert.Equal(t, room.Left, tn.state(bobs).Members[1].Standing)

		_, _, err = tn.accounts.WhoIs(t.Context(), a.Token)
		assert.Same(t, user.ErrSignedOut, err)
		_, err = tn.accounts.SignIn(t.Context(), "ann@example.com", password, here)
		assert.Same(t, user.ErrInvalidCredentials, err)
	})

	t.Run("frees the address and the name", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		tn.withdraw(ann)
		a, err := tn.accounts.Register(t.Context(), registration("ann"), here)
		require.NoError(t, err)
		assert.NotEqual(t, ann, a.User.ID)
	})

	t.Run("needs the password", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		before := tn.account(ann)
		err := tn.accounts.Withdraw(t.Context(), tn.me(ann), "", "")
		assert.Equal(t, []string{"password"}, fields(t, err))
		assert.Equal(t, user.ErrWrongPassword, tn.accounts.Withdraw(t.Context(), tn.me(ann), "correct house", ""))
		assert.Equal(t, before, tn.account(ann))
		assert.Empty(t, tn.told())
	})

	t.Run("needs the password that holds at the end", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		tn.watch().then = func() {
			_, err := tn.accounts.ChangePassword(t.Context(), tn.me(ann), user.PasswordChange{Current: password, New: "another horse", Repeat: "another horse"}, here)
			require.NoError(t, err)
			tn.told()
		}
		assert.Equal(t, user.ErrWrongPassword, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
		assert.Empty(t, tn.told())
		tn.account(ann)
	})

	t.Run("passes on that it is too busy", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		busy := fault.New(fault.Unavailable, "busy", "")
		tn.watch().err = busy
		assert.Equal(t, busy, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, ""))
		tn.account(ann)
	})
}

// Whoever withdraws while another request of theirs is on its way is signed out
// there, too.
func TestTheWithdrawnAreSignedOut(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	own, bobs := tn.open(2, ann), tn.open(2, bob)
	me := tn.me(ann)
	tn.withdraw(ann)
	name, next := "annie", "another horse"
	for what, do := range map[string]func() error{
		"edit": func() error { _, err := tn.accounts.Edit(t.Context(), me, &name, nil); return err },
		"change password": func() error {
			_, err := tn.accounts.ChangePassword(t.Context(), me, user.PasswordChange{Current: password, New: next, Repeat: next}, here)
			return err
		},
		"withdraw":  func() error { return tn.accounts.Withdraw(t.Context(), me, password, "") },
		"open":      func() error { _, err := tn.parties.Open(t.Context(), ann, draft(2)); return err },
		"edit post": func() error { _, err := tn.parties.Edit(t.Context(), ann, own, party.Change{}); return err },
		"join":      func() error { _, _, err := tn.parties.Join(t.Context(), ann, bobs); return err },
	} {
		t.Run(what, func(t *testing.T) {
			assert.Same(t, user.ErrSignedOut, do())
			assert.Empty(t, tn.told())
		})
	}

	t.Run("between the look at the password and the change", func(t *testing.T) {
		tn := newTown(t)
		w := tn.watch()
		for i, do := range []func(user.ID) error{
			func(who user.ID) error { return tn.accounts.Withdraw(t.Context(), tn.me(who), password, "") },
			func(who user.ID) error {
				_, err := tn.accounts.ChangePassword(t.Context(), tn.me(who), user.PasswordChange{Current: password, New: next, Repeat: next}, here)
				return err
			},
		} {
			who := tn.person(strings.Repeat("a", i+2))
			w.then = func() { tn.withdraw(who) }
			assert.Same(t, user.ErrSignedOut, do(who))
			assert.Empty(t, tn.told())
		}
	})
}

// everything is each use case that writes, made possible for ann by given.
func everything(tn *town) map[string]func(ctx context.Context) error {
	ann, bob := tn.person("ann"), tn.person("bob")
	own := tn.open(4, ann, bob)
	other := tn.open(4, bob)
	both := tn.open(4, bob, ann)
	title := "피자"
	return map[string]func(ctx context.Context) error{
		"register": func(ctx context.Context) error {
			_, err := tn.accounts.Register(ctx, registration("cho"), here)
			return err
		},
		"edit": func(ctx context.Context) error { _, err := tn.accounts.Edit(ctx, tn.me(ann), &title, nil); return err },
		"change password": func(ctx context.Context) error {
			_, err := tn.accounts.ChangePassword(ctx, tn.me(ann), user.PasswordChange{Current: password, New: "another horse", Repeat: "another horse"}, here)
			return err
		},
		"withdraw": func(ctx context.Context) error { return tn.accounts.Withdraw(ctx, tn.me(ann), password, "") },
		"open":     func(ctx context.Context) error { _, err := tn.parties.Open(ctx, ann, draft(3)); return err },
		"edit post": func(ctx context.Context) error {
			_, err := tn.parties.Edit(ctx, ann, own, party.Change{Title: &title})
			return err
		},
		"join":        func(ctx context.Context) error { _, _, err := tn.parties.Join(ctx, ann, other); return err },
		"leave":       func(ctx context.Context) error { return tn.parties.Leave(ctx, ann, both) },
		"ban":         func(ctx context.Context) error { return tn.parties.Ban(ctx, ann, own, bob) },
		"delete room": func(ctx context.Context) error { return tn.parties.DeleteRoom(ctx, ann, own) },
		"delete post": func(ctx context.Context) error { return tn.parties.Delete(ctx, ann, own) },
		"say":         func(ctx context.Context) error { _, _, err := tn.chat.Say(ctx, ann, own, "hello", "c1"); return err },
	}
}

func TestNothingIsToldOfWhatIsNotStored(t *testing.T) {
	tn := newTown(t)
	all := everything(tn)
	logs := func() (all [][]string) {
		for id := range party.ID(3) {
			all = append(all, tn.log(id+1))
		}
		return all
	}
	before := logs()

	t.Run("because the commit fails", func(t *testing.T) {
		whole := tn.store
		tn.over(func(s port.Store) port.Store { return torn{s} })
		defer tn.over(func(port.Store) port.Store { return whole })
		for name, do := range all {
			assert.ErrorIs(t, do(t.Context()), errTorn, name)
			assert.Empty(t, tn.told(), name)
		}
		assert.Equal(t, before, logs())
	})

	t.Run("because the asker has gone", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, do := range all {
			assert.ErrorIs(t, do(ctx), context.Canceled, name)
			assert.Empty(t, tn.told(), name)
		}
		assert.Equal(t, before, logs())
	})
}

// Where a write meets a conflict and is run again, nothing is done or told twice.
func TestWritesThatRunAgain(t *testing.T) {
	for name, told := range map[string][]string{
		"register": nil, "edit": {"1 changed"}, "open": nil, "edit post": {"1/2 ann post"},
		"change password": {"1 changed"},
		"withdraw":        {"1 changed"},
		"join":            {"2/1 ann joined"},
		"leave":           {"3/2 ann departed"},
		"ban":             {"1/2 bob departed"},
		"delete room":     {"1/2 ann room_deleted"},
		"delete post":     {"1/2 ann room_deleted"},
		"say":             {"1/2 ann saidhello"},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTown(t)
			do := everything(tn)[name]
			tn.over(func(s port.Store) port.Store { return fickle{s} })
			require.NoError(t, do(t.Context()))
			assert.Equal(t, told, tn.told())
			lines := 0
			for id := range party.ID(3) {
				lines += len(tn.log(id + 1))
			}
			for _, what := range told {
				if !strings.HasPrefix(what, "1 changed") {
					lines--
				}
			}
			assert.Equal(t, 2, lines, "besides those of before")
		})
	}
}

func TestTheBusIsToldEvenIfTheAskerHasGone(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	ctx, leave := context.WithCancel(t.Context())
	bus := &strictBus{Bus: tn.bus}
	say := usecase.NewChat(leaving{tn.store, leave}, bus, tn.chance, tn.now)
	_, _, err := say.Say(ctx, ann, id, "hello", "")
	require.NoError(t, err)
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	assert.Equal(t, []string{"1/2 ann saidhello"}, tn.told())
	assert.Equal(t, []error{nil}, bus.seen)
}

// leaving is a store whose asker goes as soon as something is stored.
type leaving struct {
	port.Store
	leave func()
}

func (s leaving) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	return s.Store.Say(ctx, e, func(l port.Line) { s.leave(); stored(l) })
}

// strictBus notes whether the contexts that it is called with live.
type strictBus struct {
	port.Bus
	seen []error
}

func (b *strictBus) Publish(ctx context.Context, lines ...port.Line) {
	b.seen = append(b.seen, ctx.Err())
	b.Bus.Publish(ctx, lines...)
}
