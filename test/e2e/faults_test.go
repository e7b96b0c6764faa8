package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// neighboursOf registers people on a server and opens parties that all of them join.
func neighboursOf(t *testing.T, on *server, n, parties int) (all []person, rooms []post) {
	t.Helper()
	for i := range n {
		all = append(all, newcomer(t, on, fmt.Sprint("p", i)))
	}
	for range parties {
		rooms = append(rooms, meet(t, all...))
	}
	return all, rooms
}

func TestAChatOutlivesKills(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	on := serve(t, data)
	all, rooms := neighboursOf(t, on, 4, 2)
	at := &nodes{all: []*server{on}}
	c := chatting(t, at, all, rooms, nil)
	for range rounds(4, 50) {
		c.goesOn(int64(20 + rand.IntN(40)))
		on.kill(t)
		c.struck("the node killed (kill -9)")
		on = serve(t, data)
		at.replace(0, on)
	}
	c.goesOn(40)
	c.holds()
	require.NoError(t, on.stop())
	sound(t, data)
}

func TestAMessageThatIsSentAgainAndAgainIsThereOnce(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	all, rooms := neighboursOf(t, on, 3, 1)
	c := chatting(t, &nodes{all: []*server{on}}, all, rooms, func(one *chatter) {
		one.times = func() int { return 1 + rand.IntN(5) }
	})
	for range rounds(4, 100) {
		c.goesOn(50)
	}
	c.faults["messages sent up to five times each"] += int(c.said())
	c.holds()
}

// A cable is a TCP proxy whose connections can be cut.
type cable struct {
	net.Listener
	to    func() string
	back  func(line []byte) // changes a line of the answers in place, unless nil
	mu    sync.Mutex
	conns []net.Conn
	all   sync.WaitGroup
}

func lay(t *testing.T, to func() string, back func(line []byte)) *cable {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cable{Listener: ln, to: to, back: back}
	c.all.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", c.to())
			if err != nil {
				near.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, near, far)
			c.mu.Unlock()
			c.all.Go(func() { carry(near, far, nil) })
			c.all.Go(func() { carry(far, near, c.back) })
		}
	})
	t.Cleanup(func() { ln.Close(); c.cut(); c.all.Wait() })
	return c
}

// carry copies data until either end is closed. With change, it copies line by line.
func carry(from, to net.Conn, change func(line []byte)) {
	defer from.Close()
	defer to.Close()
	if change == nil {
		io.Copy(to, from) // the error does not matter
		return
	}
	for r := bufio.NewReader(from); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return
		}
		change(line)
		if _, err := to.Write(line); err != nil {
			return
		}
	}
}

// cut closes all connections at once.
func (c *cable) cut() {
	c.mu.Lock()
	conns := c.conns
	c.conns = nil
	c.mu.Unlock()
	for _, conn := range conns {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

func TestManySocketsAreCutAtOnce(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	parties := often(20, 200)
	all, rooms := neighboursOf(t, on, 10, parties)
	wire := lay(t, func() string { return on.addr }, nil)
	far := *on
	far.addr = wire.Addr().String()
	c := chatting(t, &nodes{all: []*server{&far}}, all, rooms, func(one *chatter) {
		one.mute = one.number%len(all) > 1
		one.pace = time.Duration(parties) * 20 * time.Millisecond // a hundred lines per second in total
	})
	c.eventually("are there", func(one *chatter) bool { return one.at.Load() > 0 })
	for range 3 {
		c.goesOn(int64(5 * parties))
		wire.cut()
		c.struck(fmt.Sprint(len(c.chatters), " sockets cut at once"))
	}
	c.goesOn(int64(10 * parties))
	c.holds()
}

// A client that stops reading does not affect the others, and misses nothing once it
// reads again.
func TestStoppedReaders(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	all, rooms := neighboursOf(t, on, 10, often(4, 25))
	sleepers, awake := all[2:], all[:2]
	dialer := websocket.Dialer{HandshakeTimeout: patience, NetDialContext: (&net.Dialer{Control: narrow}).DialContext}
	n := 0
	for _, party := range rooms {
		for _, p := range sleepers {
			for range 5 {
				asleep, _, err := knock(dialer, on, party.socket(), url.Values{"token": {p.Token}}, nil)
				require.NoError(t, err)
				t.Cleanup(func() { asleep.Close() })
				n++
			}
		}
	}
	t.Logf("%d sockets that nobody reads", n)
	c := chatting(t, &nodes{all: []*server{on}}, awake, rooms, nil)
	for range rounds(1, 40) {
		c.goesOn(500)
	}
	c.faults["sockets that nobody reads"] = n
	c.holds()
	// A stopped client that resumes gets all lines after its last one.
	late := newChatter(sleepers[0], c.nodes, rooms[0])
	s := late.listens(t, rooms[0], "after", "0")
	for i := range c.log(rooms[0]) {
		f, err := s.take()
		require.NoError(t, err)
		require.EqualValues(t, i+1, f.Message.Seq)
	}
}

// While the disk is full, writes fail and reads work. Once there is space again,
// everything works.
func TestADiskThatIsFull(t *testing.T) {
	data := filepath.Join(t.TempDir(), "small")
	require.NoError(t, os.Mkdir(data, 0o700))
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small disk can only be mounted by root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(data, syscall.MNT_DETACH)) })
	on := serve(t, data)
	all, rooms := neighboursOf(t, on, 2, 1)
	s := all[0].listens(t, rooms[0])
	s.says("먼저", "c-0")
	s.hearsWords("먼저")

	ballast := filepath.Join(data, "ballast")
	fill(t, ballast)
	log := strings.Repeat("밥", 1000)
	refused := 0
	for i := range 200 { // space allocated in advance may hold some
		s.says(log, fmt.Sprint("c-", i+1))
		f, err := s.take()
		require.NoError(t, err)
		if f.Type == "error" {
			require.Equal(t, "unavailable", f.Code)
			if refused++; refused == 3 {
				break
			}
		}
	}
	require.Equal(t, 3, refused)
	all[1].as(t).meaning(Unexpected).post("/api/post/write/", draft(3)).refused(http.StatusServiceUnavailable, "unavailable")
	before := read[room](all[1].as(t).get(rooms[0].room()).is(http.StatusOK))
	all[1].as(t).get("/api/post/").is(http.StatusOK)
	all[1].as(t).get("/api/user/current/").is(http.StatusOK)

	require.NoError(t, os.Remove(ballast))
	s.says("다시", "c-again")
	s.hearsWords("다시")
	all[1].as(t).post("/api/post/write/", draft(3)).is(http.StatusCreated)
	after := read[room](all[1].as(t).get(rooms[0].room()).is(http.StatusOK))
	assert.Equal(t, before.LastSeq+1, after.LastSeq, "what was refused is not there")
	require.NoError(t, on.stop())
	sound(t, data)
	toll.survived("a full disk", 1)
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			size /= 2
		}
	}
}
