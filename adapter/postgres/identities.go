package postgres

import (
	"context"
	"errors"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type identities struct{ q queryer }

func (r identities) Owner(ctx context.Context, provider, subject string) (user.ID, error) {
	found, err := query(ctx, r.q, rows.Value[user.ID],
		`SELECT user_id FROM identity WHERE provider = $1 AND subject = $2`, provider, subject)
	switch {
	case err != nil:
		return 0, failed("find identity", err)
	case len(found) == 0:
		return 0, user.ErrNotFound
	}
	return found[0], nil
}

func (r identities) Of(ctx context.Context, who user.ID) ([]social.Link, error) {
	all, err := query(ctx, r.q, rows.Link, `
		SELECT provider, subject, user_id, linked_at
		FROM identity
		WHERE user_id = $1
		ORDER BY linked_at, provider`, who)
	if err != nil {
		return nil, failed("read identities", err)
	}
	return all, nil
}

// Link asks first: an INSERT that fails would end the transaction.
func (r identities) Link(ctx context.Context, l social.Link) error {
	owner, err := r.Owner(ctx, l.Provider, l.Subject)
	switch {
	case err == nil && owner == l.Who:
		return nil
	case err == nil:
		return social.ErrTaken
	case !errors.Is(err, user.ErrNotFound):
		return err
	}
	err = exec(ctx, r.q, `
		INSERT INTO identity (provider, subject, user_id, linked_at)
		VALUES ($1, $2, $3, $4)`, l.Provider, l.Subject, l.Who, timestamp(l.LinkedAt))
	switch {
	case violated(err) != "":
		return social.ErrTaken
	case err != nil:
		return failed("keep identity", err)
	}
	return nil
}

func (r identities) Unlink(ctx context.Context, who user.ID, providers ...string) error {
	err := exec(ctx, r.q, `
		DELETE FROM identity
		WHERE user_id = $1 AND ($2 = 0 OR provider = ANY($3))`, who, len(providers), providers)
	if err != nil {
		return failed("give up identities", err)
	}
	return nil
}
