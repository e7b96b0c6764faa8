package contract

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// secret makes the nth secret of a test.
func secret(n byte) signin.Secret { return signin.Secret{n, 31: 1} }

// token makes the first token of the nth sign-in.
func token(n byte) signin.Token { return signin.NewToken(secret(n), secret(n)) }

// signIn keeps the nth sign-in, which is of who.
func (s filled) signIn(n byte, who user.ID, at time.Time) *signin.SignIn {
	s.t.Helper()
	in := signin.Open(signin.ID(n), who, signin.Origin{Device: "Chrome · Android", Network: "203.0.113.0/24", Mark: secret(n).Digest()}, token(n), at)
	s.saveSignIns(in)
	return in
}

func (s filled) saveSignIns(all ...*signin.SignIn) {
	s.t.Helper()
	s.write(func(r port.Repos) error { return r.SignIns.Save(s.t.Context(), all...) })
}

func (s filled) end(in *signin.SignIn) {
	s.t.Helper()
	in.End(minutes(1))
	s.saveSignIns(in)
}

// keptState is a state as a store gives it back.
func keptState(s signin.State) signin.State {
	for _, at := range []*time.Time{&s.CreatedAt, &s.RotatedAt, &s.SeenAt, &s.Until, &s.EndedAt} {
		*at = kept(*at)
	}
	return s
}

func states(all []*signin.SignIn) []signin.State {
	states := make([]signin.State, len(all))
	for i, in := range all {
		states[i] = in.State()
	}
	return states
}

func signIns(t *testing.T, open func(t *testing.T) port.Store) {
	of := func(s filled, who user.ID, at time.Time) (ids []signin.ID) {
		all, err := s.Read().SignIns.Of(t.Context(), who, at)
		require.NoError(t, err)
		s.write(func(r port.Repos) error {
			locked, err := r.SignIns.LockOf(t.Context(), who, at)
			for _, in := range locked {
				ids = append(ids, in.State().ID)
			}
			assert.Equal(t, states(all), states(locked))
			return err
		})
		return ids
	}

	t.Run("Save keeps every field, and what has changed", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		in := s.signIn(1, ann, noon)
		lock := func() (got signin.State) {
			s.write(func(r port.Repos) error {
				in, err := r.SignIns.Lock(t.Context(), token(1).Family())
				require.NoError(t, err)
				got = in.State()
				return nil
			})
			return got
		}
		assert.Equal(t, keptState(in.State()), lock())
		next := token(1)
		for n := range byte(3) {
			var err error
			next, err = in.Refresh(next, secret(9+n), "2001:db8::/48", minutes(30+int(n)))
			require.NoError(t, err)
			s.saveSignIns(in)
			assert.Equal(t, keptState(in.State()), lock())
		}
		s.end(in)
		assert.Equal(t, keptState(in.State()), lock(), "those that are over are found by their tokens")
	})

	t.Run("Holder finds whose a sign-in is while it holds", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		in := s.signIn(1, ann, noon)
		s.signIn(2, bob, noon)
		person, got, err := s.Read().SignIns.Holder(t.Context(), 1, minutes(1))
		require.NoError(t, err)
		assert.Equal(t, ann, person.State().ID)
		assert.Equal(t, "hash of ann", person.State().PasswordHash)
		assert.Equal(t, keptState(in.State()), got.State())
		for name, ask := range map[string]func() error{
			"unknown": func() error { _, _, err := s.Read().SignIns.Holder(t.Context(), 9, minutes(1)); return err },
			"over":    func() error { _, _, err := s.Read().SignIns.Holder(t.Context(), 1, in.State().Until); return err },
			"ended":   func() error { s.end(in); _, _, err := s.Read().SignIns.Holder(t.Context(), 1, minutes(1)); return err },
			"withdrawn": func() error {
				s.withdraw(bob)
				_, _, err := s.Read().SignIns.Holder(t.Context(), 2, minutes(1))
				return err
			},
		} {
			assert.ErrorIs(t, ask(), user.ErrSignedOut, name)
		}
	})

	t.Run("nobody is found by a token of no sign-in", func(t *testing.T) {
		s := fill(t, open)
		s.signIn(1, s.user("ann"), noon)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), token(2).Family())
			return err
		}), user.ErrSignedOut)
	})

	t.Run("Of and LockOf list those of one person that hold, the last used first", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		first := s.signIn(1, ann, noon)
		s.signIn(2, ann, minutes(2))
		s.signIn(3, ann, minutes(1))
		s.signIn(4, bob, noon)
		s.end(s.signIn(5, ann, noon))
		assert.Equal(t, []signin.ID{2, 3, 1}, of(s, ann, minutes(3)))
		assert.Equal(t, []signin.ID{2, 3}, of(s, ann, first.State().Until))
		assert.Empty(t, of(s, bob+1, noon))
	})

	t.Run("devices are known again, also when the sign-in is over", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		s.end(s.signIn(1, ann, noon))
		s.signIn(2, bob, noon)
		for _, c := range []struct {
			email user.Email
			mark  signin.Digest
			known bool
		}{
			{"ann@example.com", secret(1).Digest(), true},
			{"ANN@example.com", secret(1).Digest(), true},
			{"ann@example.com", secret(2).Digest(), false},
			{"ann@example.com", signin.Digest{}, false},
			{"bob@example.com", secret(1).Digest(), false},
			{"bob@example.com", secret(2).Digest(), true},
			{"nobody@example.com", secret(1).Digest(), false},
		} {
			known, err := s.Read().Devices.Known(t.Context(), c.email, c.mark)
			require.NoError(t, err)
			assert.Equal(t, c.known, known, "%+v", c)
		}
		s.withdraw(bob)
		known, err := s.Read().Devices.Known(t.Context(), "bob@example.com", secret(2).Digest())
		require.NoError(t, err)
		assert.False(t, known, "to nobody who has withdrawn")
	})

	t.Run("Save forgets nothing, however long it has been over", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		s.signIn(1, ann, noon)
		s.signIn(2, ann, noon.Add(10*signin.Memory))
		assert.Equal(t, []signin.ID{2, 1}, of(s, ann, noon))
	})

	t.Run("Lock makes others wait, and so does LockOf", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		s.signIn(1, ann, noon)
		lock := func(r port.Repos) (*signin.SignIn, error) { return r.SignIns.Lock(t.Context(), token(1).Family()) }
		require.NoError(t, s.inTurn(func(r port.Repos) error {
			in, err := lock(r)
			if err != nil {
				return err
			}
			in.End(minutes(1))
			return r.SignIns.Save(t.Context(), in)
		}, func(r port.Repos) error {
			in, err := lock(r)
			if err != nil {
				return err
			}
			assert.False(t, in.State().Live(minutes(2)), "it has ended")
			return nil
		}))
		lockOf := func(r port.Repos) ([]*signin.SignIn, error) { return r.SignIns.LockOf(t.Context(), ann, minutes(2)) }
		endAll := func(r port.Repos) error {
			all, err := lockOf(r)
			for _, in := range all {
				in.End(minutes(1))
			}
			return errors.Join(err, r.SignIns.Save(t.Context(), all...))
		}
		s.signIn(2, ann, noon)
		require.NoError(t, s.inTurn(endAll, func(r port.Repos) error {
			all, err := lockOf(r)
			assert.Empty(t, all, "they have ended")
			return err
		}))
		s.signIn(3, ann, noon)
		require.NoError(t, s.inTurn(endAll, func(r port.Repos) error {
			in, err := r.SignIns.Lock(t.Context(), token(3).Family())
			if err == nil {
				assert.False(t, in.State().Live(minutes(2)), "it has ended")
			}
			return err
		}))
	})
}

