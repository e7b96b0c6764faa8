package postgres

import (
	"context"
	"fmt"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type boards struct{ q queryer }

// Page finds the ids in the index first, so that it reads no post that it skips. The limit is
// part of the statement, because a plan for any limit would read the whole table.
func (r boards) Page(ctx context.Context, where user.Neighborhood, of party.Category, skip, limit int) (page []port.Post, total int, err error) {
	board, args := onBoard(where, of)
	count := `SELECT count(*) FROM party WHERE ` + board
	fields := func(p *port.Post) []any { return append(rows.Post(p), &total) }
	page, err = query(ctx, r.q, fields, posts(`party`, `''`, `, (`+count+`)`)+fmt.Sprintf(`
		JOIN (
			SELECT id
			FROM party
			WHERE `+board+`
			ORDER BY id DESC
			LIMIT %d OFFSET $%d) page ON page.id = p.id
		ORDER BY p.id DESC`, limit, len(args)+1), append(args, skip)...)
	if err != nil {
		return nil, 0, failed("read posts", err)
	}
	if len(page) > 0 {
		return page, total, nil
	}
	n, err := query(ctx, r.q, rows.Value[int], count, args...)
	if err != nil {
		return nil, 0, failed("count posts", err)
	}
	return nil, n[0], nil
}

// Neighborhoods jumps from one board to the next in the index, however many
// posts each has.
func (r boards) Neighborhoods(ctx context.Context, limit int) ([]user.Neighborhood, error) {
	all, err := query(ctx, r.q, rows.Value[user.Neighborhood], `
		WITH RECURSIVE board (name) AS (
			SELECT min(neighborhood) FROM party WHERE deleted_at IS NULL
			UNION ALL
			SELECT (SELECT min(neighborhood) FROM party WHERE deleted_at IS NULL AND neighborhood > board.name)
			FROM board
			WHERE board.name IS NOT NULL)
		SELECT name
		FROM board
		WHERE name IS NOT NULL
		LIMIT $1`, limit)
	if err != nil {
		return nil, failed("list boards", err)
	}
	return all, nil
}

// onBoard is the condition that a party is on a board, with its arguments.
func onBoard(where user.Neighborhood, of party.Category) (string, []any) {
	if of == "" {
		return `deleted_at IS NULL AND neighborhood = $1`, []any{where}
	}
	return `deleted_at IS NULL AND neighborhood = $1 AND category = $2`, []any{where, of}
}

func (r boards) Post(ctx context.Context, id party.ID, who user.ID) (port.Post, error) {
	standing := `coalesce((SELECT m.standing FROM member m WHERE m.party_id = p.id AND m.user_id = $2), '')`
	found, err := query(ctx, r.q, rows.Post, posts(onePost, standing, ``)+`
		WHERE p.deleted_at IS NULL`, id, who)
	switch {
	case err != nil:
		return port.Post{}, failed("read post", err)
	case len(found) == 0:
		return port.Post{}, party.ErrNotFound
	}
	return found[0], nil
}

// onePost is the party $1. LIMIT 1 makes PostgreSQL look a row up by its primary key and by
// nothing else: it takes a partial index for almost empty while the table is new, would read
// all of that to find one row, and keeps the plan until it has counted the rows.
const onePost = `(SELECT * FROM party WHERE id = $1 LIMIT 1)`

// posts reads parties p of a table as their posts show them to somebody of that standing,
// and what more there is to read.
func posts(table, standing, more string) string {
	return `
	SELECT
		p.id, ` + person + `, p.neighborhood, p.title, p.category, p.content, p.seats,
		p.closed, p.room_deleted_at IS NOT NULL,
		(SELECT count(*) FROM member m WHERE m.party_id = p.id AND m.standing = 'in'),
		` + standing + `,
		h.last_seq, p.created_at` + more + `
	FROM ` + table + ` p
	JOIN room h ON h.id = p.id
	JOIN "user" u ON u.id = p.leader_id`
}

func (r boards) Members(ctx context.Context, id party.ID) ([]port.Member, error) {
	members, err := query(ctx, r.q, rows.Member, `
		SELECT `+person+`, u.id = p.leader_id, m.joined_at
		FROM `+onePost+` p
		JOIN member m ON m.party_id = p.id
		JOIN "user" u ON u.id = m.user_id
		WHERE p.deleted_at IS NULL AND m.standing = 'in'
		ORDER BY m.joined_at, m.user_id`, id)
	if err != nil {
		return nil, failed("read members", err)
	}
	return members, nil
}
