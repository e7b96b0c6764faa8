package usecase

import (
	"context"
	"errors"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Me is who asks, and the sign-in by which they do.
type Me struct {
	user.State
	SignIn signin.State
}

// Access reads an access token, or returns user.ErrSignedOut if that is malformed or
// expired. Whether its sign-in still holds is for Recognize and Verify to say.
func (u *Accounts) Access(token string) (port.Access, error) { return u.tokens.Parse(token) }

// Ended reports whether the sign-in of access is known to have ended.
func (u *Accounts) Ended(access port.Access) bool { return u.ended.has(access.SignIn, u.now()) }

// WhoIs is Access and Verify.
func (u *Accounts) WhoIs(ctx context.Context, token string) (Me, port.Access, error) {
	access, err := u.Access(token)
	if err != nil {
		return Me{}, port.Access{}, err
	}
	me, err := u.Verify(ctx, access)
	return me, access, err
}

// Verify finds who holds an access token, and always asks the store whether that still
// holds. It returns user.ErrSignedOut if its sign-in has ended.
func (u *Accounts) Verify(ctx context.Context, access port.Access) (Me, error) {
	now := u.now()
	if u.ended.has(access.SignIn, now) {
		return Me{}, user.ErrSignedOut
	}
	person, s, err := u.store.Read().SignIns.Holder(ctx, access.SignIn, now)
	if errors.Is(err, user.ErrSignedOut) && now.Before(access.Until) {
		u.ended.add(access.SignIn, access.Until)
	}
	if err != nil {
		return Me{}, err
	}
	if person.State().ID != access.Who {
		return Me{}, user.ErrSignedOut
	}
	return Me{person.State(), s.State()}, nil
}

// Recognize is Verify from a cache. It sees what this process has changed at once, and
// what others have changed as soon as the bus tells, or after AccountsConfig.Trust at
// the latest. The state has no password hash.
func (u *Accounts) Recognize(ctx context.Context, access port.Access) (Me, error) {
	now := u.now()
	me, version, ok := u.recognized.get(access.SignIn, now)
	if ok && me.ID == access.Who {
		return me, nil
	}
	me, err := u.Verify(ctx, access)
	if err != nil {
		return Me{}, err
	}
	me.PasswordHash = ""
	u.recognized.put(me, now, version)
	return me, nil
}

// Admits returns user.ErrSignedOut if access is no longer valid.
func (u *Accounts) Admits(ctx context.Context, access port.Access) error {
	_, err := u.Verify(ctx, access)
	return err
}

// Follower keeps the cache of Recognize up to date with what the bus tells of people.
func (u *Accounts) Follower() port.PeopleFollower { return &u.recognized }

// signedIn locks the account of who asks, so that it can't be withdrawn until the Write
// ends. It comes before the locks of parties and sign-ins.
func signedIn(ctx context.Context, r port.Repos, who user.ID) (*user.User, error) {
	person, err := r.Users.Lock(ctx, who)
	return person, signedOut(err)
}

// signedOut is user.ErrSignedOut for user.ErrNotFound: the account was withdrawn since the
// token was checked.
func signedOut(err error) error {
	if errors.Is(err, user.ErrNotFound) {
		return user.ErrSignedOut
	}
	return err
}
