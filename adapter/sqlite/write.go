package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/port"
)

// Write runs fn while no other Write runs. Writes that come together share a transaction
// (group commit), and so the wait for the disk. Each is kept or undone by itself, but returns
// only once the transaction is committed, even with a refusal, which may depend on what the
// others wrote. A context that ends stops the wait for the turn and the statements of fn, but
// never the commit, so the outcome is always known.
func (s *Store) Write(ctx context.Context, fn func(port.Repos) error) error {
	g, err := s.take(ctx)
	if err != nil {
		return err
	}
	passed := false
	defer func() { // fn may panic
		if !passed {
			s.pass(g)
		}
	}()
	err = g.run(ctx, fn)
	broke := err != nil && g.broken != nil // err says why
	passed = true
	s.pass(g)
	<-g.done
	if g.err != nil && !broke {
		return g.err
	}
	return err
}

const (
	groupSize = 64                   // Writes in a transaction, at most
	groupTime = 2 * time.Millisecond // for which further Writes may join it
)

// A group is a transaction that several Writes use one after the other. The Write that has
// the turn owns it.
type group struct {
	groupTx
	began  time.Time
	size   int
	broken error         // why the transaction cannot be committed
	done   chan struct{} // closed once err is the outcome of the commit
	err    error
}

// take waits for the turn to write, and returns the group that another Write has begun, or
// a new one.
func (s *Store) take(ctx context.Context) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed("wait to write", err)
	}
	select {
	case g := <-s.handed:
		return g, nil
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, failed("wait to write", ctx.Err())
	}
	tx, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		<-s.turn
		return nil, failed("begin", err)
	}
	return &group{groupTx: groupTx{tx, s}, began: time.Now(), done: make(chan struct{})}, nil
}

// pass hands the turn, and the group, to a waiting Write; if none waits, or the group is
// complete, it commits.
func (s *Store) pass(g *group) {
	g.size++
	if g.broken == nil && g.size < groupSize && time.Since(g.began) < groupTime {
		select {
		case s.handed <- g:
			return
		default: // nobody waits
		}
	}
	if g.broken != nil {
		g.err = fmt.Errorf("write: %w: %w", errUnavailable, g.broken)
		g.tx.Rollback() // which it may have been already
	} else if err := g.tx.Commit(); err != nil {
		g.err = failed("commit", err)
	}
	s.prepare()
	<-s.turn
	close(g.done)
}

// prepare prepares the statements that this group used for the first time.
func (s *Store) prepare() {
	for query, stmt := range s.prepared {
		if stmt == nil {
			s.prepared[query], _ = s.write.Prepare(query) // nil for another try
		}
	}
}

// run runs fn in a savepoint, so that the rest of the group stays if fn fails.
func (g *group) run(ctx context.Context, fn func(port.Repos) error) (err error) {
	if _, err := g.exec(`SAVEPOINT one`); err != nil {
		g.broken = err
		return failed("begin", err)
	}
	kept := false
	defer func() {
		var failure error
		if !kept {
			_, failure = g.exec(`ROLLBACK TO one`)
		}
		if failure == nil {
			_, failure = g.exec(`RELEASE one`)
		}
		g.broken = failure // SQLite has given up the transaction by itself
	}()
	err = fn(repos(g.groupTx, g.store.now))
	kept = err == nil
	return err
}

// groupTx runs statements in the transaction of a group. It begins none for a context that
// has ended, but lets a running one finish, because an interrupt would undo the whole
// transaction. It prepares each statement once.
type groupTx struct {
	tx    *sql.Tx
	store *Store
}

// stmt returns a prepared statement, or nil the first time and has it prepared after the
// commit: a statement that is prepared within a transaction ends with it.
func (q groupTx) stmt(query string) *sql.Stmt {
	stmt, known := q.store.prepared[query]
	if !known {
		q.store.prepared[query] = nil
	}
	if stmt == nil {
		return nil
	}
	return q.tx.Stmt(stmt)
}

func (q groupTx) exec(query string, args ...any) (sql.Result, error) {
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Exec(args...)
	}
	return q.tx.Exec(query, args...)
}

func (q groupTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return q.exec(query, args...)
}

func (q groupTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Query(args...)
	}
	return q.tx.Query(query, args...)
}

func (q groupTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return q.tx.QueryRowContext(ctx, query, args...) // only database/sql can make a row that fails
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.QueryRow(args...)
	}
	return q.tx.QueryRow(query, args...)
}
