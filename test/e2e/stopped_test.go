package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// readerEnv makes a process of this test binary a reader. It contains the URL of a
// room's socket.
const readerEnv = "MEALBUDDY_TEST_READER"

// readAlong is the main function of such a process. It follows the room from its first
// line, reconnects and resumes whenever its socket ends, and prints the seq of each line
// until stdin is closed.
func readAlong(socket string) int {
	go func() {
		io.Copy(io.Discard, os.Stdin) // until stdin is closed
		os.Exit(0)
	}()
	dialer := websocket.Dialer{HandshakeTimeout: patience, NetDialContext: (&net.Dialer{Control: narrow}).DialContext}
	for last := int64(0); ; time.Sleep(50 * time.Millisecond) { // between two tries
		conn, _, err := dialer.Dial(fmt.Sprint(socket, "&after=", last), nil)
		if err != nil {
			continue
		}
		for {
			var f frame
			if conn.ReadJSON(&f) != nil {
				break
			}
			if f.Message == nil {
				return 1
			}
			last = f.Message.Seq
			fmt.Println(last)
		}
		conn.Close()
	}
}

// A reader is a client in a separate process, which can be stopped.
type reader struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan int64
	next  int64 // the next expected seq
}

func readsAlong(t *testing.T, p person, party post) *reader {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	r := &reader{t: t, cmd: exec.CommandContext(context.Background(), self), lines: make(chan int64, 1<<16), next: 1}
	query := url.Values{"token": {p.Token}}
	r.cmd.Env = append(os.Environ(), readerEnv+"=ws://"+p.on.addr+party.socket()+"?"+query.Encode())
	r.cmd.Stderr = os.Stderr
	in, err := r.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := r.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, r.cmd.Start())
	over := make(chan struct{})
	go func() {
		defer close(over)
		for said := bufio.NewScanner(out); said.Scan(); {
			seq, _ := strconv.ParseInt(said.Text(), 10, 64) // not a number: not a line
			r.lines <- seq
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, r.cmd.Process.Signal(syscall.SIGCONT))
		require.NoError(t, in.Close())
		<-over
		require.NoError(t, r.cmd.Wait())
	})
	return r
}

// stop sends SIGSTOP to the process.
func (r *reader) stop() {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Signal(syscall.SIGSTOP))
	var status syscall.WaitStatus
	_, err := syscall.Wait4(r.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
	require.NoError(r.t, err)
	require.True(r.t, status.Stopped())
}

func (r *reader) goOn() {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Signal(syscall.SIGCONT))
}

// hearsUpTo checks that the reader prints every seq up to last once, in order.
func (r *reader) hearsUpTo(last int64) {
	r.t.Helper()
	late := time.After(2 * patience)
	for r.next <= last {
		select {
		case seq := <-r.lines:
			require.Equal(r.t, r.next, seq)
			r.next++
		case <-late:
			require.FailNow(r.t, "it does not hear", "%d", r.next)
		}
	}
}

// A stopped client process does not affect others. Whether or not the server disconnects
// it before it continues, it gets every line once.
func TestAChatOutlivesClientsThatAreStopped(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	crowd, rooms := neighboursOf(t, on, 4, 1)
	party, asleep := rooms[0], crowd[3]
	r := readsAlong(t, asleep, party)
	r.hearsUpTo(3)
	c := chatting(t, &nodes{all: []*server{on}}, crowd[:3], rooms, nil)
	tooSlow := func() int {
		return on.log.count(func(e entry) bool { return e.Msg == "socket" && e.User == asleep.ID && e.Code == 4408 })
	}
	newest := func() int64 { return int64(len(c.log(party))) }
	for round := range rounds(2, 40) {
		r.hearsUpTo(newest())
		r.stop()
		c.struck("a client stopped (SIGSTOP)")
		c.goesOn(100)
		if round%2 == 1 {
			given := tooSlow()
			for began := time.Now(); tooSlow() == given; c.goesOn(50) {
				require.Less(t, time.Since(began), 2*patience, "it is given up")
			}
			c.struck("a stopped client given up (4408)")
		}
		r.goOn()
	}
	c.goesOn(100)
	c.holds()
	r.hearsUpTo(newest())
}
