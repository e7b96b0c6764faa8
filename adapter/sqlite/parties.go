package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type parties struct{ q queryer }

func (r parties) Open(ctx context.Context, who user.ID, since, at time.Time) (o port.Opening, err error) {
	if o.Leader, err = users(r).Lock(ctx, who); err != nil {
		return port.Opening{}, err
	}
	if !since.IsZero() {
		if o.Recruiting, o.Opened, err = r.Count(ctx, who, since); err != nil {
			return port.Opening{}, err
		}
	}
	if o.ID, err = rooms(r).Open(ctx, at); err != nil {
		return port.Opening{}, err
	}
	return o, nil
}

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT
			p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
			p.closed, p.created_at, hidden.hidden_at, p.room_deleted_at,
			m.user_id, m.standing, m.joined_at
		FROM party p
		JOIN member m ON m.party_id = p.id
		LEFT JOIN hidden_post hidden ON hidden.party_id = p.id
		WHERE p.deleted_at IS NULL AND p.id = ?
		ORDER BY m.place`, id)
	seats, err := collect(found, err, (*rows.PostMember).Fields)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(seats)
}

// Lock is Get: a Write holds the only write lock there is.
func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) { return r.Get(ctx, id) }

func (r parties) Count(ctx context.Context, who user.ID, since time.Time) (recruiting, opened int, err error) {
	err = r.q.QueryRowContext(ctx, `
		SELECT
			(SELECT count(*) FROM party p
				WHERE p.leader_id = ? AND NOT p.closed AND p.seats > p.seated AND p.deleted_at IS NULL),
			(SELECT count(*) FROM party p WHERE p.leader_id = ? AND p.created_at >= ?)`,
		who, who, since.UnixMicro()).
		Scan(&recruiting, &opened)
	if err != nil {
		return 0, 0, failed("count parties", err)
	}
	return recruiting, opened, nil
}

// Save writes what differs from what was read.
func (r parties) Save(ctx context.Context, p *party.Party) error {
	s := p.State()
	post, seats := p.Unsaved()
	if post {
		_, err := r.q.ExecContext(ctx, `
			INSERT INTO party (
				id, leader_id, neighborhood, category, title, content, seats,
				closed, created_at, room_deleted_at, deleted_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET
				leader_id = excluded.leader_id,
				neighborhood = excluded.neighborhood,
				category = excluded.category,
				title = excluded.title,
				content = excluded.content,
				seats = excluded.seats,
				closed = excluded.closed,
				room_deleted_at = excluded.room_deleted_at,
				deleted_at = excluded.deleted_at`,
			s.ID, s.Leader, s.Neighborhood, s.Category, s.Title, s.Content, s.Seats,
			s.Closed, micros(s.CreatedAt), micros(s.RoomDeletedAt), micros(s.DeletedAt))
		if err != nil {
			return failed("save party", err)
		}
	}
	if p.Veiled() {
		if err := r.hide(ctx, s.ID, s.HiddenAt); err != nil {
			return err
		}
	}
	for _, m := range seats {
		_, err := r.q.ExecContext(ctx, `
			INSERT INTO member (party_id, user_id, place, standing, joined_at)
			VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (party_id, user_id) DO UPDATE SET
				standing = excluded.standing,
				joined_at = excluded.joined_at`, s.ID, m.User, m.Place, m.Standing, micros(m.JoinedAt))
		if err != nil {
			return failed("save member", err)
		}
	}
	return nil
}

// hide keeps since when a post is hidden, or that it is not.
func (r parties) hide(ctx context.Context, id party.ID, at time.Time) (err error) {
	if at.IsZero() {
		_, err = r.q.ExecContext(ctx, `DELETE FROM hidden_post WHERE party_id = ?`, id)
	} else {
		_, err = r.q.ExecContext(ctx, `INSERT INTO hidden_post (party_id, hidden_at) VALUES (?, ?)`, id, micros(at))
	}
	if err != nil {
		return failed("hide post", err)
	}
	return nil
}

// Miscounted lists the first ten parties in the data folder dir that keep another number of
// taken seats than they have members, or do not say rightly whether they are complete. The
// folder may be in use.
func Miscounted(ctx context.Context, dir string) ([]party.ID, error) {
	db, err := openReadOnly(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	defer db.Close()
	found, err := db.QueryContext(ctx, miscounted)
	ids, err := collect(found, err, rows.Value[party.ID])
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
