package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
)

type parties struct{ q queryer }

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	found, err := query(ctx, r.q, (*rows.Seat).Fields, seats, id)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(found)
}

func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) {
	found, _, err := queryLocked(ctx, r.q, lockRooms, []room.ID{id}, (*rows.Seat).Fields, seats, id)
	if err != nil {
		return nil, failed("read party", err)
	}
	return rows.Party(found)
}

// seats reads the members of the party $1, each beside its post.
const seats = `
	SELECT
		p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
		p.closed, p.created_at, p.room_deleted_at,
		m.user_id, m.standing, m.joined_at
	FROM ` + onePost + ` p
	JOIN member m ON m.party_id = p.id
	WHERE p.deleted_at IS NULL
	ORDER BY m.place`

// Save writes what differs from what was read, in one round trip.
func (r parties) Save(ctx context.Context, p *party.Party) error {
	s := p.State()
	post, seats := p.Unsaved()
	b := &pgx.Batch{}
	if post {
		b.Queue(saveParty,
			s.ID, s.Leader, s.Neighborhood, s.Category, s.Title, s.Content, s.Seats,
			s.Closed, timestamp(s.CreatedAt), timestamp(s.RoomDeletedAt), timestamp(s.DeletedAt))
	}
	for _, m := range seats {
		b.Queue(saveMember, s.ID, m.User, m.Place, m.Standing, timestamp(m.JoinedAt))
	}
	if b.Len() == 0 {
		return nil
	}
	if err := r.q.SendBatch(ctx, b).Close(); err != nil { // the first that failed
		return failed("save party", err)
	}
	return nil
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
