package sqlite

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

type heads struct{ q queryer }

func (r heads) Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	type head struct {
		id  party.ID
		seq int64
	}
	rows, err := r.q.QueryContext(ctx, `SELECT id, last_seq FROM room WHERE id IN (SELECT value FROM json_each(?))`, batch{ids})
	all, err := collect(rows, err, func(h *head) []any { return []any{&h.id, &h.seq} })
	if err != nil {
		return nil, failed("read heads", err)
	}
	of := make(map[party.ID]int64, len(all))
	for _, h := range all {
		of[h.id] = h.seq
	}
	return of, nil
}

func (r heads) SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error) {
	rows, err := r.q.QueryContext(ctx, `
		SELECT id
		FROM sign_in
		WHERE id IN (SELECT value FROM json_each(?)) AND ended_at IS NULL AND expires_at > ?`, batch{ids}, micros(at))
	all, err := collect(rows, err, func(id *signin.ID) []any { return []any{id} })
	if err != nil {
		return nil, failed("look for sign-ins", err)
	}
	hold := make(map[signin.ID]bool, len(all))
	for _, id := range all {
		hold[id] = true
	}
	return hold, nil
}
