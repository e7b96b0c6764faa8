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

// readerEnv makes a process of this test binary a reader: it holds the address of
// a room's socket.
const readerEnv = "MEALBUDDY_TEST_READER"

// readAlong is what such a process does: it follows the room from its first line,
// comes back behind the last line it heard whenever its socket ends, and prints
// the seq of each line, until its input ends.
func readAlong(socket string) int {
	go func() {
		io.Copy(io.Discard, os.Stdin) // its end is all there is to it
		os.Exit(0)
	}()
	dialer := websocket.Dialer{HandshakeTimeout: patience, NetDialContext: (&net.Dialer{Control: narrow}).DialContext}
	for last := int64(0); ; time.Sleep(50 * time.Millisecond) {
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

// A reader is a client in a process of its own, which can be stopped.
type reader struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan int64
	next  int64 // the seq that it has to hear next
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
			seq, _ := strconv.ParseInt(said.Text(), 10, 64) // what is no number is no line
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

// stop stops the process in the midst of whatever it does.
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

// hearsUpTo requires the reader to print every seq up to the last once, in order.
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

// A client whose process is stopped costs the others nothing. Whether it goes on
// before the server gives it up or after, it misses nothing and hears nothing twice.
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
