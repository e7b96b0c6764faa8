package sqlite

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
	found, err := r.q.QueryContext(ctx, `SELECT id, last_seq FROM room WHERE id IN (SELECT value FROM json_each(?))`, rows.JSON{Rows: ids})
	all, err := collect(found, err, (*rows.Number[party.ID]).Fields)
	if err != nil {
		return nil, failed("read heads", err)
	}
	return rows.Map(all), nil
}

// Memberships gives sums of ids.
func (r heads) Memberships(ctx context.Context, people []user.ID) (map[user.ID]int64, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT user_id, sum(party_id)
		FROM member
		WHERE user_id IN (SELECT value FROM json_each(?)) AND standing = 'in'
		GROUP BY user_id`, rows.JSON{Rows: people})
	all, err := collect(found, err, (*rows.Number[user.ID]).Fields)
	if err != nil {
		return nil, failed("read memberships", err)
	}
	return rows.Map(all), nil
}

func (r heads) SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT id
		FROM sign_in
		WHERE id IN (SELECT value FROM json_each(?)) AND ended_at IS NULL AND expires_at > ?`, rows.JSON{Rows: ids}, micros(at))
	all, err := collect(found, err, rows.Value[signin.ID])
	if err != nil {
		return nil, failed("look for sign-ins", err)
	}
	return rows.Set(all), nil
}
