package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func users(t *testing.T, open func(t *testing.T) port.Store) {
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
