package usecase_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// An attic is a diary whose agenda cleans up, and what there is to clean up.
type attic struct {
	*diary
	cleanup *usecase.Cleanup
	who     user.ID
	room    party.ID
	made    uint64
}

func newAttic(t *testing.T) *attic {
	t.Helper()
	a := &attic{diary: newDiary(t)}
	a.cleanup = usecase.NewCleanup(a.store)
	a.agenda.Handle(usecase.SweepTickets, a.cleanup.Tickets)
	a.agenda.Handle(usecase.SweepSignIns, a.cleanup.SignIns)
	require.NoError(t, a.store.Write(t.Context(), func(r port.Repos) (err error) {
		ann, err := user.Register(user.Registration{
			Email: "ann@example.com", Username: "ann", Password: password, PasswordAgain: password, Neighborhood: jongno,
		}, "hash", noon)
		require.NoError(t, err)
		if a.who, err = r.Users.Save(t.Context(), ann); err != nil {
			return err
		}
		if a.room, err = r.Rooms.Open(t.Context(), noon); err != nil {
			return err
		}
		p, err := party.Open(a.room, a.who, jongno, draft(3), noon)
		require.NoError(t, err)
		return r.Parties.Save(t.Context(), p)
	}))
	return a
}

func (a *attic) secret() (s signin.Secret) {
	a.made++
	binary.BigEndian.PutUint64(s[:], a.made)
	return s
}

// tickets keeps n tickets that are good until a time, and returns the last one.
func (a *attic) tickets(n int, until time.Time) (last signin.Digest) {
	a.Helper()
	require.NoError(a, a.store.Write(a.Context(), func(r port.Repos) error {
		for range n {
			last = a.secret().Digest()
			if err := r.Tickets.Save(a.Context(), last, signin.Ticket{SignIn: 1, Who: a.who, Room: a.room, Until: until}); err != nil {
				return err
			}
		}
		return nil
	}))
	return last
}

// signIn keeps a sign-in that is over at a time.
func (a *attic) signIn(until time.Time) signin.Token {
	a.Helper()
	token := signin.NewToken(a.secret(), a.secret())
	in := signin.Open(signin.ID(a.made), a.who, here, token, until.Add(-signin.Idle))
	require.NoError(a, a.store.Write(a.Context(), func(r port.Repos) error { return r.SignIns.Save(a.Context(), in) }))
	return token
}

// has tells whether a sign-in is still known.
func (a *attic) has(token signin.Token) bool {
	a.Helper()
	return a.store.Write(a.Context(), func(r port.Repos) error {
		_, err := r.SignIns.Lock(a.Context(), token.Family())
		return err
	}) == nil
}

func (a *attic) schedule() {
	a.Helper()
	require.NoError(a, a.cleanup.Schedule(a.Context()))
}

// sweeps runs what is due, and requires that it goes well.
func (a *attic) sweeps() (n int) {
	a.Helper()
	for _, err := range a.runAll() {
		require.NoError(a, err)
		n++
	}
	return n
}

func (a *attic) runAll() (errs []error) {
	items, err := a.agenda.Claim(a.Context(), 10, time.Minute)
	require.NoError(a, err)
	for _, item := range items {
		errs = append(errs, a.agenda.Run(a.Context(), item))
	}
	return errs
}

func TestTicketsThatAreOverAreForgotten(t *testing.T) {
	a := newAttic(t)
	a.tickets(1100, noon.Add(-time.Hour))
	good := a.tickets(1, noon.Add(time.Minute))
	late := a.tickets(1, noon.Add(-time.Minute)) // by a clock that may be behind
	left := func() (n int) {
		require.ErrorIs(t, a.store.Write(t.Context(), func(r port.Repos) (err error) {
			n, err = r.Cleanup.Tickets(t.Context(), noon.Add(24*time.Hour), 10_000)
			require.NoError(t, err)
			return errTorn // and so they stay
		}), errTorn)
		return n
	}
	require.Equal(t, 1102, left())
	a.schedule()
	a.sweeps()
	assert.Equal(t, 602, left(), "a slice at a time")
	a.sweeps()
	assert.Equal(t, 102, left())
	a.sweeps()
	assert.Equal(t, 2, left())
	assert.Zero(t, a.sweeps(), "nothing is left to do for a while")
	for _, ticket := range []signin.Digest{good, late} {
		require.NoError(t, a.store.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), ticket)
			return err
		}))
	}

	a.tickets(1, noon)
	a.later(30 * time.Minute)
	assert.Equal(t, 1, a.sweeps(), "those of sign-ins wait for longer")
	assert.Zero(t, left())
}

func TestSignInsAreForgottenOnceTheyAreLongOver(t *testing.T) {
	a := newAttic(t)
	long, over, alive := a.signIn(noon.Add(-signin.Memory-time.Minute)), a.signIn(noon.Add(-signin.Memory+time.Hour)), a.signIn(noon.Add(time.Hour))
	a.schedule()
	a.sweeps()
	assert.False(t, a.has(long))
	assert.True(t, a.has(over), "its device is known again")
	assert.True(t, a.has(alive))
	a.later(2 * time.Hour)
	a.sweeps()
	assert.False(t, a.has(over))
	assert.True(t, a.has(alive))
}

func TestCleanupIsScheduledOnce(t *testing.T) {
	a := newAttic(t)
	a.schedule()
	a.schedule()
	assert.Equal(t, 2, a.sweeps())
	a.schedule() // as the next node does that starts
	assert.Zero(t, a.sweeps(), "what waits is not moved")
	a.later(time.Minute)
	assert.Equal(t, 1, a.sweeps())

	broken := usecase.NewCleanup(torn{a.store})
	for range agenda.Tries {
		a.later(time.Hour)
		items, err := a.agenda.Claim(t.Context(), 1, time.Minute)
		require.NoError(t, err)
		require.Len(t, items, 1)
		require.Equal(t, usecase.SweepTickets, items[0].Kind)
		assert.ErrorIs(t, broken.Tickets(t.Context(), items[0]), errTorn)
	}
	a.later(time.Hour)
	b, err := a.agenda.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.SetAside)
	a.schedule()
	b, err = a.agenda.Backlog(t.Context())
	require.NoError(t, err)
	assert.Zero(t, b.SetAside, "a start gives it another chance")
}

// A slice that can't be removed, for whatever reason, comes again like any other.
func TestASweepThatFailsIsNeverSetAside(t *testing.T) {
	a := newAttic(t)
	a.tickets(1, noon.Add(-time.Hour))
	a.schedule()
	agendaOf := func(s port.Store) *usecase.Agenda {
		due := usecase.NewAgenda(a.store)
		due.Handle(usecase.SweepTickets, usecase.NewCleanup(s).Tickets)
		return due
	}
	failing := agendaOf(stained{a.store})
	for range agenda.Tries + 2 {
		items, err := failing.Claim(t.Context(), 10, time.Minute)
		require.NoError(t, err)
		require.Len(t, items, 1)
		require.ErrorIs(t, failing.Run(t.Context(), items[0]), errTorn)
		a.later(time.Minute)
	}
	sound := agendaOf(a.store)
	items, err := sound.Claim(t.Context(), 10, time.Minute)
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.NoError(t, sound.Run(t.Context(), items[0]))
}

// stained is a store that removes nothing.
type stained struct{ port.Store }

func (s stained) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		r.Cleanup = stainedCleanup{r.Cleanup}
		return fn(r)
	})
}

type stainedCleanup struct{ port.Cleanup }

func (stainedCleanup) Tickets(context.Context, time.Time, int) (int, error) { return 0, errTorn }
