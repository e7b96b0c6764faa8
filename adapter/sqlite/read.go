package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Read gives repositories that wait for no Write and see what was committed
// when each query began.
func (s *Store) Read() port.Repos { return repos(reader{s}, s.now) }

// reader reads with statements that each connection prepares once.
type reader struct{ store *Store }

func (q reader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.store.read.ExecContext(ctx, query, args...) // and is told that it cannot write
}

func (q reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := q.store.reads.get(ctx, q.store.read, query); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return q.store.read.QueryContext(ctx, query, args...) // and is told why not
}

func (q reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := q.store.reads.get(ctx, q.store.read, query); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return q.store.read.QueryRowContext(ctx, query, args...)
}

// statements caches prepared statements. There are few: no query contains user input.
type statements struct{ known sync.Map }

// get returns a statement of db, or nil if it cannot be prepared now.
func (s *statements) get(ctx context.Context, db *sql.DB, query string) *sql.Stmt {
	if stmt, known := s.known.Load(query); known {
		return stmt.(*sql.Stmt)
	}
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	if first, raced := s.known.LoadOrStore(query, stmt); raced {
		stmt.Close() // nobody has it
		return first.(*sql.Stmt)
	}
	return stmt
}

// collect reads all rows of a query, each into the fields of a T.
func collect[T any](found *sql.Rows, err error, fields func(*T) []any) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer found.Close()
	return rows.All(found, fields)
}
