// Package migration holds the steps of the store's tables that need Go; the
// others are SQL.
package migration

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/domain/place/frozen"
)

// NormaliseAddresses gives old neighbourhoods the names that boards go by, so
// that people and posts who are neighbours find each other again. Its rule is frozen:
// the one that addresses follow today may be another.
func NormaliseAddresses(ctx context.Context, tx *sql.Tx) error {
	old, now, err := renamed(ctx, tx)
	if err != nil || len(old) == 0 {
		return err
	}
	for _, table := range []string{`"user"`, `party`} {
		// #nosec G202 -- table is one of two names
		_, err := tx.ExecContext(ctx, `
			UPDATE `+table+`
			SET neighborhood = r.now
			FROM unnest($1::text[], $2::text[]) AS r (old, now)
			WHERE neighborhood = r.old`, old, now)
		if err != nil {
			return fmt.Errorf("rename neighbourhoods: %w", err)
		}
	}
	return nil
}

// renamed lists the neighbourhoods that get another name, and these names.
func renamed(ctx context.Context, tx *sql.Tx) (old, now []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT neighborhood FROM "user" UNION SELECT neighborhood FROM party`)
	if err != nil {
		return nil, nil, fmt.Errorf("read neighbourhoods: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var was string
		if err := rows.Scan(&was); err != nil {
			return nil, nil, err
		}
		if is := frozen.Address0002(was); is != was {
			old, now = append(old, was), append(now, is)
		}
	}
	return old, now, rows.Err()
}
