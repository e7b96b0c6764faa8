package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type signIns struct{ q queryer }

const signInColumns = `
	s.id, s.user_id, s.device, s.network, s.mark, s.family, s.newest, s.former, s.salt, s.elder, s.elder_salt,
	s.created_at, s.rotated_at, s.seen_at, s.expires_at, s.ended_at`

func (r signIns) Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error) {
	var h rows.Holder
	err := r.q.QueryRowContext(ctx, `
		SELECT `+userColumns+`, `+signInColumns+`
		FROM sign_in s
		JOIN user u ON u.id = s.user_id
		WHERE s.id = ? AND s.ended_at IS NULL AND s.expires_at > ? AND u.withdrawn_at IS NULL`, id, micros(at)).
		Scan(h.Fields()...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil, user.ErrSignedOut
	case err != nil:
		return nil, nil, failed("read sign-in", err)
	}
	return user.Restore(h.Who), signin.Restore(h.By), nil
}

// Lock only reads: a Write holds the only write lock there is.
func (r signIns) Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error) {
	var s signin.State
	err := r.q.QueryRowContext(ctx, `SELECT `+signInColumns+` FROM sign_in s WHERE s.family = ?`, family[:]).Scan(rows.SignIn(&s)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, user.ErrSignedOut
	case err != nil:
		return nil, failed("read sign-in", err)
	}
	return signin.Restore(s), nil
}

func (r signIns) Of(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT `+signInColumns+`
		FROM sign_in s
		WHERE s.user_id = ? AND s.expires_at > ? AND s.ended_at IS NULL
		ORDER BY s.seen_at DESC, s.id`, who, micros(at))
	states, err := collect(found, err, rows.SignIn)
	if err != nil {
		return nil, failed("read sign-ins", err)
	}
	return rows.RestoreSignIns(states), nil
}

// LockOf needs no lock of its own: there is one writer.
func (r signIns) LockOf(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	return r.Of(ctx, who, at)
}

func (r signIns) Known(ctx context.Context, email user.Email, mark signin.Digest) (known bool, err error) {
	err = r.q.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM user u
			JOIN sign_in s ON s.user_id = u.id
			WHERE u.email_key = ? AND u.withdrawn_at IS NULL AND s.mark = ?)`, email.Key(), rows.Bytes(mark)).
		Scan(&known)
	if err != nil {
		return false, failed("look for sign-ins", err)
	}
	return known, nil
}

func (r signIns) Save(ctx context.Context, ss ...*signin.SignIn) error {
	if len(ss) == 0 {
		return nil
	}
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO sign_in (
			id, user_id, device, network, mark, family, newest, former, salt, elder, elder_salt,
			created_at, rotated_at, seen_at, expires_at, ended_at)
		SELECT
			value ->> 'id', value ->> 'user_id', value ->> 'device', value ->> 'network',
			unhex(value ->> 'mark'), unhex(value ->> 'family'), unhex(value ->> 'newest'), unhex(value ->> 'former'), unhex(value ->> 'salt'),
			unhex(value ->> 'elder'), unhex(value ->> 'elder_salt'),
			value ->> 'created_at', value ->> 'rotated_at', value ->> 'seen_at', value ->> 'expires_at', value ->> 'ended_at'
		FROM json_each(?)
		WHERE true
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
			ended_at = excluded.ended_at`, rows.SignIns(ss, micros))
	if err != nil {
		return failed("save sign-ins", err)
	}
	return nil
}

type tickets struct{ q queryer }

func (r tickets) Save(ctx context.Context, of signin.Digest, t signin.Ticket) error {
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
		VALUES (?, ?, ?, nullif(?, 0), ?)`, of[:], t.SignIn, t.Who, t.Room, micros(t.Until))
	if err != nil {
		return failed("save ticket", err)
	}
	return nil
}

func (r tickets) Take(ctx context.Context, of signin.Digest) (signin.Ticket, error) {
	var t signin.Ticket
	err := r.q.QueryRowContext(ctx, `
		DELETE FROM ticket
		WHERE digest = ?
		RETURNING sign_in_id, user_id, coalesce(party_id, 0), expires_at`, of[:]).
		Scan(rows.Ticket(&t)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return signin.Ticket{}, user.ErrSignedOut
	case err != nil:
		return signin.Ticket{}, failed("take ticket", err)
	}
	return t, nil
}
