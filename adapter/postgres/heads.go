package postgres

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type heads struct{ q queryer }

func (r heads) Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	return headsOf(ctx, r.q, `SELECT id, last_seq FROM party WHERE id = ANY($1)`, ids)
}

func (r heads) People(ctx context.Context, ids []user.ID) (map[user.ID]int64, error) {
	return headsOf(ctx, r.q, `SELECT id, generation FROM "user" WHERE id = ANY($1)`, ids)
}

// headsOf reads a number for each id.
func headsOf[ID comparable](ctx context.Context, q queryer, statement string, ids []ID) (map[ID]int64, error) {
	type head struct {
		id     ID
		number int64
	}
	all, err := query(ctx, q, func(h *head) []any { return []any{&h.id, &h.number} }, statement, ids)
	if err != nil {
		return nil, failed("read heads", err)
	}
	of := make(map[ID]int64, len(all))
	for _, h := range all {
		of[h.id] = h.number
	}
	return of, nil
}
