package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
)

// A wire lies between a store and its server. It counts who dials, and may do
// something to a COMMIT on its way.
type wire struct {
	t       *testing.T
	ln      net.Listener
	server  string // where it leads to
	dialled atomic.Int32
	cancels atomic.Int32 // requests to cancel
	commit  atomic.Pointer[func(forward func(), answer func(), cut func())]
	links   sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// between puts a wire before the server of dsn, and gives the way over it.
func between(t *testing.T, dsn string) (*wire, string) {
	t.Helper()
	c, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, server := pgconn.NetworkAddress(c.Host, c.Port)
	w := &wire{t: t, ln: ln, server: server}
	w.links.Go(w.accept)
	t.Cleanup(func() {
		ln.Close()
		w.cutAll()
		w.links.Wait()
	})
	addr := ln.Addr().(*net.TCPAddr)
	parts := []string{"host=127.0.0.1", "port=" + strings.TrimPrefix(addr.String(), "127.0.0.1:"), "user=" + c.User, "dbname=" + c.Database, "sslmode=disable"}
	if c.Password != "" {
		parts = append(parts, "password='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c.Password)+"'")
	}
	return w, strings.Join(parts, " ")
}

// cutAll breaks every connection.
func (w *wire) cutAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func (w *wire) keep(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, c)
}

func (w *wire) accept() {
	for {
		client, err := w.ln.Accept()
		if err != nil {
			return
		}
		w.dialled.Add(1)
		w.keep(client)
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			client.Close()
			continue
		}
		w.keep(server)
		w.links.Go(func() { w.link(client, server) })
	}
}

// link carries what a client and a server say, message by message.
func (w *wire) link(client, server net.Conn) {
	defer server.Close()
	defer client.Close()
	var deaf atomic.Bool // what the server says is lost
	answered := make(chan struct{}, 1)
	w.links.Go(func() {
		defer client.Close()
		buf := make([]byte, 32<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			select {
			case answered <- struct{}{}:
			default:
			}
			if !deaf.Load() {
				client.Write(buf[:n])
			}
		}
	})
	for first := true; ; first = false {
		message, err := read(client, first)
		if err != nil {
			return
		}
		if first && len(message) >= 8 && binary.BigEndian.Uint32(message[4:]) == 80877102 {
			w.cancels.Add(1)
		}
		if do := w.commit.Load(); do != nil && string(message[1:]) == "\x00\x00\x00\x0bcommit\x00" {
			(*do)(
				func() { server.Write(message) },
				func() { // the server has answered, and nobody hears it
					for len(answered) > 0 {
						<-answered
					}
					deaf.Store(true)
					server.Write(message)
					<-answered
				},
				func() { client.Close(); server.Close() },
			)
			continue
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// read gives one message of a client; the first has no type before its length.
func read(r io.Reader, first bool) ([]byte, error) {
	head := make([]byte, 5)
	if first {
		head = head[:4]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	rest := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
	_, err := io.ReadFull(r, rest)
	return append(head, rest...), err
}

func TestOutcomes(t *testing.T) {
	dsn := container.Postgres(t)
	direct := openOn(t, dsn)
	for _, tt := range []struct {
		name   string
		happen func(forward, answer, cut func())
		stored bool
	}{
		{"the COMMIT is lost", func(_, _, cut func()) { cut() }, false},
		{"the answer to the COMMIT is lost", func(_, answer, cut func()) { answer(); cut() }, true},
		{"nothing is heard any more", func(_, answer, _ func()) { answer() }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, over := between(t, dsn)
			s := openOn(t, over)
			name := strings.ReplaceAll(tt.name, " ", "-")
			w.commit.Store(&tt.happen)
			runs := 0
			began := time.Now()
			err := s.Write(t.Context(), func(r port.Repos) error {
				runs++
				_, err := r.Users.Save(t.Context(), account(name))
				return err
			})
			w.commit.Store(nil)
			require.ErrorIs(t, err, errUnknown)
			assert.Equal(t, fault.Unavailable, fault.Of(err).Kind)
			assert.Equal(t, "unknown_outcome", fault.Of(err).Code)
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "it is not the time of the request that is over")
			assert.Equal(t, 1, runs, "what may be stored is not stored again")
			assert.Less(t, time.Since(began), commitTimeout+time.Second)
			assert.Equal(t, tt.stored, has(t, direct, name))
			_, err = save(t.Context(), s, name+"-later")
			assert.NoError(t, err, "the next one finds a connection that works")
			assert.Zero(t, w.cancels.Load())
		})
	}

	t.Run("the connection ends before the COMMIT", func(t *testing.T) {
		w, over := between(t, dsn)
		s := openOn(t, over)
		runs := 0
		err := s.Write(t.Context(), func(r port.Repos) error {
			runs++
			_, err := r.Users.Save(t.Context(), account("cut"))
			require.NoError(t, err)
			w.cutAll()
			_, err = r.Users.Get(t.Context(), 1)
			require.ErrorIs(t, err, errUnavailable)
			return nil // as if nothing had been
		})
		require.ErrorIs(t, err, errUnavailable)
		assert.Equal(t, 1, runs)
		assert.False(t, has(t, direct, "cut"))
	})

	t.Run("an error that fn keeps to itself stores nothing", func(t *testing.T) {
		err := direct.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Users.Save(t.Context(), account("swallowed"))
			require.NoError(t, err)
			require.Error(t, statement(t.Context(), r, `SELECT 1 / 0`))
			return nil
		})
		assert.ErrorIs(t, err, pgx.ErrTxCommitRollback)
		assert.False(t, has(t, direct, "swallowed"))
	})

	t.Run("the end of the request does not end a COMMIT", func(t *testing.T) {
		w, over := between(t, dsn)
		s := openOn(t, over)
		ctx, cancel := context.WithCancel(t.Context())
		happen := func(forward, _, _ func()) {
			cancel()
			forward()
		}
		w.commit.Store(&happen)
		_, err := save(ctx, s, "patient")
		require.NoError(t, err)
		assert.True(t, has(t, direct, "patient"))
	})
}