func tickets(t *testing.T, open func(t *testing.T) port.Store) {
	save := func(s filled, n byte, of signin.Ticket) {
		s.write(func(r port.Repos) error { return r.Tickets.Save(t.Context(), secret(n).Digest(), of) })
	}
	take := func(s filled, n byte) (got signin.Ticket, err error) {
		err = s.Write(t.Context(), func(r port.Repos) (err error) {
			got, err = r.Tickets.Take(t.Context(), secret(n).Digest())
			return err
		})
		return got, err
	}

	t.Run("a ticket can be taken once", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		want := signin.Ticket{SignIn: 1, Who: ann, Room: s.party(ann, 3), Until: kept(minutes(1))}
		save(s, 1, want)
		_, err := take(s, 2)
		assert.ErrorIs(t, err, user.ErrSignedOut, "another one")
		got, err := take(s, 1)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		_, err = take(s, 1)
		assert.ErrorIs(t, err, user.ErrSignedOut)
	})

	t.Run("a personal ticket has no room", func(t *testing.T) {
		s := fill(t, open)
		want := signin.Ticket{SignIn: 1, Who: s.user("ann"), Until: kept(minutes(1))}
		save(s, 1, want)
		got, err := take(s, 1)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})

	t.Run("of many who take it one gets it", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		save(s, 1, signin.Ticket{SignIn: 1, Who: ann, Room: s.party(ann, 3), Until: minutes(1)})
		got := 0
		for _, err := range s.together(8, func(_ int, r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), secret(1).Digest())
			return err
		}) {
			if err == nil {
				got++
				continue
			}
			assert.ErrorIs(t, err, user.ErrSignedOut)
		}
		assert.Equal(t, 1, got)
	})

	t.Run("Save forgets nothing, however long it has been over", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		room := s.party(ann, 3)
		for n, until := range []time.Time{noon, noon.Add(24 * time.Hour)} {
			save(s, byte(n), signin.Ticket{SignIn: 1, Who: ann, Room: room, Until: until})
		}
		_, err := take(s, 0)
		assert.NoError(t, err)
	})

	t.Run("a ticket is of a room that there is", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		none := s.party(ann, 3) + 1
		assert.Error(t, s.Write(t.Context(), func(r port.Repos) error {
			return r.Tickets.Save(t.Context(), secret(1).Digest(), signin.Ticket{SignIn: 1, Who: ann, Room: party.ID(none), Until: noon})
		}))
	})
}
