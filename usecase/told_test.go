package usecase_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

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
		"withdraw": func(ctx context.Context) error { return tn.accounts.Withdraw(ctx, tn.me(ann), password, here) },
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
