package postgres

import (
	"context"
	"encoding/hex"
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
	type holder struct {
		who user.State
		by  signin.State
	}
	found, err := query(ctx, r.q, func(h *holder) []any { return append(userFields(&h.who), signInFields(&h.by)...) }, `
		SELECT `+userColumns+`, `+signInColumns+`
		FROM sign_in s
		JOIN "user" u ON u.id = s.user_id
		WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.withdrawn_at IS NULL`, id, moment(at))
	switch {
	case err != nil:
		return nil, nil, failed("read sign-in", err)
	case len(found) == 0:
		return nil, nil, user.ErrSignedOut
	}
	return user.Restore(found[0].who), signin.Restore(found[0].by), nil
}

func (r signIns) Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error) {
	found, err := query(ctx, r.q, signInFields, `SELECT `+signInColumns+` FROM sign_in s WHERE s.family = $1 FOR UPDATE`, family[:])
	switch {
	case err != nil:
		return nil, failed("read sign-in", err)
	case len(found) == 0:
		return nil, user.ErrSignedOut
	}
	return signin.Restore(found[0]), nil
}

func (r signIns) Of(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error) {
	states, err := query(ctx, r.q, signInFields, `
		SELECT `+signInColumns+`
		FROM sign_in s
		WHERE s.user_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL
		ORDER BY s.seen_at DESC, s.id
		FOR UPDATE`, who, moment(at))
	if err != nil {
		return nil, failed("read sign-ins", err)
	}
	all := make([]*signin.SignIn, len(states))
	for i, s := range states {
		all[i] = signin.Restore(s)
	}
	return all, nil
}

func (r signIns) Met(ctx context.Context, who user.ID, from signin.Origin) (bool, error) {
	met, err := query(ctx, r.q, func(met *bool) []any { return []any{met} }, `
		SELECT EXISTS (SELECT FROM sign_in WHERE user_id = $1 AND (network = $2 OR mark = $3))`, who, from.Network, digest(from.Mark))
	if err != nil {
		return false, failed("look for sign-ins", err)
	}
	return met[0], nil
}

func (r signIns) Save(ctx context.Context, ss ...*signin.SignIn) error {
	type row struct {
		ID        signin.ID  `json:"id"`
		Who       user.ID    `json:"user_id"`
		Device    string     `json:"device"`
		Network   string     `json:"network"`
		Mark      *string    `json:"mark"`
		Family    *string    `json:"family"`
		Newest    *string    `json:"newest"`
		Former    *string    `json:"former"`
		Salt      *string    `json:"salt"`
		CreatedAt *time.Time `json:"created_at"`
		RotatedAt *time.Time `json:"rotated_at"`
		SeenAt    *time.Time `json:"seen_at"`
		Until     *time.Time `json:"expires_at"`
		EndedAt   *time.Time `json:"ended_at"`
	}
	var rows []row
	for _, s := range ss {
		s := s.State()
		rows = append(rows, row{
			s.ID, s.Who, s.Device, s.Network,
			inHex(s.Mark), inHex(s.Family), inHex(s.Current), inHex(s.Previous), inHex(s.Salt),
			moment(s.CreatedAt), moment(s.RotatedAt), moment(s.SeenAt), moment(s.Until), moment(s.EndedAt),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	err := exec(ctx, r.q, `
		INSERT INTO sign_in (
			id, user_id, device, network, mark, family, newest, former, salt,
			created_at, rotated_at, seen_at, expires_at, ended_at)
		SELECT
			id, user_id, device, network, mark, family, newest, former, salt,
			created_at, rotated_at, seen_at, expires_at, ended_at
		FROM json_to_recordset($1) AS r (
			id bigint, user_id bigint, device text, network text,
			mark bytea, family bytea, newest bytea, former bytea, salt bytea,
			created_at timestamptz, rotated_at timestamptz, seen_at timestamptz, expires_at timestamptz, ended_at timestamptz)
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
	err := exec(ctx, r.q, `
		INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
		VALUES ($1, $2, $3, $4, $5)`, of[:], t.SignIn, t.Who, t.Room, moment(t.Until))
	if err != nil {
		return failed("save ticket", err)
	}
	return nil
}

func (r tickets) Take(ctx context.Context, of signin.Digest) (signin.Ticket, error) {
	found, err := query(ctx, r.q, func(t *signin.Ticket) []any { return []any{&t.SignIn, &t.Who, &t.Room, instant{&t.Until}} }, `
		DELETE FROM ticket
		WHERE digest = $1
		RETURNING sign_in_id, user_id, party_id, expires_at`, of[:])
	switch {
	case err != nil:
		return signin.Ticket{}, failed("take ticket", err)
	case len(found) == 0:
		return signin.Ticket{}, user.ErrSignedOut
	}
	return found[0], nil
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
	text := `\x` + hex.EncodeToString(d[:])
	return &text
}

// bits scans what digest made.
type bits struct{ to *[32]byte }

func (b bits) ScanBytes(v []byte) error {
	switch {
	case v == nil:
		*b.to = [32]byte{}
	case len(v) != len(b.to):
		return fmt.Errorf("256 bits kept as %d bytes", len(v))
	}
	copy(b.to[:], v)
	return nil
}
