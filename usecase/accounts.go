// Package usecase holds what people can do with the product. A use case takes
// who asks as an argument, passes refusals through untouched, and publishes
// only what is stored.
package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Accounts lets people register, sign in, change what is theirs, and withdraw.
type Accounts struct {
	store     port.Store
	bus       port.Bus
	passwords port.Passwords
	tokens    port.Tokens
	now       func() time.Time
	known     known
}

// NewAccounts makes the use cases of accounts.
func NewAccounts(store port.Store, bus port.Bus, passwords port.Passwords, tokens port.Tokens, now func() time.Time) *Accounts {
	return &Accounts{store: store, bus: bus, passwords: passwords, tokens: tokens, now: now}
}

// Account is a person's own account, and a token that is good for it from now on.
type Account struct {
	User  user.State
	Token string
}

// Register makes an account and signs it in. What is wrong with r, a taken
// e-mail address or name included, is refused for every field at once.
func (u *Accounts) Register(ctx context.Context, r user.Registration) (Account, error) {
	wrong := r.Problems()
	if err := taken(ctx, u.store.Read(), wrong, r.Email, r.Username, 0); err != nil {
		return Account{}, err
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	hash, err := u.passwords.Hash(ctx, r.Password)
	if err != nil {
		return Account{}, err
	}
	person, err := user.Register(r, hash, u.now())
	if err != nil {
		return Account{}, err
	}
	return u.keep(ctx, func(port.Repos) (*user.User, error) { return person, nil })
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

// keep saves the account that get returns, and gives it with a fresh token.
func (u *Accounts) keep(ctx context.Context, get func(port.Repos) (*user.User, error)) (Account, error) {
	var s user.State
	err := u.store.Write(ctx, func(r port.Repos) error {
		person, err := get(r)
		if err != nil {
			return err
		}
		s = person.State()
		s.ID, err = r.Users.Save(ctx, person)
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return u.Current(s)
}

// SignIn signs a person in. An unknown address, a wrong password and a
// withdrawn account are one and the same user.ErrInvalidCredentials.
func (u *Accounts) SignIn(ctx context.Context, email, password string) (Account, error) {
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
	person, err := u.byEmail(ctx, email)
	if err != nil {
		return Account{}, err
	}
	s := person.State()
	ok, stale, err := u.passwords.Verify(ctx, s.PasswordHash, password)
	switch {
	case err != nil:
		return Account{}, err
	case !ok:
		return Account{}, user.ErrInvalidCredentials
	case stale:
		// A better hash can wait for the next time; the password was right.
		if err := u.rehash(ctx, s, password); err != nil && fault.Of(err).Kind != fault.Unavailable {
			return Account{}, err
		}
	}
	return u.Current(s)
}

// byEmail finds an account, or gives one that no password opens, so that both
// take the same work from here on.
func (u *Accounts) byEmail(ctx context.Context, email string) (*user.User, error) {
	address, err := user.ParseEmail(email)
	if err != nil {
		return user.Restore(user.State{}), nil
	}
	person, err := u.store.Read().Users.ByEmail(ctx, address)
	if errors.Is(err, user.ErrNotFound) {
		return user.Restore(user.State{}), nil
	}
	return person, err
}

// rehash keeps a better hash of a password that was just verified, unless the
// password has changed meanwhile.
func (u *Accounts) rehash(ctx context.Context, seen user.State, password string) error {
	hash, err := u.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return u.store.Write(ctx, func(r port.Repos) error {
		person, err := r.Users.Lock(ctx, seen.ID)
		if errors.Is(err, user.ErrNotFound) {
			return user.ErrInvalidCredentials // just withdrawn
		}
		if err != nil {
			return err
		}
		if person.State().PasswordHash != seen.PasswordHash {
			return nil
		}
		person.Rehash(hash)
		_, err = r.Users.Save(ctx, person)
		return err
	})
}

// WhoIs finds out who holds a token, and returns user.ErrSignedOut if it is
// odd, over, or of a sign-in that has ended.
func (u *Accounts) WhoIs(ctx context.Context, token string) (user.State, port.SignIn, error) {
	in, err := u.tokens.Parse(token)
	if err != nil {
		return user.State{}, port.SignIn{}, err
	}
	s, err := u.holder(ctx, in)
	if err != nil {
		return user.State{}, port.SignIn{}, err
	}
	return s, in, nil
}

// holder asks the store who signed in, and whether that still holds.
func (u *Accounts) holder(ctx context.Context, in port.SignIn) (user.State, error) {
	person, err := present(u.store.Read().Users.Get(ctx, in.Who))
	if err != nil {
		return user.State{}, err
	}
	if person.State().Generation != in.Generation {
		return user.State{}, user.ErrSignedOut
	}
	return person.State(), nil
}

// Generations gives the generation of sign-ins that is good for each of these
// people, for whoever may have missed that earlier ones have ended.
func (u *Accounts) Generations(ctx context.Context, ids []user.ID) (map[user.ID]int64, error) {
	return u.store.Read().Heads.People(ctx, ids)
}

// Current gives the account of me with a fresh token.
func (u *Accounts) Current(me user.State) (Account, error) {
	token, err := u.tokens.Issue(me.ID, me.Generation)
	if err != nil {
		return Account{}, fmt.Errorf("issue token: %w", err)
	}
	return Account{me, token}, nil
}

// Edit changes the name and the neighbourhood, where given.
func (u *Accounts) Edit(ctx context.Context, who user.ID, username, address *string) (Account, error) {
	defer u.known.forget(who) // whatever has become of it
	account, err := u.keep(ctx, func(r port.Repos) (*user.User, error) {
		person, err := signedIn(ctx, r, who)
		if err != nil {
			return nil, err
		}
		wrong := fault.Fields{}
		if err := person.Edit(username, address); err != nil {
			wrong.Merge(fault.Of(err).Fields)
		}
		if username != nil {
			if err := taken(ctx, r, wrong, "", *username, who); err != nil {
				return nil, err
			}
		}
		return person, wrong.Err()
	})
	if err == nil {
		u.bus.SignOut(context.WithoutCancel(ctx), who, account.User.Generation) // ends nothing, and makes others look again
	}
	return account, err
}

// signedIn locks the account of who asks. It keeps others from withdrawing it
// until the Write ends, and comes before the locks of parties.
func signedIn(ctx context.Context, r port.Repos, who user.ID) (*user.User, error) {
	return present(r.Users.Lock(ctx, who))
}

// present takes what a look for the account of who asks has found. Without an
// account nobody is signed in.
func present(person *user.User, err error) (*user.User, error) {
	if errors.Is(err, user.ErrNotFound) {
		return nil, user.ErrSignedOut
	}
	return person, err
}

// ChangePassword sets a new password and ends every sign-in but the one whose
// token it returns.
func (u *Accounts) ChangePassword(ctx context.Context, who user.ID, c user.PasswordChange) (Account, error) {
	person, err := present(u.store.Read().Users.Get(ctx, who))
	if err != nil {
		return Account{}, err
	}
	wrong, seen := person.Problems(c), person.State()
	if c.Current != "" {
		switch ok, _, err := u.passwords.Verify(ctx, seen.PasswordHash, c.Current); {
		case err != nil:
			return Account{}, err
		case !ok:
			wrong.Merge(fault.Of(user.ErrWrongCurrent).Fields)
		}
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	hash, err := u.passwords.Hash(ctx, c.New)
	if err != nil {
		return Account{}, err
	}
	defer u.known.forget(who)
	account, err := u.keep(ctx, func(r port.Repos) (*user.User, error) {
		person, err := signedIn(ctx, r, who)
		if err != nil {
			return nil, err
		}
		if person.State().PasswordHash != seen.PasswordHash {
			return nil, user.ErrWrongCurrent // it has just been changed elsewhere
		}
		person.SetPassword(hash)
		return person, nil
	})
	if err != nil {
		return Account{}, err
	}
	u.bus.SignOut(context.WithoutCancel(ctx), who, account.User.Generation)
	return account, nil
}

// Withdraw ends the account of who for good: it leaves the rooms of others, its
// own parties are closed, and every sign-in ends.
func (u *Accounts) Withdraw(ctx context.Context, who user.ID, password string) error {
	person, err := present(u.store.Read().Users.Get(ctx, who))
	if err != nil {
		return err
	}
	seen := person.State()
	if password == "" {
		return fault.Field("password", "비밀번호를 입력해 주세요.")
	}
	switch ok, _, err := u.passwords.Verify(ctx, seen.PasswordHash, password); {
	case err != nil:
		return err
	case !ok:
		return user.ErrWrongPassword
	}

	defer u.known.forget(who)
	at := u.now()
	var lines []port.Line
	var generation int64
	err = u.store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, who)
		if err != nil {
			return err
		}
		if person.State().PasswordHash != seen.PasswordHash {
			return user.ErrWrongPassword
		}
		person.Withdraw(at)
		generation = person.State().Generation
		if _, err := r.Users.Save(ctx, person); err != nil {
			return err
		}
		parties, err := r.Parties.LockOf(ctx, who)
		if err != nil {
			return err
		}
		var notes []chat.Message
		for _, p := range parties {
			p.Withdraw(who, at)
			notes = append(notes, chat.Notes(p.State().ID, p.Events())...)
		}
		if err := r.Parties.Save(ctx, parties...); err != nil {
			return err
		}
		lines, err = r.Messages.Append(ctx, notes)
		return err
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	u.bus.SignOut(ctx, who, generation) // first, so that the sockets say why they close
	u.bus.Publish(ctx, lines...)
	return nil
}
