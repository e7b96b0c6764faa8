package clock

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// These make a process of this test binary a node: its store, as a DSN or directory; its
// lease; and the duration of its handlers.
const (
	nodeEnv  = "MEALBUDDY_TEST_CLOCK_STORE"
	leaseEnv = "MEALBUDDY_TEST_CLOCK_LEASE"
	workEnv  = "MEALBUDDY_TEST_CLOCK_WORK"
)

// patience is the timeout of anything in a test.
const patience = 2 * time.Minute

// soaking reports whether this is `make soak`.
func soaking() bool { return os.Getenv("MEALBUDDY_SOAK") != "" }

// often returns few, or many in `make soak`.
func often(few, many int) int {
	if soaking() {
		return many
	}
	return few
}

// The kinds of items in these tests.
const (
	deed agenda.Kind = "test.deed" // to be done exactly once
	held agenda.Kind = "test.held" // likewise, but its handler waits for the test
)

// ticketOf returns the ticket for the nth deed, which exists until the deed is done.
func ticketOf(n int) (s signin.Secret) {
	binary.BigEndian.PutUint64(s[:], uint64(n))
	return s
}

// do does the nth deed, unless it is done. The ticket is the state and the audit record
// the effect: doing a deed twice would be visible as two records.
func do(ctx context.Context, store port.Store, n int, work time.Duration) error {
	return store.Write(ctx, func(r port.Repos) error {
		t, err := r.Tickets.Take(ctx, ticketOf(n).Digest())
		switch {
		case errors.Is(err, user.ErrSignedOut):
			return nil
		case err != nil:
			return err
		}
		time.Sleep(work) // while it holds a lock
		return r.Audit.Note(ctx, audit.Event{At: time.Now(), Kind: "test.deed", Who: t.Who, SignIn: signin.ID(n)})
	})
}

// openedStore is a store that must be closed.
type openedStore interface {
	port.Store
	Close() error
}

func openStore(ctx context.Context, where string) (openedStore, error) {
	if strings.HasPrefix(where, "postgres") {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

// beNode is the main function of a node: it runs due items until stdin is closed. It
// prints when it is ready and the progress of held deeds. A held deed continues with the
// next line of stdin.
func beNode(where string) int {
	lease, err := time.ParseDuration(os.Getenv(leaseEnv))
	work, err2 := time.ParseDuration(os.Getenv(workEnv))
	store, err3 := openStore(context.Background(), where)
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	goOn, over := make(chan struct{}), make(chan struct{})
	a := usecase.NewAgenda(store)
	a.Handle(deed, func(ctx context.Context, item agenda.Item) error {
		n, err := strconv.Atoi(item.Key)
		if err != nil {
			return err
		}
		return do(ctx, store, n, rand.N(work+1))
	})
	a.Handle(held, func(ctx context.Context, item agenda.Item) error {
		fmt.Println("holding")
		<-goOn
		n, err := strconv.Atoi(string(item.Data))
		if err == nil {
			err = do(context.WithoutCancel(ctx), store, n, 0) // even after its deadline
		}
		fmt.Println("through", err)
		return err
	})
	c := Start(Config{Agenda: a, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)), Lease: lease})
	fmt.Println("ready")
	go func() {
		defer close(over)
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			goOn <- struct{}{}
		}
	}()
	<-over
	c.Close()
	if err := store.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// short is a lease that ends soon, for nodes that fail.
const short = 2 * time.Second

// onBoth runs a test on PostgreSQL with the given number of nodes, and on SQLite with
// one.
func onBoth(t *testing.T, nodes int, test func(t *testing.T, dsn string, nodes int)) {
	t.Run("PostgreSQL", func(t *testing.T) { test(t, container.Postgres(t), nodes) })
	t.Run("SQLite", func(t *testing.T) { test(t, "", 1) })
}

