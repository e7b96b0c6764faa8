package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A hall is rooms where one person may speak, and what was told of them.
type hall struct {
	*testing.T
	*Store
	dsn   string
	ann   user.ID
	rooms []room.ID

	mu   sync.Mutex
	told []port.Line
}

func newHall(t *testing.T, rooms int) *hall {
	t.Helper()
	h := &hall{T: t, dsn: migrated.Postgres(t)}
	h.Store = openOn(t, h.dsn)
	var err error
	h.ann, err = save(t.Context(), h.Store, "ann")
	require.NoError(t, err)
	require.NoError(t, h.Write(t.Context(), func(r port.Repos) error {
		h.rooms = nil
		for range rooms {
			id, err := r.Rooms.Open(t.Context(), noon)
			if err != nil {
				return err
			}
			p, err := party.Open(id, h.ann, "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 4}, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(t.Context(), p); err != nil {
				return err
			}
			h.rooms = append(h.rooms, id)
		}
		return nil
	}))
	return h
}

func (h *hall) say(ctx context.Context, id room.ID, who user.ID, words, clientID string) (port.Said, error) {
	e := room.Entry{Room: id, Kind: chat.Said, Who: who, Body: words, ClientID: clientID, At: noon}
	return h.Say(ctx, e, func(l port.Line) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.told = append(h.told, l)
	})
}

// log checks that a room's log has no holes and that all of it was told in order, and
// returns what was said.
func (h *hall) log(id room.ID) (words []string) {
	h.Helper()
	lines, err := h.Read().Log.After(h.Context(), id, 0, 1000)
	require.NoError(h, err)
	for i, l := range lines {
		assert.EqualValues(h, i+1, l.Seq)
		words = append(words, l.Body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	told := slices.DeleteFunc(slices.Clone(h.told), func(l port.Line) bool { return l.Room != id })
	require.Len(h, told, len(lines))
	for i, l := range lines {
		assert.Equal(h, l, told[i])
	}
	return words
}

// lock locks rooms by a connection of its own until free is called.
func (h *hall) lock(ids ...room.ID) (free func()) {
	h.Helper()
	conn, err := pgx.Connect(h.Context(), h.dsn)
	require.NoError(h, err)
	var once sync.Once
	free = func() { once.Do(func() { assert.NoError(h, conn.Close(context.WithoutCancel(h.Context()))) }) }
	h.Cleanup(free)
	_, err = conn.Exec(h.Context(), `BEGIN`)
	require.NoError(h, err)
	_, err = conn.Exec(h.Context(), lockRooms, ids)
	require.NoError(h, err)
	return free
}

// sides returns for how many rooms lines wait in side lanes.
func (h *hall) sides() int {
	h.says.mu.Lock()
	defer h.says.mu.Unlock()
	return len(h.says.side)
}

func (h *hall) eventually(what func() bool) {
	h.Helper()
	require.Eventually(h, what, 10*time.Second, time.Millisecond)
}

// gather lets n lines of a room gather behind a first one, and returns the sizes of the
// groups and what became of the lines.
func (h *hall) gather(n int, say func(ctx context.Context, i int) error) (sizes []int, errs []error) {
	h.Helper()
	return h.gatherThen(n, say, func() {})
}

// gatherThen is gather, and calls then while the lines wait.
func (h *hall) gatherThen(n int, say func(ctx context.Context, i int) error, then func()) (sizes []int, errs []error) {
	h.Helper()
	began, open := make(chan struct{}), make(chan struct{})
	h.Observe(func(size int) {
		sizes = append(sizes, size) // the groups of a lane follow each other
		if len(sizes) == 1 {
			close(began)
			<-open
		}
	})
	errs = make([]error, n+1)
	var all sync.WaitGroup
	all.Go(func() { errs[0] = say(h.Context(), 0) })
	<-began
	for i := 1; i <= n; i++ {
		all.Go(func() { errs[i] = say(h.Context(), i) })
	}
	h.eventually(func() bool { return h.Waiting() == n })
	then()
	close(open)
	all.Wait()
	assert.Zero(h, h.Waiting())
	return sizes, errs
}

func TestLinesThatComeTogetherAreStoredTogether(t *testing.T) {
	h := newHall(t, 1)
	cho, err := save(t.Context(), h.Store, "cho") // is not in
	require.NoError(t, err)
	const n = 100
	sizes, errs := h.gather(n, func(ctx context.Context, i int) error {
		who := []user.ID{h.ann, cho}[i%2]
		_, err := h.say(ctx, h.rooms[0], who, fmt.Sprint("line ", i/4), fmt.Sprint(i/4)) // everything twice
		return err
	})
	for i, err := range errs {
		if i%2 == 1 {
			assert.Same(t, room.ErrNotMember, err)
		} else {
			assert.NoError(t, err)
		}
	}
	assert.Equal(t, []int{1, n}, sizes)
	assert.Len(t, h.log(h.rooms[0]), n/4+1)
}

func TestALineThatLeavesBeforeItsTurnStaysUnsaid(t *testing.T) {
	h := newHall(t, 1)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	_, errs := h.gatherThen(3, func(wait context.Context, i int) error {
		if i == 2 {
			defer close(left)
			wait = ctx
		}
		_, err := h.say(wait, h.rooms[0], h.ann, fmt.Sprint(i), "")
		return err
	}, func() { leave(); <-left })
	assert.ErrorIs(t, errs[2], context.Canceled)
	for _, i := range []int{0, 1, 3} {
		assert.NoError(t, errs[i])
	}
	words := h.log(h.rooms[0])
	assert.Len(t, words, 3)
	assert.NotContains(t, words, "2")
}

// The table refuses a zero byte, which no rule of ours lets come that far.
func TestALineThatCannotBeStoredTakesNoOtherWithIt(t *testing.T) {
	h := newHall(t, 1)
	_, errs := h.gather(9, func(ctx context.Context, i int) error {
		_, err := h.say(ctx, h.rooms[0], h.ann, []string{"fine", "poison\x00", "good"}[i%3], "")
		return err
	})
	for i, err := range errs {
		if i%3 == 1 {
			assert.Equal(t, fault.Internal, fault.Of(err).Kind)
			assert.ErrorContains(t, err, "invalid byte sequence")
		} else {
			assert.NoError(t, err)
		}
	}
	assert.Len(t, h.log(h.rooms[0]), 7)
}

// Lines wait for one group, not for each of its lines.
func TestAGroupHasOneDeadline(t *testing.T) {
	h := newHall(t, 1)
	_, err := h.pool.Exec(t.Context(), `
		CREATE FUNCTION tarry() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_sleep(2);
			RETURN NEW;
		END $$;
		CREATE TRIGGER tarry BEFORE INSERT ON entry FOR EACH ROW WHEN (NEW.body = 'slow') EXECUTE FUNCTION tarry()`)
	require.NoError(t, err)
	var began time.Time
	_, errs := h.gatherThen(9, func(ctx context.Context, i int) error {
		words := "slow"
		if i == 0 {
			words = "fine"
		} else if i == 1 {
			words = "poison\x00"
		}
		_, err := h.say(ctx, h.rooms[0], h.ann, words, "")
		return err
	}, func() { began = time.Now() })
	assert.Less(t, time.Since(began), storeWait+2*time.Second, "and not 2 s for each of 8")
	stored := 0
	for _, err := range errs[2:] {
		if err == nil {
			stored++
		} else {
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		}
	}
	assert.Equal(t, 2, stored)
}

func TestALeaderThatPanicsLeavesNobodyWaiting(t *testing.T) {
	h := newHall(t, 1)
	id := h.rooms[0]
	var groups atomic.Int32
	began, open := make(chan struct{}), make(chan struct{})
	h.Observe(func(int) {
		switch groups.Add(1) {
		case 1:
			close(began)
			<-open
		case 2:
			panic("boom")
		}
	})
	say := func(i int) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panicked: %v", v)
			}
		}()
		_, err = h.say(t.Context(), id, h.ann, fmt.Sprint(i), "")
		return err
	}
	errs := make([]error, 6)
	var all sync.WaitGroup
	all.Go(func() { errs[0] = say(0) })
	<-began
	for i := 1; i < len(errs); i++ {
		all.Go(func() { errs[i] = say(i) })
	}
	h.eventually(func() bool { return h.Waiting() == 5 })
	close(open)
	all.Wait()
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
	require.NoError(t, say(7))
	assert.Equal(t, []string{"0", "7"}, h.log(id))
}

