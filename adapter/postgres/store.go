// Package postgres keeps everything in PostgreSQL, for servers that stand
// together.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Store is a port.Store in a database that many processes share.
type Store struct {
	pool    *pgxpool.Pool
	version int64    // of the schema that this program knows
	found   int64    // version of the schema when the store was opened
	applied []string // steps that opening took
	spelt   rows.Addresses
	says    *sayQueue
}

// Close ends the store. Nothing may use it any more.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ready returns nil if the database answers, can be written to, and has the
// schema that this program needs. If no connection is free for a second, its error is a
// context.DeadlineExceeded.
func (s *Store) Ready(ctx context.Context) error {
	type state struct {
		version  int64
		readOnly bool
	}
	// Without acquire, whose error does not say that time is up: see httpapi.Check.
	bounded, cancel := context.WithTimeout(ctx, acquireTimeout)
	defer cancel()
	conn, err := s.pool.Acquire(bounded)
	if err != nil {
		return failed("ask the database", err)
	}
	defer conn.Release()
	found, err := query(ctx, conn, func(st *state) []any { return []any{&st.version, &st.readOnly} }, `
		SELECT coalesce(max(version_id), 0), current_setting('transaction_read_only') = 'on'
		FROM goose_db_version
		WHERE is_applied`)
	switch {
	case is(err, "42P01"):
		return fmt.Errorf("the database has no tables yet, and this program needs a schema of version %d", s.version)
	case err != nil:
		return failed("ask the database", err)
	case found[0].readOnly:
		return errors.New("the database can be read only")
	case found[0].version < s.version: // a newer program may have gone ahead
		return fmt.Errorf("the schema of the database has version %d, and this program needs %d", found[0].version, s.version)
	}
	return nil
}

// Pool tells how many connections are in use, how many wait to be used, and how
// many there may be.
func (s *Store) Pool() (used, idle, limit int) {
	st := s.pool.Stat()
	return int(st.AcquiredConns()), int(st.IdleConns()), int(st.MaxConns())
}

// Waits tells how often and how long somebody had to wait for a connection.
func (s *Store) Waits() (times int64, took time.Duration) {
	st := s.pool.Stat()
	return st.EmptyAcquireCount(), st.EmptyAcquireWaitTime()
}

// Spelt says what Open did with addresses of before.
func (s *Store) Spelt() rows.Addresses { return s.spelt }

// Schema returns the version that the schema had when the store was opened, and the one
// that this program was made for. The first is higher after a newer program was here.
func (s *Store) Schema() (found, known int64) { return s.found, s.version }

// Migrated names the steps that Open took to bring the schema up to date.
func (s *Store) Migrated() []string { return s.applied }

// A queryer is a transaction, or the pool.
type queryer interface {
	Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func repos(q queryer) port.Repos {
	return port.Repos{
		AccountRepos: port.AccountRepos{
			Users: users{q}, AccountAdmin: users{q}, Identities: identities{q}, SignIns: signIns{q}, Devices: signIns{q}, Tickets: tickets{q}, Audit: audits{q},
		},
		RoomRepos: port.RoomRepos{
			Rooms: rooms{q}, Parties: parties{q}, Boards: boards{q}, Log: logs{q}, Heads: heads{q},
		},
		ClockRepos: port.ClockRepos{
			Agenda: agendas{q}, AgendaAdmin: agendaAdmin{q}, Cleanup: cleanup{q},
		},
		RequestRepos: port.RequestRepos{Answers: answers{q}},
	}
}
