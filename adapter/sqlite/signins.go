package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type signIns struct{ q queryer }

const signInColumns = `
	s.id, s.user_id, s.device, s.network, s.mark, s.family, s.newest, s.former, s.salt,
	s.created_at, s.rotated_at, s.seen_at, s.expires_at, s.ended_at`

func signInFields(s *signin.State) []any {
	return []any{
		&s.ID, &s.Who, &s.Device, &s.Network, bits{(*[32]byte)(&s.Mark)},
		bits{(*[32]byte)(&s.Family)}, bits{(*[32]byte)(&s.Current)}, bits{(*[32]byte)(&s.Previous)}, bits{(*[32]byte)(&s.Salt)},
		instant{&s.CreatedAt}, instant{&s.RotatedAt}, instant{&s.SeenAt}, instant{&s.Until}, instant{&s.EndedAt},
	}
}

func (r signIns) Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error) {
	var who user.State
	var by signin.State
	err := r.q.QueryRowContext(ctx, `
		SELECT `+userColumns+`, `+signInColumns+`
		FROM sign_in s
		JOIN user u ON u.id = s.user_id
		WHERE s.id = ? AND s.ended_at IS NULL AND s.expires_at > ? AND u.withdrawn_at IS NULL`, id, micros(at)).
		Scan(append(userFields(&who), signInFields(&by)...)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil, user.ErrSignedOut
	case err != nil:
		return nil, nil, failed("read sign-in", err)
	}
	return user.Restore(who), signin.Restore(by), nil
}

// Lock only reads: a Write holds the only write lock there is.
func (r signIns) Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error) {
	var s signin.State
	err := r.q.QueryRowContext(ctx, `SELECT `+signInColumns+` FROM sign_in s WHERE s.family = ?`, family[:]).Scan(signInFields(&s)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, user.ErrSignedOut
	case err != nil:
		return nil, failed("read sign-in", err)
	}
	return signin.Restore(s), nil
}

func (r signIns) Of(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	rows, err := r.q.QueryContext(ctx, `
		SELECT `+signInColumns+`
		FROM sign_in s
		WHERE s.user_id = ? AND s.expires_at > ? AND s.ended_at IS NULL
		ORDER BY s.seen_at DESC, s.id`, who, micros(at))
	states, err := collect(rows, err, signInFields)
	if err != nil {
		return nil, failed("read sign-ins", err)
	}
	all := make([]*signin.SignIn, len(states))
	for i, s := range states {
		all[i] = signin.Restore(s)
	}
	return all, nil
}

func (r signIns) Met(ctx context.Context, who user.ID, from signin.Origin) (met bool, err error) {
	err = r.q.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM sign_in WHERE user_id = ? AND (network = ? OR mark = ?))`, who, from.Network, digest(from.Mark)).
		Scan(&met)
	if err != nil {
		return false, failed("look for sign-ins", err)
	}
	return met, nil
}

func (r signIns) Save(ctx context.Context, ss ...*signin.SignIn) error {
	type row struct {
		ID                                             signin.ID
		Who                                            user.ID
		Device, Network                                string
		Mark, Family, Newest, Former, Salt             *string
		CreatedAt, RotatedAt, SeenAt, Expires, EndedAt *int64
	}
	var rows []row
	for _, s := range ss {
		s := s.State()
		rows = append(rows, row{
			s.ID, s.Who, s.Device, s.Network,
			inHex(s.Mark), inHex(s.Family), inHex(s.Current), inHex(s.Previous), inHex(s.Salt),
			micros(s.CreatedAt), micros(s.RotatedAt), micros(s.SeenAt), micros(s.Until), micros(s.EndedAt),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO sign_in (
			id, user_id, device, network, mark, family, newest, former, salt,
			created_at, rotated_at, seen_at, expires_at, ended_at)
		SELECT
			value ->> 'ID', value ->> 'Who', value ->> 'Device', value ->> 'Network',
			unhex(value ->> 'Mark'), unhex(value ->> 'Family'), unhex(value ->> 'Newest'), unhex(value ->> 'Former'), unhex(value ->> 'Salt'),
			value ->> 'CreatedAt', value ->> 'RotatedAt', value ->> 'SeenAt', value ->> 'Expires', value ->> 'EndedAt'
		FROM json_each(?)
		WHERE true
		ON CONFLICT (id) DO UPDATE SET
			network = excluded.network,
			newest = excluded.newest,
			former = excluded.former,
			salt = excluded.salt,
			rotated_at = excluded.rotated_at,
			seen_at = excluded.seen_at,
			expires_at = excluded.expires_at,
			ended_at = excluded.ended_at`, batch{rows})
	if err != nil {
		return failed("save sign-ins", err)
	}
	return nil
}

type tickets struct{ q queryer }

func (r tickets) Save(ctx context.Context, of signin.Digest, t signin.Ticket) error {
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
		VALUES (?, ?, ?, ?, ?)`, of[:], t.SignIn, t.Who, t.Room, micros(t.Until))
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
		RETURNING sign_in_id, user_id, party_id, expires_at`, of[:]).
		Scan(&t.SignIn, &t.Who, &t.Room, instant{&t.Until})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return signin.Ticket{}, user.ErrSignedOut
	case err != nil:
		return signin.Ticket{}, failed("take ticket", err)
	}
	return t, nil
}

// digest gives bits as they are kept: NULL if they are zero.
func digest(d [32]byte) []byte {
	if d == [32]byte{} {
		return nil
	}
	return d[:]
}

// inHex is digest for a batch.
func inHex(d [32]byte) *string {
	if d == [32]byte{} {
		return nil
	}
	text := hex.EncodeToString(d[:])
	return &text
}

// bits scans what digest made.
type bits struct{ to *[32]byte }

func (b bits) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*b.to = [32]byte{}
		return nil
	case []byte:
		if len(v) == len(b.to) {
			copy(b.to[:], v)
			return nil
		}
	}
	return fmt.Errorf("256 bits kept as %T", v)
}
