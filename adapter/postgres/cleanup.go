package postgres

import (
	"context"
	"time"
)

type cleanup struct{ q queryer }

func (r cleanup) Tickets(ctx context.Context, before time.Time, limit int) (int, error) {
	gone, err := query(ctx, r.q, removed, `
		DELETE FROM ticket
		WHERE digest = ANY(ARRAY(
			SELECT digest
			FROM ticket
			WHERE expires_at < $1
			ORDER BY expires_at
			LIMIT $2
			FOR UPDATE SKIP LOCKED))
		RETURNING 1`, timestamp(before), limit)
	if err != nil {
		return 0, failed("forget tickets", err)
	}
	return len(gone), nil
}

func (r cleanup) SignIns(ctx context.Context, before time.Time, limit int) (int, error) {
	gone, err := query(ctx, r.q, removed, `
		DELETE FROM sign_in
		WHERE id = ANY(ARRAY(
			SELECT id
			FROM sign_in
			WHERE expires_at < $1
			ORDER BY expires_at
			LIMIT $2
			FOR UPDATE SKIP LOCKED))
		RETURNING 1`, timestamp(before), limit)
	if err != nil {
		return 0, failed("forget sign-ins", err)
	}
	return len(gone), nil
}

func (r cleanup) Answers(ctx context.Context, before time.Time, limit int) (int, error) {
	gone, err := query(ctx, r.q, removed, `
		DELETE FROM answer
		WHERE id = ANY(ARRAY(
			SELECT id
			FROM answer
			WHERE until < $1
			ORDER BY until
			LIMIT $2
			FOR UPDATE SKIP LOCKED))
		RETURNING 1`, timestamp(before), limit)
	if err != nil {
		return 0, failed("forget answers", err)
	}
	return len(gone), nil
}

// removed reads what stands for a row that was removed.
func removed(one *int) []any { return []any{one} }
