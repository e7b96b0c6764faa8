package sqlite

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A hall is a room where ann may speak.
type hall struct {
	*testing.T
	*Store
	ann  user.ID
	room room.ID
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{T: t, Store: openEmpty(t)}
	var err error
	h.ann, err = save(t.Context(), h.Store, "ann")
	require.NoError(t, err)
	require.NoError(t, h.Write(t.Context(), func(r port.Repos) error {
		if h.room, err = r.Rooms.Open(t.Context(), noon); err != nil {
			return err
		}
		p, err := party.Open(h.room, h.ann, "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 4}, noon)
		if err != nil {
			return err
		}
		return r.Parties.Save(t.Context(), p)
	}))
	return h
}

func (h *hall) say(ctx context.Context, e room.Entry) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panicked: %v", v)
		}
	}()
	e.Room, e.Kind, e.Who, e.At = h.room, chat.Said, h.ann, noon
	_, err = h.Say(ctx, e, func(port.Line) {})
	return err
}

// log checks that the log has no holes, and returns what was said.
func (h *hall) log() (words []string) {
	h.Helper()
	lines, err := h.Read().Log.After(h.Context(), h.room, 0, 1000)
	require.NoError(h, err)
	for i, l := range lines {
		assert.EqualValues(h, i+1, l.Seq)
		words = append(words, l.Body)
	}
	return words
}

// gather lets n lines gather behind a first one, calls then while they wait, and
// returns what became of them all. It calls group with the size of each group.
func (h *hall) gather(n int, say func(ctx context.Context, i int) error, then func(), group func(size int)) (errs []error) {
	h.Helper()
	began, open := make(chan struct{}), make(chan struct{})
	first := true
	h.Observe(func(size int) { // one group follows the other
		if first {
			first = false
			close(began)
			<-open
		}
		group(size)
	})
	errs = make([]error, n+1)
	var all sync.WaitGroup
	all.Go(func() { errs[0] = say(h.Context(), 0) })
	<-began
	for i := 1; i <= n; i++ {
		all.Go(func() { errs[i] = say(h.Context(), i) })
	}
	require.Eventually(h, func() bool { return h.Waiting() == n }, 10*time.Second, time.Millisecond)
	then()
	close(open)
	all.Wait()
	assert.Zero(h, h.Waiting())
	return errs
}

func TestLinesThatComeTogetherAreStoredTogether(t *testing.T) {
	h := newHall(t)
	var sizes []int
	const n = 2 * maxLines
	for _, err := range h.gather(n, func(ctx context.Context, i int) error {
		return h.say(ctx, room.Entry{Body: "hello", ClientID: fmt.Sprint(i)})
	}, func() {}, func(size int) { sizes = append(sizes, size) }) {
		assert.NoError(t, err)
	}
	assert.Equal(t, []int{1, maxLines, maxLines}, sizes)
	assert.Len(t, h.log(), n+1)
}

func TestALineThatLeavesBeforeItsTurnStaysUnsaid(t *testing.T) {
	h := newHall(t)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	errs := h.gather(3, func(wait context.Context, i int) error {
		if i == 2 {
			defer close(left)
			wait = ctx
		}
		return h.say(wait, room.Entry{Body: fmt.Sprint(i)})
	}, func() { leave(); <-left }, func(int) {})
	assert.ErrorIs(t, errs[2], context.Canceled)
	for _, i := range []int{0, 1, 3} {
		assert.NoError(t, errs[i])
	}
	assert.Len(t, h.log(), 3)
	assert.NotContains(t, h.log(), "2")
}

// The table refuses a text that is too long, which no rule lets come that far.
func TestALineThatCannotBeStoredTakesNoOtherWithIt(t *testing.T) {
	h := newHall(t)
	errs := h.gather(9, func(ctx context.Context, i int) error {
		return h.say(ctx, room.Entry{Body: []string{"fine", strings.Repeat("x", room.MaxBody+1), "good"}[i%3]})
	}, func() {}, func(int) {})
	for i, err := range errs {
		if i%3 == 1 {
			assert.ErrorContains(t, err, "constraint failed")
			assert.Equal(t, fault.Internal, fault.Of(err).Kind)
		} else {
			assert.NoError(t, err)
		}
	}
	assert.Len(t, h.log(), 7)
}

func TestALeaderThatPanicsLeavesNobodyWaiting(t *testing.T) {
	h := newHall(t)
	errs := h.gather(5, func(ctx context.Context, i int) error {
		return h.say(ctx, room.Entry{Body: fmt.Sprint(i)})
	}, func() {}, func(size int) {
		if size == 5 {
			panic("boom")
		}
	})
	require.NoError(t, errs[0])
	panicked := 0
	for _, err := range errs[1:] {
		if strings.Contains(err.Error(), "panicked") {
			panicked++
		} else {
			assert.ErrorIs(t, err, errLost)
		}
	}
	assert.Equal(t, 1, panicked)
	require.NoError(t, h.say(t.Context(), room.Entry{Body: "still here"}))
	assert.Equal(t, []string{"0", "still here"}, h.log())
}
