package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A transaction begins together with its first statement, in one round trip.
type transaction struct {
	conn    *pgx.Conn
	begun   bool // or was about to be
	refused bool // it did not begin: the connection was dead
	queued  []*pgx.QueuedQuery
}

// later runs a batch whose results nobody waits for. A transaction sends it with the next
// statement, or before the commit, and returns its error there.
func later(ctx context.Context, q queryer, b *pgx.Batch) error {
	if t, ok := q.(*transaction); ok {
		t.queued = append(t.queued, b.QueuedQueries...)
		return nil
	}
	return q.SendBatch(ctx, b).Close()
}

// done reads the result of a statement that was queued for later.
func done(doing string) func(pgx.BatchResults) error {
	return func(results pgx.BatchResults) error {
		if _, err := results.Exec(); err != nil {
			return failed(doing, err)
		}
		return nil
	}
}

// flush sends what is queued.
func (t *transaction) flush(ctx context.Context) error {
	if len(t.queued) == 0 {
		return nil
	}
	return t.SendBatch(ctx, &pgx.Batch{}).Close()
}

func (t *transaction) Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
	if t.begun && len(t.queued) == 0 {
		return t.conn.Query(ctx, statement, args...)
	}
	b := &pgx.Batch{}
	b.Queue(statement, args...)
	results := t.SendBatch(ctx, b)
	rows, err := results.Query()
	if err != nil {
		return nil, cmp.Or(err, results.Close())
	}
	return batchRows{rows, results}, nil
}

func (t *transaction) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	begins, queued := !t.begun, t.queued
	t.begun, t.queued = true, nil
	all := &pgx.Batch{}
	if begins {
		all.Queue("begin")
	}
	all.QueuedQueries = slices.Concat(all.QueuedQueries, queued, b.QueuedQueries)
	results := t.conn.SendBatch(ctx, all)
	if begins {
		if _, err := results.Exec(); err != nil {
			t.refused = disconnected(err) // and not what the first statement itself is refused for
			results.Close()
			t.conn.Close(ctx) // or what comes next would stand outside a transaction
			return pgx.FailedBatchResults(b, failed("begin", err))
		}
	}
	for _, q := range queued {
		if err := q.Fn(results); err != nil {
			results.Close()
			return pgx.FailedBatchResults(b, err)
		}
	}
	return results
}

// batchRows are the rows of the last statement of a batch.
type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
}

func (b batchRows) Close() {
	b.Rows.Close()
	b.results.Close() // which has nothing to say that the rows have not
}

// undo rolls back even if the context of the Write has ended. If that fails it closes the
// connection, which ends the transaction.
func (t *transaction) undo(ctx context.Context) {
	if !t.begun || t.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		t.conn.Close(ctx)
	}
}

// commit has three outcomes: done, not done, and errUnknown. It ignores pgx, which reports
// that a COMMIT whose answer was lost is safe to send again.
func (t *transaction) commit(ctx context.Context) error {
	if !t.begun {
		return nil
	}
	conn := t.conn.PgConn()
	if conn.IsClosed() {
		return failed("commit", pgconn.ErrConnClosed) // nothing is sent over it
	}
	delete(conn.CustomData(), warning)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	tag, err := t.conn.Exec(ctx, "commit")
	switch {
	case err != nil && conn.TxStatus() != 'I':
		t.conn.Close(ctx)
	case err == nil && tag.String() == "ROLLBACK": // a statement had failed
		err = pgx.ErrTxCommitRollback
	}
	warned, _ := conn.CustomData()[warning].(*pgconn.Notice)
	refused, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil && warned == nil:
		return nil
	case err == nil: // the wait for the standby was ended: it is stored here, and perhaps nowhere else
		err = (*pgconn.PgError)(warned)
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return failed("commit", err)
	case refused != nil && refused.SeverityUnlocalized == "ERROR" && !strings.HasPrefix(refused.Code, "57"):
		return failed("commit", err)
	}
	return fmt.Errorf("commit: %w: %v", errUnknown, err)
}
