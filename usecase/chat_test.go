package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestSay(t *testing.T) {
	t.Run("stores a line and tells it to the room", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(3, ann, bob)
		line, repeated, err := tn.chat.Say(t.Context(), bob, id, "  hello ", "c1")
		require.NoError(t, err)
		assert.False(t, repeated)
		assert.Equal(t, "hello", line.Body)
		assert.Equal(t, "c1", line.ClientID)
		assert.EqualValues(t, 2, line.Seq)
		assert.Equal(t, "bob", line.Person.Username)
		stored, err := tn.chat.After(t.Context(), id, 1, 10)
		require.NoError(t, err)
		require.Len(t, stored, 1)
		assert.Equal(t, stored[0], line)
		assert.Equal(t, []string{"1/2 bob saidhello"}, tn.told())
	})

	t.Run("twice under one client id is heard once", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id, other := tn.open(3, ann, bob), tn.open(3, ann, bob)
		first, _, err := tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		require.NoError(t, err)
		tn.say(ann, id, "hi")
		tn.told()

		again, repeated, err := tn.chat.Say(t.Context(), bob, id, " hello ", "c1")
		require.NoError(t, err)
		assert.True(t, repeated)
		assert.Equal(t, first, again)
		_, _, err = tn.chat.Say(t.Context(), bob, id, "something else", "c1")
		assert.Same(t, chat.ErrIDConflict, err)
		assert.Empty(t, tn.told())
		assert.Equal(t, []string{"1 bob joined", "2 bob saidhello", "3 ann saidhi"}, tn.log(id))

		for who, room := range map[user.ID]party.ID{ann: id, bob: other} {
			_, repeated, err = tn.chat.Say(t.Context(), who, room, "hello", "c1")
			require.NoError(t, err, "of another sender, or in another room, it is another message")
			assert.False(t, repeated)
		}
		_, repeated, err = tn.chat.Say(t.Context(), ann, id, "hi", "")
		require.NoError(t, err)
		assert.False(t, repeated, "without a client id nothing is a repetition")
	})

	t.Run("is refused, and heard by nobody", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho, dan := tn.person("ann"), tn.person("bob"), tn.person("cho"), tn.person("dan")
		id := tn.open(4, ann, bob, cho)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob))
		require.NoError(t, tn.parties.Leave(t.Context(), cho, id))
		ended, deleted := tn.open(4, ann), tn.open(4, ann)
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
		require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
		tn.told()
		before := tn.log(id)

		for name, tt := range map[string]struct {
			who         user.ID
			room        party.ID
			words, name string
			want        error
		}{
			"empty":           {ann, id, " \n ", "", chat.ErrEmpty},
			"not to be seen":  {ann, id, "\u200b", "", chat.ErrEmpty},
			"too long":        {ann, id, strings.Repeat("가", 1001), "", chat.ErrTooLong},
			"a long id":       {ann, id, "hello", strings.Repeat("x", 65), chat.ErrClientID},
			"by a stranger":   {dan, id, "hello", "", room.ErrNotMember},
			"by the banned":   {bob, id, "hello", "", room.ErrNotMember},
			"after leaving":   {cho, id, "hello", "", room.ErrNotMember},
			"room deleted":    {ann, ended, "hello", "", room.ErrDeleted},
			"post deleted":    {ann, deleted, "hello", "", party.ErrNotFound},
			"to an odd place": {ann, 9999, "hello", "", party.ErrNotFound},
		} {
			t.Run(name, func(t *testing.T) {
				line, repeated, err := tn.chat.Say(t.Context(), tt.who, tt.room, tt.words, tt.name)
				assert.Same(t, tt.want, err)
				assert.Zero(t, line)
				assert.False(t, repeated)
			})
		}
		assert.Empty(t, tn.told())
		assert.Equal(t, before, tn.log(id))
	})

	t.Run("what one said before the ban is not repeated to the banned", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(4, ann, bob)
		_, _, err := tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		require.NoError(t, err)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob))
		_, _, err = tn.chat.Say(t.Context(), bob, id, "hello", "c1")
		assert.Same(t, room.ErrNotMember, err)
	})
}

