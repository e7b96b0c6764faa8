package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func users(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("an address that is taken is no error of the database, which would log it", func(t *testing.T) {
		s := fill(t, open)
		s.user("ann")
		bob := s.newUser("bob")
		for name, tt := range map[string]struct {
			u    *user.User
			want error
		}{
			"address": {named(s.newUser("ann"), "dan"), user.ErrEmailTaken},
			"name":    {named(s.newUser("cho"), "ann"), user.ErrNameTaken},
		} {
			s.write(func(r port.Repos) error {
				_, err := r.Users.Save(t.Context(), tt.u)
				assert.Equal(t, tt.want, err, name)
				_, err = r.Users.ByEmail(t.Context(), "ann@example.com")
				return err // an error before would have ended the transaction
			})
		}
		assert.Equal(t, user.ErrEmailTaken, s.inTurn(func(r port.Repos) error {
			_, err := r.Users.Save(t.Context(), bob)
			return err
		}, func(r port.Repos) error {
			_, taken := r.Users.Save(t.Context(), named(bob, "eve"))
			_, err := r.Users.ByEmail(t.Context(), "ann@example.com")
			require.NoError(t, err)
			return taken
		}), "also of two who register at once")
	})

	t.Run("operators find accounts by a part of the name or of the address, the newest first", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("Bob")
		gone := s.user("annette")
		s.withdraw(gone)
		search := func(part string, limit int) (ids []user.ID) {
			found, err := s.Read().AccountAdmin.Search(t.Context(), part, limit)
			require.NoError(t, err)
			for _, u := range found {
				ids = append(ids, u.ID)
			}
			return ids
		}
		for part, want := range map[string][]user.ID{
			"": {bob, ann}, "AN": {ann}, "bob@": {bob}, "example.com": {bob, ann}, "%": nil, "_": nil, "-": nil, user.Withdrawn: nil,
		} {
			assert.Equal(t, want, search(part, 10), part)
		}
		assert.Equal(t, []user.ID{bob}, search("example", 1))
		u, err := s.Read().AccountAdmin.ByName(t.Context(), "bOB")
		require.NoError(t, err)
		assert.Equal(t, bob, u.State().ID)
		for _, name := range []string{"bo", "annette", user.Withdrawn, "-", ""} {
			_, err = s.Read().AccountAdmin.ByName(t.Context(), name)
			assert.Equal(t, user.ErrNotFound, err, name)
		}
	})

	t.Run("Save keeps every field of a new account and gives it an id", func(t *testing.T) {
		s := fill(t, open)
		u, err := user.Register(user.Registration{
			Email: "Ann.O'Hara+밥@Example.com", Username: `앤 "Ann" \ %_`, Neighborhood: string(jeju),
			Password: "correct horse", PasswordAgain: "correct horse",
		}, "$argon2id$v=19$…", noon)
		require.NoError(t, err)
		want := u.State()
		want.ID, want.CreatedAt = s.save(u), kept(noon)
		assert.Positive(t, want.ID)
		got, err := s.Read().Users.Get(t.Context(), want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got.State())
	})

	t.Run("Save keeps what has changed, and the id", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		var want user.State
		s.write(func(r port.Repos) error {
			u, err := r.Users.Lock(t.Context(), ann)
			if err != nil {
				return err
			}
			name, address := "앤디", string(jeju)
			require.NoError(t, u.Edit(&name, &address))
			u.SetPassword("another hash")
			want = u.State()
			id, err := r.Users.Save(t.Context(), u)
			assert.Equal(t, ann, id)
			return err
		})
		got, err := s.Read().Users.Get(t.Context(), ann)
		require.NoError(t, err)
		assert.Equal(t, want, got.State())
		other, err := s.Read().Users.Get(t.Context(), bob)
		require.NoError(t, err)
		assert.Equal(t, "bob", other.State().Username)
	})

	t.Run("nobody is found under an unknown id or address", func(t *testing.T) {
		s := fill(t, open)
		none := s.user("ann") + 1
		_, err := s.Read().Users.Get(t.Context(), none)
		assert.ErrorIs(t, err, user.ErrNotFound)
		_, err = s.Read().Users.ByEmail(t.Context(), "nobody@example.com")
		assert.ErrorIs(t, err, user.ErrNotFound)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Users.Lock(t.Context(), none)
			return err
		}), user.ErrNotFound)
	})

	t.Run("ByEmail finds an address in any case", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("Ünal.Ann")
		for _, email := range []user.Email{"Ünal.Ann@example.com", "ünal.ann@EXAMPLE.com"} {
			u, err := s.Read().Users.ByEmail(t.Context(), email)
			require.NoError(t, err, email)
			assert.Equal(t, ann, u.State().ID)
			assert.Equal(t, user.Email("Ünal.Ann@example.com"), u.State().Email, "as its owner writes it")
		}
	})

	t.Run("a withdrawn account is not found, and its address and name are free", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		s.withdraw(ann)
		_, err := s.Read().Users.Get(t.Context(), ann)
		assert.ErrorIs(t, err, user.ErrNotFound)
		_, err = s.Read().Users.ByEmail(t.Context(), "ann@example.com")
		assert.ErrorIs(t, err, user.ErrNotFound)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Users.Lock(t.Context(), ann)
			return err
		}), user.ErrNotFound)
		email, name, err := s.Read().Users.Taken(t.Context(), "ann@example.com", "ann", 0)
		require.NoError(t, err)
		assert.False(t, email || name)

		again := s.user("ann")
		assert.NotEqual(t, ann, again, "an id is never used again")
		s.withdraw(again)
		s.user("ann")
	})

	t.Run("one name in any case and script is one name", func(t *testing.T) {
		for _, tt := range []struct {
			script, first, second string
			same                  bool
		}{
			{"Latin", "Müller", "MÜLLER", true},
			{"Turkish", "ŞEKER Çınar", "şeker çınar", true},
			{"Turkish without dots", "ışık", "isik", false},
			{"Greek", "ΟΔΥΣΣΕΎΣ", "Οδυσσεύς", true},
			{"Cyrillic", "ИВАН", "иван", true},
			{"Hangul", "밥친구", "밥친구", true},
			{"Hangul with another vowel", "밥친구", "법친구", false},
			{"white space", "밥 친구", "밥  친구", true},
			{"white space and none", "밥 친구", "밥친구", true},
			{"Latin and Cyrillic", "paypal", "pаypаl", true},
			{"a capital and a small letter that look alike", "Isabel", "lsabel", true},
			{"wide letters", "mina", "ｍｉｎａ", true},
			{"accents", "Muller", "Müller", false},
		} {
			t.Run(tt.script, func(t *testing.T) {
				s := fill(t, open)
				first := s.newUser("first")
				require.NoError(t, first.Edit(&tt.first, nil))
				id := s.save(first)

				_, taken, err := s.Read().Users.Taken(t.Context(), "", tt.second, 0)
				require.NoError(t, err)
				assert.Equal(t, tt.same, taken)
				_, taken, err = s.Read().Users.Taken(t.Context(), "", tt.second, id)
				require.NoError(t, err)
				assert.False(t, taken, "by its owner")

				second := s.newUser("second")
				require.NoError(t, second.Edit(&tt.second, nil))
				err = s.Write(t.Context(), func(r port.Repos) error {
					_, err := r.Users.Save(t.Context(), second)
					return err
				})
				if tt.same {
					assert.ErrorIs(t, err, user.ErrNameTaken)
				} else {
					assert.NoError(t, err)
				}
			})
		}
	})

	t.Run("Taken tells of each of the two, and not of the one who asks", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		bob := s.user("bob")
		for _, tt := range []struct {
			email                 user.Email
			name                  string
			except                user.ID
			emailTaken, nameTaken bool
		}{
			{"ann@example.com", "new", 0, true, false},
			{"new@example.com", "ann", 0, false, true},
			{"ANN@example.com", "ANN", 0, true, true},
			{"ann@example.com", "bob", ann, false, true},
			{"ann@example.com", "bob", bob, true, false},
			{"", "", 0, false, false},
		} {
			email, name, err := s.Read().Users.Taken(t.Context(), tt.email, tt.name, tt.except)
			require.NoError(t, err)
			assert.Equal(t, [2]bool{tt.emailTaken, tt.nameTaken}, [2]bool{email, name}, "%+v", tt)
		}
	})

	t.Run("Save refuses what another account has", func(t *testing.T) {
		s := fill(t, open)
		s.user("ann")
		bob := s.user("bob")
		save := func(u user.State) error {
			return s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Users.Save(t.Context(), user.Restore(u))
				return err
			})
		}
		fresh := s.newUser("cho").State()
		fresh.Email = "ANN@example.com"
		assert.ErrorIs(t, save(fresh), user.ErrEmailTaken)
		fresh = s.newUser("cho").State()
		fresh.Username = "ANN"
		assert.ErrorIs(t, save(fresh), user.ErrNameTaken)

		u, err := s.Read().Users.Get(t.Context(), bob)
		require.NoError(t, err)
		old := u.State()
		old.Username = "Ann"
		assert.ErrorIs(t, save(old), user.ErrNameTaken)
		old.Username = "BOB"
		assert.NoError(t, save(old), "an account may write its own name otherwise")
	})

	t.Run("only one of many gets a name that they want at once", func(t *testing.T) {
		s := fill(t, open)
		wanted := s.newUser("wanted").State()
		errs := s.together(4, func(i int, r port.Repos) error {
			u := wanted
			u.Email = user.Email(string(rune('a'+i)) + "@example.com")
			_, err := r.Users.Save(t.Context(), user.Restore(u))
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			assert.ErrorIs(t, err, user.ErrNameTaken)
		}
		assert.Equal(t, 1, won)
	})

	t.Run("Lock makes others wait", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		err := s.inTurn(func(r port.Repos) error {
			u, err := r.Users.Lock(t.Context(), ann)
			if err != nil {
				return err
			}
			u.SetPassword("first")
			_, err = r.Users.Save(t.Context(), u)
			return err
		}, func(r port.Repos) error {
			u, err := r.Users.Lock(t.Context(), ann)
			if err != nil {
				return err
			}
			assert.Equal(t, "first", u.State().PasswordHash)
			u.SetPassword("second")
			_, err = r.Users.Save(t.Context(), u)
			return err
		})
		require.NoError(t, err)
		u, err := s.Read().Users.Get(t.Context(), ann)
		require.NoError(t, err)
		assert.Equal(t, "second", u.State().PasswordHash)
	})
}

