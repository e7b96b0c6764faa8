// Package usecase holds what people can do with the product. A use case takes
// who asks as an argument, passes refusals through untouched, and publishes
// only what is stored.
package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Accounts lets people register, sign in, change what is theirs, and withdraw.
type Accounts struct {
	Store     port.Store
	Bus       port.Bus
	Passwords port.Passwords
	Tokens    port.Tokens
	Social    port.Social // nil: nobody can sign in by way of others
	Quota     port.Quota  // counts failures to sign in; nil: nobody counts
	Random    func() signin.Secret
	Now       func() time.Time
	Wake      func() // tells the clock that something new is due; may be nil

	known known
}

// Me is who asks, and the sign-in by which they do.
type Me struct {
	user.State
	SignIn signin.State
}

// Account is a person's own account, and what is good for it from now on.
type Account struct {
	User  user.State
	Token string
	// Refresh is the token that keeps the device signed in. It is nil unless there is
	// a new one.
	Refresh *signin.Token
}

// Register makes an account and signs it in. What is wrong with r, a taken
// e-mail address or name included, is refused for every field at once.
func (u *Accounts) Register(ctx context.Context, r user.Registration, from signin.Origin) (Account, error) {
	wrong := r.Problems()
	if err := taken(ctx, u.Store.Read(), wrong, r.Email, r.Username, 0); err != nil {
		return Account{}, err
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	hash, err := u.Passwords.Hash(ctx, r.Password)
	if err != nil {
		return Account{}, err
	}
	person, err := user.Register(r, hash, u.Now())
	if err != nil {
		return Account{}, err
	}
	return u.open(ctx, from, audit.Registered, func(r port.Repos) (user.State, error) {
		s := person.State()
		s.ID, err = r.Users.Save(ctx, person)
		return s, err
	})
}

// taken adds to wrong which of a valid e-mail address and name belong to
// others than except.
func taken(ctx context.Context, r port.Repos, wrong fault.Fields, email, name string, except user.ID) error {
	address, _ := user.ParseEmail(email)
	username, _ := user.ParseName(name)
	emailTaken, nameTaken, err := r.Users.Taken(ctx, address, username, except)
	if err != nil {
		return err
	}
	if emailTaken {
		wrong.Merge(fault.Of(user.ErrEmailTaken).Fields)
	}
	if nameTaken {
		wrong.Merge(fault.Of(user.ErrNameTaken).Fields)
	}
	return nil
}

// SignIn signs a person in. An unknown address, a wrong password and a
// withdrawn account are one and the same user.ErrInvalidCredentials. After too
// many of them it returns signin.ErrTooOften, without a look at the password.
func (u *Accounts) SignIn(ctx context.Context, email, password string, from signin.Origin) (Account, error) {
	wrong := fault.Fields{}
	if email == "" {
		wrong.Add("email", "이메일을 입력해 주세요.")
	}
	if password == "" {
		wrong.Add("password", "비밀번호를 입력해 주세요.")
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	try := attempt{Accounts: u, email: email, from: from}
	if err := try.begin(ctx); err != nil {
		return Account{}, err
	}
	account, err := u.signIn(ctx, email, password, from)
	for range maxMeanwhile {
		if !errors.Is(err, errMeanwhile) {
			break
		}
		account, err = u.signIn(ctx, email, password, from)
	}
	if errors.Is(err, user.ErrInvalidCredentials) {
		return Account{}, err // and it counts
	}
	if gave := try.takeBack(context.WithoutCancel(ctx)); err == nil {
		err = gave
	}
	return account, err
}

// errMeanwhile says that a password, or its hash, has changed since it was looked at.
var errMeanwhile = fault.New(fault.Unavailable, "busy", "지금 이용자가 많아요. 잠시 후 다시 시도해 주세요.")

// maxMeanwhile is how often one look is repeated because of that.
const maxMeanwhile = 3

func (u *Accounts) signIn(ctx context.Context, email, password string, from signin.Origin) (Account, error) {
	person, err := u.byEmail(ctx, email)
	if err != nil {
		return Account{}, err
	}
	seen := person.State()
	ok, stale, err := u.Passwords.Verify(ctx, seen.PasswordHash, password)
	switch {
	case err != nil:
		return Account{}, err
	case !ok:
		if err := u.record(ctx, audit.SignInFailed, seen.ID, from); err != nil {
			return Account{}, err
		}
		return Account{}, user.ErrInvalidCredentials
	}
	better := ""
	if stale {
		// A better hash can wait for the next time; the password was right.
		if better, err = u.Passwords.Hash(ctx, password); err != nil && fault.Of(err).Kind != fault.Unavailable {
			return Account{}, err
		}
	}
	return u.open(ctx, from, audit.SignedIn, func(r port.Repos) (user.State, error) {
		person, err := r.Users.Lock(ctx, seen.ID)
		switch {
		case errors.Is(err, user.ErrNotFound):
			return user.State{}, user.ErrInvalidCredentials // just withdrawn
		case err != nil:
			return user.State{}, err
		case person.State().PasswordHash != seen.PasswordHash:
			return user.State{}, errMeanwhile
		case better == "":
			return person.State(), nil
		}
		person.SetPassword(better)
		_, err = r.Users.Save(ctx, person)
		return person.State(), err
	})
}

// byEmail finds an account, or gives one that no password opens, so that both
// take the same work from here on.
func (u *Accounts) byEmail(ctx context.Context, email string) (*user.User, error) {
	address, err := user.ParseEmail(email)
	if err != nil {
		return user.Restore(user.State{}), nil
	}
	person, err := u.Store.Read().Users.ByEmail(ctx, address)
	if errors.Is(err, user.ErrNotFound) {
		return user.Restore(user.State{}), nil
	}
	return person, err
}

// Edit changes the name and the neighbourhood, where given.
func (u *Accounts) Edit(ctx context.Context, me Me, username, address *string) (Account, error) {
	err := u.Store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return err
		}
		wrong := fault.Fields{}
		if err := person.Edit(username, address); err != nil {
			wrong.Merge(fault.Of(err).Fields)
		}
		if username != nil {
			if err := taken(ctx, r, wrong, "", *username, me.ID); err != nil {
				return err
			}
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		me.State = person.State()
		_, err = r.Users.Save(ctx, person)
		return err
	})
	u.changed(ctx, me.ID, err)
	if err != nil {
		return Account{}, err
	}
	return u.account(me)
}

