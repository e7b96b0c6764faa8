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

// WhoIs finds who holds an access token, and always asks the store. It returns
// user.ErrSignedOut if the token is malformed or expired, or its sign-in has ended.
func (u *Accounts) WhoIs(ctx context.Context, token string) (Me, port.Access, error) {
	access, err := u.tokens.Parse(token)
	if err != nil {
		return Me{}, port.Access{}, err
	}
	me, err := u.holder(ctx, access)
	return me, access, err
}

// Recognize is WhoIs from a cache. It sees what this process has changed at once, and
// what others have changed as soon as the bus tells, or after AccountsConfig.Trust at
// the latest. The state has no password hash.
func (u *Accounts) Recognize(ctx context.Context, token string) (Me, error) {
	access, err := u.tokens.Parse(token)
	if err != nil {
		return Me{}, err
	}
	now := u.now()
	me, version, ok := u.recognized.get(access.SignIn, now)
	if ok && me.ID == access.Who {
		return me, nil
	}
	me, err = u.holder(ctx, access)
	if err != nil {
		return Me{}, err
	}
	me.PasswordHash = ""
	u.recognized.put(me, now, version)
	return me, nil
}

// Admits returns user.ErrSignedOut if access is no longer valid.
func (u *Accounts) Admits(ctx context.Context, access port.Access) error {
	_, err := u.holder(ctx, access)
	return err
}

// holder reads whose access it is, and whether it is still valid.
func (u *Accounts) holder(ctx context.Context, access port.Access) (Me, error) {
	person, s, err := u.store.Read().SignIns.Holder(ctx, access.SignIn, u.now())
	if err != nil {
		return Me{}, err
	}
	if person.State().ID != access.Who {
		return Me{}, user.ErrSignedOut
	}
	return Me{person.State(), s.State()}, nil
}

// Follower keeps the cache of Recognize up to date with what the bus tells of people.
func (u *Accounts) Follower() port.PeopleFollower { return &u.recognized }

// signedIn locks the account of who asks, so that it can't be withdrawn until the Write
// ends. It comes before the locks of parties and sign-ins.
func signedIn(ctx context.Context, r port.Repos, who user.ID) (*user.User, error) {
	person, err := r.Users.Lock(ctx, who)
	if errors.Is(err, user.ErrNotFound) {
		return nil, user.ErrSignedOut // withdrawn since the token was checked
	}
	return person, err
}
