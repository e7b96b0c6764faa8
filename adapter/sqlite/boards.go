package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type boards struct{ q queryer }

// Page finds the ids in the index first, so that it reads no post that it skips. Those of
// several neighbourhoods are merged in their order.
func (r boards) Page(ctx context.Context, where []user.Neighborhood, f party.Filter, skip, limit, ahead int) (page []port.Post, total int, err error) {
	each, args := onBoard(where, f)
	found, err := r.q.QueryContext(ctx, posts(`''`)+`
		WHERE p.id IN (
			`+strings.Join(each, `
			UNION ALL
			`)+`
			ORDER BY id DESC
			LIMIT ? OFFSET ?)
		ORDER BY p.id DESC`, append(args, limit, skip)...)
	page, err = collect(found, err, rows.Post)
	if err != nil {
		return nil, 0, failed("read posts", err)
	}
	switch total = skip + len(page); len(page) {
	case 0:
		total, err = r.count(ctx, where, f, math.MaxInt64, skip+limit+ahead)
	case limit:
		var after int
		after, err = r.count(ctx, where, f, page[limit-1].ID, ahead)
		total += after
	}
	return page, total, err
}

// count tells how many posts there are before one, but counts no more than a limit.
func (r boards) count(ctx context.Context, where []user.Neighborhood, f party.Filter, before party.ID, limit int) (n int, err error) {
	each, args := onBoard(where, f)
	err = r.q.QueryRowContext(ctx, `
		SELECT count(*)
		FROM (SELECT id FROM (`+strings.Join(each, " UNION ALL ")+`) WHERE id < ? LIMIT ?)`, append(args, before, limit)...).Scan(&n)
	if err != nil {
		return 0, failed("count posts", err)
	}
	return n, nil
}

// onBoard gives a query for the ids of each neighbourhood's posts, with their arguments.
func onBoard(where []user.Neighborhood, f party.Filter) (each []string, args []any) {
	for _, name := range where {
		ids := `SELECT id FROM party WHERE deleted_at IS NULL AND id NOT IN (SELECT party_id FROM hidden_post) AND neighborhood = ?`
		args = append(args, name)
		if f.Category != "" {
			ids += ` AND category = ?`
			args = append(args, f.Category)
		}
		if f.State != "" {
			ids += ` AND complete = ?`
			args = append(args, f.State == party.Completed)
		}
		each = append(each, ids)
	}
	return each, args
}

func (r boards) Post(ctx context.Context, id party.ID, who user.ID) (port.Post, error) {
	var p port.Post
	standing := `coalesce((SELECT m.standing FROM member m WHERE m.party_id = p.id AND m.user_id = ?), '')`
	err := r.q.QueryRowContext(ctx, posts(standing)+`
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

// Talk reads the lines before the post.
func (r boards) Talk(ctx context.Context, id party.ID, who user.ID, limit int) (port.Post, []port.Line, error) {
	lines, err := logs(r).Before(ctx, id, math.MaxInt64, limit)
	if err != nil {
		return port.Post{}, nil, err
	}
	post, err := r.Post(ctx, id, who)
	if err != nil {
		return port.Post{}, nil, err
	}
	return rows.Talk(post, lines), lines, nil
}

// posts reads parties p as their posts show them to somebody of that standing.
func posts(standing string) string {
	return `
	SELECT
		p.id, ` + person + `, p.neighborhood, p.title, p.category, p.content, p.seats,
		p.closed, p.room_deleted_at IS NOT NULL, EXISTS (SELECT 1 FROM hidden_post WHERE party_id = p.id),
		p.seated, ` + standing + `,
		h.last_seq, p.created_at
	FROM party p
	JOIN room h ON h.id = p.id
	JOIN user u ON u.id = p.leader_id`
}

func (r boards) Joined(ctx context.Context, who user.ID, limit int) ([]port.Post, error) {
	found, err := r.q.QueryContext(ctx, posts(`mine.standing`)+`
		JOIN member mine ON mine.party_id = p.id
		WHERE mine.user_id = ? AND mine.standing = 'in' AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY h.active_at DESC, h.id DESC
		LIMIT ?`, who, limit)
	joined, err := collect(found, err, rows.Post)
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return joined, nil
}

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