// A standby that never answers: what is stored here only must not be shown, and
// not be called stored.
func TestStandbyThatDoesNotAnswer(t *testing.T) {
	server := container.StartPostgres(t, "max_connections=30")
	s := openOn(t, server.DSN("postgres"))
	_, err := save(t.Context(), s, "before")
	require.NoError(t, err)
	server.Set("synchronous_standby_names='nobody'")
	server.Await(`SELECT current_setting('synchronous_standby_names') = 'nobody'`)

	const waiting = `FROM pg_stat_activity WHERE wait_event = 'SyncRep'`
	for _, tt := range []struct {
		name, do string
		shown    bool
	}{
		{"and the COMMIT takes too long", "", false},
		{"and an operator cancels the wait", `SELECT pg_cancel_backend(pid) ` + waiting, true},
		{"and an operator ends the connection", `SELECT pg_terminate_backend(pid) ` + waiting, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := strings.ReplaceAll(tt.name, " ", "-")
			ctx, cancel := context.WithCancel(t.Context())
			outcome := make(chan error, 1)
			go func() {
				_, err := save(ctx, s, name)
				outcome <- err
			}()
			server.Await(`SELECT count(*) = 1 ` + waiting)
			cancel() // means nothing to a COMMIT
			if tt.do != "" {
				server.Exec(tt.do)
			}
			require.ErrorIs(t, <-outcome, errUnknown)
			assert.Equal(t, tt.shown, has(t, s, name))
			if !tt.shown {
				server.Await(`SELECT count(*) = 1 ` + waiting) // still
				server.Exec(`SELECT pg_terminate_backend(pid) ` + waiting)
			}
		})
	}
	server.Set("synchronous_standby_names=''")
	server.Await(`SELECT current_setting('synchronous_standby_names') = ''`)
	_, err = save(t.Context(), s, "after")
	assert.NoError(t, err)
}

// Whatever is given up, the server is never asked to cancel it.
func TestNoCancelRequest(t *testing.T) {
	w, over := between(t, container.Postgres(t))
	s := openOn(t, over)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	short := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	for range 3 {
		ctx := short()
		_, err := query(ctx, pooled{s.pool}, func(v *string) []any { return []any{v} }, `SELECT pg_sleep(0.3)::text`)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		ctx = short()
		err = s.Write(ctx, func(r port.Repos) error { return statement(ctx, r, `SELECT pg_sleep(0.3)`) })
		require.ErrorIs(t, err, context.DeadlineExceeded)

		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Users.Lock(t.Context(), ann)
			require.NoError(t, err)
			ctx := short()
			return errors.Join(err, isDeadline(s.Write(ctx, func(r port.Repos) error {
				_, err := r.Users.Lock(ctx, ann)
				return err
			})))
		}))
		_, err = save(t.Context(), s, "after"+time.Now().Format("150405.000000"))
		require.NoError(t, err)
	}
	require.NoError(t, s.Close()) // waits for what ends in the background
	assert.Zero(t, w.cancels.Load())
	// Two to look for a pooler and one to migrate; each of the nine that were given up took one along.
	assert.EqualValues(t, 3+s.pool.Stat().NewConnsCount(), w.dialled.Load(), "connections of the pool, and nobody else")
}

