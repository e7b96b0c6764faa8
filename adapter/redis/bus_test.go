package redis

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

var _ port.Bus = (*Bus)(nil)

const (
	gone = "redis is gone"
	back = "redis is back"
)

func TestBus(t *testing.T) {
	contract.Bus(t, func(t *testing.T) []contract.Node {
		at, prefix := container.Redis(t), "test:"+rand.Text()+":"
		var nodes []contract.Node
		for range 3 {
			client := connect(t, at)
			client.prefix = prefix
			n := join(t, client)
			n.awaitUp(t)
			nodes = append(nodes, n.Bus)
		}
		return nodes
	})
}

func TestBusHeals(t *testing.T) {
	t.Run("after its server died", func(t *testing.T) {
		server := container.StartRedis(t)
		here, there := pair(t, server.URL())
		server.Kill()
		here.awaitOut(t)
		there.awaitOut(t)
		here.Publish(t.Context(), contract.Line(1, 1))
		here.AccountChanged(t.Context(), 7)
		here.Publish(t.Context(), contract.Line(1, 2), contract.Line(2, 1))
		require.Eventually(t, func() bool { return here.Stats().Waiting == 3 }, patience, time.Millisecond, "none of them is being tried")
		resyncs := there.ear.Resyncs() // only a resync is certain: the hints may be sent before there has reconnected
		server.Start()
		here.awaitUp(t)
		there.awaitResyncs(t, resyncs)
		there.awaitUp(t)
		here.Publish(t.Context(), contract.Line(1, 3))
		there.ear.Await(t, "line 3 in 1")
		assert.Zero(t, here.Stats().Waiting)
		assert.Zero(t, here.Stats().Dropped)
		server.Kill()
		here.awaitOut(t)
		there.awaitOut(t)
		server.Start()
		here.awaitUp(t)
		there.awaitUp(t)
		for _, n := range []*node{here, there} {
			assert.Equal(t, 2, n.log.count(gone), n.log)
			require.Eventually(t, func() bool { return n.log.count(back) == 2 }, patience, time.Millisecond, n.log)
		}
	})

	t.Run("and sends what it could not send meanwhile", func(t *testing.T) {
		server := container.StartRedis(t)
		here, there := pair(t, server.URL())
		o := operator(t, server.Addr())
		refuse := func(rule string) {
			require.NoError(t, o.Do(t.Context(), "acl", "setuser", "default", rule).Err())
		}
		refuse("-spublish")
		here.Publish(t.Context(), contract.Line(1, 1), contract.Line(2, 1))
		here.AccountChanged(t.Context(), 7)
		here.awaitOut(t)
		here.Publish(t.Context(), contract.Line(1, 2))
		refuse("+spublish")
		for _, told := range []string{"line 2 in 1", "line 1 in 2", "7 changed"} {
			there.ear.Await(t, told)
		}
		here.awaitUp(t)
		assert.Empty(t, there.log.String())
	})

	t.Run("and resyncs once a second until then", func(t *testing.T) {
		server := container.StartRedis(t)
		here := join(t, connect(t, server.URL()))
		here.awaitUp(t)
		server.Stop()
		here.awaitOut(t)
		here.awaitResyncs(t, here.ear.Resyncs())
		began, first := time.Now(), here.ear.Resyncs()
		here.awaitResyncs(t, first+2)
		assert.Greater(t, time.Since(began), 2*time.Second, "three resyncs, less the delay until the test notices the first one")
		assert.Less(t, time.Since(began), 10*time.Second)
		server.Start()
		here.awaitUp(t)
		assert.Equal(t, 1, here.log.count(gone), here.log)
		require.Eventually(t, func() bool { return here.log.count(back) == 1 }, patience, time.Millisecond)
	})

	t.Run("with a resync after its connection was cut", func(t *testing.T) {
		server := container.StartRedis(t)
		here, there := pair(t, server.URL())
		resyncs := there.ear.Resyncs()
		cut, err := operator(t, server.Addr()).ClientKillByFilter(t.Context(), "TYPE", "pubsub").Result()
		require.NoError(t, err)
		assert.EqualValues(t, 2, cut)
		there.awaitGone(t, 1)
		there.awaitUp(t)
		there.awaitResyncs(t, resyncs)
		here.Publish(t.Context(), contract.Line(1, 1))
		there.ear.Await(t, "line 1 in 1")
	})

	t.Run("after a flush, which takes nothing", func(t *testing.T) {
		server := container.StartRedis(t)
		here, there := pair(t, server.URL())
		require.NoError(t, operator(t, server.Addr()).FlushAll(t.Context()).Err())
		here.Publish(t.Context(), contract.Line(1, 1))
		there.ear.Await(t, "line 1 in 1")
		assert.Empty(t, there.log.String())
	})

	t.Run("after its server hung, which nobody waits for", func(t *testing.T) {
		server := container.StartRedis(t)
		here, there := pair(t, server.URL())
		thaw := freeze(t, server)
		publish := func(seq int64) {
			began := time.Now()
			for room := range party.ID(2000) {
				here.Publish(t.Context(), contract.Line(room+1, seq))
			}
			here.AccountChanged(t.Context(), user.ID(seq))
			assert.Less(t, time.Since(began), timeout)
		}
		publish(1)
		here.awaitOut(t)
		there.awaitOut(t)
		publish(2)
		resyncs := there.ear.Resyncs()
		thaw()
		here.awaitUp(t)
		there.awaitResyncs(t, resyncs)
		there.awaitUp(t)
		publish(3)
		there.ear.Await(t, "line 3 in 2000")
		there.ear.Await(t, "3 changed")
	})

	t.Run("if its server comes late", func(t *testing.T) {
		server := container.StartRedis(t)
		server.Stop()
		here, there := join(t, connect(t, server.URL())), join(t, connect(t, server.URL()))
		here.Publish(t.Context(), contract.Line(1, 1))
		here.awaitGone(t, 1)
		server.Start()
		here.awaitUp(t)
		there.awaitUp(t)
		here.Publish(t.Context(), contract.Line(1, 2))
		there.ear.Await(t, "line 2 in 1")
	})
}

