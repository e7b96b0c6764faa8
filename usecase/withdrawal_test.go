package usecase_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestWithdrawalTakesRoomsInSlices(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	var ids []party.ID
	for range 205 {
		ids = append(ids, tn.open(3, bob, ann))
	}
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
	writes := 0
	tn.over(func(s port.Store) port.Store { return counting{s, &writes} })
	tn.tick()
	for _, id := range ids {
		assert.Equal(t, []string{"1 " + user.Withdrawn + " joined", "2 " + user.Withdrawn + " departed"}, tn.log(id))
		assert.Equal(t, room.Left, tn.state(id).Members[1].Standing)
	}
	assert.Greater(t, writes, len(ids), "a room at a time")
	tn.told()

	item := agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}
	require.NoError(t, tn.parties.Withdraw(t.Context(), item), "again")
	assert.Empty(t, tn.told())
}

// counting counts the Writes of a store.
type counting struct {
	port.Store
	writes *int
}

func (s counting) Write(ctx context.Context, fn func(port.Repos) error) error {
	*s.writes++
	return s.Store.Write(ctx, fn)
}

func TestWithdrawalOfAnAccountThatStandsChangesNothing(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, bob, ann)
	before := tn.state(id)
	require.NoError(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, before, tn.state(id))
	assert.Empty(t, tn.told())
	assert.Error(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: "ann"}))
}

func TestWithdrawalGoesOnBesideARoomThatIsStuck(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	first, stuck, last := tn.open(3, bob, ann), tn.open(3, bob, ann), tn.open(3, bob, ann)
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
	sound := tn.store
	tn.over(func(s port.Store) port.Store { return jammed{s, []room.ID{stuck}} })
	item := agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}
	require.ErrorIs(t, tn.parties.Withdraw(t.Context(), item), errTorn, "so that it is tried again")
	assert.Equal(t, room.Left, tn.state(first).Members[1].Standing)
	assert.Equal(t, room.In, tn.state(stuck).Members[1].Standing)
	assert.Equal(t, room.Left, tn.state(last).Members[1].Standing)

	tn.over(func(port.Store) port.Store { return sound })
	require.NoError(t, tn.parties.Withdraw(t.Context(), item))
	assert.Equal(t, room.Left, tn.state(stuck).Members[1].Standing)
}

func TestRoomsThatAreStuckHoldUpNoSlice(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	var ids []room.ID
	for range 205 {
		ids = append(ids, tn.open(3, bob, ann))
	}
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
	sound := tn.store
	stuck := ids[:100] // the whole first slice
	tn.over(func(s port.Store) port.Store { return jammed{s, stuck} })
	errs := tn.due()
	require.Len(t, errs, 3)
	for i, err := range errs {
		assert.Equal(t, i == 0, err != nil, "slice %d: %v", i, err)
	}
	left := func() (n int) {
		for _, id := range ids {
			if tn.state(id).Members[1].Standing == room.Left {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 105, left())
	tn.over(func(port.Store) port.Store { return sound })
	require.NoError(t, tn.parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, 205, left())
}

// Of two who withdraw together neither succeeds the other.
func TestAWithdrawnMemberDoesNotSucceed(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id := tn.open(4, ann, bob, cho)
	for _, who := range []user.ID{ann, bob} {
		require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(who), password, here))
	}
	before := len(tn.log(id))
	tn.tick()
	assert.Equal(t, cho, tn.state(id).Leader)
	var kinds []string
	for _, line := range tn.log(id)[before:] {
		kinds = append(kinds, line[strings.LastIndex(line, " ")+1:])
	}
	assert.Equal(t, []string{"departed", "departed", "post", "post"}, kinds)
}

// What is to follow at once is told to the clock, which else would look once a second.
func TestEachSliceOfAWithdrawalWakesTheClock(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	for range 100 {
		tn.open(3, bob, ann)
	}
	woken := 0
	changes := usecase.NewChanges(tn.store, tn.bus, tn.now, func() { woken++ })
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
	parties := usecase.NewParties(tn.store, changes, party.Limits{})
	require.NoError(t, parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(ann)}))
	assert.Equal(t, 1, woken)
	for _, key := range []string{"", "x", "1/", "1/x", "/1"} {
		assert.Error(t, parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: key}), key)
	}
}

func TestAWithdrawnLeaderCanDoNothing(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
	before := tn.state(id)
	for name, do := range map[string]func() error{
		"ban":         func() error { return tn.parties.Ban(t.Context(), ann, id, bob) },
		"delete room": func() error { return tn.parties.DeleteRoom(t.Context(), ann, id) },
		"delete":      func() error { return tn.parties.Delete(t.Context(), ann, id) },
	} {
		assert.ErrorIs(t, do(), user.ErrSignedOut, name)
	}
	assert.Equal(t, before, tn.state(id))
}

// jammed is a store in which some rooms can't be locked.
type jammed struct {
	port.Store
	rooms []room.ID
}

func (s jammed) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		r.Parties = jammedParties{r.Parties, s.rooms}
		return fn(r)
	})
}

type jammedParties struct {
	port.Parties
	rooms []room.ID
}