// signedIn locks the account of who asks. It keeps others from withdrawing it
// until the Write ends, and comes before the locks of parties and sign-ins.
func signedIn(ctx context.Context, r port.Repos, who user.ID) (*user.User, error) {
	person, err := r.Users.Lock(ctx, who)
	if errors.Is(err, user.ErrNotFound) {
		return nil, user.ErrSignedOut // without an account nobody is
	}
	return person, err
}

// ChangePassword sets a new password, ends every sign-in, and signs me in anew.
func (u *Accounts) ChangePassword(ctx context.Context, me Me, c user.PasswordChange, from signin.Origin) (Account, error) {
	wrong := user.Restore(me.State).Problems(c)
	if c.Current != "" || me.PasswordHash == "" {
		err := u.confirm(ctx, me, c.Current, user.ErrWrongCurrent)
		switch {
		case errors.Is(err, user.ErrWrongCurrent):
			wrong.Merge(fault.Of(err).Fields)
		case err != nil:
			return Account{}, err
		}
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	hash, err := u.Passwords.Hash(ctx, c.New)
	if err != nil {
		return Account{}, err
	}
	account, err := u.open(ctx, from, audit.PasswordChanged, func(r port.Repos) (user.State, error) {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return user.State{}, err
		}
		if person.State().PasswordHash != me.PasswordHash {
			return user.State{}, user.ErrWrongCurrent // it has just been changed elsewhere
		}
		person.SetPassword(hash)
		if _, err := r.Users.Save(ctx, person); err != nil {
			return user.State{}, err
		}
		return person.State(), end(ctx, r, me, u.Now())
	})
	u.changed(ctx, me.ID, err)
	return account, err
}

// Withdraw ends the account of me for good: name, powers and sign-ins are gone at
// once. The clock takes me out of rooms, and closes the parties that me leads.
func (u *Accounts) Withdraw(ctx context.Context, me Me, password, network string) error {
	if password == "" && me.PasswordHash != "" {
		return fault.Field("password", "비밀번호를 입력해 주세요.")
	}
	if err := u.confirm(ctx, me, password, user.ErrWrongPassword); err != nil {
		return err
	}

	at := u.Now()
	err := u.Store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return err
		}
		if person.State().PasswordHash != me.PasswordHash {
			return user.ErrWrongPassword
		}
		person.Withdraw(at)
		if _, err := r.Users.Save(ctx, person); err != nil {
			return err
		}
		if err := end(ctx, r, me, at); err != nil {
			return err
		}
		if err := r.Identities.Unlink(ctx, me.ID); err != nil {
			return err
		}
		err = r.Audit.Note(ctx, audit.Event{At: at, Kind: audit.Withdrawn, Who: me.ID, SignIn: me.SignIn.ID, Network: network})
		if err != nil {
			return err
		}
		return r.Agenda.Put(ctx, withdrawalOf(me.ID, 0))
	})
	u.changed(ctx, me.ID, err)
	if err == nil && u.Wake != nil {
		u.Wake() // after the sockets have heard why they close
	}
	return err
}

// account gives what is good for me from now on.
func (u *Accounts) account(me Me) (Account, error) {
	token, err := u.Tokens.Issue(me.ID, me.SignIn.ID)
	if err != nil {
		return Account{}, fmt.Errorf("issue token: %w", err)
	}
	return Account{User: me.State, Token: token}, nil
}