func TestBusOfACluster(t *testing.T) {
	at, servers := startCluster(t)
	here, there := pair(t, at)
	seq := int64(0)
	receive := func(t *testing.T) {
		seq++
		for room := range party.ID(shards) {
			here.Publish(t.Context(), contract.Line(room+1, seq))
		}
		here.AccountChanged(t.Context(), user.ID(seq))
		for room := range party.ID(shards) {
			there.ear.Await(t, fmt.Sprintf("line %d in %d", seq, room+1))
		}
		there.ear.Await(t, fmt.Sprintf("%d changed", seq))
	}
	receive(t)

	t.Run("shares the channels out", func(t *testing.T) {
		n := 0
		for _, s := range servers {
			channels, err := operator(t, s.Addr()).PubSubShardChannels(t.Context(), "*").Result()
			require.NoError(t, err)
			assert.NotEmpty(t, channels)
			n += len(channels)
		}
		assert.Equal(t, shards+1, n)
	})

	t.Run("hears on after a slot has moved", func(t *testing.T) {
		slot, err := operator(t, servers[0].Addr()).ClusterKeySlot(t.Context(), here.channel(topic{room, 1})).Result()
		require.NoError(t, err)
		from := slot * 3 / 16384
		to := operator(t, servers[(from+1)%3].Addr())
		id, err := to.Do(t.Context(), "cluster", "myid").Text()
		require.NoError(t, err)
		resyncs, before := there.ear.Resyncs(), there.log.count(gone)
		for _, s := range []*container.RedisServer{servers[(from+1)%3], servers[from], servers[(from+2)%3]} {
			require.NoError(t, operator(t, s.Addr()).Do(t.Context(), "cluster", "setslot", slot, "node", id).Err())
		}
		there.awaitGone(t, before+1)
		there.awaitUp(t)
		there.awaitResyncs(t, resyncs)
		here.awaitUp(t)
		receive(t)
	})

	t.Run("hears on after a server died", func(t *testing.T) {
		servers[2].Kill()
		here.awaitOut(t)
		there.awaitOut(t)
		servers[2].Start()
		here.awaitUp(t)
		there.awaitUp(t)
		receive(t)
	})
}

