// Package user holds who people are: how they register, what they may change
// about themselves, and how they withdraw.
package user

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// ID names a user. IDs count from 1 and are never used again.
type ID int64

// Withdrawn is the name under which people who left are shown.
const Withdrawn = "탈퇴한 사용자"

// What a user may be refused.
var (
	ErrNotFound           = fault.New(fault.NotFound, "user_not_found", "사용자를 찾을 수 없어요.")
	ErrEmailTaken         = fault.Field("email", "이미 가입된 이메일이에요.")
	ErrNameTaken          = fault.Field("username", "이미 사용 중인 이름이에요.")
	ErrWrongPassword      = fault.Field("password", "비밀번호가 맞지 않아요.")
	ErrWrongCurrent       = fault.Field("old_password", "현재 비밀번호가 맞지 않아요.")
	ErrInvalidCredentials = fault.New(fault.Unauthenticated, "invalid_credentials", "이메일 또는 비밀번호가 맞지 않아요.")
	ErrSignedOut          = fault.New(fault.Unauthenticated, "not_signed_in", "로그인이 필요해요.")
)

// State is what is kept of a user.
type State struct {
	ID           ID // 0 until it is stored
	Email        Email
	Username     string
	Neighborhood Neighborhood
	PasswordHash string // "" if there is no password
	CreatedAt    time.Time
	WithdrawnAt  time.Time // zero while the account is active
}

// User is one person's account.
type User struct{ s State }

// Restore gives back the user of a stored state. It trusts what it gets.
func Restore(s State) *User { return &User{s} }

// State returns a copy of what is kept of the user.
func (u *User) State() State { return u.s }

// Registration is what a person fills in to become a user.
type Registration struct {
	Email, Username, Password, Password2, Address string
}

// Problems returns what is wrong with the registration, for every field at
// once. An e-mail address or name that is taken is not among it.
func (r Registration) Problems() fault.Fields {
	email, name, wrong := r.profile()
	note(wrong, "password", CheckPassword(r.Password, email, name))
	note(wrong, "password_again", repeats(r.Password, r.Password2))
	return wrong
}

// ProfileProblems is Problems of a registration that needs no password.
func (r Registration) ProfileProblems() fault.Fields {
	_, _, wrong := r.profile()
	return wrong
}

func (r Registration) profile() (Email, string, fault.Fields) {
	wrong := fault.Fields{}
	email, err := ParseEmail(r.Email)
	note(wrong, "email", err)
	name, err := ParseName(r.Username)
	note(wrong, "username", err)
	_, err = ParseNeighborhood(r.Address)
	note(wrong, "neighborhood", err)
	return email, name, wrong
}

// Register makes the account that r asks for, with its password already hashed.
func Register(r Registration, passwordHash string, at time.Time) (*User, error) {
	if err := r.Problems().Err(); err != nil {
		return nil, err
	}
	return register(r, passwordHash, at), nil
}

// RegisterWithout makes the account that r asks for without a password: somebody
// else vouches for who it is.
func RegisterWithout(r Registration, at time.Time) (*User, error) {
	if err := r.ProfileProblems().Err(); err != nil {
		return nil, err
	}
	return register(r, "", at), nil
}

func register(r Registration, passwordHash string, at time.Time) *User {
	u := &User{State{PasswordHash: passwordHash, CreatedAt: at}}
	u.s.Email, _ = ParseEmail(r.Email)
	u.s.Username, _ = ParseName(r.Username)
	u.s.Neighborhood, _ = ParseNeighborhood(r.Address)
	return u
}

// Edit changes what is given and leaves what is nil. Nothing changes unless
// all of it can.
func (u *User) Edit(username, address *string) error {
	next, wrong := u.s, fault.Fields{}
	var err error
	if username != nil {
		next.Username, err = ParseName(*username)
		note(wrong, "username", err)
	}
	if address != nil {
		next.Neighborhood, err = ParseNeighborhood(*address)
		note(wrong, "neighborhood", err)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	u.s = next
	return nil
}

// PasswordChange is what a person fills in to change the password.
type PasswordChange struct {
	Current, New, Repeat string
}

// Problems returns what is wrong with the change, except for a wrong current
// password, which only a look at the stored hash can tell.
func (u *User) Problems(c PasswordChange) fault.Fields {
	wrong := fault.Fields{}
	if c.Current == "" && u.s.PasswordHash != "" {
		note(wrong, "old_password", required)
	}
	note(wrong, "new_password", CheckPassword(c.New, u.s.Email, u.s.Username))
	if c.New == c.Current && wrong["new_password"] == nil {
		wrong.Add("new_password", "지금과 다른 비밀번호를 입력해 주세요.")
	}
	note(wrong, "new_password_again", repeats(c.New, c.Repeat))
	return wrong
}

// SetPassword keeps the hash of a new password, or a better one of the same.
func (u *User) SetPassword(hash string) { u.s.PasswordHash = hash }

// Withdraw ends the account. What the user wrote stays.
func (u *User) Withdraw(at time.Time) {
	if u.s.WithdrawnAt.IsZero() {
		u.s.WithdrawnAt = at
	}
}
