package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// spellAddresses gives the addresses of people and posts their official spelling, once for
// each edition of the official neighbourhoods. Those that name none stay.
func spellAddresses(ctx context.Context, db *sql.DB) (done rows.Addresses, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return done, err
	}
	defer tx.Rollback() // does nothing after Commit
	var edition string
	if err := tx.QueryRowContext(ctx, `SELECT edition FROM address_edition`).Scan(&edition); err != nil {
		return done, fmt.Errorf("read edition: %w", err)
	}
	if edition >= place.Edition {
		return done, nil
	}
	type address struct {
		name          string
		people, posts int
	}
	found, err := tx.QueryContext(ctx, `
		SELECT neighborhood, sum(people), sum(posts)
		FROM (
			SELECT neighborhood, count(*) AS people, 0 AS posts FROM user WHERE withdrawn_at IS NULL GROUP BY neighborhood
			UNION ALL
			SELECT neighborhood, 0, count(*) FROM party GROUP BY neighborhood
		)
		GROUP BY neighborhood`)
	all, err := collect(found, err, func(a *address) []any { return []any{&a.name, &a.people, &a.posts} })
	if err != nil {
		return done, fmt.Errorf("read addresses: %w", err)
	}
	done.Renamed = map[string]string{}
	for _, a := range all {
		done.Add(a.name, a.people, a.posts)
	}
	renamed, err := json.Marshal(done.Renamed)
	if err != nil {
		return done, err
	}
	// A table with a key: SQLite would compare each row with all that json_each gives.
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{`CREATE TEMP TABLE renamed (old TEXT PRIMARY KEY, now TEXT NOT NULL) STRICT, WITHOUT ROWID`, nil},
		{`INSERT INTO renamed SELECT key, value FROM json_each(?)`, []any{string(renamed)}},
		{`UPDATE user SET neighborhood = now FROM renamed WHERE neighborhood = old AND withdrawn_at IS NULL`, nil},
		{`UPDATE party SET neighborhood = now FROM renamed WHERE neighborhood = old`, nil},
		{`DROP TABLE renamed`, nil},
		{`UPDATE address_edition SET edition = ?`, []any{place.Edition}},
	} {
		if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
			return done, fmt.Errorf("spell addresses: %w", err)
		}
	}
	return done, tx.Commit()
}

// Unplaced calls found for each person in the data folder dir whose address is no official
// neighbourhood. The folder may be in use.
func Unplaced(ctx context.Context, dir string, found func(user.State) error) error {
	db, err := openReadOnly(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	defer db.Close()
	people, err := db.QueryContext(ctx, `SELECT id, username, neighborhood FROM user WHERE withdrawn_at IS NULL ORDER BY id`)
	if err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	defer people.Close()
	for people.Next() {
		var u user.State
		if err := people.Scan(&u.ID, &u.Username, &u.Neighborhood); err != nil {
			return fmt.Errorf("read addresses: %w", err)
		}
		if u.Neighborhood.Official() {
			continue
		}
		if err := found(u); err != nil {
			return err
		}
	}
	return people.Err()
}
