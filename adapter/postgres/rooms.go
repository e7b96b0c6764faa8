package postgres

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type rooms struct{ q queryer }

// Open takes the next id of a sequence, so it waits for no other Write. The id of a Write
// that fails is not used again.
func (r rooms) Open(ctx context.Context, at time.Time) (room.ID, error) {
	ids, err := query(ctx, r.q, rows.Value[room.ID], openRoom, timestamp(at))
	if err != nil {
		return 0, failed("open room", err)
	}
	return ids[0], nil
}

const openRoom = `INSERT INTO room (active_at) VALUES ($1) RETURNING id`

// Of, like After, looks the posts up by their ids alone: see onePost.
func (r rooms) Of(ctx context.Context, who user.ID, limit int) ([]room.ID, error) {
	ids, err := query(ctx, r.q, rows.Value[room.ID], `
		SELECT h.id
		FROM member m
		JOIN LATERAL (SELECT * FROM party WHERE id = m.party_id LIMIT 1) p ON true
		JOIN room h ON h.id = m.party_id
		WHERE m.user_id = $1 AND m.standing = 'in' AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY h.active_at DESC, h.id DESC
		LIMIT $2`, who, limit)
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return ids, nil
}

func (r rooms) After(ctx context.Context, who user.ID, than room.ID, limit int) ([]room.ID, error) {
	ids, err := query(ctx, r.q, rows.Value[room.ID], `
		SELECT m.party_id
		FROM member m
		JOIN LATERAL (SELECT * FROM party WHERE id = m.party_id LIMIT 1) p ON true
		WHERE m.user_id = $1 AND m.standing = 'in' AND m.party_id > $2 AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY m.party_id
		LIMIT $3`, who, than, limit)
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return ids, nil
}

func (r rooms) Withdrawn(ctx context.Context, id room.ID) ([]user.ID, error) {
	people, err := query(ctx, r.q, rows.Value[user.ID], `
		SELECT u.id
		FROM member m
		JOIN "user" u ON u.id = m.user_id
		WHERE m.party_id = $1 AND m.standing = 'in' AND u.withdrawn_at IS NOT NULL
		ORDER BY m.place`, id)
	if err != nil {
		return nil, failed("list withdrawn members", err)
	}
	return people, nil
}

// lockRooms locks the rooms $1, but not for foreign keys that refer to them. lockFreeRooms
// skips those that are locked already. Both return which rooms they have locked.
const (
	lockRooms     = `SELECT id FROM room WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`
	lockFreeRooms = lockRooms + ` SKIP LOCKED`
)
