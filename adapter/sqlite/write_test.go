package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sqlite3 "modernc.org/sqlite"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestFullDisk(t *testing.T) {
	s := openEmpty(t)
	_, err := s.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1`) // as many as there are
	require.NoError(t, err)
	for i := 0; err == nil && i < 1000; i++ {
		_, err = save(t.Context(), s, fmt.Sprint("user", i))
	}
	require.ErrorIs(t, err, errUnavailable)
	assert.Equal(t, fault.Unavailable, fault.Of(err).Kind)
	assert.ErrorContains(t, err, "disk is full")

	_, err = s.Read().Users.ByEmail(t.Context(), "user0@example.com")
	assert.NoError(t, err, "what is there can be read")
	_, err = s.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`)
	require.NoError(t, err)
	_, err = save(t.Context(), s, "later")
	assert.NoError(t, err, "once there is room again")
}

func TestBusy(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	other, err := pool(filepath.Join(dir, "mealbuddy.db"), 1, "_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = s.write.ExecContext(t.Context(), `PRAGMA busy_timeout = 1`)
	require.NoError(t, err)
	_, err = save(t.Context(), s, "ann")
	assert.ErrorIs(t, err, errUnavailable)
}

// A statement that runs for long must end with its context.
func TestCancel(t *testing.T) {
	s := openEmpty(t)
	for _, db := range []*sql.DB{s.read, s.write} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		var n int
		err := db.QueryRowContext(ctx, `
			WITH RECURSIVE forever (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM forever)
			SELECT count(*) FROM forever`).Scan(&n)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
}

// onCommit calls hook before each commit; one that returns false undoes it.
func onCommit(t *testing.T, s *Store, hook func() bool) {
	t.Helper()
	conn, err := s.write.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		c.(sqlite3.HookRegisterer).RegisterCommitHook(func() int32 {
			if hook() {
				return 0
			}
			return 1
		})
		return nil
	}))
}

// crowd runs n Writes by each of some people at once.
func crowd(people, n int, write func(who, i int)) {
	var all sync.WaitGroup
	for who := range people {
		all.Go(func() {
			for i := range n {
				write(who, i)
			}
		})
	}
	all.Wait()
}

