package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type answers struct{ q queryer }

// Claim only reads: a Write holds the only write lock there is.
func (r answers) Claim(ctx context.Context, id idempotency.ID, now time.Time) (kept idempotency.Kept, found bool, err error) {
	err = r.q.QueryRowContext(ctx, `
		SELECT content, status, body
		FROM answer
		WHERE user_id = ? AND route = ? AND key = ? AND (until IS NULL OR until > ?)`, id.Who, id.Route, id.Key, micros(now)).
		Scan(rows.Kept(&kept)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return idempotency.Kept{}, false, nil
	case err != nil:
		return idempotency.Kept{}, false, failed("read answer", err)
	}
	return kept, true, nil
}

func (r answers) Keep(ctx context.Context, id idempotency.ID, a idempotency.Kept, now, until time.Time) error {
	result, err := r.q.ExecContext(ctx, `
		INSERT INTO answer (user_id, route, key, content, status, body, until)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user_id, route, key) DO UPDATE SET
			content = excluded.content,
			status = excluded.status,
			body = excluded.body,
			until = excluded.until
			WHERE until <= ?`,
		id.Who, id.Route, id.Key, a.Content[:], a.Status, a.Body, micros(until), micros(now))
	if err != nil {
		return failed("keep answer", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("keep answer: %d rows: %w", n, errors.Join(err, errAnswered))
	}
	return nil
}

// errAnswered is a bug: a Write keeps an answer of a key that it has not claimed.
var errAnswered = errors.New("the key has an answer")

func (r answers) Forget(ctx context.Context, who user.ID, limit int) (int, error) {
	result, err := r.q.ExecContext(ctx, `
		DELETE FROM answer
		WHERE id IN (SELECT id FROM answer WHERE user_id = ? LIMIT ?)`, who, limit)
	if err != nil {
		return 0, failed("forget answers", err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}
