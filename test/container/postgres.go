package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// PostgresServer is a PostgreSQL server for a single test, which may stop and change it.
// Its methods fail the test on errors.
type PostgresServer struct {
	*process
	t   testing.TB // nil for a server of a suite
	bin string
}

// StartPostgres starts a server for the test, with settings such as "max_connections=5".
// It is killed at the end of the test.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	s, err := newPostgres(settings...)
	return s.given(t, err)
}

// given makes the server belong to a test.
func (s *PostgresServer) given(t testing.TB, err error) *PostgresServer {
	t.Helper()
	if errors.Is(err, errNoProgram) {
		postgres.missing(t, err)
	}
	require.NoError(t, err)
	s.t = t
	t.Cleanup(func() { assert.NoError(t, s.end()) })
	return s
}

var errNoProgram = errors.New("the program is not installed")

func newPostgres(settings ...string) (*PostgresServer, error) {
	initdb, err := program("initdb", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
	if err != nil {
		return nil, fmt.Errorf("%w: initdb", errNoProgram)
	}
	p, err := newProcess("postgres")
	if err != nil {
		return nil, err
	}
	s := &PostgresServer{process: p, bin: filepath.Dir(initdb)}
	err = s.do(initdb, "-D", s.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if err == nil {
		err = s.set(append([]string{
			"unix_socket_directories=''", "listen_addresses='127.0.0.1'", "max_connections=100", "wal_retrieve_retry_interval=100ms",
			"fsync=off", // what is written outlives the server when it is killed, and the machine need not go down
		}, settings...)...)
	}
	if err == nil {
		err = s.run()
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

func (s *PostgresServer) data() string { return filepath.Join(s.dir, "data") }

func (s *PostgresServer) set(settings ...string) error {
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("\n" + strings.Join(settings, "\n") + "\n")
	return errors.Join(err, f.Close())
}

func (s *PostgresServer) run() error {
	return s.launch(func() error { return answersPostgres(s.DSN("postgres")) },
		filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", fmt.Sprint(s.port))
}

// Addr returns the server's address.
func (s *PostgresServer) Addr() string { return s.addr() }

// DSN returns the DSN of a database.
func (s *PostgresServer) DSN(database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", s.addr(), database)
}

// Kill ends the server at once, like a power failure.
func (s *PostgresServer) Kill() {
	s.t.Helper()
	require.NoError(s.t, s.kill())
}

// Stop shuts the server down and disconnects its clients.
func (s *PostgresServer) Stop() {
	s.t.Helper()
	require.NoError(s.t, s.stop(syscall.SIGINT))
}

// Start restarts a server after Kill or Stop.
func (s *PostgresServer) Start() {
	s.t.Helper()
	require.NoError(s.t, s.run())
}

// Set changes settings permanently.
func (s *PostgresServer) Set(settings ...string) {
	s.t.Helper()
	require.NoError(s.t, s.set(settings...))
	s.Exec(`SELECT pg_reload_conf()`)
}

// Standby starts a standby of this server, with a name for synchronous_standby_names.
func (s *PostgresServer) Standby(t testing.TB, name string) *PostgresServer {
	t.Helper()
	p, err := newProcess("standby")
	require.NoError(t, err)
	standby := &PostgresServer{process: p, bin: s.bin}
	err = standby.do(filepath.Join(s.bin, "pg_basebackup"), "-D", standby.data(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=%s", s.port, name))
	if err == nil {
		err = standby.run()
	}
	return standby.given(t, err)
}

// Promote makes a standby the primary.
func (s *PostgresServer) Promote() {
	s.t.Helper()
	s.Exec(`SELECT pg_promote()`)
}

// Exec runs a statement as the database's owner.
func (s *PostgresServer) Exec(statement string, args ...any) {
	s.t.Helper()
	s.connected(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement, args...)
		return err
	})
}

// Await waits until a query returns true.
func (s *PostgresServer) Await(query string, args ...any) {
	s.t.Helper()
	s.connected(func(ctx context.Context, conn *pgx.Conn) error {
		return s.await(func() error {
			var yes bool
			if err := conn.QueryRow(ctx, query, args...).Scan(&yes); err != nil {
				return err
			}
			if !yes {
				return errors.New("not yet: " + query)
			}
			return nil
		})
	})
}

func (s *PostgresServer) connected(do func(ctx context.Context, conn *pgx.Conn) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 2*patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	require.NoError(s.t, err)
	defer conn.Close(ctx)
	require.NoError(s.t, do(ctx, conn))
}
