package usecase

import (
	"context"
	"net/url"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Providers lists the providers that people can sign in through.
func (u *Accounts) Providers() []port.Provider {
	if u.social == nil {
		return nil
	}
	return u.social.Providers()
}

// BeginSocial returns the address of a provider to redirect a browser to, and the attempt to
// keep until the browser comes back to redirect.
func (u *Accounts) BeginSocial(ctx context.Context, provider, redirect string) (address string, a port.Attempt, err error) {
	if u.social == nil {
		return "", port.Attempt{}, social.ErrNoProvider
	}
	return u.social.Begin(ctx, provider, redirect)
}

// FinishSocial finds who has come back from a provider.
func (u *Accounts) FinishSocial(ctx context.Context, a port.Attempt, redirect string, answer url.Values) (port.Identity, error) {
	if u.social == nil {
		return port.Identity{}, social.ErrNoProvider
	}
	return u.social.Finish(ctx, a, redirect, answer)
}

// SignInBy signs in the owner of an identity, or returns user.ErrNotFound if it has none
// yet. An e-mail address from the provider never makes somebody the owner.
func (u *Accounts) SignInBy(ctx context.Context, by port.Identity, from signin.Origin) (Account, error) {
	return u.open(ctx, from, audit.SignedIn, func(r port.Repos) (user.State, error) {
		who, err := r.Identities.Owner(ctx, by.Provider, by.Subject)
		if err != nil {
			return user.State{}, err
		}
		person, err := r.Users.Lock(ctx, who)
		if err != nil {
			return user.State{}, err
		}
		return person.State(), nil
	})
}

// RegisterBy makes an account for an identity that has none yet, and signs it in. Its
// error names every wrong field of r at once; r needs no password.
func (u *Accounts) RegisterBy(ctx context.Context, by port.Identity, r user.Registration, from signin.Origin) (Account, error) {
	wrong := r.ProfileProblems()
	if err := taken(ctx, u.store.Read(), wrong, r.Email, r.Username, 0); err != nil {
		return Account{}, err
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	person, err := user.RegisterWithout(r, u.now())
	if err != nil {
		return Account{}, err
	}
	return u.open(ctx, from, audit.Registered, func(r port.Repos) (user.State, error) {
		s := person.State()
		if s.ID, err = r.Users.Save(ctx, person); err != nil {
			return user.State{}, err
		}
		return s, r.Identities.Link(ctx, social.Link{Provider: by.Provider, Subject: by.Subject, Who: s.ID, LinkedAt: u.now()})
	})
}

// Link adds an identity that me can sign in by.
func (u *Accounts) Link(ctx context.Context, access port.Access, by port.Identity, network string) error {
	me, err := u.Verify(ctx, access)
	if err != nil {
		return err
	}
	return u.relink(ctx, me, audit.Linked, network, func(r port.Repos, _ *user.User) error {
		return r.Identities.Link(ctx, social.Link{Provider: by.Provider, Subject: by.Subject, Who: me.ID, LinkedAt: u.now()})
	})
}

// MayLink returns an error unless me has shown to be the owner of the account, as is
// needed before the browser leaves to link another way to sign in.
func (u *Accounts) MayLink(ctx context.Context, me Me, password string, from signin.Origin) error {
	return u.confirmWay(ctx, me, password, from)
}

// Unlink removes an identity of me, unless it is the last way to sign in.
func (u *Accounts) Unlink(ctx context.Context, me Me, provider, password string, from signin.Origin) error {
	if err := u.confirmWay(ctx, me, password, from); err != nil {
		return err
	}
	return u.relink(ctx, me, audit.Unlinked, from.Network, func(r port.Repos, person *user.User) error {
		all, err := r.Identities.Of(ctx, me.ID)
		if err != nil {
			return err
		}
		if err := social.Unlink(all, provider, person.State().PasswordHash != ""); err != nil {
			return err
		}
		return r.Identities.Unlink(ctx, me.ID, provider)
	})
}

func (u *Accounts) relink(ctx context.Context, me Me, kind audit.Kind, network string, do func(port.Repos, *user.User) error) error {
	return u.store.Write(ctx, func(r port.Repos) error {
		person, err := signedIn(ctx, r, me.ID)
		if err != nil {
			return err
		}
		if _, err := live(ctx, r, me, u.now()); err != nil {
			return err
		}
		if err := do(r, person); err != nil {
			return err
		}
		return r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: kind, Who: me.ID, SignIn: me.SignIn.ID, Network: network})
	})
}

// endLinks removes all identities of me. It belongs in a Write that has locked the account.
func (u *Accounts) endLinks(ctx context.Context, r port.Repos, me Me, network string) error {
	links, err := r.Identities.Of(ctx, me.ID)
	if err != nil {
		return err
	}
	if err := r.Identities.Unlink(ctx, me.ID); err != nil {
		return err
	}
	ended := make([]audit.Event, len(links))
	for i := range links {
		ended[i] = audit.Event{At: u.now(), Kind: audit.Unlinked, Who: me.ID, SignIn: me.SignIn.ID, Network: network}
	}
	return r.Audit.Note(ctx, ended...)
}

// Ways tells by what me can sign in.
func (u *Accounts) Ways(ctx context.Context, me Me) (password bool, links []social.Link, err error) {
	links, err = u.store.Read().Identities.Of(ctx, me.ID)
	return me.PasswordHash != "", links, err
}
