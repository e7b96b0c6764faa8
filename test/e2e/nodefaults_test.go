package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// Redis is killed, comes back empty and is flushed, and each node in turn is killed: clients
// of both nodes miss nothing.
func TestTwoNodesLoseNothing(t *testing.T) {
	t.Parallel()
	redis := container.StartRedis(t)
	s := stand(t, 2, container.StartPostgres(t).DSN("postgres"), redis)
	s.faithful = true
	all, rooms := neighboursOf(t, s.at(0), 5, 2)
	c := chatting(t, &s.nodes, all, rooms, nil)
	for round := range rounds(1, 10) {
		c.goesOn(200)
		redis.Kill()
		c.struck("Redis killed")
		c.goesOn(200)
		redis.Start()
		c.goesOn(200)
		redis.Flush()
		c.struck("Redis flushed")
		c.goesOn(200)
		i := round % 2
		s.at(i).kill(t)
		c.struck("one of two nodes killed (kill -9)")
		c.goesOn(200)
		s.again(i)
	}
	c.goesOn(max(400, 2000-c.said()))
	c.holds()
}

// While Redis is away nodes hear of each other through the database.
func TestRedisIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	redis := container.StartRedis(t)
	s := stand(t, 2, container.Postgres(t), redis)
	s.faithful = true
	all, rooms := neighboursOf(t, s.at(0), 2, 2)
	a, b := all[0].at(s.at(0)).listens(t, rooms[1]), all[1].at(s.at(1)).listens(t, rooms[1])
	n := 0
	cross := func(from, to *socket) time.Duration {
		n++
		return crosses(from, to, fmt.Sprint("이제 ", n))
	}
	at := func(fits func(entry) bool) {
		s.each(func(on *server) {
			_, err := on.log.find(fits)
			require.NoError(t, err)
		})
	}
	c := chatting(t, &s.nodes, all, rooms[:1], nil)
	with := max(cross(a, b), cross(b, a))
	redis.Kill()
	c.struck(fmt.Sprintf("Redis away for %d s", 2*often(1, 30)))
	at(isGone)
	var without time.Duration
	for _, ends := range [][2]*socket{{a, b}, {b, a}} {
		// The first may come just before a look at everything, the second comes just after.
		end := time.Now().Add(time.Duration(often(1, 30)) * time.Second)
		for n := 0; n < 2 || time.Now().Before(end); n++ {
			without = max(without, cross(ends[0], ends[1]))
		}
	}
	c.goesOn(20)
	redis.Start()
	at(isBack)
	back := cross(a, b)
	for range 4 {
		back = min(back, cross(a, b))
	}
	t.Logf("from node to node: %s with Redis, at most %s without, %s once it is back", with, without, back)
	assert.Less(t, without, 4*time.Second, "sooner than they look without being told to")
	assert.Less(t, back, 500*time.Millisecond, "the nodes tell each other again")
	c.holds()
	s.each(func(on *server) {
		assert.Equal(t, 1, on.log.count(isGone))
		assert.Equal(t, 1, on.log.count(isBack))
	})
}

// While PostgreSQL is away nothing is stored and sockets stay open; once it is
// back, all goes on.
func TestPostgresIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	pg := container.StartPostgres(t)
	s := stand(t, 2, pg.DSN("postgres"), container.StartRedis(t))
	s.faithful = true
	all, rooms := neighboursOf(t, s.at(0), 3, 2)
	a, b := all[0].at(s.at(0)).listens(t, rooms[1]), all[1].at(s.at(1)).listens(t, rooms[1])
	c := chatting(t, &s.nodes, all, rooms[:1], nil)
	for round := range rounds(2, 10) {
		how, end := "stopped", pg.Stop
		if round%2 == 1 {
			how, end = "killed", pg.Kill
		}
		name := fmt.Sprint(how, " ", round)
		c.goesOn(50)
		end()
		c.struck("PostgreSQL " + how)
		s.each(func(on *server) {
			p := all[2].at(on).as(t).meaning(Unexpected)
			p.post("/api/post/write/", draft(2)).refused(http.StatusServiceUnavailable, "unavailable")
			p.get("/api/post/").refused(http.StatusServiceUnavailable, "unavailable")
		})
		a.says(name, name)
		a.hearsRefusal("unavailable")
		b.says(name, name)
		b.hearsRefusal("unavailable")
		pg.Start()
		began := time.Now()
		for refused := true; refused; {
			a.says(name, name)
			f, err := a.take()
			require.NoError(t, err)
			if refused = f.Type == "error"; refused {
				require.Equal(t, "unavailable", f.Code)
				require.Less(t, time.Since(began), patience)
			} else {
				require.True(t, f.named(name))
			}
		}
		b.hearsWords(name)
		t.Logf("%s: %s after its start messages are stored", name, time.Since(began))
		s.each(func(on *server) { all[2].at(on).as(t).get("/api/post/").is(http.StatusOK) })
	}
	c.goesOn(50)
	c.holds()
	t.Logf("refused %v, closed %v", c.refusals(), c.socketEnds())
}

