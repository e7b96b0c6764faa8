package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// person is a user u as others see it: the fields of a port.Person.
const person = `
	u.id,
	iif(u.withdrawn_at IS NULL, u.username, '` + user.Withdrawn + `'),
	iif(u.withdrawn_at IS NULL, u.email, '')`

// somebody is person where there may be none: all of it is empty then.
const somebody = `
	coalesce(u.id, 0),
	CASE WHEN u.withdrawn_at IS NULL THEN coalesce(u.username, '') ELSE '` + user.Withdrawn + `' END,
	CASE WHEN u.withdrawn_at IS NULL THEN coalesce(u.email, '') ELSE '' END`

const userColumns = `u.id, u.email, u.username, u.neighborhood, u.password_hash, u.created_at`

type users struct{ q queryer }

func (r users) Get(ctx context.Context, id user.ID) (*user.User, error) {
	return r.find(ctx, "u.id = ?", id)
}

// Lock is Get: a Write holds the only write lock there is.
func (r users) Lock(ctx context.Context, id user.ID) (*user.User, error) { return r.Get(ctx, id) }

func (r users) ByEmail(ctx context.Context, email user.Email) (*user.User, error) {
	return r.find(ctx, "u.email_key = ?", email.Key())
}

func (r users) ByName(ctx context.Context, name string) (*user.User, error) {
	return r.find(ctx, "u.name_key = ?", user.NameKey(name))
}

func (r users) Search(ctx context.Context, part string, limit int) ([]user.State, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT `+userColumns+`
		FROM user u
		WHERE u.withdrawn_at IS NULL AND (instr(u.email_key, ?) > 0 OR instr(u.name_key, ?) > 0)
		ORDER BY u.id DESC
		LIMIT ?`, user.Email(part).Key(), user.NameKey(part), limit)
	all, err := collect(found, err, rows.User)
	if err != nil {
		return nil, failed("look for users", err)
	}
	return all, nil
}

func (r users) find(ctx context.Context, where string, arg any) (*user.User, error) {
	var s user.State
	err := r.q.QueryRowContext(ctx, `
		SELECT `+userColumns+`
		FROM user u
		WHERE u.withdrawn_at IS NULL AND `+where, arg).
		Scan(rows.User(&s)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, user.ErrNotFound
	case err != nil:
		return nil, failed("read user", err)
	}
	return user.Restore(s), nil
}

func (r users) Taken(ctx context.Context, email user.Email, name string, except user.ID) (emailTaken, nameTaken bool, err error) {
	err = r.q.QueryRowContext(ctx, `
		SELECT
			EXISTS (SELECT 1 FROM user WHERE email_key = ? AND withdrawn_at IS NULL AND id <> ?),
			EXISTS (SELECT 1 FROM user WHERE name_key = ? AND withdrawn_at IS NULL AND id <> ?) OR
			EXISTS (SELECT 1 FROM user WHERE skeleton = ? AND withdrawn_at IS NULL AND id <> ?)`,
		email.Key(), except, user.NameKey(name), except, user.NameDigest(name), except).
		Scan(&emailTaken, &nameTaken)
	if err != nil {
		return false, false, failed("look for users", err)
	}
	return emailTaken, nameTaken, nil
}

// Save fills in a generation, which the release before this one goes by. That release does
// not compare names by skeletons, and those that it has stored stay.
func (r users) Save(ctx context.Context, u *user.User) (user.ID, error) {
	s := u.State()
	id := sql.Null[user.ID]{V: s.ID, Valid: s.ID != 0}
	err := r.q.QueryRowContext(ctx, `
		INSERT INTO user (id, email, email_key, username, name_key, skeleton, neighborhood, password_hash, generation, created_at, withdrawn_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			email = excluded.email,
			email_key = excluded.email_key,
			username = excluded.username,
			name_key = excluded.name_key,
			skeleton = excluded.skeleton,
			uncompared = CASE
				WHEN user.username <> excluded.username THEN 0
				WHEN user.skeleton IS NULL THEN user.id
				ELSE user.uncompared
			END,
			neighborhood = excluded.neighborhood,
			password_hash = excluded.password_hash,
			withdrawn_at = excluded.withdrawn_at
		RETURNING id`,
		id, s.Email, s.Email.Key(), s.Username, user.NameKey(s.Username), rows.Skeleton(s), s.Neighborhood,
		s.PasswordHash, micros(s.CreatedAt), micros(s.WithdrawnAt)).
		Scan(&s.ID)
	switch {
	case is(err, codes.SQLITE_CONSTRAINT_UNIQUE) && strings.Contains(err.Error(), "user.email_key"):
		return 0, user.ErrEmailTaken
	case is(err, codes.SQLITE_CONSTRAINT_UNIQUE) && strings.Contains(err.Error(), "user.name_key"):
		return 0, user.ErrNameTaken
	case is(err, codes.SQLITE_CONSTRAINT_UNIQUE) && strings.Contains(err.Error(), "user.skeleton"):
		return 0, user.ErrNameTaken
	case err != nil:
		return 0, failed("save user", err)
	}
	return s.ID, nil
}