func TestALaneThatIsFullRefuses(t *testing.T) {
	h := newHall(t, 1)
	sizes, _ := h.gatherThen(maxWaiting, func(ctx context.Context, i int) error {
		_, err := h.say(ctx, h.rooms[0], h.ann, "hello", "same")
		return err
	}, func() {
		_, err := h.say(t.Context(), h.rooms[0], h.ann, "hello", "")
		assert.Same(t, chat.ErrBusy, err)
	})
	assert.Equal(t, groupSize, slices.Max(sizes))
	assert.Len(t, h.log(h.rooms[0]), 1)
}

// A transaction holds the row of one room. The others do not notice.
func TestAStuckRoomCostsOnlyItself(t *testing.T) {
	h := newHall(t, 21)
	stuck := h.rooms[0]
	free := h.lock(stuck)
	var waits sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		waits.Go(func() { _, errs[i] = h.say(t.Context(), stuck, h.ann, fmt.Sprint(i), fmt.Sprint(i)) })
	}
	h.eventually(func() bool {
		return ask[int](t, h.Store, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	})
	began := time.Now()
	for range 3 {
		var all sync.WaitGroup
		for _, id := range h.rooms[1:] { // of every lane
			all.Go(func() {
				_, err := h.say(t.Context(), id, h.ann, "hello", "")
				assert.NoError(t, err)
			})
		}
		all.Wait()
	}
	assert.Less(t, time.Since(began), time.Second)
	assert.Empty(t, h.log(stuck))
	free()
	waits.Wait()
	for _, err := range errs {
		assert.NoError(t, err)
	}
	assert.Len(t, h.log(stuck), 5)
	for _, id := range h.rooms[1:] {
		assert.Len(t, h.log(id), 3)
	}
	assert.Zero(t, h.sides())
	_, err := h.say(t.Context(), stuck, h.ann, "again", "")
	require.NoError(t, err)
	assert.Len(t, h.log(stuck), 6)
}

