package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type boards struct{ q queryer }

// Page finds the ids in the index first, so that it reads no post that it skips, and counts on
// from the last one. The outer limit is part of the statement, because a plan for any limit
// would read the whole table; that of each neighbourhood is not, since the index has its ids in
// order and nothing else is read. On first pages it is, so that PostgreSQL keeps the plan: to
// make one takes as long as to read the page.
func (r boards) Page(ctx context.Context, where []user.Neighborhood, f party.Filter, skip, limit, ahead int) (page []port.Post, total int, err error) {
	b, args := onBoard(where, f)
	each, offset, cut := strconv.Itoa(limit), ``, args
	if skip > 0 {
		each, offset = fmt.Sprintf(`$%d`, len(args)+1), fmt.Sprintf(` OFFSET $%d`, len(args)+2)
		cut = append(slices.Clip(args), skip+limit, skip)
	}
	after := 0
	fields := func(p *port.Post) []any { return append(rows.Post(p), &after) }
	page, err = query(ctx, r.q, fields, fmt.Sprintf(`
		WITH page AS MATERIALIZED (
			SELECT board.id
			FROM %s board
			ORDER BY %s
			LIMIT %d%s
		)`, b.newest(anyID, each), b.order(), limit, offset)+
		posts(`party`, `''`, fmt.Sprintf(`, (SELECT count(*) FROM (SELECT FROM %s board LIMIT %d) after)`,
			b.newest(`(SELECT min(id) FROM page)`, strconv.Itoa(ahead)), ahead))+`
		JOIN page ON page.id = p.id
		ORDER BY p.id DESC`, cut...)
	if err != nil {
		return nil, 0, failed("read posts", err)
	}
	if len(page) > 0 {
		return page, skip + len(page) + after, nil
	}
	most := fmt.Sprintf(`$%d`, len(args)+1)
	counted, err := query(ctx, r.q, rows.Value[int], `SELECT count(*) FROM (SELECT FROM `+b.newest(anyID, most)+` board LIMIT `+most+`) all_of_it`,
		append(args, skip+limit+ahead)...)
	if err != nil {
		return nil, 0, failed("count posts", err)
	}
	return nil, counted[0], nil
}

// board is what the ids of a board are read from: the columns that a range of an index begins
// with, and their values, maybe for each of some names.
type board struct {
	names           string
	columns, values []string
}

// onBoard gives a board, with its arguments. Several neighbourhoods are one statement, however
// many they are.
func onBoard(where []user.Neighborhood, f party.Filter) (b board, args []any) {
	// In a SELECT, so that a plan doesn't depend on which or how many there are, and is kept.
	b, args = board{``, []string{`neighborhood`}, []string{`(SELECT $1::text)`}}, []any{where[0]}
	if len(where) > 1 {
		b.names, b.values, args = `unnest((SELECT $1::text[])) name, LATERAL `, []string{`name`}, []any{texts(where)}
	}
	if f.Category != "" {
		b.columns, b.values, args = append(b.columns, `category`), append(b.values, `(SELECT $2::text)`), append(args, f.Category)
	}
	if f.State != "" {
		b.columns, b.values = append(b.columns, `complete`), append(b.values, strconv.FormatBool(f.State == party.Completed))
	}
	return b, args
}

// anyID is above every id.
const anyID = `9223372036854775807`

// newest selects the newest ids of each neighbourhood that are below one. It names a range of
// the index by both its ends, and its order by all the columns. With equal signs PostgreSQL
// would know that id is all the order there is, and where many posts are on one board it would
// walk the primary key, past all that others wrote since. Hidden posts are few, and are hashed
// once: a join would change the plan.
func (b board) newest(below, limit string) string {
	columns, values := strings.Join(b.columns, `, `), strings.Join(b.values, `, `)
	return fmt.Sprintf(`%s(
		SELECT %[2]s, id FROM party
		WHERE deleted_at IS NULL AND (%[2]s, id) < (%[3]s, %[4]s) AND (%[2]s, id) > (%[3]s, 0)
			AND id NOT IN (SELECT party_id FROM hidden_post)
		ORDER BY %[5]s DESC, id DESC
		LIMIT %[6]s)`, b.names, columns, values, below, strings.Join(b.columns, ` DESC, `), limit)
}

// order is that of the newest ids of all neighbourhoods. Those of one are in order already,
// which PostgreSQL sees by all the columns.
func (b board) order() string {
	if b.names != "" {
		return `board.id DESC`
	}
	return `board.` + strings.Join(b.columns, ` DESC, board.`) + ` DESC, board.id DESC`
}

// texts are the names as pgx takes them.
func texts(names []user.Neighborhood) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = string(name)
	}
	return all
}

func (r boards) Post(ctx context.Context, id party.ID, who user.ID) (port.Post, error) {
	found, err := query(ctx, r.q, rows.Post, postFor, id, who)
	return onlyPost(found, err)
}

func onlyPost(found []port.Post, err error) (port.Post, error) {
	switch {
	case err != nil:
		return port.Post{}, failed("read post", err)
	case len(found) == 0:
		return port.Post{}, party.ErrNotFound
	}
	return found[0], nil
}

// postFor reads the post of the party $1 as the user $2 sees it.
var postFor = posts(onePost, `coalesce((SELECT m.standing FROM member m WHERE m.party_id = p.id AND m.user_id = $2), '')`, ``) + `
		WHERE p.deleted_at IS NULL`

// Talk reads the lines before the post, in one round trip.
func (r boards) Talk(ctx context.Context, id party.ID, who user.ID, limit int) (port.Post, []port.Line, error) {
	var lines []port.Line
	var posts []port.Post
	err := again(ctx, r.q, func() error {
		b := &pgx.Batch{}
		b.Queue(linesBefore, id, int64(math.MaxInt64), limit)
		b.Queue(postFor, id, who)
		results := r.q.SendBatch(ctx, b)
		found, err := results.Query()
		var failure error
		lines, failure = collect(found, err, rows.Line)
		found, err = results.Query()
		posts, err = collect(found, err, rows.Post)
		return cmp.Or(failure, err, results.Close())
	})
	post, err := onlyPost(posts, err)
	if err != nil {
		return port.Post{}, nil, err
	}
	slices.Reverse(lines)
	return rows.Talk(post, lines), lines, nil
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
		p.closed, p.room_deleted_at IS NOT NULL, EXISTS (SELECT FROM hidden_post WHERE party_id = p.id),
		p.seated, ` + standing + `,
		h.last_seq, p.created_at` + more + `
	FROM ` + table + ` p
	JOIN room h ON h.id = p.id
	JOIN "user" u ON u.id = p.leader_id`
}

func (r boards) Joined(ctx context.Context, who user.ID, limit int) ([]port.Post, error) {
	joined := `(
		SELECT p.*
		FROM member m
		JOIN LATERAL (SELECT * FROM party WHERE id = m.party_id LIMIT 1) p ON true
		JOIN room h ON h.id = m.party_id
		WHERE m.user_id = $1 AND m.standing = 'in' AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY h.active_at DESC, h.id DESC
		LIMIT $2)`
	found, err := query(ctx, r.q, rows.Post, posts(joined, `'in'`, ``)+`
		ORDER BY h.active_at DESC, h.id DESC`, who, limit)
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return found, nil
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
