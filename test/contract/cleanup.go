package contract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/port"
)

func cleanup(t *testing.T, open func(t *testing.T) port.Store) {
	type method = func(c port.Cleanup) func(before time.Time, limit int) (int, error)
	tickets := func(c port.Cleanup) func(time.Time, int) (int, error) {
		return func(before time.Time, limit int) (int, error) { return c.Tickets(t.Context(), before, limit) }
	}
	signIns := func(c port.Cleanup) func(time.Time, int) (int, error) {
		return func(before time.Time, limit int) (int, error) { return c.SignIns(t.Context(), before, limit) }
	}
	answers := func(c port.Cleanup) func(time.Time, int) (int, error) {
		return func(before time.Time, limit int) (int, error) { return c.Answers(t.Context(), before, limit) }
	}
	// forget calls a method, and gives how many it has forgotten.
	forget := func(s filled, m method, before time.Time, limit int) (n int) {
		s.write(func(r port.Repos) (err error) {
			n, err = m(r.Cleanup)(before, limit)
			return err
		})
		return n
	}
	// each runs a test of tickets, of sign-ins and of answers. keep keeps the nth of them until a
	// time; left tells which of ten are left.
	each := func(name string, test func(t *testing.T, s filled, m method, keep func(n byte, until time.Time), left func() []byte)) {
		t.Run("tickets: "+name, func(t *testing.T) {
			s := fill(t, open)
			ann := s.user("ann")
			room := s.party(ann, 3)
			test(t, s, tickets, func(n byte, until time.Time) {
				s.write(func(r port.Repos) error {
					return r.Tickets.Save(t.Context(), secret(n).Digest(), signin.Ticket{SignIn: 1, Who: ann, Room: room, Until: until})
				})
			}, func() (left []byte) {
				for n := range byte(10) {
					assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error { // which takes none away
						if _, err := r.Tickets.Take(t.Context(), secret(n).Digest()); err == nil {
							left = append(left, n)
						}
						return assert.AnError
					}), assert.AnError)
				}
				return left
			})
		})
		t.Run("sign-ins: "+name, func(t *testing.T) {
			s := fill(t, open)
			people := s.user("ann")
			others := s.user("bob")
			test(t, s, signIns, func(n byte, until time.Time) {
				who := people
				if n%2 == 1 {
					who = others
				}
				in := signin.Open(signin.ID(n)+1, who, signin.Origin{Device: "Chrome"}, token(n), until.Add(-signin.Idle))
				require.Equal(t, until, in.State().Until)
				s.saveSignIns(in)
			}, func() (left []byte) {
				for n := range byte(10) {
					s.write(func(r port.Repos) error {
						if _, err := r.SignIns.Lock(t.Context(), token(n).Family()); err == nil {
							left = append(left, n)
						}
						return nil
					})
				}
				return left
			})
		})
		t.Run("answers: "+name, func(t *testing.T) {
			s := fill(t, open)
			ann := s.user("ann")
			test(t, s, answers, func(n byte, until time.Time) {
				s.keep(answerID(ann, n), kept201, noon, until)
			}, func() (left []byte) {
				for n := range byte(10) {
					if _, found := s.claim(answerID(ann, n), noon.Add(-time.Hour)); found {
						left = append(left, n)
					}
				}
				return left
			})
		})
	}

	each("what was over before is forgotten, of everybody", func(t *testing.T, s filled, m method, keep func(byte, time.Time), left func() []byte) {
		keep(0, minutes(0))
		keep(1, minutes(1))
		keep(2, minutes(2))
		keep(3, minutes(3))
		assert.Equal(t, 0, forget(s, m, minutes(0), 100))
		assert.Equal(t, 2, forget(s, m, minutes(2), 100))
		assert.Equal(t, []byte{2, 3}, left())
		assert.Equal(t, 0, forget(s, m, minutes(2), 100))
	})

	each("a slice is what has been over for longest", func(t *testing.T, s filled, m method, keep func(byte, time.Time), left func() []byte) {
		for _, n := range []byte{4, 1, 3, 0, 2} {
			keep(n, minutes(int(n)))
		}
		assert.Equal(t, 2, forget(s, m, minutes(60), 2))
		assert.Equal(t, []byte{2, 3, 4}, left())
		assert.Equal(t, 2, forget(s, m, minutes(60), 2))
		assert.Equal(t, 1, forget(s, m, minutes(60), 2))
		assert.Empty(t, left())
	})

	each("a Write that fails forgets nothing", func(t *testing.T, s filled, m method, keep func(byte, time.Time), left func() []byte) {
		keep(7, noon)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			n, err := m(r.Cleanup)(minutes(1), 100)
			assert.Equal(t, 1, n)
			require.NoError(t, err)
			return assert.AnError
		}), assert.AnError)
		assert.Equal(t, []byte{7}, left())
	})
}
