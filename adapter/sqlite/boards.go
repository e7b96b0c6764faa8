package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type boards struct{ q queryer }

// Page finds the ids in the index first, so that it reads no post that it skips.
func (r boards) Page(ctx context.Context, where user.Neighborhood, of party.Category, skip, limit int) (page []port.Post, total int, err error) {
	board, args := onBoard(where, of)
	if err := r.q.QueryRowContext(ctx, `SELECT count(*) FROM party WHERE `+board, args...).Scan(&total); err != nil {
		return nil, 0, failed("count posts", err)
	}
	args = slices.Concat([]any{nobody}, args, []any{limit, skip})
	found, err := r.q.QueryContext(ctx, posts+`
		WHERE p.id IN (
			SELECT id
			FROM party
			WHERE `+board+`
			ORDER BY id DESC
			LIMIT ? OFFSET ?)
		ORDER BY p.id DESC`, args...)
	page, err = collect(found, err, rows.Post)
	if err != nil {
		return nil, 0, failed("read posts", err)
	}
	return page, total, nil
}

// Neighborhoods jumps from one board to the next in the index, however many
// posts each has.
func (r boards) Neighborhoods(ctx context.Context, limit int) ([]user.Neighborhood, error) {
	found, err := r.q.QueryContext(ctx, `
		WITH RECURSIVE board (name) AS (
			SELECT min(neighborhood) FROM party WHERE deleted_at IS NULL AND neighborhood > ''
			UNION ALL
			SELECT (SELECT min(neighborhood) FROM party WHERE deleted_at IS NULL AND neighborhood > board.name)
			FROM board
			WHERE board.name IS NOT NULL)
		SELECT name
		FROM board
		WHERE name IS NOT NULL
		LIMIT ?`, limit)
	all, err := collect(found, err, rows.Value[user.Neighborhood])
	if err != nil {
		return nil, failed("list boards", err)
	}
	return all, nil
}

// onBoard is the condition that a party is on a board, with its arguments.
func onBoard(where user.Neighborhood, of party.Category) (string, []any) {
	if of == "" {
		return `deleted_at IS NULL AND neighborhood = ?`, []any{where}
	}
	return `deleted_at IS NULL AND neighborhood = ? AND category = ?`, []any{where, of}
}

func (r boards) Post(ctx context.Context, id party.ID, who user.ID) (port.Post, error) {
	var p port.Post
	err := r.q.QueryRowContext(ctx, posts+`
		WHERE p.id = ? AND p.deleted_at IS NULL`, who, id).
		Scan(rows.Post(&p)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return port.Post{}, party.ErrNotFound
	case err != nil:
		return port.Post{}, failed("read post", err)
	}
	return p, nil
}

// posts reads parties p as their posts show them to the user who is its first
// argument.
const posts = `
	SELECT
		p.id, ` + person + `, p.neighborhood, p.title, p.category, p.content, p.seats,
		p.closed, p.room_deleted_at IS NOT NULL,
		(SELECT count(*) FROM member m WHERE m.party_id = p.id AND m.standing = 'in'),
		coalesce((SELECT m.standing FROM member m WHERE m.party_id = p.id AND m.user_id = ?), ''),
		h.last_seq, p.created_at
	FROM party p
	JOIN room h ON h.id = p.id
	JOIN user u ON u.id = p.leader_id`

// nobody is a stranger to every party.
const nobody user.ID = 0

func (r boards) Members(ctx context.Context, id party.ID) ([]port.Member, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT `+person+`, u.id = p.leader_id, m.joined_at
		FROM party p
		JOIN member m ON m.party_id = p.id
		JOIN user u ON u.id = m.user_id
		WHERE p.id = ? AND p.deleted_at IS NULL AND m.standing = 'in'
		ORDER BY m.joined_at, m.user_id`, id)
	members, err := collect(found, err, rows.Member)
	if err != nil {
		return nil, failed("read members", err)
	}
	return members, nil
}
