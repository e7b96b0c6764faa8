package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// The order of locks that port.Store names.
const (
	lockKey = iota + 1
	lockUser
	lockSignIn
	lockRoom
	lockAgenda
)

var lockNames = map[int]string{lockKey: "idempotency key", lockUser: "user", lockSignIn: "sign-in", lockRoom: "room", lockAgenda: "agenda"}

// orderly is a store that checks in which order each Write locks. All tests of use
// cases work over one.
type orderly struct {
	port.Store
	wrong func(string)
}

func (s orderly) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		l := &locks{wrong: s.wrong}
		r.Users, r.SignIns = lockedUsers{r.Users, l}, lockedSignIns{r.SignIns, l}
		r.Parties, r.Rooms, r.Agenda = lockedParties{r.Parties, l}, lockedRooms{r.Rooms, l}, lockedAgenda{r.Agenda, l}
		r.Answers = lockedAnswers{r.Answers, l}
		return fn(r)
	})
}

// locks is what one Write has locked.
type locks struct {
	last  int
	id    int64
	wrong func(string)
}

// take notes a lock. Of one kind they are taken in the order of their ids.
func (l *locks) take(kind int, id int64) {
	if kind < l.last || kind == l.last && kind != lockSignIn && kind != lockAgenda && id < l.id {
		l.wrong(fmt.Sprintf("locks %s %d after %s %d", lockNames[kind], id, lockNames[l.last], l.id))
	}
	l.last, l.id = kind, id
}

type lockedUsers struct {
	port.Users
	l *locks
}

func (u lockedUsers) Lock(ctx context.Context, id user.ID) (*user.User, error) {
	u.l.take(lockUser, int64(id))
	return u.Users.Lock(ctx, id)
}

type lockedSignIns struct {
	port.SignIns
	l *locks
}

func (s lockedSignIns) Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error) {
	s.l.take(lockSignIn, 0)
	return s.SignIns.Lock(ctx, family)
}

func (s lockedSignIns) LockOf(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	s.l.take(lockSignIn, 0)
	return s.SignIns.LockOf(ctx, who, at)
}

type lockedParties struct {
	port.Parties
	l *locks
}

func (p lockedParties) Lock(ctx context.Context, id party.ID) (*party.Party, error) {
	p.l.take(lockRoom, int64(id))
	return p.Parties.Lock(ctx, id)
}

func (p lockedParties) Open(ctx context.Context, who user.ID, since, at time.Time) (port.Opening, error) {
	p.l.take(lockUser, int64(who))
	o, err := p.Parties.Open(ctx, who, since, at)
	p.l.take(lockRoom, int64(o.ID))
	return o, err
}

type lockedRooms struct {
	port.Rooms
	l *locks
}

func (r lockedRooms) Open(ctx context.Context, at time.Time) (room.ID, error) {
	id, err := r.Rooms.Open(ctx, at)
	r.l.take(lockRoom, int64(id))
	return id, err
}

type lockedAgenda struct {
	port.Agenda
	l *locks
}

func (a lockedAgenda) Put(ctx context.Context, items ...agenda.Item) error {
	a.l.take(lockAgenda, 0)
	return a.Agenda.Put(ctx, items...)
}

type lockedAnswers struct {
	port.Answers
	l *locks
}

func (a lockedAnswers) Claim(ctx context.Context, id idempotency.ID, now time.Time) (idempotency.Kept, bool, error) {
	a.l.take(lockKey, 0)
	return a.Answers.Claim(ctx, id, now)
}

func TestTheOrderOfLocksIsChecked(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	one, two := tn.open(2, ann), tn.open(2, ann)
	lock := map[string]func(r port.Repos) error{
		"key": func(r port.Repos) error {
			_, _, err := r.Answers.Claim(t.Context(), idempotency.ID{Who: ann, Route: "POST /", Key: "0123456789abcdef"}, noon)
			return err
		},
		"user":       func(r port.Repos) error { _, err := r.Users.Lock(t.Context(), ann); return err },
		"other user": func(r port.Repos) error { _, err := r.Users.Lock(t.Context(), bob); return err },
		"sign-in":    func(r port.Repos) error { _, err := r.SignIns.LockOf(t.Context(), ann, noon); return err },
		"room":       func(r port.Repos) error { _, err := r.Parties.Lock(t.Context(), one); return err },
		"other room": func(r port.Repos) error { _, err := r.Parties.Lock(t.Context(), two); return err },
		"agenda":     func(r port.Repos) error { return r.Agenda.Put(t.Context(), agenda.Item{Kind: "nothing"}) },
	}
	order := []string{"key", "user", "other user", "sign-in", "room", "other room", "agenda"}
	for i, first := range order {
		for j, second := range order {
			var wrong []string
			s := orderly{tn.sound.(orderly).Store, func(what string) { wrong = append(wrong, what) }}
			require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
				return errors.Join(lock[first](r), lock[second](r))
			}))
			assert.Equal(t, i > j, len(wrong) > 0, "%s, then %s: %v", first, second, wrong)
		}
	}
}
