// Package migration holds the steps of the store's tables that need Go; the
// others are SQL.
package migration

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/place/frozen"
)

// NormaliseAddresses gives old neighbourhoods the names that boards go by, so
// that people and posts who are neighbours find each other again. Its rule is frozen:
// the one that addresses follow today may be another.
func NormaliseAddresses(ctx context.Context, tx *sql.Tx) error {
	renamed, err := renamed(ctx, tx)
	if err != nil || len(renamed) == 0 {
		return err
	}
	list, err := json.Marshal(renamed)
	if err != nil {
		return err
	}
	// A table with a key: SQLite would compare each row with all that json_each gives.
	for _, step := range []string{
		`CREATE TEMP TABLE renamed (old TEXT PRIMARY KEY, now TEXT NOT NULL) STRICT, WITHOUT ROWID`,
		`INSERT INTO renamed SELECT value ->> 0, value ->> 1 FROM json_each(?1)`,
		`UPDATE user SET neighborhood = now FROM renamed WHERE neighborhood = old`,
		`UPDATE party SET neighborhood = now FROM renamed WHERE neighborhood = old`,
		`DROP TABLE renamed`,
	} {
		args := []any{string(list)}
		if !strings.Contains(step, "?1") {
			args = nil
		}
		if _, err := tx.ExecContext(ctx, step, args...); err != nil {
			return fmt.Errorf("rename neighbourhoods: %w", err)
		}
	}
	return nil
}

// renamed lists the neighbourhoods that get another name, each with it.
func renamed(ctx context.Context, tx *sql.Tx) (pairs [][2]string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT neighborhood FROM user UNION SELECT neighborhood FROM party`)
	if err != nil {
		return nil, fmt.Errorf("read neighbourhoods: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var old string
		if err := rows.Scan(&old); err != nil {
			return nil, err
		}
		if now := frozen.Address0002(old); now != old {
			pairs = append(pairs, [2]string{old, now})
		}
	}
	return pairs, rows.Err()
}