func (p jammedParties) Lock(ctx context.Context, id room.ID) (*party.Party, error) {
	if slices.Contains(p.rooms, id) {
		return nil, errTorn
	}
	return p.Parties.Lock(ctx, id)
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

		require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))

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
			"1/2 " + user.Withdrawn + " departed", "1/3 " + user.Withdrawn + " post", "1/4 cho post",
			"2/3 " + user.Withdrawn + " departed",
		}, tn.told())
		assert.Equal(t, []string{"1 " + user.Withdrawn + " joined", "2 cho joined", "3 " + user.Withdrawn + " departed"}, tn.log(bobs))
		assert.Equal(t, []string{"1 cho joined", "2 " + user.Withdrawn + " departed", "3 " + user.Withdrawn + " post", "4 cho post"}, tn.log(annsOwn))
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
		err := tn.accounts.Withdraw(t.Context(), tn.me(ann), "", here)
		assert.Equal(t, []string{"password"}, fields(t, err))
		assert.Equal(t, user.ErrWrongPassword, tn.accounts.Withdraw(t.Context(), tn.me(ann), "correct house", here))
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
		assert.Equal(t, user.ErrWrongPassword, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
		assert.Empty(t, tn.told())
		tn.account(ann)
	})

	t.Run("passes on that it is too busy", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		busy := fault.New(fault.Unavailable, "busy", "")
		tn.watch().err = busy
		assert.Equal(t, busy, tn.accounts.Withdraw(t.Context(), tn.me(ann), password, here))
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
		"withdraw":  func() error { return tn.accounts.Withdraw(t.Context(), me, password, here) },
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
			func(who user.ID) error { return tn.accounts.Withdraw(t.Context(), tn.me(who), password, here) },
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

func TestWithdrawalForgetsTheTalkWithTheChef(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	talks := inproc.NewConversations(tn.now)
	menus := usecase.NewMenus(usecase.MenusConfig{Conversations: talks, Now: tn.now})
	for _, who := range []user.ID{ann, bob} {
		require.NoError(t, talks.Add(t.Context(), who, menu.Turn{Words: "매운 것"}, noon.Add(24*time.Hour)))
	}
	item := func(key string) agenda.Item { return agenda.Item{Kind: usecase.Withdrawal, Key: key} }
	require.NoError(t, menus.Withdraw(t.Context(), item(fmt.Sprint(ann))))
	left := func(who user.ID) []menu.Turn {
		turns, err := talks.Turns(t.Context(), who)
		require.NoError(t, err)
		return turns
	}
	assert.Empty(t, left(ann))
	assert.Len(t, left(bob), 1)
	assert.Error(t, menus.Withdraw(t.Context(), item("nobody")))
}

func TestWithdrawalEndsAllSignIns(t *testing.T) {
	tn := newQuickTown(t)
	ann := tn.person("ann")
	all := []usecase.Account{tn.enter("ann", here), tn.enter("ann", from(1)), tn.enter("ann", from(2))}
	var ids []signin.ID
	for _, a := range all {
		ids = append(ids, tn.by(a.Token).SignIn.ID)
	}
	require.NoError(t, tn.accounts.Withdraw(t.Context(), tn.by(all[0].Token), password, here))
	for _, a := range all {
		require.NoError(t, tn.store.Write(t.Context(), func(r port.Repos) error {
			s, err := r.SignIns.Lock(t.Context(), a.Refresh.Family())
			require.NoError(t, err)
			assert.False(t, s.State().EndedAt.IsZero(), "the sign-in itself has ended, not only the account")
			return nil
		}))
		_, err := tn.accounts.Refresh(t.Context(), *a.Refresh, away)
		assert.ErrorIs(t, err, user.ErrSignedOut)
		tn.out(a.Token)
	}
	held, err := tn.accounts.Hold(t.Context(), ids)
	require.NoError(t, err)
	assert.Empty(t, held)
	live, err := tn.store.Read().SignIns.Of(t.Context(), ann, tn.now())
	require.NoError(t, err)
	assert.Empty(t, live)
}

// The earliest of those who stay leads on, and may do what a leader may; the post stays
// closed until then.
func TestTheEarliestMemberLeadsOn(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho, dan := tn.person("ann"), tn.person("bob"), tn.person("cho"), tn.person("dan")
	id := tn.open(5, ann, bob, cho, dan)
	require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
	tn.join(bob, id) // who has joined later than the others now
	tn.withdraw(ann)
	post, err := tn.parties.Get(t.Context(), dan, id)
	require.NoError(t, err)
	assert.Equal(t, cho, post.Leader.ID)
	assert.True(t, post.Closed)
	assert.Equal(t, 3, post.Seated, "the withdrawn is not counted")
	require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
	post, err = tn.parties.Get(t.Context(), dan, id)
	require.NoError(t, err)
	assert.True(t, post.Closed, "a free seat does not open it")

	open := false
	_, err = tn.parties.Edit(t.Context(), cho, id, party.Change{Closed: &open})
	require.NoError(t, err)
	require.NoError(t, tn.parties.Ban(t.Context(), cho, id, dan))
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), cho, id))
}