// LookAlikes checks the accounts ids, which had the names 밥친구 and 밥 친구 before names
// were compared by how they look.
func LookAlikes(t *testing.T, s port.Store, ids [2]user.ID) {
	t.Helper()
	taken := func(name string) bool {
		_, taken, err := s.Read().Users.Taken(t.Context(), "", name, 0)
		require.NoError(t, err)
		return taken
	}
	change := func(id user.ID, how func(*user.User)) error {
		return s.Write(t.Context(), func(r port.Repos) error {
			u, err := r.Users.Lock(t.Context(), id)
			if err != nil {
				return err
			}
			how(u)
			_, err = r.Users.Save(t.Context(), u)
			return err
		})
	}
	rename := func(to string) func(*user.User) {
		return func(u *user.User) { assert.NoError(t, u.Edit(&to, nil)) }
	}
	for _, id := range ids {
		require.NoError(t, change(id, func(u *user.User) { u.SetPassword("new") }), "both stay")
	}
	assert.True(t, taken("밥친 구"))
	require.NoError(t, change(ids[0], rename("다른 이름")))
	assert.True(t, taken("밥친 구"), "the other one still has it")
	require.NoError(t, change(ids[1], rename("또 다른 이름")))
	assert.False(t, taken("밥친 구"))
	require.NoError(t, change(ids[0], rename("밥 친 구")))
	assert.ErrorIs(t, change(ids[1], rename("밥친구")), user.ErrNameTaken)
	require.NoError(t, change(ids[0], func(u *user.User) { u.Withdraw(u.State().CreatedAt) }))
	require.NoError(t, change(ids[1], rename("밥친구")), "it is free once its owner withdraws")
}

