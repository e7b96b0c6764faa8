package postgres

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// person is a user u as others see it: the fields of a port.Person.
const person = `
	u.id,
	CASE WHEN u.withdrawn_at IS NULL THEN u.username ELSE '` + user.Withdrawn + `' END,
	CASE WHEN u.withdrawn_at IS NULL THEN u.email ELSE '' END`

// somebody is person where there may be none: all of it is empty then.
const somebody = `
	coalesce(u.id, 0),
	CASE WHEN u.withdrawn_at IS NULL THEN coalesce(u.username, '') ELSE '` + user.Withdrawn + `' END,
	CASE WHEN u.withdrawn_at IS NULL THEN coalesce(u.email, '') ELSE '' END`

const userColumns = `u.id, u.email, u.username, u.neighborhood, u.password_hash, u.created_at`

type users struct{ q queryer }

func (r users) Get(ctx context.Context, id user.ID) (*user.User, error) {
	return r.find(ctx, `u.id = $1`, id)
}

// Lock does not block foreign keys to the account: a ban refers to an account that its owner
// may have locked while waiting for the party.
func (r users) Lock(ctx context.Context, id user.ID) (*user.User, error) {
	return r.find(ctx, `u.id = $1 FOR NO KEY UPDATE`, id)
}

func (r users) ByEmail(ctx context.Context, email user.Email) (*user.User, error) {
	return r.find(ctx, `u.email_key = $1`, email.Key())
}

func (r users) find(ctx context.Context, where string, arg any) (*user.User, error) {
	found, err := query(ctx, r.q, rows.User, `
		SELECT `+userColumns+`
		FROM "user" u
		WHERE u.withdrawn_at IS NULL AND `+where, arg)
	switch {
	case err != nil:
		return nil, failed("read user", err)
	case len(found) == 0:
		return nil, user.ErrNotFound
	}
	return user.Restore(found[0]), nil
}

func (r users) Taken(ctx context.Context, email user.Email, name string, except user.ID) (emailTaken, nameTaken bool, err error) {
	type taken struct{ email, name bool }
	found, err := query(ctx, r.q, func(t *taken) []any { return []any{&t.email, &t.name} }, `
		SELECT
			EXISTS (SELECT FROM "user" WHERE email_key = $1 AND withdrawn_at IS NULL AND id <> $3),
			EXISTS (SELECT FROM "user" WHERE name_key = $2 AND withdrawn_at IS NULL AND id <> $3)`,
		email.Key(), user.NameKey(name), except)
	if err != nil {
		return false, false, failed("look for users", err)
	}
	return found[0].email, found[0].name, nil
}

// Save fills in a generation, which the release before this one goes by.
func (r users) Save(ctx context.Context, u *user.User) (user.ID, error) {
	s := u.State()
	var id *user.ID // NULL gets a new one
	if s.ID != 0 {
		id = &s.ID
	}
	ids, err := query(ctx, r.q, func(id *user.ID) []any { return []any{id} }, `
		INSERT INTO "user" (id, email, email_key, username, name_key, neighborhood, password_hash, generation, created_at, withdrawn_at)
		VALUES (coalesce($1, nextval(pg_get_serial_sequence('"user"', 'id'))), $2, $3, $4, $5, $6, $7, 1, $8, $9)
		ON CONFLICT (id) DO UPDATE SET
			email = excluded.email,
			email_key = excluded.email_key,
			username = excluded.username,
			name_key = excluded.name_key,
			neighborhood = excluded.neighborhood,
			password_hash = excluded.password_hash,
			withdrawn_at = excluded.withdrawn_at
		RETURNING id`,
		id, s.Email, s.Email.Key(), s.Username, user.NameKey(s.Username), s.Neighborhood,
		s.PasswordHash, timestamp(s.CreatedAt), timestamp(s.WithdrawnAt))
	switch violated(err) {
	case "user_email":
		return 0, user.ErrEmailTaken
	case "user_name":
		return 0, user.ErrNameTaken
	}
	if err != nil {
		return 0, failed("save user", err)
	}
	return ids[0], nil
}
