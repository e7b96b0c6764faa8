package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// addSkeletons fills in the skeletons of names that programs of before have stored.
func addSkeletons(ctx context.Context, db *sql.DB) error {
	const slice = 1000
	var last int64
	for {
		ids, names, err := withoutSkeletons(ctx, db, last, slice)
		if err != nil {
			return fmt.Errorf("read names without skeletons: %w", err)
		}
		skeletons := make([]int64, len(ids))
		for i, id := range ids {
			last, skeletons[i] = id, user.NameDigest(names[i])
		}
		_, err = db.ExecContext(ctx, `
			UPDATE "user" u
			SET skeleton = n.skeleton, uncompared = u.id
			FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS n (id, name, skeleton)
			WHERE u.id = n.id AND u.username = n.name AND u.skeleton IS NULL`, ids, names, skeletons)
		if err != nil {
			return fmt.Errorf("add skeletons: %w", err)
		}
		if len(ids) < slice {
			return nil
		}
	}
}

func withoutSkeletons(ctx context.Context, db *sql.DB, after int64, limit int) (ids []int64, names []string, err error) {
	rows, err := db.QueryContext(ctx, `
		SELECT id, username
		FROM "user"
		WHERE withdrawn_at IS NULL AND skeleton IS NULL AND id > $1
		ORDER BY id
		LIMIT $2`, after, limit)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, nil, err
		}
		ids, names = append(ids, id), append(names, name)
	}
	return ids, names, rows.Err()
}
