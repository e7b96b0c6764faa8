// Package migration holds the steps of the store's tables that need Go; the
// others are SQL.
package migration

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// NormaliseAddresses gives old neighbourhoods the names that boards go by, so
// that people and posts who are neighbours find each other again.
func NormaliseAddresses(ctx context.Context, tx *sql.Tx) error {
	renamed, err := renamed(ctx, tx)
	if err != nil || len(renamed) == 0 {
		return err
	}
	list, err := json.Marshal(renamed)
	if err != nil {
		return err
	}
	for _, table := range []string{"user", "party"} {
		_, err := tx.ExecContext(ctx, `
			WITH renamed (old, now) AS MATERIALIZED (
				SELECT value ->> 0, value ->> 1 FROM json_each(?))
			UPDATE `+table+`
			SET neighborhood = now
			FROM renamed
			WHERE neighborhood = old`, string(list))
		if err != nil {
			return fmt.Errorf("rename neighbourhoods of %s: %w", table, err)
		}
	}
	return nil
}

// renamed lists the neighbourhoods that have another name now, each with it.
func renamed(ctx context.Context, tx *sql.Tx) (pairs [][2]user.Neighborhood, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT neighborhood FROM user UNION SELECT neighborhood FROM party`)
	if err != nil {
		return nil, fmt.Errorf("read neighbourhoods: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var old user.Neighborhood
		if err := rows.Scan(&old); err != nil {
			return nil, err
		}
		if now := old.Normalised(); now != old {
			pairs = append(pairs, [2]user.Neighborhood{old, now})
		}
	}
	return pairs, rows.Err()
}
