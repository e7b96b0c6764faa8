// Package usecase holds what people can do with the product. A use case takes
// who asks as an argument, returns the errors of the domain unchanged, and publishes
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
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Accounts lets people register, sign in, change what is theirs, and withdraw.
type Accounts struct {
	store     port.Store
	bus       port.Bus
	passwords port.Passwords
	confirms  port.Passwords
	tokens    port.Tokens
	social    port.Social
	quota     port.Quota
	random    func() signin.Secret
	now       func() time.Time
	wake      func()

	recognized meCache
	ended      endedSignIns
}

// AccountsConfig is what Accounts works with.
type AccountsConfig struct {
	Store     port.Store
	Bus       port.Bus
	Passwords port.Passwords
	Confirms  port.Passwords // for people who are signed in, so that they are in nobody's way who signs in
	Tokens    port.Tokens
	Social    port.Social // nil: nobody can sign in through a provider
	Quota     port.Quota  // counts failures to sign in; nil: nobody counts
	Random    func() signin.Secret
	Now       func() time.Time
	Wake      func()        // tells the clock that something new may be due
	Trust     time.Duration // for how long Recognize trusts what it has read; 0: not at all
}

// NewAccounts makes the use cases of accounts.
func NewAccounts(c AccountsConfig) *Accounts {
	return &Accounts{
		store:      c.Store,
		bus:        c.Bus,
		passwords:  c.Passwords,
		confirms:   c.Confirms,
		tokens:     c.Tokens,
		social:     c.Social,
		quota:      c.Quota,
		random:     c.Random,
		now:        c.Now,
		wake:       c.Wake,
		recognized: meCache{trust: c.Trust},
	}
}

// Account is a person's own account, with tokens.
type Account struct {
	User  user.State
	Token string
	// Refresh is the refresh token of the device. It is nil unless there is a new one.
	Refresh *signin.Token
	// Links are how else the person can sign in, told with a new password.
	Links []social.Link
}

// Register makes an account and signs it in. Its error names every wrong field at once,
// a taken e-mail address or name included.
func (u *Accounts) Register(ctx context.Context, r user.Registration, from signin.Origin) (Account, error) {
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
	return u.open(ctx, from, audit.Registered, func(r port.Repos) (user.State, error) {
		s := person.State()
		s.ID, err = r.Users.Save(ctx, person)
		return s, err
	})
}

// taken adds to wrong the e-mail address and the name if others than except have them.
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

// SignIn signs a person in. It returns the same user.ErrInvalidCredentials for an unknown
// address, a wrong password and a withdrawn account. After too many of them it returns
// signin.ErrTooOften, without checking the password.
func (u *Accounts) SignIn(ctx context.Context, email, password string, from signin.Origin) (Account, error) {
	if err := user.SignInProblems(email, password).Err(); err != nil {
		return Account{}, err
	}
	try := attempt{Accounts: u, email: email, from: from}
	if err := try.begin(ctx); err != nil {
		return Account{}, err
	}
	account, err := u.signIn(ctx, &try, password)
	for range maxRetries {
		if !errors.Is(err, errPasswordChanged) {
			break
		}
		account, err = u.signIn(ctx, &try, password)
	}
	if undo := try.takeBack(ctx); err == nil {
		err = undo
	}
	return account, err
}

// errPasswordChanged says that the hash was replaced while the password was checked.
var errPasswordChanged = fault.New(fault.Unavailable, "busy", "지금 이용자가 많아요. 잠시 후 다시 시도해 주세요.")

// maxRetries is how often a sign-in is retried because of that.
const maxRetries = 3

func (u *Accounts) signIn(ctx context.Context, try *attempt, password string) (Account, error) {
	person, err := u.byEmail(ctx, try.email)
	if err != nil {
		return Account{}, err
	}
	seen := person.State()
	ok, stale, err := u.passwords.Verify(ctx, seen.PasswordHash, password)
	switch {
	case err != nil:
		return Account{}, err
	case !ok:
		if err := try.failed(ctx, audit.SignInFailed, seen.ID, 0); err != nil {
			return Account{}, err
		}
		return Account{}, user.ErrInvalidCredentials
	}
	better := ""
	if stale {
		// The password is right; if the hasher is busy, the next sign-in renews the hash.
		if better, err = u.passwords.Hash(ctx, password); err != nil && fault.Of(err).Kind != fault.Unavailable {
			return Account{}, err
		}
	}
	return u.open(ctx, try.from, audit.SignedIn, func(r port.Repos) (user.State, error) {
		person, err := r.Users.Lock(ctx, seen.ID)
		switch {
		case errors.Is(err, user.ErrNotFound):
			return user.State{}, user.ErrInvalidCredentials // withdrawn since byEmail
		case err != nil:
			return user.State{}, err
		case person.State().PasswordHash != seen.PasswordHash:
			return user.State{}, errPasswordChanged
		case better == "":
			return person.State(), nil
		}
		person.SetPassword(better)
		_, err = r.Users.Save(ctx, person)
		return person.State(), err
	})
}