func TestEnter(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	empty := tn.open(2, ann)
	last, err := tn.chat.Enter(t.Context(), ann, empty)
	require.NoError(t, err)
	assert.Zero(t, last)

	id := tn.open(2, ann, bob)
	tn.say(bob, id, "hello")
	for _, who := range []user.ID{ann, bob} {
		last, err := tn.chat.Enter(t.Context(), who, id)
		require.NoError(t, err)
		assert.EqualValues(t, 2, last)
	}
	_, err = tn.chat.Enter(t.Context(), cho, id)
	assert.Same(t, room.ErrNotMember, err)
	_, err = tn.chat.Enter(t.Context(), ann, 9999)
	assert.Same(t, party.ErrNotFound, err)
}

func TestHeads(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	silent, loud, ended := tn.open(2, ann), tn.open(2, ann), tn.open(2, ann, bob)
	tn.say(ann, loud, "hello")
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
	heads, err := tn.chat.Heads(t.Context(), []party.ID{silent, loud, ended, 9999})
	require.NoError(t, err)
	assert.Equal(t, map[party.ID]int64{silent: 0, loud: 1, ended: 2}, heads)
}

func TestAfter(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(2, ann)
	for range 5 {
		tn.say(ann, id, "hello")
	}
	lines, err := tn.chat.After(t.Context(), id, 1, 3)
	require.NoError(t, err)
	require.Len(t, lines, 3)
	for i, l := range lines {
		assert.EqualValues(t, i+2, l.Seq)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = tn.chat.After(ctx, id, 0, 3)
	assert.ErrorIs(t, err, context.Canceled)
}

// slow is a store whose first Write waits until it is let go, and which counts them.
type slow struct {
	port.Store
	begun, gone chan struct{}
	writes      atomic.Int64
}

func newSlow(s port.Store) *slow {
	return &slow{Store: s, begun: make(chan struct{}), gone: make(chan struct{})}
}

func (s *slow) Write(ctx context.Context, fn func(port.Repos) error) error {
	if s.writes.Add(1) == 1 {
		close(s.begun)
		<-s.gone
	}
	return s.Store.Write(ctx, fn)
}

// waiting lets n people say something in a room while a first line is being
// stored, and returns once all of them wait. It returns what became of theirs.
func (s *slow) waiting(t *testing.T, n int, say func(ctx context.Context, i int) error) (let func() []error) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, n+1)
	all.Go(func() { errs[0] = say(t.Context(), 0) })
	<-s.begun
	var asked atomic.Int64
	for i := range n {
		all.Go(func() { errs[i+1] = say(&asking{Context: t.Context(), asked: &asked}, i+1) })
	}
	require.Eventually(t, func() bool { return asked.Load() == int64(n) }, 10*time.Second, time.Millisecond)
	return func() []error { close(s.gone); all.Wait(); return errs }
}

// asking is a context that counts who has come to wait for it.
type asking struct {
	context.Context
	asked *atomic.Int64
	once  sync.Once
}

func (c *asking) Done() <-chan struct{} {
	c.once.Do(func() { c.asked.Add(1) })
	return c.Context.Done()
}

func TestLinesThatComeTogetherAreStoredTogether(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id := tn.open(3, ann, bob)
	s := newSlow(tn.store)
	talk := usecase.NewChat(s, tn.bus, tn.now)
	var sizes []int
	talk.Observe(func(size int) { sizes = append(sizes, size) })
	const n = 100
	let := s.waiting(t, n, func(ctx context.Context, i int) error {
		who := []user.ID{ann, bob, cho}[i%3] // cho is not in
		_, repeated, err := talk.Say(ctx, who, id, fmt.Sprint("line ", i/6), fmt.Sprint(i/6))
		if err == nil && i%6 >= 3 && !repeated {
			return nil // of two with one client id either may come first
		}
		return err
	})
	require.Eventually(t, func() bool { return talk.Waiting() == n }, 10*time.Second, time.Millisecond)
	refused := 0
	for _, err := range let() {
		if err != nil {
			assert.Same(t, room.ErrNotMember, err)
			refused++
		}
	}
	assert.Equal(t, (n+1)/3, refused)
	assert.Equal(t, []int{1, n}, sizes)
	assert.Zero(t, talk.Waiting())
	assert.EqualValues(t, 2, s.writes.Load(), "one for the first, one for all the others")
	told := tn.told()
	assert.Len(t, told, 2*(n/6+1), "each once, and none of the refused")
	lines := tn.log(id)[1:]
	for i, line := range lines {
		seq, words, _ := strings.Cut(line, " ")
		name, words, _ := strings.Cut(words, " ")
		assert.Equal(t, fmt.Sprintf("%d/%s %s %s", id, seq, name, words), told[i], "told in their order")
	}
}

