// Package contract holds what every implementation of a port must do, as tests
// that each of them runs.
package contract

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Store checks a port.Store. open must return an empty one.
func Store(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("store", func(t *testing.T) { store(t, open) })
	t.Run("users", func(t *testing.T) { users(t, open) })
	t.Run("parties", func(t *testing.T) { parties(t, open) })
	t.Run("boards", func(t *testing.T) { boards(t, open) })
	t.Run("log", func(t *testing.T) { logs(t, open) })
	t.Run("say", func(t *testing.T) { say(t, open) })
	t.Run("heads", func(t *testing.T) { heads(t, open) })
	t.Run("sign-ins", func(t *testing.T) { signIns(t, open) })
	t.Run("tickets", func(t *testing.T) { tickets(t, open) })
	t.Run("identities", func(t *testing.T) { identities(t, open) })
	t.Run("cleanup", func(t *testing.T) { cleanup(t, open) })
	t.Run("answers", func(t *testing.T) { answers(t, open) })
	t.Run("audit", func(t *testing.T) { audits(t, open) })
}

func store(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("a Write is seen by itself at once and by others when it has ended", func(t *testing.T) {
		s := fill(t, open)
		var id user.ID
		s.write(func(r port.Repos) (err error) {
			if id, err = r.Users.Save(t.Context(), s.newUser("ann")); err != nil {
				return err
			}
			_, err = r.Users.Get(t.Context(), id)
			assert.NoError(t, err, "inside")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err = s.Read().Users.Get(ctx, id)
			assert.ErrorIs(t, err, user.ErrNotFound, "outside; a Read does not wait for a Write")
			return nil
		})
		_, err := s.Read().Users.Get(t.Context(), id)
		assert.NoError(t, err, "afterwards")
	})

	t.Run("a Write that fails changes nothing", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		before, boom := s.state(id), errors.New("boom")
		err := s.Write(t.Context(), func(r port.Repos) error {
			s.spoil(r, id)
			return boom
		})
		assert.Equal(t, boom, err, "the error of fn comes back untouched")
		assert.Equal(t, before, s.state(id))
		assert.Empty(t, s.log(id))
	})

	t.Run("a Write that panics changes nothing and holds nothing", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		before := s.state(id)
		assert.PanicsWithValue(t, "boom", func() {
			_ = s.Write(t.Context(), func(r port.Repos) error {
				s.spoil(r, id)
				panic("boom")
			})
		})
		assert.Equal(t, before, s.state(id))
		assert.Empty(t, s.log(id))
		s.join(id, s.user("bob"), noon)
	})

	t.Run("a context that has ended reads and writes nothing", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Read().Users.Get(ctx, ann)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, s.Write(ctx, func(r port.Repos) error {
			_, err := r.Users.Save(ctx, s.newUser("bob"))
			return err
		}), context.Canceled)
	})

	t.Run("a context that ends in the midst of a Write undoes it", func(t *testing.T) {
		s := fill(t, open)
		id := s.party(s.user("ann"), 3)
		before := s.state(id)
		ctx, cancel := context.WithCancel(t.Context())
		assert.ErrorIs(t, s.Write(ctx, func(r port.Repos) error {
			s.spoil(r, id)
			cancel()
			_, err := r.Parties.Get(ctx, id)
			return err
		}), context.Canceled)
		assert.Equal(t, before, s.state(id))
	})

	t.Run("a context that ends stops the wait for a lock", func(t *testing.T) {
		s := fill(t, open)
		id := s.party(s.user("ann"), 3)
		s.write(func(r port.Repos) error {
			if _, err := r.Parties.Lock(t.Context(), id); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			assert.ErrorIs(t, s.Write(ctx, func(r port.Repos) error {
				_, err := r.Parties.Lock(ctx, id)
				return err
			}), context.DeadlineExceeded)
			return nil
		})
	})

	t.Run("two people want the last seat", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho := s.user("ann"), s.user("bob"), s.user("cho")
		id := s.party(ann, 2)
		join := func(who user.ID) func(r port.Repos) error {
			return func(r port.Repos) error {
				p, err := r.Parties.Lock(t.Context(), id)
				if err != nil {
					return err
				}
				if err := p.Join(who, noon); err != nil {
					return err
				}
				return r.Parties.Save(t.Context(), p)
			}
		}
		assert.ErrorIs(t, s.inTurn(join(bob), join(cho)), party.ErrFull)
	})
}

// noon is a time in another zone, with more digits than a store keeps.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 123_456_789, time.FixedZone("KST", 9*60*60))

