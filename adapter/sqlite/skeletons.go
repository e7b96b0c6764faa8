package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// addSkeletons fills in the skeletons of names that programs of before have stored.
func addSkeletons(ctx context.Context, db *sql.DB) error {
	const slice = 1000
	var last user.ID
	for {
		found, err := db.QueryContext(ctx, `
			SELECT id, username
			FROM user
			WHERE withdrawn_at IS NULL AND skeleton IS NULL AND id > ?
			ORDER BY id
			LIMIT ?`, last, slice)
		names, err := collect(found, err, func(u *user.State) []any { return []any{&u.ID, &u.Username} })
		if err != nil {
			return fmt.Errorf("read names without skeletons: %w", err)
		}
		if err := addSkeletonsTo(ctx, db, names); err != nil {
			return fmt.Errorf("add skeletons: %w", err)
		}
		if len(names) < slice {
			return nil
		}
		last = names[slice-1].ID
	}
}

func addSkeletonsTo(ctx context.Context, db *sql.DB, names []user.State) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	for _, u := range names {
		if _, err := tx.ExecContext(ctx, `UPDATE user SET skeleton = ?, uncompared = id WHERE id = ?`, user.NameDigest(u.Username), u.ID); err != nil {
			return err
		}
	}
	return tx.Commit()
}
