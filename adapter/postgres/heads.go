package postgres

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type heads struct{ q queryer }

func (r heads) Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	all, err := query(ctx, r.q, (*rows.Number[party.ID]).Fields,
		`SELECT id, last_seq FROM room WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, failed("read heads", err)
	}
	return rows.Map(all), nil
}

// Memberships gives sums of ids.
func (r heads) Memberships(ctx context.Context, people []user.ID) (map[user.ID]int64, error) {
	all, err := query(ctx, r.q, (*rows.Number[user.ID]).Fields, `
		SELECT user_id, sum(party_id)::bigint
		FROM member
		WHERE user_id = ANY($1) AND standing = 'in'
		GROUP BY user_id`, people)
	if err != nil {
		return nil, failed("read memberships", err)
	}
	return rows.Map(all), nil
}

// SignIns looks each one up by its id: see onePost. A plan for any number of ids reads the
// whole table while that is new.
func (r heads) SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error) {
	all, err := query(ctx, r.q, rows.Value[signin.ID], `
		SELECT s.id
		FROM unnest($1::bigint[]) AS asked (id)
		JOIN LATERAL (SELECT * FROM sign_in WHERE id = asked.id LIMIT 1) s ON true
		WHERE s.ended_at IS NULL AND s.expires_at > $2`, ids, timestamp(at))
	if err != nil {
		return nil, failed("look for sign-ins", err)
	}
	return rows.Set(all), nil
}
