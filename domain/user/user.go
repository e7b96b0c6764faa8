// Package user defines user accounts: registration, changes and withdrawal.
package user

import (
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// ID identifies a user. IDs start at 1 and are never reused.
type ID int64

// Withdrawn is the name that is shown for withdrawn users.
const Withdrawn = "탈퇴한 사용자"

// Errors about accounts.
var (
	ErrNotFound           = fault.New(fault.NotFound, "user_not_found", "사용자를 찾을 수 없어요.")
	ErrEmailTaken         = fault.Field("email", "이미 가입된 이메일이에요.")
	ErrNameTaken          = fault.Field("username", "이미 사용 중인 닉네임이에요.")
	ErrNoPassword         = fault.Field("password", "비밀번호를 입력해 주세요.")
	ErrWrongPassword      = fault.Field("password", "비밀번호가 맞지 않아요.")
	ErrWrongCurrent       = fault.Field("old_password", "현재 비밀번호가 맞지 않아요.")
	ErrInvalidCredentials = fault.New(fault.Unauthenticated, "invalid_credentials", "이메일 또는 비밀번호가 맞지 않아요.")
	ErrSignedOut          = fault.New(fault.Unauthenticated, "not_signed_in", "로그인이 필요해요.")
)

// State is the stored form of a user.
type State struct {
	ID           ID // 0 until it is stored
	Email        Email
	Username     string
	Neighborhood Neighborhood
	PasswordHash string // "" for none
	CreatedAt    time.Time
	WithdrawnAt  time.Time // zero while the account is active
}

// User is one person's account.
type User struct{ s State }

// Restore returns the user with a stored state. It does not check the state.
func Restore(s State) *User { return &User{s} }

// State returns a copy of the user's state.
func (u *User) State() State { return u.s }

// Registration is the input to register an account.
type Registration struct {
	Email, Username, Password, PasswordAgain, Neighborhood string
}

// Problems returns everything that is wrong with the registration, except an e-mail
// address or name that is taken.
func (r Registration) Problems() fault.Fields {
	email, name, wrong := r.profile()
	addProblem(wrong, "password", CheckPassword(r.Password, email, name))
	addProblem(wrong, "password_again", checkRepeated(r.Password, r.PasswordAgain))
	return wrong
}

// ProfileProblems is Problems without the password.
func (r Registration) ProfileProblems() fault.Fields {
	_, _, wrong := r.profile()
	return wrong
}

func (r Registration) profile() (Email, string, fault.Fields) {
	wrong := fault.Fields{}
	email, err := ParseEmail(r.Email)
	addProblem(wrong, "email", err)
	name, err := ParseName(r.Username)
	addProblem(wrong, "username", err)
	_, err = ParseNeighborhood(r.Neighborhood)
	addProblem(wrong, "neighborhood", err)
	return email, name, wrong
}

// Register returns a new account for r with an already hashed password.
func Register(r Registration, passwordHash string, at time.Time) (*User, error) {
	if err := r.Problems().Err(); err != nil {
		return nil, err
	}
	return register(r, passwordHash, at), nil
}

// RegisterWithout returns a new account for r without a password, for a person whom a
// provider has identified.
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
	u.s.Neighborhood, _ = ParseNeighborhood(r.Neighborhood)
	return u
}

// Keeps reports whether name is the user's name already.
func (u *User) Keeps(name string) bool { return strings.TrimSpace(name) == u.s.Username }

// livesAt reports whether the user's neighbourhood is written like that.
func (u *User) livesAt(address string) bool {
	mine := string(u.s.Neighborhood)
	return mine != "" && (strings.TrimSpace(address) == mine || place.Normalise(address) == mine)
}

// Edit changes the given fields; nil leaves a field as it is. It changes all of them or
// none. A name that the user has already is not checked, nor is a neighbourhood that
// isn't official.
func (u *User) Edit(username, address *string) error {
	next, wrong := u.s, fault.Fields{}
	var err error
	if username != nil && !u.Keeps(*username) {
		next.Username, err = ParseName(*username)
		addProblem(wrong, "username", err)
	}
	if address != nil {
		next.Neighborhood, err = ParseNeighborhood(*address)
		if err != nil && u.livesAt(*address) {
			next.Neighborhood, err = u.s.Neighborhood, nil
		}
		addProblem(wrong, "neighborhood", err)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	u.s = next
	return nil
}

// SignInProblems returns what is missing to sign in.
func SignInProblems(email, password string) fault.Fields {
	wrong := fault.Fields{}
	if email == "" {
		wrong.Add("email", "이메일을 입력해 주세요.")
	}
	if password == "" {
		wrong.Merge(fault.Of(ErrNoPassword).Fields)
	}
	return wrong
}

// PasswordChange is the input to change a password.
type PasswordChange struct {
	Current, New, Repeat string
	EndLinks             bool // also ends the links to providers
}

// Problems returns what is wrong with the change. It cannot check the current password,
// because that needs the stored hash.
func (u *User) Problems(c PasswordChange) fault.Fields {
	wrong := fault.Fields{}
	if c.Current == "" && u.s.PasswordHash != "" {
		addProblem(wrong, "old_password", required)
	}
	addProblem(wrong, "new_password", CheckPassword(c.New, u.s.Email, u.s.Username))
	if c.New == c.Current && wrong["new_password"] == nil {
		wrong.Add("new_password", "지금과 다른 비밀번호를 입력해 주세요.")
	}
	addProblem(wrong, "new_password_again", checkRepeated(c.New, c.Repeat))
	return wrong
}

// SetPassword sets the password hash, for a new password or a stronger hash of the same
// one.
func (u *User) SetPassword(hash string) { u.s.PasswordHash = hash }

// nothing stands where a withdrawn account had something of its person.
const nothing = "-"

// Withdraw ends the account, of which nothing about the person is left. The user's posts and
// messages stay.
func (u *User) Withdraw(at time.Time) {
	if u.s.WithdrawnAt.IsZero() {
		u.s = State{
			ID: u.s.ID, Email: nothing, Username: Withdrawn, Neighborhood: nothing,
			CreatedAt: u.s.CreatedAt, WithdrawnAt: at,
		}
	}
}
