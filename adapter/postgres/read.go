package postgres

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Read gives repositories that wait for no Write and see what was committed
// when each query began.
func (s *Store) Read() port.Repos { return repos(pooled{s.pool}) }

// acquire waits for a connection, for a bounded time.
func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, acquireTimeout)
	defer cancel()
	conn, err := pool.Acquire(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: no connection within %s", errUnavailable, acquireTimeout)
	}
	return conn, err
}

// pooled borrows a connection for each query.
type pooled struct{ pool *pgxpool.Pool }

func (p pooled) Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
	conn, err := acquire(ctx, p.pool)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, statement, args...)
	if err != nil {
		conn.Release()
		return nil, err
	}
	return borrowedRows{rows, conn}, nil
}

func (p pooled) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	conn, err := acquire(ctx, p.pool)
	if err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return borrowedResults{conn.SendBatch(ctx, b), conn}
}

type borrowedRows struct {
	pgx.Rows
	conn *pgxpool.Conn
}

func (b borrowedRows) Close() {
	b.Rows.Close()
	b.conn.Release()
}

type borrowedResults struct {
	pgx.BatchResults
	conn *pgxpool.Conn
}

func (b borrowedResults) Close() error {
	defer b.conn.Release()
	return b.BatchResults.Close()
}

// query reads all rows of a statement, each into the fields of a T, from the pool as again does.
func query[T any](ctx context.Context, q queryer, fields func(*T) []any, statement string, args ...any) ([]T, error) {
	var all []T
	err := again(ctx, q, func() error {
		found, err := q.Query(ctx, statement, args...)
		all, err = collect(found, err, fields)
		return err
	})
	return all, err
}

// again reads from the pool once more if the connection had died.
func again(ctx context.Context, q queryer, read func() error) error {
	err := read()
	if p, pool := q.(pooled); pool && disconnected(err) && ctx.Err() == nil {
		p.pool.Reset() // seldom the only one
		err = read()
	}
	return err
}

// queryLocked runs lock, which locks rooms, and then query, in one round trip. It takes two
// statements: one that waited for a lock would see all other rows as they were before the
// wait. It also returns which rooms are locked.
func queryLocked[T any](ctx context.Context, q queryer, lock string, ids []room.ID, fields func(*T) []any, statement string, args ...any) ([]T, []room.ID, error) {
	b := &pgx.Batch{}
	b.Queue(lock, ids)
	b.Queue(statement, args...)
	results := q.SendBatch(ctx, b)
	found, err := results.Query()
	locked, failure := collect(found, err, rows.Value[room.ID])
	found, err = results.Query()
	all, err := collect(found, err, fields)
	return all, locked, cmp.Or(failure, err, results.Close())
}

func exec(ctx context.Context, q queryer, statement string, args ...any) error {
	found, err := q.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	found.Close()
	return found.Err()
}

func collect[T any](found pgx.Rows, err error, fields func(*T) []any) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer found.Close()
	return rows.All(found, fields)
}