func TestWritesShareTransactions(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { commits.Add(1); return true })
	boom := errors.New("boom")
	crowd(40, 10, func(who, i int) {
		name := fmt.Sprintf("p%d-%d", who, i)
		switch i % 5 {
		case 1: // is refused in the midst of the others
			assert.Equal(t, boom, s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Users.Save(t.Context(), newUser(name))
				assert.NoError(t, err)
				return boom
			}))
		case 2: // panics
			assert.PanicsWithValue(t, "boom", func() {
				_ = s.Write(t.Context(), func(r port.Repos) error {
					_, err := r.Users.Save(t.Context(), newUser(name))
					assert.NoError(t, err)
					panic("boom")
				})
			})
		case 3: // goes away in the midst
			ctx, cancel := context.WithCancel(t.Context())
			assert.ErrorIs(t, s.Write(ctx, func(r port.Repos) error {
				_, err := r.Users.Save(ctx, newUser(name))
				assert.NoError(t, err)
				cancel()
				_, err = r.Users.Save(ctx, newUser(name+"x"))
				return err
			}), context.Canceled)
		default:
			_, err := save(t.Context(), s, name)
			assert.NoError(t, err)
		}
	})
	var n int
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, 40*4, n, "what was refused is undone, and nothing else")
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user WHERE username GLOB '*-[0459]'`).Scan(&n))
	assert.Equal(t, 40*4, n, "and nobody's for another's")
	assert.Less(t, commits.Load(), int64(40*10/2), "Writes that wait share a commit")
	t.Logf("%d Writes in %d commits", 40*10, commits.Load())
}

func TestAWriteAloneWaitsForNobody(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { commits.Add(1); return true })
	for i := range 5 {
		_, err := save(t.Context(), s, fmt.Sprint("p", i))
		require.NoError(t, err)
		assert.EqualValues(t, i+1, commits.Load(), "committed before it returns")
	}
}

func TestACommitThatFailsIsToldToAllOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { return commits.Add(1)%2 == 0 })
	var kept atomic.Int64
	crowd(20, 10, func(who, i int) {
		if _, err := save(t.Context(), s, fmt.Sprintf("p%d-%d", who, i)); err == nil {
			kept.Add(1)
		}
	})
	var n int64
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, n, kept.Load())
	assert.NotZero(t, n)
	assert.Less(t, n, int64(200))
}

// A refusal may come of what others of the group have written.
func TestARefusalHangsOnTheCommitOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	onCommit(t, s, func() bool { return false })
	crowd(20, 10, func(int, int) {
		_, err := save(t.Context(), s, "ann")
		assert.NotErrorIs(t, err, user.ErrEmailTaken, "nobody has it")
		assert.ErrorContains(t, err, "commit")
	})
}

// SQLite may undo a whole transaction by itself, as when the disk is full.
func TestATransactionThatIsGoneIsToldToAllOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	var kept atomic.Int64
	crowd(20, 10, func(who, i int) {
		err := s.Write(t.Context(), func(r port.Repos) error {
			if _, err := r.Users.Save(t.Context(), newUser(fmt.Sprintf("p%d-%d", who, i))); err != nil {
				return err
			}
			if i == 5 {
				_, err := r.Users.(users).q.ExecContext(t.Context(), `ROLLBACK`)
				assert.NoError(t, err)
			}
			return nil
		})
		if err == nil {
			kept.Add(1)
		} else {
			assert.ErrorContains(t, err, "no such savepoint")
			assert.ErrorIs(t, err, errUnavailable, "it is worth another try")
		}
	})
	var n int64
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, n, kept.Load())
	assert.NotZero(t, n)
	assert.LessOrEqual(t, n, int64(180))
}

// Run with -benchtime=2s -cpu=2.
func BenchmarkSay(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	require.NoError(b, err)
	defer s.Close()
	ann, err := save(b.Context(), s, "ann")
	require.NoError(b, err)
	const rooms = 50
	require.NoError(b, s.Write(b.Context(), func(r port.Repos) error {
		for range rooms {
			id, err := r.Rooms.Open(b.Context(), noon)
			if err != nil {
				return err
			}
			p, err := party.Open(id, ann, "종로구", party.Draft{Title: "제목", Content: "내용", Category: "치킨", Seats: 4}, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(b.Context(), p); err != nil {
				return err
			}
		}
		return nil
	}))
	var n atomic.Int64
	for _, speakers := range []int{1, 16, 128} {
		b.Run(fmt.Sprint(speakers), func(b *testing.B) {
			b.SetParallelism((speakers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					e := room.Entry{Room: party.ID(i%rooms + 1), Kind: chat.Said, Who: ann, Body: "안녕하세요", ClientID: fmt.Sprint(i), At: time.Now()}
					if _, err := s.Say(b.Context(), e, func(port.Line) {}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Run with -benchtime=2s -cpu=2.
func BenchmarkRead(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	require.NoError(b, err)
	defer s.Close()
	ann, err := save(b.Context(), s, "ann")
	require.NoError(b, err)
	require.NoError(b, s.Write(b.Context(), func(r port.Repos) error {
		for id := range party.ID(500) {
			p, err := party.Open(id+1, ann, "종로구", party.Draft{Title: "제목", Content: "내용", Category: "치킨", Seats: 4}, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(b.Context(), p); err != nil {
				return err
			}
		}
		return nil
	}))
	for name, read := range map[string]func() error{
		"user": func() error { _, err := s.Read().Users.Get(b.Context(), ann); return err },
		"page": func() error {
			_, _, err := s.Read().Boards.Page(b.Context(), []user.Neighborhood{"종로구"}, party.Filter{}, 0, 10, party.Ahead)
			return err
		},
		"post": func() error { _, err := s.Read().Boards.Post(b.Context(), 7, ann); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := read(); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