func isDeadline(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return errors.Join(errors.New("no deadline"), err)
}

func TestWritesThatRunAgain(t *testing.T) {
	s := openEmpty(t)
	for _, code := range []string{"40001", "40P01"} {
		t.Run(code, func(t *testing.T) {
			runs := 0
			conflict := func(times int) func(r port.Repos) error {
				runs = 0
				return func(r port.Repos) error {
					runs++
					if _, err := r.Users.Save(t.Context(), account("user"+code)); err != nil {
						return err
					}
					if runs <= times {
						return failed("try", statement(t.Context(), r, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '`+code+`'; END $$`))
					}
					return nil
				}
			}
			require.ErrorIs(t, s.Write(t.Context(), conflict(99)), errUnavailable)
			assert.Equal(t, 4, runs)
			assert.False(t, has(t, s, "user"+code))
			require.NoError(t, s.Write(t.Context(), conflict(3)))
			assert.Equal(t, 4, runs)
			assert.True(t, has(t, s, "user"+code))
		})
	}

	t.Run("not if the context has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		runs := 0
		require.Error(t, s.Write(ctx, func(r port.Repos) error {
			runs++
			err := statement(ctx, r, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`)
			cancel()
			return err
		}))
		assert.Equal(t, 1, runs)
	})

	t.Run("not for any other reason", func(t *testing.T) {
		for _, code := range []string{"23505", "55P03", "57014", "57P01", "53300", "25006", "P0001", "08006"} {
			runs := 0
			require.Error(t, s.Write(t.Context(), func(r port.Repos) error {
				runs++
				return failed("try", statement(t.Context(), r, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '`+code+`'; END $$`))
			}))
			assert.Equal(t, 1, runs, code)
		}
	})

	t.Run("two that wait for each other both come through", func(t *testing.T) {
		one, err := save(t.Context(), s, "one")
		require.NoError(t, err)
		two, err := save(t.Context(), s, "two")
		require.NoError(t, err)
		var runs atomic.Int32
		var met sync.WaitGroup
		met.Add(2)
		lock := func(first, second user.ID) error {
			var once sync.Once
			return s.Write(t.Context(), func(r port.Repos) error {
				runs.Add(1)
				if _, err := r.Users.Lock(t.Context(), first); err != nil {
					return err
				}
				once.Do(func() { met.Done(); met.Wait() })
				_, err := r.Users.Lock(t.Context(), second)
				return err
			})
		}
		other := make(chan error, 1)
		go func() { other <- lock(two, one) }()
		require.NoError(t, lock(one, two))
		require.NoError(t, <-other)
		assert.EqualValues(t, 3, runs.Load())
	})
}

// Connections that die while nobody uses them are nobody's trouble.
func TestDeadConnections(t *testing.T) {
	dsn := container.Postgres(t)
	w, over := between(t, dsn)
	s := openOn(t, over)
	fill := func() {
		t.Helper()
		var all []interface{ Release() }
		for range 8 {
			conn, err := s.pool.Acquire(t.Context())
			require.NoError(t, err)
			all = append(all, conn)
		}
		for _, conn := range all {
			conn.Release()
		}
		_, idle, _ := s.Pool()
		require.GreaterOrEqual(t, idle, 8)
	}
	for name, kill := range map[string]func(){
		"cut": w.cutAll,
		"ended by the server": func() {
			conn, err := pgx.Connect(t.Context(), dsn)
			require.NoError(t, err)
			defer conn.Close(t.Context())
			_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			fill()
			kill()
			runs := 0
			require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
				runs++
				_, err := r.Users.Save(t.Context(), account(strings.ReplaceAll(name, " ", "-")))
				return err
			}))
			assert.Equal(t, 2, runs, "the first did not begin")
			fill()
			kill()
			_, err := s.Read().Users.Get(t.Context(), 1)
			require.NoError(t, err)
			fill()
			kill()
			_, _, err = s.Read().Boards.Talk(t.Context(), 1, 1, 50) // several statements at once
			require.ErrorIs(t, err, party.ErrNotFound)
		})
	}
}

func TestUnavailable(t *testing.T) {
	server := container.StartPostgres(t, "max_connections=20", "superuser_reserved_connections=2")
	server.Exec(`CREATE ROLE app LOGIN`)
	server.Exec(`CREATE DATABASE app OWNER app`)
	dsn := strings.Replace(server.DSN("app"), "postgres@", "app@", 1)
	s := openOn(t, dsn)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	// refused expects a refusal that is worth another try, and within so long.
	refused := func(t *testing.T, within time.Duration, do func() error) {
		t.Helper()
		began := time.Now()
		err := do()
		require.ErrorIs(t, err, errUnavailable)
		assert.NotErrorIs(t, err, context.DeadlineExceeded, "the time of the request is not over")
		_, network := errors.AsType[net.Error](err)
		assert.False(t, network, "a socket would take it for its client's")
		assert.Less(t, time.Since(began), within+time.Second)
		t.Log(time.Since(began), err)
	}

	t.Run("a lock that others keep", func(t *testing.T) {
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Users.Lock(t.Context(), ann)
			require.NoError(t, err)
			refused(t, 2*time.Second, func() error {
				return s.Write(t.Context(), func(r port.Repos) error {
					_, err := r.Users.Lock(t.Context(), ann)
					return err
				})
			})
			return nil
		}))
	})

	t.Run("a statement that does not end", func(t *testing.T) {
		refused(t, 5*time.Second, func() error {
			return s.Write(t.Context(), func(r port.Repos) error { return failed("sleep", statement(t.Context(), r, `SELECT pg_sleep(60)`)) })
		})
	})

	t.Run("no connection left in the pool", func(t *testing.T) {
		small := openOn(t, dsn+"&pool_max_conns=1")
		require.NoError(t, small.Write(t.Context(), func(port.Repos) error {
			assert.ErrorIs(t, small.Ready(t.Context()), context.DeadlineExceeded, "which is late, and may be ready")
			refused(t, time.Second, func() error {
				_, err := small.Read().Users.Get(t.Context(), ann)
				return err
			})
			refused(t, time.Second, func() error { return small.Write(t.Context(), func(port.Repos) error { return nil }) })
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			_, err := small.Read().Users.Get(ctx, ann)
			assert.ErrorIs(t, err, context.DeadlineExceeded, "of the one who asks")
			return nil
		}))
	})

	t.Run("no connection left on the server", func(t *testing.T) {
		var all []*pgx.Conn
		defer func() {
			for _, conn := range all {
				conn.Close(context.WithoutCancel(t.Context()))
			}
		}()
		s.pool.Reset()
		for {
			conn, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				require.True(t, is(err, "53300"), "%v", err)
				break
			}
			all = append(all, conn)
		}
		refused(t, 2*time.Second, func() error { return s.Ready(t.Context()) })
	})

	t.Run("read only", func(t *testing.T) {
		before := s.pool.Stat().NewConnsCount()
		refused(t, time.Second, func() error {
			return s.Write(t.Context(), func(r port.Repos) error {
				require.NoError(t, statement(t.Context(), r, `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`))
				require.NoError(t, statement(t.Context(), r, `SET TRANSACTION READ ONLY`))
				_, err := r.Users.Save(t.Context(), account("bob"))
				return err
			})
		})
		_, err := save(t.Context(), s, "bob")
		require.NoError(t, err, "that connection is not used again")
		assert.Greater(t, s.pool.Stat().NewConnsCount(), before)
	})

	t.Run("no server", func(t *testing.T) {
		server.Stop()
		refused(t, time.Second, func() error { return s.Ready(t.Context()) })
		refused(t, time.Second, func() error {
			_, err := s.Read().Parties.Get(t.Context(), party.ID(1))
			return err
		})
		refused(t, time.Second, func() error {
			_, err := save(t.Context(), s, "cho")
			return err
		})
		server.Start()
		_, err := save(t.Context(), s, "cho")
		require.NoError(t, err, "it recovers by itself")
		assert.NoError(t, s.Ready(t.Context()))
	})
}
