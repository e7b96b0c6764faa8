// Package sqlite keeps everything in one file, for a server that stands alone.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Store is a port.Store in a file. One process at a time serves from it, and others Attach.
type Store struct {
	lock  *flock.Flock // nil if it is attached
	write *sql.DB      // one connection
	read  *sql.DB      // cannot write
	reads statements

	version int64    // of the schema that this program knows
	found   int64    // version of the schema when the store was opened
	applied []string // steps that opening took
	spelt   rows.Addresses

	prepared map[string]*sql.Stmt // of the connection that writes; whose turn it is owns them

	now func() time.Time // the clock of the agenda

	turn   chan struct{} // held by the Write that goes on; the next group begins when it is free
	handed chan *group   // passes the turn on within a group

	says *sayQueue
}

// Close ends the store. Nothing may use it any more.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} { // the last one may tidy the file up
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Ready returns nil if the file can be read and has the schema that this program
// needs.
func (s *Store) Ready(ctx context.Context) error {
	version, err := schemaVersion(ctx, s.read)
	switch {
	case err != nil:
		return failed("ask the database", err)
	case version < s.version: // a newer program may have gone ahead
		return fmt.Errorf("the schema of the database has version %d, and this program needs %d", version, s.version)
	}
	return nil
}

// schemaVersion tells which step of the migrations was the last.
func schemaVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version, err
}

// Spelt says what Open did with addresses of before.
func (s *Store) Spelt() rows.Addresses { return s.spelt }

// Schema returns the version that the schema had when the store was opened, and the one
// that this program was made for. The first is higher after a newer program was here.
func (s *Store) Schema() (found, known int64) { return s.found, s.version }

// Migrated names the steps that Open took to bring the schema up to date.
func (s *Store) Migrated() []string { return s.applied }

// Stats tells how much the two pools are used.
func (s *Store) Stats() (read, write sql.DBStats) { return s.read.Stats(), s.write.Stats() }

// A queryer is a pool or a transaction.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func repos(q queryer, now func() time.Time) port.Repos {
	return port.Repos{
		AccountRepos: port.AccountRepos{
			Users: users{q}, AccountAdmin: users{q}, Identities: identities{q}, SignIns: signIns{q}, Devices: signIns{q}, Tickets: tickets{q}, Audit: audits{q},
		},
		RoomRepos: port.RoomRepos{
			Rooms: rooms{q}, Parties: parties{q}, Boards: boards{q}, Log: logs{q}, Heads: heads{q},
		},
		ClockRepos: port.ClockRepos{
			Agenda: agendas{q, now}, AgendaAdmin: agendaAdmin{q, now}, Cleanup: cleanup{q},
		},
		RequestRepos: port.RequestRepos{Answers: answers{q}},
	}
}