func TestWhoGoesBeforeTheTurnHasSaidNothing(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(3, ann)
	s := newSlow(tn.store)
	talk := usecase.NewChat(s, tn.bus, tn.now)
	ctx, leave := context.WithCancel(t.Context())
	let := s.waiting(t, 3, func(wait context.Context, i int) error {
		if i == 2 {
			wait = &asking{Context: ctx, asked: wait.(*asking).asked}
		}
		_, _, err := talk.Say(wait, ann, id, fmt.Sprint(i), "")
		return err
	})
	leave()
	errs := let()
	assert.ErrorIs(t, errs[2], context.Canceled)
	for _, i := range []int{0, 1, 3} {
		assert.NoError(t, errs[i])
	}
	said := strings.Join(tn.log(id), ",")
	assert.Len(t, tn.log(id), 3)
	assert.NotContains(t, said, "said2")
}

// A line that the store cannot take by a fault of our own takes no other with it.
func TestALineThatCannotBeStoredTakesNoOtherWithIt(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(3, ann)
	s := newSlow(poisoned{tn.store})
	talk := usecase.NewChat(s, tn.bus, tn.now)
	let := s.waiting(t, 9, func(ctx context.Context, i int) error {
		_, _, err := talk.Say(ctx, ann, id, []string{"fine", "poison", "good"}[i%3], "")
		return err
	})
	for i, err := range let() {
		if i%3 == 1 {
			assert.ErrorContains(t, err, "poison")
		} else {
			assert.NoError(t, err)
		}
	}
	assert.Len(t, tn.log(id), 7)
	assert.Len(t, tn.told(), 7)
}

// Those who wait in a lane wait for one group, not for each of its lines.
func TestAGroupHasOneDeadline(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(3, ann)
	hurried := &hurried{Store: poisoned{tn.store}}
	s := newSlow(hurried)
	talk := usecase.NewChat(s, tn.bus, tn.now)
	s.waiting(t, 9, func(ctx context.Context, i int) error {
		_, _, err := talk.Say(ctx, ann, id, []string{"fine", "poison"}[i%2], "")
		return err
	})()
	require.Len(t, hurried.until, 1+1+9)
	for _, until := range hurried.until[1:] {
		assert.Equal(t, hurried.until[1], until)
	}
}

// hurried is a store that notes how long each Write may take.
type hurried struct {
	port.Store
	until []time.Time
}

func (s *hurried) Write(ctx context.Context, fn func(port.Repos) error) error {
	until, _ := ctx.Deadline()
	s.until = append(s.until, until)
	return s.Store.Write(ctx, fn)
}

// poisoned is a store that chokes on some words.
type poisoned struct{ port.Store }

func (s poisoned) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		r.Log = choking{r.Log}
		return fn(r)
	})
}

type choking struct{ port.Log }

func (m choking) Say(ctx context.Context, ms ...room.Entry) ([]port.Said, error) {
	for _, one := range ms {
		if one.Body == "poison" {
			return nil, errors.New("poison")
		}
	}
	return m.Log.Say(ctx, ms...)
}

func TestALeaderThatPanicsLeavesNobodyWaiting(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(3, ann)
	s := newSlow(panicking{tn.store, &atomic.Int64{}})
	talk := usecase.NewChat(s, tn.bus, tn.now)
	let := s.waiting(t, 5, func(ctx context.Context, i int) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panicked: %v", v)
			}
		}()
		_, _, err = talk.Say(ctx, ann, id, fmt.Sprint(i), "")
		return err
	})
	panicked, lost := 0, 0
	for _, err := range let()[1:] {
		switch {
		case err == nil:
		case strings.Contains(err.Error(), "panicked"):
			panicked++
		default:
			lost++
		}
	}
	assert.Equal(t, 1, panicked)
	assert.Equal(t, 4, lost)
	assert.Equal(t, 2, len(tn.log(id))+1)
	_, _, err := talk.Say(t.Context(), ann, id, "still here", "")
	assert.NoError(t, err)
}

// panicking is a store whose second Write panics.
type panicking struct {
	port.Store
	writes *atomic.Int64
}

func (s panicking) Write(ctx context.Context, fn func(port.Repos) error) error {
	if s.writes.Add(1) == 2 {
		panic("boom")
	}
	return s.Store.Write(ctx, fn)
}
