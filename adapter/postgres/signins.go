package postgres

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type signIns struct{ q queryer }

const signInColumns = `
	s.id, s.user_id, s.device, s.network, s.mark, s.family, s.newest, s.former, s.salt, s.elder, s.elder_salt,
	s.created_at, s.rotated_at, s.seen_at, s.expires_at, s.ended_at`

// Holder looks the account up by its id alone: see onePost.
func (r signIns) Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error) {
	found, err := query(ctx, r.q, (*rows.Holder).Fields, `
		SELECT `+userColumns+`, `+signInColumns+`
		FROM sign_in s
		JOIN LATERAL (SELECT * FROM "user" WHERE id = s.user_id LIMIT 1) u ON true
		WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.withdrawn_at IS NULL`, id, timestamp(at))
	switch {
	case err != nil:
		return nil, nil, failed("read sign-in", err)
	case len(found) == 0:
		return nil, nil, user.ErrSignedOut
	}
	return user.Restore(found[0].Who), signin.Restore(found[0].By), nil
}

func (r signIns) Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error) {
	found, err := query(ctx, r.q, rows.SignIn, `SELECT `+signInColumns+` FROM sign_in s WHERE s.family = $1 FOR UPDATE`, family[:])
	switch {
	case err != nil:
		return nil, failed("read sign-in", err)
	case len(found) == 0:
		return nil, user.ErrSignedOut
	}
	return signin.Restore(found[0]), nil
}

func (r signIns) Of(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	return r.of(ctx, who, at, "")
}

func (r signIns) LockOf(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	return r.of(ctx, who, at, "FOR UPDATE")
}

func (r signIns) of(ctx context.Context, who user.ID, at time.Time, lock string) ([]*signin.SignIn, error) {
	states, err := query(ctx, r.q, rows.SignIn, `
		SELECT `+signInColumns+`
		FROM sign_in s
		WHERE s.user_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL
		ORDER BY s.seen_at DESC, s.id `+lock, who, timestamp(at))
	if err != nil {
		return nil, failed("read sign-ins", err)
	}
	return rows.RestoreSignIns(states), nil
}

func (r signIns) Known(ctx context.Context, email user.Email, mark signin.Digest) (bool, error) {
	known, err := query(ctx, r.q, rows.Value[bool], `
		SELECT EXISTS (
			SELECT FROM "user" u
			JOIN sign_in s ON s.user_id = u.id
			WHERE u.email_key = $1 AND u.withdrawn_at IS NULL AND s.mark = $2)`, email.Key(), rows.Bytes(mark))
	if err != nil {
		return false, failed("look for sign-ins", err)
	}
	return known[0], nil
}

func (r signIns) Save(ctx context.Context, ss ...*signin.SignIn) error {
	if len(ss) == 0 {
		return nil
	}
	err := exec(ctx, r.q, `
		INSERT INTO sign_in (
			id, user_id, device, network, mark, family, newest, former, salt, elder, elder_salt,
			created_at, rotated_at, seen_at, expires_at, ended_at)
		SELECT
			id, user_id, device, network,
			decode(mark, 'hex'), decode(family, 'hex'), decode(newest, 'hex'), decode(former, 'hex'), decode(salt, 'hex'),
			decode(elder, 'hex'), decode(elder_salt, 'hex'),
			created_at, rotated_at, seen_at, expires_at, ended_at
		FROM json_to_recordset($1) AS r (
			id bigint, user_id bigint, device text, network text,
			mark text, family text, newest text, former text, salt text, elder text, elder_salt text,
			created_at timestamptz, rotated_at timestamptz, seen_at timestamptz, expires_at timestamptz, ended_at timestamptz)
		ON CONFLICT (id) DO UPDATE SET
			network = excluded.network,
			newest = excluded.newest,
			former = excluded.former,
			salt = excluded.salt,
			elder = excluded.elder,
			elder_salt = excluded.elder_salt,
			rotated_at = excluded.rotated_at,
			seen_at = excluded.seen_at,
			expires_at = excluded.expires_at,
			ended_at = excluded.ended_at`, rows.SignIns(ss, timestamp))
	if err != nil {
		return failed("save sign-ins", err)
	}
	return nil
}

type tickets struct{ q queryer }

func (r tickets) Save(ctx context.Context, of signin.Digest, t signin.Ticket) error {
	err := exec(ctx, r.q, `
		INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
		VALUES ($1, $2, $3, nullif($4::bigint, 0), $5)`, of[:], t.SignIn, t.Who, t.Room, timestamp(t.Until))
	if err != nil {
		return failed("save ticket", err)
	}
	return nil
}

func (r tickets) Take(ctx context.Context, of signin.Digest) (signin.Ticket, error) {
	found, err := query(ctx, r.q, rows.Ticket, `
		DELETE FROM ticket
		WHERE digest = $1
		RETURNING sign_in_id, user_id, coalesce(party_id, 0), expires_at`, of[:])
	switch {
	case err != nil:
		return signin.Ticket{}, failed("take ticket", err)
	case len(found) == 0:
		return signin.Ticket{}, user.ErrSignedOut
	}
	return found[0], nil
}
