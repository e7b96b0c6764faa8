package sqlite

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type rooms struct{ q queryer }

// Open takes the next id. No room is ever removed, so none is used again.
func (r rooms) Open(ctx context.Context, at time.Time) (room.ID, error) {
	res, err := r.q.ExecContext(ctx, `INSERT INTO room (active_at) VALUES (?)`, micros(at))
	if err != nil {
		return 0, failed("open room", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, failed("open room", err)
	}
	return room.ID(id), nil
}

func (r rooms) Of(ctx context.Context, who user.ID, limit int) ([]room.ID, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT h.id
		FROM member m
		JOIN party p ON p.id = m.party_id
		JOIN room h ON h.id = m.party_id
		WHERE m.user_id = ? AND m.standing = 'in' AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY h.active_at DESC, h.id DESC
		LIMIT ?`, who, limit)
	ids, err := collect(found, err, rows.Value[room.ID])
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return ids, nil
}

func (r rooms) After(ctx context.Context, who user.ID, than room.ID, limit int) ([]room.ID, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT m.party_id
		FROM member m
		JOIN party p ON p.id = m.party_id
		WHERE m.user_id = ? AND m.standing = 'in' AND m.party_id > ? AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
		ORDER BY m.party_id
		LIMIT ?`, who, than, limit)
	ids, err := collect(found, err, rows.Value[room.ID])
	if err != nil {
		return nil, failed("list rooms", err)
	}
	return ids, nil
}

func (r rooms) Withdrawn(ctx context.Context, id room.ID) ([]user.ID, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT u.id
		FROM member m
		JOIN "user" u ON u.id = m.user_id
		WHERE m.party_id = ? AND m.standing = 'in' AND u.withdrawn_at IS NOT NULL
		ORDER BY m.place`, id)
	people, err := collect(found, err, rows.Value[user.ID])
	if err != nil {
		return nil, failed("list withdrawn members", err)
	}
	return people, nil
}