func TestALineOfAStuckRoomIsRefusedInTheEnd(t *testing.T) {
	h := newHall(t, 1)
	h.lock(h.rooms[0])
	began := time.Now()
	_, err := h.say(t.Context(), h.rooms[0], h.ann, "hello", "")
	assert.ErrorIs(t, err, errUnavailable)
	assert.True(t, is(err, "55P03"), "%v", err)
	assert.Less(t, time.Since(began), 4*time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = h.say(ctx, 1<<40, h.ann, "hello", "")
	assert.Same(t, party.ErrNotFound, err, "a room that is not there is not one that is locked")
}

func TestManyStuckRooms(t *testing.T) {
	const stuck = 30
	h := newHall(t, stuck+20)
	free := h.lock(h.rooms[:stuck]...)
	var waits sync.WaitGroup
	errs := make([]error, stuck)
	for i, id := range h.rooms[:stuck] {
		waits.Go(func() { _, errs[i] = h.say(t.Context(), id, h.ann, "hello", "") })
	}
	h.eventually(func() bool { return h.sides() == stuck && len(h.says.slots) == cap(h.says.slots) })
	used, _, _ := h.Pool()
	assert.LessOrEqual(t, used, maxSlots+lanes)
	began := time.Now()
	var all sync.WaitGroup
	for _, id := range h.rooms[stuck:] {
		all.Go(func() {
			_, err := h.say(t.Context(), id, h.ann, "hello", "")
			assert.NoError(t, err)
		})
	}
	all.Wait()
	_, err := h.Read().Users.Get(t.Context(), h.ann)
	require.NoError(t, err)
	assert.Less(t, time.Since(began), time.Second)
	free()
	waits.Wait()
	for _, err := range errs {
		if err != nil {
			assert.ErrorIs(t, err, errUnavailable)
		}
	}
	assert.Zero(t, h.sides())
}

// A room that another node holds for a moment does not wait for rooms that are stuck.
func TestARoomThatIsHeldForAMomentBesideStuckOnes(t *testing.T) {
	h := newHall(t, maxSlots+1)
	brief := h.rooms[maxSlots]
	free := h.lock(h.rooms[:maxSlots]...)
	var waits sync.WaitGroup
	for _, id := range h.rooms[:maxSlots] {
		waits.Go(func() { h.say(t.Context(), id, h.ann, "hello", "") })
	}
	h.eventually(func() bool { return len(h.says.slots) == cap(h.says.slots) && h.sides() == maxSlots })
	release := h.lock(brief)
	said := make(chan error, 1)
	go func() {
		_, err := h.say(t.Context(), brief, h.ann, "hello", "")
		said <- err
	}()
	h.eventually(func() bool { return h.sides() == maxSlots+1 })
	began := time.Now()
	release()
	require.NoError(t, <-said)
	assert.Less(t, time.Since(began), time.Second)
	assert.Len(t, h.says.slots, cap(h.says.slots), "the others wait on")
	free()
	waits.Wait()
}

// Two nodes speak in one room: each finds it locked by the other much of the time.
func TestARoomOfTwoNodes(t *testing.T) {
	h := newHall(t, 1)
	other := &hall{T: t, Store: openOn(t, h.dsn), ann: h.ann, rooms: h.rooms}
	var groups atomic.Int64
	var all sync.WaitGroup
	const speakers, each = 40, 10
	for _, node := range []*hall{h, other} {
		node.Observe(func(int) { groups.Add(1) })
		for range speakers {
			all.Go(func() {
				for i := range each {
					_, err := node.say(t.Context(), h.rooms[0], h.ann, fmt.Sprint(i), "")
					assert.NoError(t, err)
				}
			})
		}
	}
	began := time.Now()
	all.Wait()
	lines, err := h.Read().Log.After(t.Context(), h.rooms[0], 0, 1000)
	require.NoError(t, err)
	require.Len(t, lines, 2*speakers*each)
	assert.EqualValues(t, len(lines), lines[len(lines)-1].Seq)
	t.Logf("%d lines in %d groups, %s", len(lines), groups.Load(), time.Since(began))
	assert.Less(t, groups.Load(), int64(len(lines)/4))
	for _, node := range []*hall{h, other} {
		assert.True(t, slices.IsSortedFunc(node.told, func(a, b port.Line) int { return int(a.Seq - b.Seq) }))
	}
}
