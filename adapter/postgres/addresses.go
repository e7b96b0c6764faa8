package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// spellAddresses gives the addresses of people and posts their official spelling, once for
// each edition of the official neighbourhoods. Those that name none stay. Of several
// programs that open the store at a time, one does it and the others wait.
func spellAddresses(ctx context.Context, db *sql.DB) (done rows.Addresses, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return done, err
	}
	defer tx.Rollback() // does nothing after Commit
	var edition string
	if err := tx.QueryRowContext(ctx, `SELECT edition FROM address_edition FOR UPDATE`).Scan(&edition); err != nil {
		return done, fmt.Errorf("read edition: %w", err)
	}
	if edition >= place.Edition {
		return done, nil
	}
	done.Renamed = map[string]string{}
	if err := addresses(ctx, tx, &done); err != nil {
		return done, fmt.Errorf("read addresses: %w", err)
	}
	var old, now []string
	for was, is := range done.Renamed {
		old, now = append(old, was), append(now, is)
	}
	for _, table := range []string{`"user"`, `party`} { // the withdrawn have no address any more
		// #nosec G202 -- table is one of two names
		_, err := tx.ExecContext(ctx, `
			UPDATE `+table+`
			SET neighborhood = r.now
			FROM unnest($1::text[], $2::text[]) AS r (old, now)
			WHERE neighborhood = r.old`, old, now)
		if err != nil {
			return done, fmt.Errorf("spell addresses: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE address_edition SET edition = $1`, place.Edition); err != nil {
		return done, fmt.Errorf("spell addresses: %w", err)
	}
	return done, tx.Commit()
}

// addresses adds the addresses of all people and posts to done.
func addresses(ctx context.Context, tx *sql.Tx, done *rows.Addresses) error {
	found, err := tx.QueryContext(ctx, `
		SELECT neighborhood, sum(people)::bigint, sum(posts)::bigint
		FROM (
			SELECT neighborhood, count(*) AS people, 0 AS posts FROM "user" WHERE withdrawn_at IS NULL GROUP BY neighborhood
			UNION ALL
			SELECT neighborhood, 0, count(*) FROM party GROUP BY neighborhood
		) AS a
		GROUP BY neighborhood`)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var name string
		var people, posts int
		if err := found.Scan(&name, &people, &posts); err != nil {
			return err
		}
		done.Add(name, people, posts)
	}
	return found.Err()
}

// Unplaced calls found for each person whose address is no official neighbourhood. The
// schema stays as it is.
func Unplaced(ctx context.Context, dsn string, found func(user.State) error) error {
	s, err := Attach(ctx, dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	people, err := s.pool.Query(ctx, `SELECT id, username, neighborhood FROM "user" WHERE withdrawn_at IS NULL ORDER BY id`)
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
