package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type parties struct{ q queryer }

// Open locks the account, and then makes the room and counts, in one round trip.
func (r parties) Open(ctx context.Context, who user.ID, since, at time.Time) (port.Opening, error) {
	b := &pgx.Batch{}
	b.Queue(lockUser, who)
	b.Queue(openRoom, timestamp(at))
	if !since.IsZero() {
		b.Queue(countParties, who, since)
	}
	results := r.q.SendBatch(ctx, b)
	found, err := results.Query()
	leaders, failure := collect(found, err, rows.User)
	found, err = results.Query()
	ids, err := collect(found, err, rows.Value[room.ID])
	failure = cmp.Or(failure, err)
	counted := []counts{{}}
	if !since.IsZero() {
		found, err = results.Query()
		counted, err = collect(found, err, (*counts).fields)
		failure = cmp.Or(failure, err)
	}
	failure = cmp.Or(failure, results.Close())
	switch {
	case failure != nil:
		return port.Opening{}, failed("open party", failure)
	case len(leaders) == 0:
		return port.Opening{}, user.ErrNotFound
	}
	return port.Opening{ID: ids[0], Leader: user.Restore(leaders[0]), Recruiting: counted[0].recruiting, Opened: counted[0].opened}, nil
}

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	found, err := query(ctx, r.q, (*rows.PostMember).Fields, seats, id)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(found)
}

func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) {
	found, _, err := queryLocked(ctx, r.q, lockRooms, []room.ID{id}, (*rows.PostMember).Fields, seats, id)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(found)
}

// seats reads the members of the party $1, each beside its post.
const seats = `
	SELECT
		p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
		p.closed, p.created_at, (SELECT hidden_at FROM hidden_post WHERE party_id = p.id), p.room_deleted_at,
		m.user_id, m.standing, m.joined_at
	FROM ` + onePost + ` p
	JOIN member m ON m.party_id = p.id
	WHERE p.deleted_at IS NULL
	ORDER BY m.place`

func (r parties) Count(ctx context.Context, who user.ID, since time.Time) (recruiting, opened int, err error) {
	found, err := query(ctx, r.q, (*counts).fields, countParties, who, since)
	if err != nil {
		return 0, 0, failed("count parties", err)
	}
	return found[0].recruiting, found[0].opened, nil
}

const countParties = `
	SELECT
		(SELECT count(*) FROM party p
			WHERE p.leader_id = $1 AND NOT p.closed AND p.seats > p.seated AND p.deleted_at IS NULL),
		(SELECT count(*) FROM party p WHERE p.leader_id = $1 AND p.created_at >= $2)`

type counts struct{ recruiting, opened int }

func (c *counts) fields() []any { return []any{&c.recruiting, &c.opened} }

// Save writes what differs from what was read, together with the statement that follows.
func (r parties) Save(ctx context.Context, p *party.Party) error {
	s := p.State()
	post, seats := p.Unsaved()
	b := &pgx.Batch{}
	if post {
		b.Queue(saveParty,
			s.ID, s.Leader, s.Neighborhood, s.Category, s.Title, s.Content, s.Seats,
			s.Closed, timestamp(s.CreatedAt), timestamp(s.RoomDeletedAt), timestamp(s.DeletedAt)).Fn = done("save party")
	}
	switch {
	case !p.Veiled():
	case s.HiddenAt.IsZero():
		b.Queue(`DELETE FROM hidden_post WHERE party_id = $1`, s.ID).Fn = done("show post")
	default:
		b.Queue(`INSERT INTO hidden_post (party_id, hidden_at) VALUES ($1, $2)`, s.ID, timestamp(s.HiddenAt)).Fn = done("hide post")
	}
	for _, m := range seats {
		b.Queue(saveMember, s.ID, m.User, m.Place, m.Standing, timestamp(m.JoinedAt)).Fn = done("save member")
	}
	return later(ctx, r.q, b)
}

const (
	saveParty = `
		INSERT INTO party (
			id, leader_id, neighborhood, category, title, content, seats,
			closed, created_at, room_deleted_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET
			leader_id = excluded.leader_id,
			neighborhood = excluded.neighborhood,
			category = excluded.category,
			title = excluded.title,
			content = excluded.content,
			seats = excluded.seats,
			closed = excluded.closed,
			room_deleted_at = excluded.room_deleted_at,
			deleted_at = excluded.deleted_at`
	saveMember = `
		INSERT INTO member (party_id, user_id, place, standing, joined_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (party_id, user_id) DO UPDATE SET
			standing = excluded.standing,
			joined_at = excluded.joined_at`
)

// Miscounted lists the first ten parties that keep another number of taken seats than they
// have members, or do not say rightly whether they are complete.
func Miscounted(ctx context.Context, dsn string) ([]party.ID, error) {
	s, err := Attach(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ids, err := query(ctx, pooled{s.pool}, rows.Value[party.ID], miscounted)
	if err != nil {
		return nil, fmt.Errorf("count members: %w", err)
	}
	return ids, nil
}

// miscounted finds parties that do not keep what their members make of seated and complete.
const miscounted = `
	SELECT p.id
	FROM party p
	LEFT JOIN (SELECT party_id, count(*) AS n FROM member WHERE standing = 'in' GROUP BY party_id) m ON m.party_id = p.id
	WHERE p.seated <> coalesce(m.n, 0) OR p.complete <> (p.closed OR p.seats <= p.seated)
	ORDER BY p.id
	LIMIT 10`
