package clock

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A node is a process that runs due items.
type node struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	said chan string
	log  *notes
	gone chan struct{}
}

// town is a store that nodes share, with the deeds to be done.
type town struct {
	*testing.T
	where string
	lease time.Duration
	work  time.Duration
	who   user.ID
	room  party.ID
	deeds int
}

// newTown creates an empty store: PostgreSQL if dsn is set, else SQLite.
func newTown(t *testing.T, dsn string, lease, work time.Duration) *town {
	t.Helper()
	tn := &town{T: t, where: dsn, lease: lease, work: work}
	if dsn == "" {
		tn.where = t.TempDir()
	}
	tn.with(func(s openedStore) {
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) (err error) {
			at := time.Now()
			ann, err := user.Register(user.Registration{
				Email: "ann@example.com", Username: "ann", Password: "correct horse", PasswordAgain: "correct horse", Neighborhood: "서울특별시 종로구 혜화동",
			}, "hash", at)
			require.NoError(t, err)
			if tn.who, err = r.Users.Save(t.Context(), ann); err != nil {
				return err
			}
			if tn.room, err = r.Rooms.Open(t.Context(), at); err != nil {
				return err
			}
			p, err := party.Open(tn.room, tn.who, "서울특별시 종로구 혜화동", party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 2}, at)
			require.NoError(t, err)
			return r.Parties.Save(t.Context(), p)
		}))
	})
	return tn
}

// with opens the store. With SQLite, no node may be running.
func (tn *town) with(do func(s openedStore)) {
	tn.Helper()
	s, err := openStore(tn.Context(), tn.where)
	require.NoError(tn, err)
	defer func() { require.NoError(tn, s.Close()) }()
	do(s)
}

// put stores items, and tickets for n more deeds.
func (tn *town) put(n int, items ...agenda.Item) {
	tn.Helper()
	tn.with(func(s openedStore) {
		require.NoError(tn, s.Write(tn.Context(), func(r port.Repos) error {
			for i := range n {
				err := r.Tickets.Save(tn.Context(), ticketOf(tn.deeds+i).Digest(),
					signin.Ticket{SignIn: 1, Who: tn.who, Room: tn.room, Until: time.Now().Add(time.Hour)})
				if err != nil {
					return err
				}
			}
			return r.Agenda.Put(tn.Context(), items...)
		}))
	})
	tn.deeds += n
}

// putDeeds stores n more deeds that are due now.
func (tn *town) putDeeds(n int) {
	tn.Helper()
	items := make([]agenda.Item, n)
	for i := range items {
		items[i] = agenda.Item{Kind: deed, Key: strconv.Itoa(tn.deeds + i)}
	}
	tn.put(n, items...)
}

// start starts a node, which is stopped at the end of the test.
func (tn *town) start() *node {
	tn.Helper()
	self, err := os.Executable()
	require.NoError(tn, err)
	n := &node{t: tn.T, cmd: exec.CommandContext(context.Background(), self), said: make(chan string, 1000), log: &notes{}, gone: make(chan struct{})}
	n.cmd.Env = append(os.Environ(), nodeEnv+"="+tn.where, leaseEnv+"="+tn.lease.String(), workEnv+"="+tn.work.String())
	n.cmd.Stderr = n.log
	n.in, err = n.cmd.StdinPipe()
	require.NoError(tn, err)
	out, err := n.cmd.StdoutPipe()
	require.NoError(tn, err)
	require.NoError(tn, n.cmd.Start())
	go func() {
		defer close(n.gone)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n.said <- lines.Text()
		}
		n.cmd.Wait() // end checks the exit code
	}()
	tn.Cleanup(func() {
		n.cmd.Process.Kill() // it may have ended
		<-n.gone
	})
	n.says("ready")
	return n
}

// says waits for a line of the node's output.
func (n *node) says(want string) {
	n.t.Helper()
	select {
	case line := <-n.said:
		require.Equal(n.t, want, line, "%s", n.log)
	case <-n.gone:
		require.FailNow(n.t, "the node has gone", "%s", n.log)
	case <-time.After(patience):
		require.FailNow(n.t, "the node does not say "+want, "%s", n.log)
	}
}

// kill ends the node with SIGKILL.
func (n *node) kill() {
	n.t.Helper()
	require.NoError(n.t, n.cmd.Process.Kill())
	<-n.gone
}

