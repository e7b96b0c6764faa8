package sqlite

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

type parties struct{ q queryer }

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT
			p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
			p.closed, p.created_at, p.room_deleted_at,
			m.user_id, m.standing, m.joined_at
		FROM party p
		JOIN member m ON m.party_id = p.id
		WHERE p.deleted_at IS NULL AND p.id = ?
		ORDER BY m.place`, id)
	seats, err := collect(found, err, (*rows.Seat).Fields)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(seats)
}

// Lock is Get: a Write holds the only write lock there is.
func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) { return r.Get(ctx, id) }

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
