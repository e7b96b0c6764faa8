package postgres

import (
	"context"
	"errors"

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
	return r.find(ctx, lockedUser, id)
}

const (
	lockedUser = `u.id = $1 FOR NO KEY UPDATE`
	lockUser   = findUser + lockedUser
)

func (r users) ByEmail(ctx context.Context, email user.Email) (*user.User, error) {
	return r.find(ctx, `u.email_key = $1`, email.Key())
}

func (r users) ByName(ctx context.Context, name string) (*user.User, error) {
	return r.find(ctx, `u.name_key = $1`, user.NameKey(name))
}

func (r users) Search(ctx context.Context, part string, limit int) ([]user.State, error) {
	found, err := query(ctx, r.q, rows.User, findUser+`(strpos(u.email_key, $1) > 0 OR strpos(u.name_key, $2) > 0)
		ORDER BY u.id DESC
		LIMIT $3`, user.Email(part).Key(), user.NameKey(part), limit)
	if err != nil {
		return nil, failed("look for users", err)
	}
	return found, nil
}

// findUser finds an account, by what follows.
const findUser = `
		SELECT ` + userColumns + `
		FROM "user" u
		WHERE u.withdrawn_at IS NULL AND `

func (r users) find(ctx context.Context, where string, arg any) (*user.User, error) {
	found, err := query(ctx, r.q, rows.User, findUser+where, arg)
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
			EXISTS (SELECT FROM "user" WHERE name_key = $2 AND withdrawn_at IS NULL AND id <> $3) OR
			EXISTS (SELECT FROM "user" WHERE skeleton = $4 AND withdrawn_at IS NULL AND id <> $3)`,
		email.Key(), user.NameKey(name), except, user.NameDigest(name))
	if err != nil {
		return false, false, failed("look for users", err)
	}
	return found[0].email, found[0].name, nil
}

// Save fills in a generation, which the release before this one goes by. That release does
// not compare names by skeletons, and those that it has stored stay.
func (r users) Save(ctx context.Context, u *user.User) (user.ID, error) {
	s := u.State()
	if s.ID == 0 {
		return r.insert(ctx, s)
	}
	ids, err := query(ctx, r.q, rows.Value[user.ID], `
		UPDATE "user" SET
			email = $2,
			email_key = $3,
			username = $4,
			name_key = $5,
			skeleton = $6,
			uncompared = CASE
				WHEN username <> $4 THEN 0
				WHEN skeleton IS NULL THEN id
				ELSE uncompared
			END,
			neighborhood = $7,
			password_hash = $8,
			withdrawn_at = $9
		WHERE id = $1
		RETURNING id`,
		s.ID, s.Email, s.Email.Key(), s.Username, user.NameKey(s.Username), rows.Skeleton(s), s.Neighborhood,
		s.PasswordHash, timestamp(s.WithdrawnAt))
	switch violated(err) {
	case "user_email":
		return 0, user.ErrEmailTaken
	case "user_name", "user_skeleton":
		return 0, user.ErrNameTaken
	}
	switch {
	case err != nil:
		return 0, failed("save user", err)
	case len(ids) == 0:
		return 0, user.ErrNotFound
	}
	return ids[0], nil
}

// insert asks afterwards what is taken. As an error, the database would log the address.
func (r users) insert(ctx context.Context, s user.State) (user.ID, error) {
	ids, err := query(ctx, r.q, rows.Value[user.ID], `
		INSERT INTO "user" (email, email_key, username, name_key, skeleton, neighborhood, password_hash, generation, created_at, withdrawn_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)
		ON CONFLICT DO NOTHING
		RETURNING id`,
		s.Email, s.Email.Key(), s.Username, user.NameKey(s.Username), rows.Skeleton(s), s.Neighborhood,
		s.PasswordHash, timestamp(s.CreatedAt), timestamp(s.WithdrawnAt))
	switch {
	case err != nil:
		return 0, failed("save user", err)
	case len(ids) == 1:
		return ids[0], nil
	}
	emailTaken, nameTaken, err := r.Taken(ctx, s.Email, s.Username, 0)
	switch {
	case err != nil:
		return 0, err
	case emailTaken:
		return 0, user.ErrEmailTaken
	case nameTaken:
		return 0, user.ErrNameTaken
	}
	return 0, failed("save user", errors.New("another account was in the way, which has gone"))
}