// named gives an account another name.
func named(u *user.User, name string) *user.User {
	s := u.State()
	s.Username = name
	return user.Restore(s)
}

// old has people with a post each, by where they live.
var old = []struct {
	name        string
	where, then user.Neighborhood // "" if nothing changes
}{
	{"ann", "서울특별시 강남구 역삼동 823-1", "서울특별시 강남구 역삼동"},
	{"bob", "인천광역시 남구 주안동", "인천광역시 미추홀구 주안동"},
	{"cho", "서울특별시 강남구 역삼1동", ""},
	{"dan", "용담이동", "제주특별자치도 제주시 용담이동"},
	{"eve", "강남역 근처", ""},
}

// OldAddresses keeps people and posts in an empty store with addresses as programs of
// before kept them, which NewAddresses expects to be spelt officially. It also keeps
// somebody who has withdrawn.
func OldAddresses(t *testing.T, s port.Store) {
	t.Helper()
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		for _, o := range old {
			who, err := r.Users.Save(t.Context(), user.Restore(user.State{
				Email: user.Email(o.name + "@example.com"), Username: o.name, Neighborhood: o.where, CreatedAt: noon,
			}))
			if err != nil {
				return err
			}
			room, err := r.Rooms.Open(t.Context(), noon)
			if err != nil {
				return err
			}
			p, err := party.Open(room, who, o.where, pizza, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(t.Context(), p); err != nil {
				return err
			}
		}
		gone := user.Restore(user.State{Email: "fay@example.com", Username: "fay", Neighborhood: "역삼동 1", CreatedAt: noon})
		id, err := r.Users.Save(t.Context(), gone)
		if err != nil {
			return err
		}
		left, err := r.Users.Lock(t.Context(), id)
		if err != nil {
			return err
		}
		left.Withdraw(noon)
		_, err = r.Users.Save(t.Context(), left)
		return err
	}))
}

// NewAddresses expects what OldAddresses has kept on the boards of today.
func NewAddresses(t *testing.T, s port.Store) {
	t.Helper()
	for i, o := range old {
		id := int64(i + 1)
		want := o.then
		if want == "" {
			want = o.where
		}
		u, err := s.Read().Users.Get(t.Context(), user.ID(id))
		require.NoError(t, err)
		assert.Equal(t, want, u.State().Neighborhood, o.name)
		p, err := s.Read().Parties.Get(t.Context(), party.ID(id))
		require.NoError(t, err)
		assert.Equal(t, want, p.State().Neighborhood, o.name)
	}
	page, n, err := s.Read().Boards.Page(t.Context(), user.Neighborhood("서울특별시 강남구 역삼동").Overlapping(), party.Filter{}, 0, 10, party.Ahead)
	require.NoError(t, err)
	assert.Len(t, page, 2)
	assert.Equal(t, 2, n)
}
