package sqlite

import (
	"context"
	"database/sql"
	"errors"

	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type identities struct{ q queryer }

func (r identities) Owner(ctx context.Context, provider, subject string) (user.ID, error) {
	var who user.ID
	err := r.q.QueryRowContext(ctx, `SELECT user_id FROM identity WHERE provider = ? AND subject = ?`, provider, subject).Scan(&who)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, user.ErrNotFound
	case err != nil:
		return 0, failed("find identity", err)
	}
	return who, nil
}

func (r identities) Of(ctx context.Context, who user.ID) ([]social.Link, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT provider, subject, user_id, linked_at
		FROM identity
		WHERE user_id = ?
		ORDER BY linked_at, provider`, who)
	all, err := collect(found, err, rows.Link)
	if err != nil {
		return nil, failed("read identities", err)
	}
	return all, nil
}

func (r identities) Link(ctx context.Context, l social.Link) error {
	owner, err := r.Owner(ctx, l.Provider, l.Subject)
	switch {
	case err == nil && owner == l.Who:
		return nil
	case err == nil:
		return social.ErrTaken
	case !errors.Is(err, user.ErrNotFound):
		return err
	}
	_, err = r.q.ExecContext(ctx, `
		INSERT INTO identity (provider, subject, user_id, linked_at)
		VALUES (?, ?, ?, ?)`, l.Provider, l.Subject, l.Who, micros(l.LinkedAt))
	switch {
	case is(err, codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY):
		return social.ErrTaken
	case err != nil:
		return failed("keep identity", err)
	}
	return nil
}

func (r identities) Unlink(ctx context.Context, who user.ID, providers ...string) error {
	_, err := r.q.ExecContext(ctx, `
		DELETE FROM identity
		WHERE user_id = ?1 AND (?2 = 0 OR provider IN (SELECT value FROM json_each(?3)))`, who, len(providers), rows.JSON{Rows: providers})
	if err != nil {
		return failed("give up identities", err)
	}
	return nil
}
