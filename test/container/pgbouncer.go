package container

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// PgBouncer starts a pooler before a server, with settings such as
// "pool_mode=transaction", and gives the DSN of a database behind it. The pooler is
// killed at the end of the test.
func PgBouncer(t testing.TB, server *PostgresServer, database string, settings ...string) (dsn string) {
	t.Helper()
	name, err := program("pgbouncer", "/usr/sbin")
	if err != nil {
		postgres.missing(t, fmt.Errorf("%w: pgbouncer", errNoProgram))
	}
	p, err := newProcess("pgbouncer")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.end()) })
	file := filepath.Join(p.dir, "pgbouncer.ini")
	config := append([]string{
		"[databases]",
		fmt.Sprintf("* = host=127.0.0.1 port=%d user=postgres", server.port),
		"[pgbouncer]",
		"listen_addr=127.0.0.1",
		fmt.Sprintf("listen_port=%d", p.port),
		"unix_socket_dir=",
		"auth_type=any",
	}, settings...)
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o644)) // #nosec G306 -- another account reads it
	dsn = fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", p.addr(), database)
	require.NoError(t, p.launch(func() error { return answersPostgres(dsn) }, name, file))
	return dsn
}