func TestBusOfASentinel(t *testing.T) {
	t.Run("hears on after the master died", func(t *testing.T) {
		w := startSentinel(t)
		here, there := pair(t, w.at)
		here.Publish(t.Context(), contract.Line(1, 1))
		there.ear.Await(t, "line 1 in 1")
		w.master.Kill()
		here.awaitOut(t)
		there.awaitOut(t)
		here.Publish(t.Context(), contract.Line(1, 2))
		here.awaitUp(t)
		there.awaitUp(t)
		here.Publish(t.Context(), contract.Line(1, 3))
		there.ear.Await(t, "line 3 in 1")
		channels, err := w.as("operator", w.replica).PubSubShardChannels(t.Context(), "*").Result()
		require.NoError(t, err)
		assert.Len(t, channels, shards+1)
	})

	// The old master answers all the time, so no connection to it breaks by itself.
	for name, away := range map[string]func(t *testing.T, w *watched){
		"that was planned": func(t *testing.T, w *watched) {
			require.NoError(t, w.sentinel.Failover(t.Context(), "main").Err())
		},
		"of Sentinels that have lost sight of a master": func(_ *testing.T, w *watched) { w.split() },
	} {
		t.Run("leaves the old master within two seconds after a switch "+name, func(t *testing.T) {
			w := startSentinel(t)
			here, there := pair(t, w.at)
			here.Publish(t.Context(), contract.Line(1, 1))
			there.ear.Await(t, "line 1 in 1")
			old := w.as("operator", w.master)
			require.Positive(t, nodes(t, old))
			resyncs := there.ear.Resyncs()

			away(t, w)
			w.awaitNamed(w.replica)
			began := time.Now()
			require.Eventually(t, func() bool { return nodes(t, old) == 0 }, patience, 5*time.Millisecond)
			assert.Less(t, time.Since(began), 2*time.Second)
			there.awaitResyncs(t, resyncs)
			here.awaitUp(t)
			there.awaitUp(t)
			here.Publish(t.Context(), contract.Line(1, 2))
			there.ear.Await(t, "line 2 in 1")
			for _, n := range []*node{here, there} {
				assert.Equal(t, 1, n.log.count("another redis server is the master"), "%s", n.log)
				assert.Zero(t, n.log.count(gone), "%s", n.log)
			}
			_, err := old.Ping(t.Context()).Result()
			assert.NoError(t, err, "the old master is alive")
		})
	}
}

func TestBusCounts(t *testing.T) {
	server := container.StartRedis(t)
	here, there := pair(t, server.URL())

	t.Run("what it sends and hears", func(t *testing.T) {
		here.Publish(t.Context(), contract.Line(1, 1), contract.Line(1, 2), contract.Line(1, 3))
		there.ear.Await(t, "line 3 in 1")
		received := there.Stats().Received
		assert.Positive(t, received)
		assert.LessOrEqual(t, received, uint64(3))
		require.Eventually(t, func() bool { return here.Stats().Sent == received }, patience, time.Millisecond, "once Redis has answered")
		assert.Zero(t, here.Stats().Received, "its own hints")
	})

	t.Run("and drops what is no hint", func(t *testing.T) {
		o := operator(t, server.Addr())
		bad := []string{
			"", "hello", "1 x room 1", "1 x room 0 1", "1 x room -1 1", "1 x room 1 -1", "1 x room 01 1", "1 x room +1 1", "1 x room 1 1 ",
			"1  room 1 1", "2 x room 1 1", "1 x rooms 1 1", "1 x all 1 0", "1 x person 1 99999999999999999999", "1 x notice 0 0", "1 x newer 7 0", "\x00\xff",
			"1 " + strings.Repeat("x", 100) + " room 1 1", strings.Repeat("1 x room 1 1", 100_000),
		}
		before := there.ear.Told()
		for _, message := range bad {
			require.NoError(t, o.SPublish(t.Context(), there.channel(topic{room, 1}), message).Err())
		}
		require.NoError(t, o.SPublish(t.Context(), there.channel(topic{room, 1}), "1 x room 1 77").Err())
		there.ear.Await(t, "line 77 in 1")
		assert.Len(t, there.ear.Told(), len(before)+1)
		assert.EqualValues(t, len(bad), there.Stats().Bad)
	})
}

func TestBusOfAnotherDatabaseIsAnother(t *testing.T) {
	server := container.StartRedis(t)
	here, there := pair(t, server.URL()+"/1")
	stranger := join(t, connect(t, server.URL()+"/2"))
	stranger.awaitUp(t)
	here.AccountChanged(t.Context(), 7)
	there.ear.Await(t, "7 changed")
	assert.Zero(t, stranger.Stats().Received+stranger.Stats().Bad)
}

func TestCloseSendsWhatWaits(t *testing.T) {
	server := container.StartRedis(t)
	here, there := pair(t, server.URL())
	here.queue.mu.Lock() // bypass put, which would wake the sender
	for id := range int64(3 * maxPipeline) {
		here.queue.waiting[topic{room, id + 1}] = 1
	}
	here.queue.mu.Unlock()
	here.Close()
	assert.Equal(t, Stats{Up: true, Sent: 3 * maxPipeline}, here.Stats())
	require.Eventually(t, func() bool { return len(there.ear.Told()) == 3*maxPipeline }, patience, time.Millisecond)
}