// The primary dies, and its synchronous standby takes over.
func TestAStandbyTakesOverUnderAService(t *testing.T) {
	t.Parallel()
	primary := container.StartPostgres(t, "synchronous_commit=on")
	standby := primary.Standby(t, "second")
	primary.Set("synchronous_standby_names='second'")
	primary.Await(`SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)
	dsn := fmt.Sprintf("postgres://postgres@%s,%s/postgres?sslmode=disable", standby.Addr(), primary.Addr())
	s := stand(t, 2, dsn, container.StartRedis(t))
	s.faithful = true
	all, rooms := neighboursOf(t, s.at(0), 4, 2)
	c := chatting(t, &s.nodes, all, rooms, nil)
	c.goesOn(200)
	primary.Kill()
	c.struck("PostgreSQL killed, its standby took over")
	killed := time.Now()
	standby.Promote()
	promoted := time.Now()
	c.goesOn(int64(len(c.chatters) + 1)) // more than may have been under way
	took := time.Since(promoted)
	c.goesOn(200)
	c.holds()
	t.Logf("promoted after %s, and %s later messages are stored; refused %v, closed %v",
		promoted.Sub(killed), took, c.refusals(), c.socketEnds())
	assert.Less(t, took, 5*time.Second)
}

// A clerk writes posts at any node, one after another, and counts the answers.
type clerk struct {
	person
	answers  map[*server]int
	statuses map[int]int
}

func (c *clerk) work(ctx context.Context, t *testing.T, at *nodes) {
	for ctx.Err() == nil {
		on := at.any()
		got, err := c.at(on).as(t).meaning(Unexpected).try(http.MethodPost, "/api/post/write/", asJSON(draft(2)))
		if err != nil {
			pause(ctx, 10*time.Millisecond)
			continue
		}
		c.answers[on]++
		c.statuses[got.status]++
	}
}

// posts counts what the person's neighbourhood has on its board.
func (p person) posts(t *testing.T) int {
	t.Helper()
	first, last := p.board(t, nil), p.board(t, page("1000000"))
	return (last.Paginator.CurrentPage-1)*len(first.Posts) + len(last.Posts)
}

// Both nodes are restarted, one after the other. Their clients go to the other
// one and miss nothing, and every request that a node has taken is answered.
func TestNodesAreRestartedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := stand(t, 2, container.Postgres(t), container.StartRedis(t))
	all, rooms := neighboursOf(t, s.at(0), 4, 2)
	c := chatting(t, &s.nodes, all, rooms, nil)
	ctx, rest := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer rest()
	var clerks []*clerk
	for i := range 6 {
		one := &clerk{newcomer(t, s.at(0), fmt.Sprint("clerk", i)), map[*server]int{}, map[int]int{}}
		clerks = append(clerks, one)
		working.Go(func() { one.work(ctx, t, &s.nodes) })
	}
	var former []*server
	for i := range 2 {
		c.goesOn(100)
		on := s.at(i)
		require.NoError(t, on.stop())
		c.struck("a node restarted")
		former = append(former, on)
		c.goesOn(100)
		s.again(i)
	}
	c.goesOn(100)
	rest()
	working.Wait()
	c.holds()

	said := c.socketEnds()
	for _, on := range former {
		assert.Positive(t, said[socketEnd{on.addr, websocket.CloseGoingAway}], "somebody was there")
	}
	for last, n := range said {
		assert.Equal(t, websocket.CloseGoingAway, last.code, "%d sockets", n)
	}
	posts := 0
	for _, one := range clerks {
		assert.Equal(t, []int{http.StatusCreated}, slices.Collect(maps.Keys(one.statuses)))
		posts += one.statuses[http.StatusCreated]
	}
	assert.Equal(t, posts+len(rooms), all[0].at(s.any()).posts(t), "what was not answered was not done")
	s.each(func(on *server) {
		require.NoError(t, on.stop())
		former = append(former, on)
	})
	for _, on := range former {
		for _, one := range clerks {
			taken := on.log.count(func(e entry) bool {
				return e.Msg == "request" && e.User == one.ID && strings.Contains(e.Route, "/api/post/write/")
			})
			assert.Equal(t, taken, one.answers[on], "answers to what was taken")
		}
	}
	t.Logf("%d posts, closed %v", posts, said)
}