// end stops the node gracefully and checks that there were no errors.
func (n *node) end() {
	n.t.Helper()
	require.NoError(n.t, n.in.Close())
	select {
	case <-n.gone:
	case <-time.After(patience):
		require.FailNow(n.t, "the node does not end", "%s", n.log)
	}
	require.Zero(n.t, n.cmd.ProcessState.ExitCode(), "%s", n.log)
	require.NotContains(n.t, n.log.String(), `"level":"ERROR"`)
}

// sleep suspends the process.
func (n *node) sleep() {
	n.t.Helper()
	require.NoError(n.t, n.cmd.Process.Signal(syscall.SIGSTOP))
	var status syscall.WaitStatus
	_, err := syscall.Wait4(n.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
	require.NoError(n.t, err)
	require.True(n.t, status.Stopped())
}

func (n *node) wake() {
	n.t.Helper()
	require.NoError(n.t, n.cmd.Process.Signal(syscall.SIGCONT))
}

func (n *node) goOn() {
	n.t.Helper()
	_, err := io.WriteString(n.in, "\n")
	require.NoError(n.t, err)
}

// record opens the audit log, which records the effects.
func (tn *town) record() (log port.Audit) {
	tn.Helper()
	if strings.HasPrefix(tn.where, "postgres") {
		s, err := postgres.Attach(tn.Context(), tn.where)
		require.NoError(tn, err)
		tn.Cleanup(func() { assert.NoError(tn, s.Close()) })
		return s.Read().Audit
	}
	s, err := sqlite.Attach(tn.where)
	require.NoError(tn, err)
	tn.Cleanup(func() { assert.NoError(tn, s.Close()) })
	return s.Read().Audit
}

// effects counts how often each deed was done.
func (tn *town) effects(log port.Audit) map[int]int {
	tn.Helper()
	const page = 5000
	times := map[int]int{}
	for before := int64(0); ; {
		records, err := log.Before(tn.Context(), before, audit.Filter{}, page)
		require.NoError(tn, err)
		for _, r := range records {
			times[int(r.SignIn)]++
			before = r.ID
		}
		if len(records) < page {
			return times
		}
	}
}

// awaits waits until a number of deeds are done. It polls slowly, because reading the
// audit log takes processor time from the nodes.
func (tn *town) awaits(log port.Audit, deeds int) {
	tn.Helper()
	for began := time.Now(); ; {
		look := time.Now()
		done := len(tn.effects(log))
		if done >= deeds {
			return
		}
		require.Less(tn, time.Since(began), patience, "%d of %d deeds are done", done, deeds)
		time.Sleep(10*time.Millisecond + 9*time.Since(look))
	}
}

// holds checks, after all nodes have ended, that each deed was done exactly once and
// that the agenda has only the named items left.
func (tn *town) holds(log port.Audit, left ...string) {
	tn.Helper()
	times := tn.effects(log)
	assert.Len(tn, times, tn.deeds)
	for n, count := range times {
		assert.Equal(tn, 1, count, "deed %d", n)
	}
	assert.Equal(tn, left, tn.left())
}

// left lists all items of the agenda.
func (tn *town) left() (rows []string) {
	tn.Helper()
	if !strings.HasPrefix(tn.where, "postgres") {
		db, err := sql.Open("sqlite", filepath.Join(tn.where, "mealbuddy.db"))
		require.NoError(tn, err)
		defer db.Close()
		found, err := db.QueryContext(tn.Context(), `SELECT kind || ' ' || key FROM agenda ORDER BY id`)
		require.NoError(tn, err)
		defer found.Close()
		for found.Next() {
			var row string
			require.NoError(tn, found.Scan(&row))
			rows = append(rows, row)
		}
		require.NoError(tn, found.Err())
		return rows
	}
	conn, err := pgx.Connect(tn.Context(), tn.where)
	require.NoError(tn, err)
	defer conn.Close(context.WithoutCancel(tn.Context()))
	found, err := conn.Query(tn.Context(), `SELECT kind || ' ' || key FROM agenda ORDER BY id`)
	require.NoError(tn, err)
	rows, err = pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(tn, err)
	if len(rows) == 0 {
		return nil
	}
	return rows
}
