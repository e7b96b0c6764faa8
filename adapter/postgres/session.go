package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// settings hold for a session, by their names.
type settings map[string]string

// ours hold for every session where the DSN says nothing else.
var ours = settings{
	"statement_timeout":                   "5s",
	"lock_timeout":                        "2s",
	"idle_in_transaction_session_timeout": "10s",
}

// takeSettings moves the values that a DSN has for ours out of the parameters with which a
// session starts: PgBouncer refuses those that it does not know, or drops them.
func takeSettings(params map[string]string) settings {
	all := maps.Clone(ours)
	for name := range ours {
		if value, set := params[name]; set {
			all[name] = value
			delete(params, name)
		}
	}
	return all
}

// apply sets all of them in one round trip.
func (s settings) apply(ctx context.Context, c *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var sql strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		value, err := c.EscapeString(s[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(&sql, "SET %s = '%s';", name, value)
	}
	return c.Exec(ctx, sql.String()).Close()
}

// sessionRounds is how often checkSessions looks: other clients of a pooler may hold the
// connection that ours would share.
const sessionRounds = 10

// checkSessions returns ErrNoSessions if a pooler gives each transaction whichever connection
// is free: settings and locks of a session would then be those of strangers. A session stays
// with one process of PostgreSQL, and shares it with no other.
func checkSessions(ctx context.Context, c *pgx.ConnConfig) error {
	var conns [2]*pgconn.PgConn
	for i := range conns {
		config := c.Copy()
		if err := dialOnce(ctx, config); err != nil {
			return err
		}
		conn, err := pgconn.ConnectConfig(ctx, &config.Config)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		conns[i] = conn
	}
	var pids [2]string
	for range sessionRounds {
		for i, conn := range conns {
			pid, err := backend(ctx, conn)
			if err != nil {
				return err
			}
			if pids[i] != "" && pids[i] != pid {
				return ErrNoSessions
			}
			pids[i] = pid
		}
		if pids[0] == pids[1] {
			return ErrNoSessions
		}
	}
	return nil
}

// backend names the process of PostgreSQL that serves a connection now.
func backend(ctx context.Context, c *pgconn.PgConn) (pid string, err error) {
	results, err := c.Exec(ctx, `SELECT pg_backend_pid()`).ReadAll()
	if err != nil {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}

// dialOnce lets a connection dial until it is established, and never again. When a context
// ends, pgx dials once more to ask the server to cancel the statement. A server that waits
// for its standby at the end of a COMMIT would then show the transaction to everybody while
// it is stored in one place only, and a failover could lose it. statement_timeout ends what
// runs too long.
func dialOnce(_ context.Context, c *pgx.ConnConfig) error {
	var established atomic.Bool
	dial, after := c.DialFunc, c.AfterConnect
	c.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if established.Load() {
			return nil, errors.New("this connection dials no more")
		}
		return dial(ctx, network, addr)
	}
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		established.Store(true)
		if after != nil {
			return after(ctx, conn)
		}
		return nil
	}
	return nil
}

// warning is the key of the last warning in the data of a connection.
const warning = "warning"

// keepWarning keeps a warning for the commit that it is about.
func keepWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		c.CustomData()[warning] = n
	}
}