func TestNodesThatAreKilledDoEachThingOnce(t *testing.T) {
	const perRound = 200
	onBoth(t, 2, func(t *testing.T, dsn string, nodes int) {
		tn := newTown(t, dsn, short, 10*time.Millisecond)
		rounds := often(3, 50)
		tn.putDeeds(rounds * perRound)
		log := tn.record()
		running := make([]*node, nodes)
		for i := range running {
			running[i] = tn.start()
		}
		for round := range rounds {
			tn.awaits(log, round*perRound+1+rand.N(perRound-50))
			who := rand.N(nodes)
			running[who].kill()
			running[who] = tn.start()
		}
		tn.awaits(log, tn.deeds)
		for _, n := range running {
			n.end()
		}
		tn.holds(log)
		t.Logf("%d kills, %d deeds", rounds, tn.deeds)
	})
}

// A node that was suspended beyond its lease finds that another node has done its work.
// It leaves items alone that were changed meanwhile.
func TestANodeThatIsAsleepDoesNothingTwice(t *testing.T) {
	tn := newTown(t, container.Postgres(t), short, 0)
	first, moved := agenda.Item{Kind: held, Key: "a", Data: []byte("0")}, agenda.Item{Kind: held, Key: "b", Data: []byte("1")}
	asleep := tn.start()
	tn.put(2, first, moved)
	asleep.says("holding")
	asleep.says("holding")
	asleep.sleep()
	moved.In = time.Hour
	tn.put(0, moved)
	awake := tn.start()
	awake.says("holding") // the first item, once the lease has ended
	awake.goOn()
	awake.says("through <nil>")
	log := tn.record()
	tn.awaits(log, 1)
	awake.end()
	require.Equal(t, []string{"test.held b"}, tn.left())
	first.In = time.Hour
	tn.put(0, first)
	asleep.wake()
	for range 2 {
		asleep.goOn()
		asleep.says("through <nil>")
	}
	asleep.end()
	tn.holds(log, "test.held b", "test.held a")
}

// The same, with nodes that are suspended at random points.
func TestNodesThatFallAsleepDoEachThingOnce(t *testing.T) {
	const perRound = 200
	lease, idle := short, "1s"
	if soaking() {
		lease, idle = Lease, "10s"
	}
	dsn := container.Postgres(t)
	sign := "?"
	if strings.Contains(dsn, "?") {
		sign = "&"
	}
	tn := newTown(t, dsn+sign+"idle_in_transaction_session_timeout="+idle, lease, 10*time.Millisecond)
	log := tn.record()
	running := []*node{tn.start(), tn.start()}
	rounds := often(2, 5)
	for range rounds {
		before := tn.deeds
		tn.putDeeds(perRound)
		tn.awaits(log, before+1+rand.N(perRound/2))
		asleep := running[rand.N(len(running))]
		asleep.sleep()
		over := time.After(lease + time.Second) // other nodes may claim its items by then
		tn.awaits(log, tn.deeds)                // done by the other node once the lease has ended
		<-over
		asleep.wake()
	}
	for _, n := range running {
		n.end()
	}
	tn.holds(log)
	t.Logf("asleep %d times beyond a lease of %s", rounds, lease)
}

// raced reports whether the race detector is on, which makes everything several times
// slower.
func raced() bool {
	build, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func TestTenThousandThatAreDueAtOnce(t *testing.T) {
	all := 10_000
	if raced() {
		all = 2_000
	}
	onBoth(t, 2, func(t *testing.T, dsn string, nodes int) {
		tn := newTown(t, dsn, Lease, 0)
		tn.putDeeds(all)
		log := tn.record()
		began := time.Now()
		running := make([]*node, nodes)
		for i := range running {
			running[i] = tn.start()
		}
		tn.awaits(log, all)
		took := time.Since(began)
		for _, n := range running {
			n.end()
		}
		tn.holds(log)
		assert.Less(t, took, time.Minute)
		t.Logf("%d items in %s by %d node(s)", all, took.Round(10*time.Millisecond), nodes)
	})
}
