package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/port"
)

// Write runs fn while nobody else writes. Writes that come together share a
// transaction, and so the wait for the disk; each of them is kept or undone by
// itself, and returns once all of that is committed: what fn refuses may come of
// what others have written. A context that ends stops the wait for its turn and
// the statements of fn, but never the commit: nobody is left in doubt about it.
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
	broke := err != nil && g.broken != nil // by what err says
	passed = true
	s.pass(g)
	<-g.done
	if g.err != nil && !broke {
		return g.err
	}
	return err
}

const (
	groupSize = 64                   // Writes that share a transaction
	groupTime = 2 * time.Millisecond // for which it is open to more of them
)

// A group is a transaction of some Writes that follow each other. The one whose
// turn it is owns it.
type group struct {
	steady
	began  time.Time
	size   int
	broken error         // why the transaction cannot be committed
	done   chan struct{} // closed when err says what became of it
	err    error
}

// take waits for the turn to write. It comes with a group that another Write has
// begun, or with a new one.
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
	return &group{steady: steady{tx, s}, began: time.Now(), done: make(chan struct{})}, nil
}

// pass gives the turn away: to a Write that waits, which then sees to g, or to
// nobody once g is committed.
func (s *Store) pass(g *group) {
	g.size++
	if g.broken == nil && g.size < groupSize && time.Since(g.began) < groupTime {
		select {
		case s.handed <- g:
			return
		default: // nobody waits
		}
	}
	switch {
	case g.broken != nil:
		g.err = fmt.Errorf("write: %w: %w", errUnavailable, g.broken)
		g.tx.Rollback() // which it may have been already
	default:
		if err := g.tx.Commit(); err != nil {
			g.err = failed("commit", err)
		}
	}
	s.prepare()
	<-s.turn
	close(g.done)
}

// prepare prepares the statements that were met for the first time.
func (s *Store) prepare() {
	for query, stmt := range s.prepared {
		if stmt == nil {
			s.prepared[query], _ = s.write.Prepare(query) // nil for another try
		}
	}
}

// run runs fn so that the rest of the group stands whatever becomes of it.
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
	err = fn(repos(g.steady, g.store.now))
	kept = err == nil
	return err
}

// steady begins no statement for a context that has ended, and lets those that
// have begun finish: to interrupt one would undo the whole transaction. It
// prepares each statement once.
type steady struct {
	tx    *sql.Tx
	store *Store
}

// stmt gives a statement that is prepared, or nil and sees to it that it is the
// next time: while the transaction is open its connection prepares nothing that
// would outlive it.
func (q steady) stmt(query string) *sql.Stmt {
	stmt, known := q.store.prepared[query]
	if !known {
		q.store.prepared[query] = nil
	}
	if stmt == nil {
		return nil
	}
	return q.tx.Stmt(stmt)
}

func (q steady) exec(query string, args ...any) (sql.Result, error) {
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Exec(args...)
	}
	return q.tx.Exec(query, args...)
}

func (q steady) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return q.exec(query, args...)
}

func (q steady) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Query(args...)
	}
	return q.tx.Query(query, args...)
}

func (q steady) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return q.tx.QueryRowContext(ctx, query, args...) // only database/sql can make a row that fails
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.QueryRow(args...)
	}
	return q.tx.QueryRow(query, args...)
}
