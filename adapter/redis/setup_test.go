package redis

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(container.Suite(m)) }

// connect returns a new client, like that of another process.
func connect(t testing.TB, at string) *Client {
	t.Helper()
	var u URL
	require.NoError(t, u.UnmarshalText([]byte(at)))
	c := Connect(u)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// node is a process with a bus.
type node struct {
	*Bus
	ear contract.Ear // a follower that records everything
	log *notes
}

// join returns a process that uses the bus on a Redis.
func join(t testing.TB, client *Client) *node {
	t.Helper()
	n := &node{log: &notes{}}
	n.Bus = NewBus(client, rand.Text(), slog.New(slog.NewTextHandler(n.log, nil)))
	t.Cleanup(n.Close)
	n.ear.Follow(n)
	return n
}

// patience is how long a test waits for a state.
const patience = 20 * time.Second

func (n *node) awaitUp(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return n.Stats().Up }, patience, 5*time.Millisecond, "%s", n.log)
}

func (n *node) awaitOut(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return !n.Stats().Up }, patience, 5*time.Millisecond)
}

// awaitResyncs waits until n has resynced more often than before.
func (n *node) awaitResyncs(t testing.TB, before int) {
	t.Helper()
	require.Eventually(t, func() bool { return n.ear.Resyncs() > before }, patience, 5*time.Millisecond)
}

// awaitGone waits until n has logged so many outages. Unlike the state of its links, that
// also shows an outage that is over.
func (n *node) awaitGone(t testing.TB, times int) {
	t.Helper()
	require.Eventually(t, func() bool { return n.log.count(gone) == times }, patience, time.Millisecond, "%s", n.log)
}

// pair returns two processes that receive each other's hints.
func pair(t *testing.T, at string) (here, there *node) {
	t.Helper()
	here, there = join(t, connect(t, at)), join(t, connect(t, at))
	here.awaitUp(t)
	there.awaitUp(t)
	return here, there
}

// notes is a buffer for log lines that is safe for concurrent use.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// count returns the number of log lines with these words.
func (n *notes) count(words string) int { return strings.Count(n.String(), words) }

// operator returns a plain go-redis client.
func operator(t testing.TB, addr string) *goredis.Client {
	c := goredis.NewClient(&goredis.Options{Addr: addr, DisableIdentity: true})
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// freeze suspends a server until thaw is called.
func freeze(t *testing.T, s *container.RedisServer) (thaw func()) {
	t.Helper()
	info, err := operator(t, s.Addr()).InfoMap(t.Context(), "server").Result()
	require.NoError(t, err)
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	thaw = sync.OnceFunc(func() { assert.NoError(t, syscall.Kill(pid, syscall.SIGCONT)) })
	t.Cleanup(thaw)
	return thaw
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	require.NoError(t, err)
	return port
}

// startCluster starts three masters with equal shares of the slots.
func startCluster(t *testing.T) (at string, servers []*container.RedisServer) {
	t.Helper()
	var operators []*goredis.Client
	var gossip []string
	for i := range 3 {
		gossip = append(gossip, freePort(t))
		s := container.StartRedis(t, "--cluster-enabled", "yes", "--cluster-port", gossip[i], "--cluster-node-timeout", "2000")
		servers = append(servers, s)
		operators = append(operators, operator(t, s.Addr()))
		require.NoError(t, operators[i].ClusterAddSlotsRange(t.Context(), i*16384/3, (i+1)*16384/3-1).Err())
		require.NoError(t, operators[i].Do(t.Context(), "cluster", "set-config-epoch", i+1).Err())
	}
	for i, s := range servers[1:] {
		host, port, err := net.SplitHostPort(s.Addr())
		require.NoError(t, err)
		require.NoError(t, operators[0].Do(t.Context(), "cluster", "meet", host, port, gossip[i+1]).Err())
	}
	for _, o := range operators {
		require.Eventually(t, func() bool {
			info, err := o.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
		}, 30*time.Second, 20*time.Millisecond)
	}
	return fmt.Sprintf("redis://%s?cluster=true&addr=%s", servers[0].Addr(), servers[1].Addr()), servers
}

// watched is a master and a replica that a Sentinel watches, with a user for each who
// connects: node, sentinel, replica and operator.
type watched struct {
	t               *testing.T
	at              string // for nodes
	master, replica *container.RedisServer
	sentinel        *goredis.SentinelClient
}

// startSentinel starts a master, its replica, and a Sentinel for both.
func startSentinel(t *testing.T) *watched {
	t.Helper()
	w := &watched{t: t, master: container.StartRedis(t, "--repl-diskless-sync-delay", "0")}
	host, port, err := net.SplitHostPort(w.master.Addr())
	require.NoError(t, err)
	users := func(s *container.RedisServer) {
		for _, name := range []string{"node", "sentinel", "replica", "operator"} {
			require.NoError(t, operator(t, s.Addr()).Do(t.Context(), "acl", "setuser", name, "on", ">secret", "~*", "&*", "+@all").Err())
		}
	}
	users(w.master)
	w.replica = container.StartRedis(t, "--masteruser", "replica", "--masterauth", "secret", "--replicaof", host, port)
	users(w.replica)
	own := freePort(t)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, `bind 127.0.0.1
port %s
sentinel monitor main %s %s 1
sentinel auth-user main sentinel
sentinel auth-pass main secret
sentinel down-after-milliseconds main 1000
sentinel failover-timeout main 5000
`, own, host, port), 0o600))
	cmd := exec.CommandContext(context.Background(), "redis-server", conf, "--sentinel")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		assert.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
	})
	w.sentinel = goredis.NewSentinelClient(&goredis.Options{Addr: "127.0.0.1:" + own})
	t.Cleanup(func() { assert.NoError(t, w.sentinel.Close()) })
	require.Eventually(t, func() bool {
		known, err := w.sentinel.Replicas(t.Context(), "main").Result()
		return err == nil && len(known) == 1 && known[0]["master-link-status"] == "ok"
	}, 30*time.Second, 50*time.Millisecond)
	w.at = fmt.Sprintf("redis://127.0.0.1:%s/0?master_name=main&username=node&password=secret", own)
	return w
}

// as returns a client of a server.
func (w *watched) as(name string, s *container.RedisServer) *goredis.Client {
	c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), DisableIdentity: true, Username: name, Password: "secret"})
	w.t.Cleanup(func() { assert.NoError(w.t, c.Close()) })
	return c
}

// split keeps the Sentinel away from the master, which goes on serving the nodes.
func (w *watched) split() {
	w.t.Helper()
	op := w.as("operator", w.master)
	require.NoError(w.t, op.Do(w.t.Context(), "acl", "setuser", "default", "-@all").Err())
	require.NoError(w.t, op.Do(w.t.Context(), "acl", "deluser", "sentinel").Err())
}

// awaitNamed waits until the Sentinel names a server as the master.
func (w *watched) awaitNamed(s *container.RedisServer) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		addr, err := w.sentinel.GetMasterAddrByName(w.t.Context(), "main").Result()
		return err == nil && net.JoinHostPort(addr[0], addr[1]) == s.Addr()
	}, patience, 5*time.Millisecond)
}

// nodes returns how many connections of nodes a server has.
func nodes(t *testing.T, op *goredis.Client) int {
	t.Helper()
	list, err := op.Do(t.Context(), "client", "list").Text()
	require.NoError(t, err)
	return strings.Count(list, "user=node")
}
