package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type answers struct{ q queryer }

// Claim takes a lock that ends with the transaction. lock_timeout bounds the wait for it. It
// reads in a statement of its own, which sees what was committed during the wait.
func (r answers) Claim(ctx context.Context, id idempotency.ID, now time.Time) (kept idempotency.Kept, found bool, err error) {
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock($1)::text`, lockOf(id))
	b.Queue(`
		SELECT content, status, body
		FROM answer
		WHERE user_id = $1 AND route = $2 AND key = $3 AND (until IS NULL OR until > $4)`, id.Who, id.Route, id.Key, timestamp(now))
	results := r.q.SendBatch(ctx, b)
	locked, err := results.Query()
	_, failure := collect(locked, err, rows.Value[string])
	answered, err := results.Query()
	all, err := collect(answered, err, rows.Kept)
	err = cmp.Or(failure, err, results.Close())
	switch {
	case is(err, "55P03"):
		return idempotency.Kept{}, false, idempotency.ErrInProgress
	case err != nil:
		return idempotency.Kept{}, false, failed("claim an idempotency key", err)
	case len(all) == 0:
		return idempotency.Kept{}, false, nil
	}
	return all[0], true, nil
}

// lockOf gives the number of the lock of a key. Two keys with the same number would wait for
// each other, and do no other harm.
func lockOf(id idempotency.ID) int64 {
	digest := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", id.Who, id.Route, id.Key))
	return int64(binary.BigEndian.Uint64(digest[:])) // #nosec G115 -- any 64 bits will do
}

func (r answers) Keep(ctx context.Context, id idempotency.ID, a idempotency.Kept, now, until time.Time) error {
	stored, err := query(ctx, r.q, rows.Value[int], `
		INSERT INTO answer AS old (user_id, route, key, content, status, body, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (user_id, route, key) DO UPDATE SET
			content = excluded.content,
			status = excluded.status,
			body = excluded.body,
			until = excluded.until
			WHERE old.until <= $8
		RETURNING 1`,
		id.Who, id.Route, id.Key, a.Content[:], a.Status, a.Body, timestamp(until), timestamp(now))
	switch {
	case err != nil:
		return failed("keep answer", err)
	case len(stored) != 1:
		return fmt.Errorf("keep answer: %w", errAnswered)
	}
	return nil
}

// errAnswered is a bug: a Write keeps an answer of a key that it has not claimed.
var errAnswered = errors.New("the key has an answer")

func (r answers) Forget(ctx context.Context, who user.ID, limit int) (int, error) {
	gone, err := query(ctx, r.q, removed, `
		DELETE FROM answer
		WHERE id = ANY(ARRAY(SELECT id FROM answer WHERE user_id = $1 LIMIT $2))
		RETURNING 1`, who, limit)
	if err != nil {
		return 0, failed("forget answers", err)
	}
	return len(gone), nil
}