func TestCloseDoesNotWaitForRedis(t *testing.T) {
	server := container.StartRedis(t)
	here, _ := pair(t, server.URL())
	thaw := freeze(t, server)
	defer thaw()
	here.Publish(t.Context(), contract.Line(1, 1))
	began := time.Now()
	here.Close()
	assert.Less(t, time.Since(began), 4*time.Second)
}

func TestQueue(t *testing.T) {
	one, two := topic{room, 1}, topic{person, 1}
	t.Run("keeps the newest of each topic", func(t *testing.T) {
		q := newQueue()
		for _, newest := range []int64{3, 5, 4} {
			q.put(one, newest)
			q.put(two, newest+10)
		}
		assert.Equal(t, map[topic]int64{one: 5, two: 15}, q.take())
		assert.Empty(t, q.take())
	})
	t.Run("drops what is too much, and has that said", func(t *testing.T) {
		q := newQueue()
		for room := range int64(maxWaiting) {
			q.put(topic{person, room + 1}, 1)
		}
		q.put(one, 1)
		q.put(two, 2) // the topic is in the queue already
		q.put(one, 2)
		waiting, dropped := q.size()
		assert.Equal(t, maxWaiting+1, waiting)
		assert.EqualValues(t, 2, dropped)
		all := q.take()
		assert.Contains(t, all, lost)
		assert.NotContains(t, all, one)
		assert.EqualValues(t, 2, all[two])
	})
}

func TestLostHintsMakeOthersResync(t *testing.T) {
	server := container.StartRedis(t)
	here, there := pair(t, server.URL())
	resyncs := there.ear.Resyncs()
	here.queue.put(lost, 0)
	there.awaitResyncs(t, resyncs)
	assert.Empty(t, there.ear.Told())
}

func FuzzHint(f *testing.F) {
	for _, h := range []hint{
		{"MZXW6YTBOI", topic{room, 42}, 17},
		{"MZXW6YTBOI", topic{person, 7}, 0},
		{"MZXW6YTBOI", topic{news, 7}, 0},
		{"MZXW6YTBOI", lost, 0},
	} {
		f.Add(h.String())
	}
	f.Add("1 x room 9223372036854775807 9223372036854775807")
	f.Add("1 x room 9223372036854775808 1")
	f.Fuzz(func(t *testing.T, text string) {
		h, ok := parseHint(text)
		if !ok {
			return
		}
		assert.Equal(t, text, h.String())
		assert.LessOrEqual(t, len(text), maxHint)
		assert.True(t, h.id > 0 || h.topic == lost)
		assert.GreaterOrEqual(t, h.newest, int64(0))
		assert.NotEmpty(t, h.node)
		assert.True(t, slices.Contains([]string{room, person, news, all}, h.kind))
	})
}

// During a rolling upgrade, older nodes receive hints in the form that they know, on the
// same channels: "1 x room 1 2" and "1 x person 7 0". They ignore unknown kinds.
func TestHintsAreWhatOlderNodesKnow(t *testing.T) {
	server := container.StartRedis(t)
	client := connect(t, server.URL())
	here := join(t, client)
	here.awaitUp(t)
	older := operator(t, server.Addr()).SSubscribe(t.Context(), client.prefix+"people", client.prefix+"room:1")
	defer older.Close()
	for range 2 {
		_, err := older.ReceiveTimeout(t.Context(), 5*time.Second) // one answer for each subscription
		require.NoError(t, err)
	}
	heard := func() string {
		m, err := older.ReceiveMessage(t.Context())
		require.NoError(t, err)
		return strings.TrimPrefix(m.Channel, client.prefix) + ": " + m.Payload
	}
	here.Publish(t.Context(), contract.Line(1, 2))
	assert.Equal(t, "room:1: 1 "+here.node+" room 1 2", heard())
	here.AccountChanged(t.Context(), 7)
	assert.Equal(t, "people: 1 "+here.node+" person 7 0", heard())
	here.Notify(t.Context(), 7)
	assert.Equal(t, "people: 1 "+here.node+" notice 7 0", heard())
}

// Hints must not reveal anything but ids and numbers.
func TestHintsHoldNoMoreThanNumbers(t *testing.T) {
	h := hint{"N", topic{room, int64(party.ID(42))}, 17}
	assert.Equal(t, "1 N room 42 17", h.String())
	h = hint{"N", topic{person, int64(user.ID(7))}, 3}
	assert.Equal(t, "1 N person 7 3", h.String())
	h = hint{"N", topic{news, int64(user.ID(7))}, 0}
	assert.Equal(t, "1 N notice 7 0", h.String())
}
