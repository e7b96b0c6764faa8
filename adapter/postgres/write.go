package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/Group-buying-service/mealbuddy/port"
)

// maxTries is how often a Write is run at most.
const maxTries = 4

// Write runs fn in a transaction. Rows that fn locks stay locked until it ends, so
// the default isolation level is enough. A context that ends stops the statements
// of fn, but never the commit. If the outcome of a commit is unknown, Write returns
// a fault of kind Unavailable with the code unknown_outcome.
func (s *Store) Write(ctx context.Context, fn func(port.Repos) error) error {
	for try := 1; ; try++ {
		err := s.write(ctx, fn)
		if try == maxTries || !retryable(err) {
			return err
		}
		pause := time.NewTimer(rand.N(time.Duration(try) * 20 * time.Millisecond)) // #nosec G404 -- spreads load, guards nothing
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (s *Store) write(ctx context.Context, fn func(port.Repos) error) (err error) {
	conn, err := acquire(ctx, s.pool)
	if err != nil {
		return failed("wait to write", err)
	}
	defer conn.Release()
	tx := &transaction{conn: conn.Conn()}
	done := false
	defer func() { // after a panic, too
		if !done {
			tx.undo(ctx)
		}
		if is(err, "25006") { // read only: no longer the one to write to
			tx.conn.Close(context.WithoutCancel(ctx))
		}
	}()
	if err = fn(repos(tx)); err == nil {
		err = tx.flush(ctx)
	}
	switch {
	case tx.refused && err != nil && ctx.Err() == nil:
		s.pool.Reset() // a dead connection is seldom the only one
		return notBegun{err}
	case err != nil:
		return err
	}
	done = true
	return tx.commit(ctx)
}

// notBegun says why a transaction did not begin.
type notBegun struct{ error }

func (u notBegun) Unwrap() error { return u.error }

// retryable tells whether a Write changed nothing and may succeed if it runs again: it could
// not begin, or it conflicted with another.
func retryable(err error) bool {
	_, never := errors.AsType[notBegun](err)
	return never || is(err, "40001", "40P01")
}