// byEmail finds an account, or gives one that no password matches, so that both take the
// same time from here on.
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

// Edit changes the name and the neighbourhood, each unless it is nil, and returns how the
// account is now.
func (u *Accounts) Edit(ctx context.Context, me Me, username, address *string) (user.State, error) {
	err := u.store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return err
		}
		wrong := fault.Fields{}
		renames := username != nil && !person.Keeps(*username)
		if err := person.Edit(username, address); err != nil {
			wrong.Merge(fault.Of(err).Fields)
		}
		if renames {
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
		return user.State{}, err
	}
	return me.State, nil
}

// ChangePassword sets a new password, ends every sign-in, and signs me in again. With
// EndLinks, nothing but the new password signs in then.
func (u *Accounts) ChangePassword(ctx context.Context, me Me, c user.PasswordChange, from signin.Origin) (Account, error) {
	wrong := user.Restore(me.State).Problems(c)
	if c.Current != "" || me.PasswordHash == "" {
		err := u.confirm(ctx, me, c.Current, from, user.ErrWrongCurrent)
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
	hash, err := u.confirms.Hash(ctx, c.New)
	if err != nil {
		return Account{}, err
	}
	var links []social.Link
	account, err := u.open(ctx, from, audit.PasswordChanged, func(r port.Repos) (user.State, error) {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return user.State{}, err
		}
		if person.State().PasswordHash != me.PasswordHash {
			return user.State{}, user.ErrWrongCurrent // changed since it was confirmed
		}
		person.SetPassword(hash)
		if _, err := r.Users.Save(ctx, person); err != nil {
			return user.State{}, err
		}
		if err := end(ctx, r, me, u.now()); err != nil {
			return user.State{}, err
		}
		if c.EndLinks {
			if err := u.endLinks(ctx, r, me, from.Network); err != nil {
				return user.State{}, err
			}
		}
		links, err = r.Identities.Of(ctx, me.ID)
		return person.State(), err
	})
	u.changed(ctx, me.ID, err)
	account.Links = links
	return account, err
}

// Withdraw ends the account of me for good, with its name and its sign-ins. The agenda
// then takes me out of rooms, and closes the parties that me leads.
func (u *Accounts) Withdraw(ctx context.Context, me Me, password string, from signin.Origin) error {
	if password == "" && me.PasswordHash != "" {
		return user.ErrNoPassword
	}
	if err := u.confirm(ctx, me, password, from, user.ErrWrongPassword); err != nil {
		return err
	}

	at := u.now()
	err := u.store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return err
		}
		if person.State().PasswordHash != me.PasswordHash {
			return user.ErrWrongPassword
		}
		all, err := live(ctx, r, me, at)
		if err != nil {
			return err
		}
		return withdraw(ctx, r, person, all, audit.Event{At: at, Kind: audit.Withdrawn, Who: me.ID, SignIn: me.SignIn.ID, Network: from.Network})
	})
	u.changed(ctx, me.ID, err)
	if err == nil {
		u.wake() // after the bus has told the sockets why they close
	}
	return err
}

// withdraw ends an account with all its sign-ins. It belongs in a Write that has locked them.
func withdraw(ctx context.Context, r port.Repos, person *user.User, all []*signin.SignIn, e audit.Event) error {
	who := person.State().ID
	person.Withdraw(e.At)
	if _, err := r.Users.Save(ctx, person); err != nil {
		return err
	}
	if err := endAll(ctx, r, all, e.At); err != nil {
		return err
	}
	if err := r.Identities.Unlink(ctx, who); err != nil {
		return err
	}
	if err := r.Audit.Note(ctx, e); err != nil {
		return err
	}
	return r.Agenda.Put(ctx, withdrawalOf(who, 0))
}

// account returns the account of me with a fresh access token.
func (u *Accounts) account(me Me) (Account, error) {
	token, err := u.tokens.Issue(me.ID, me.SignIn.ID)
	if err != nil {
		return Account{}, fmt.Errorf("issue token: %w", err)
	}
	return Account{User: me.State, Token: token}, nil
}