// kept is a time as a store gives it back.
func kept(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// After noon.
func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

const (
	jongno user.Neighborhood = "서울특별시 종로구 사직동"
	jeju   user.Neighborhood = "제주특별자치도 제주시 용담이동"
)

// filled is a store that a test has put something in. Its methods end the test
// if they fail.
type filled struct {
	port.Store
	t *testing.T
}

func fill(t *testing.T, open func(t *testing.T) port.Store) filled { return filled{open(t), t} }

func (s filled) write(fn func(r port.Repos) error) {
	s.t.Helper()
	require.NoError(s.t, s.Write(s.t.Context(), fn))
}

func (s filled) newUser(name string) *user.User {
	s.t.Helper()
	u, err := user.Register(user.Registration{
		Email: name + "@example.com", Username: name, Neighborhood: string(jongno),
		Password: "correct horse", PasswordAgain: "correct horse",
	}, "hash of "+name, noon)
	require.NoError(s.t, err)
	return u
}

func (s filled) save(u *user.User) (id user.ID) {
	s.t.Helper()
	s.write(func(r port.Repos) (err error) {
		id, err = r.Users.Save(s.t.Context(), u)
		return err
	})
	return id
}

// user keeps an account called name.
func (s filled) user(name string) user.ID {
	s.t.Helper()
	return s.save(s.newUser(name))
}

// withdraw ends an account, and nothing else.
func (s filled) withdraw(who user.ID) {
	s.t.Helper()
	s.write(func(r port.Repos) error {
		u, err := r.Users.Lock(s.t.Context(), who)
		if err != nil {
			return err
		}
		u.Withdraw(minutes(60))
		_, err = r.Users.Save(s.t.Context(), u)
		return err
	})
}

var pizza = party.Draft{Title: "같이 피자 먹어요", Category: "피자", Content: "반반으로\n시켜요", Seats: 4}

// party keeps a party in Jongno that leader leads.
func (s filled) party(leader user.ID, seats int) party.ID {
	s.t.Helper()
	d := pizza
	d.Seats = seats
	return s.open(leader, jongno, d)
}

func (s filled) open(leader user.ID, where user.Neighborhood, d party.Draft) (id party.ID) {
	s.t.Helper()
	s.write(func(r port.Repos) (err error) {
		if id, err = r.Rooms.Open(s.t.Context(), noon); err != nil {
			return err
		}
		p, err := party.Open(id, leader, where, d, noon)
		if err != nil {
			return err
		}
		return r.Parties.Save(s.t.Context(), p)
	})
	return id
}

// change applies rule to a locked party, and logs its events as a use case does.
func (s filled) change(id party.ID, rule func(p *party.Party) error) {
	s.t.Helper()
	s.write(func(r port.Repos) error { return s.apply(r, id, rule) })
}

func (s filled) apply(r port.Repos, id party.ID, rule func(p *party.Party) error) error {
	p, err := r.Parties.Lock(s.t.Context(), id)
	if err != nil {
		return err
	}
	if err := rule(p); err != nil {
		return err
	}
	if err := r.Parties.Save(s.t.Context(), p); err != nil {
		return err
	}
	_, err = r.Log.Append(s.t.Context(), p.Entries())
	return err
}

func (s filled) join(id party.ID, who user.ID, at time.Time) {
	s.t.Helper()
	s.change(id, func(p *party.Party) error { return p.Join(who, at) })
}

func (s filled) leave(id party.ID, who user.ID) {
	s.t.Helper()
	s.change(id, func(p *party.Party) error { return p.Leave(who, noon) })
}

func (s filled) ban(id party.ID, by, whom user.ID) {
	s.t.Helper()
	s.change(id, func(p *party.Party) error { return p.Ban(by, whom, noon) })
}

func (s filled) deleteRoom(id party.ID, by user.ID) {
	s.t.Helper()
	s.change(id, func(p *party.Party) error { return p.DeleteRoom(by, noon) })
}

func (s filled) delete(id party.ID, by user.ID) {
	s.t.Helper()
	s.change(id, func(p *party.Party) error { return p.Delete(by, noon) })
}

func (s filled) state(id party.ID) party.State {
	s.t.Helper()
	p, err := s.Read().Parties.Get(s.t.Context(), id)
	require.NoError(s.t, err)
	return p.State()
}

// log reads all lines of a party.
func (s filled) log(id party.ID) []port.Line {
	s.t.Helper()
	lines, err := s.Read().Log.After(s.t.Context(), id, 0, 1000)
	require.NoError(s.t, err)
	return lines
}

// spoil changes everything about a party that a Write can.
func (s filled) spoil(r port.Repos, id party.ID) {
	s.t.Helper()
	who, err := r.Users.Save(s.t.Context(), s.newUser("intruder"))
	require.NoError(s.t, err)
	title := "다른 제목"
	require.NoError(s.t, s.apply(r, id, func(p *party.Party) error {
		return errors.Join(p.Join(who, noon), p.Edit(p.State().Leader, party.Change{Title: &title}, noon))
	}))
}

// inTurn runs second in a Write of its own while the Write of first is still
// under way, checks that second cannot end before first does, and returns what
// second returned. A store without locks lets second through within the pause.
func (s filled) inTurn(first, second func(r port.Repos) error) error {
	s.t.Helper()
	var leaving atomic.Bool
	ended := make(chan error, 1)
	s.write(func(r port.Repos) error {
		if err := first(r); err != nil {
			return err
		}
		begun, through := make(chan struct{}), make(chan struct{})
		go func() {
			close(begun)
			ended <- s.Write(s.t.Context(), func(r port.Repos) error {
				err := second(r)
				if !leaving.Load() {
					close(through)
				}
				return err
			})
		}()
		<-begun
		select {
		case <-through:
			assert.Fail(s.t, "the second Write did not wait for the first")
		case <-time.After(100 * time.Millisecond): // where it need not wait, it is through by now
		}
		leaving.Store(true)
		return nil
	})
	return <-ended
}

func (s filled) saying(id party.ID, who user.ID) func(r port.Repos) error {
	return func(r port.Repos) error {
		_, _, err := sayOne(s.t, r, said(id, who, "안녕", ""))
		return err
	}
}

func (s filled) banning(id party.ID, by, whom user.ID) func(r port.Repos) error {
	return func(r port.Repos) error {
		return s.apply(r, id, func(p *party.Party) error { return p.Ban(by, whom, noon) })
	}
}

// together runs n Writes at once, and returns their errors.
func (s filled) together(n int, fn func(i int, r port.Repos) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			errs[i] = s.Write(s.t.Context(), func(r port.Repos) error { return fn(i, r) })
		})
	}
	wg.Wait()
	return errs
}

// person is how an active account that user made is shown.
func person(id user.ID, name string) port.Person {
	return port.Person{ID: id, Username: name, Email: user.Email(name + "@example.com")}
}
