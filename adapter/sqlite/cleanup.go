package sqlite

import (
	"context"
	"time"
)

type cleanup struct{ q queryer }

func (r cleanup) Tickets(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := r.remove(ctx, `
		DELETE FROM ticket
		WHERE digest IN (SELECT digest FROM ticket WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, before, limit)
	if err != nil {
		return 0, failed("forget tickets", err)
	}
	return n, nil
}

func (r cleanup) SignIns(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := r.remove(ctx, `
		DELETE FROM sign_in
		WHERE id IN (SELECT id FROM sign_in WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, before, limit)
	if err != nil {
		return 0, failed("forget sign-ins", err)
	}
	return n, nil
}

func (r cleanup) Answers(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := r.remove(ctx, `
		DELETE FROM answer
		WHERE id IN (SELECT id FROM answer WHERE until < ? ORDER BY until LIMIT ?)`, before, limit)
	if err != nil {
		return 0, failed("forget answers", err)
	}
	return n, nil
}

// remove runs a statement that removes rows, and counts them.
func (r cleanup) remove(ctx context.Context, statement string, before time.Time, limit int) (int, error) {
	result, err := r.q.ExecContext(ctx, statement, micros(before), limit)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
