package usecase

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Limits on wrong passwords. None of them locks an owner out: a device that the account
// was signed in from before has a count of its own.
var (
	failuresHere     = port.Limit{Burst: 5, Per: 15 * time.Minute} // of one account from one network, or by one known device
	failuresNetwork  = port.Limit{Burst: 50, Per: time.Hour}       // of one network
	failuresAnywhere = port.Limit{Burst: 50, Per: time.Hour}       // of one account
	recorded         = port.Limit{Burst: 1, Per: 15 * time.Minute} // attempts over the limit that are recorded, of one network
)

// attempt is one try at a password, to sign in or to confirm what only the owner of an
// account may do. Addresses with and without an account are counted alike.
type attempt struct {
	*Accounts
	email string
	from  signin.Origin
	taken []count
}

// count is a counter that an attempt raises, and its limit.
type count struct {
	of    string
	limit port.Limit
}

// begin counts the attempt as a failure before the password is checked, so that
// attempts in parallel can't exceed the limit. At the limit it returns
// signin.ErrTooOften, with how long to wait.
func (a *attempt) begin(ctx context.Context) error {
	if a.quota == nil {
		return nil
	}
	err := a.raise(ctx)
	if err != nil {
		a.takeBack(ctx) // what can't be taken back stays counted for a while
	}
	return err
}

func (a *attempt) raise(ctx context.Context) error {
	counts, err := a.counts(ctx)
	if err != nil {
		return err
	}
	for _, c := range counts {
		left, err := a.quota.Take(ctx, c.of, c.limit, 1)
		switch {
		case err != nil:
			return err
		case !left.OK:
			if err := a.refused(ctx); err != nil {
				return err
			}
			return fault.After(signin.ErrTooOften, left.RetryAfter)
		}
		a.taken = append(a.taken, c)
	}
	return nil
}

// counts returns what a failure counts for. That of a device that the account knows
// counts for this device alone, and no failure of others counts for it.
func (a *attempt) counts(ctx context.Context) ([]count, error) {
	account := "nobody" // not an e-mail address
	address, invalid := user.ParseEmail(a.email)
	if invalid == nil {
		account = address.Key()
		known, err := a.store.Read().Devices.Known(ctx, address, a.from.Mark)
		switch {
		case err != nil:
			return nil, err
		case known:
			return []count{{"failed sign-in of " + account + " by " + hex.EncodeToString(a.from.Mark[:]), failuresHere}}, nil
		}
	}
	return []count{
		{"failed sign-in of " + account + " from " + a.from.Network, failuresHere},
		{"failed sign-in from " + a.from.Network, failuresNetwork},
		{"failed sign-in of " + account, failuresAnywhere},
	}, nil
}

// failed records that the password was wrong. The attempt stays counted, even if the
// client does not wait for the answer.
func (a *attempt) failed(ctx context.Context, kind audit.Kind, who user.ID, by signin.ID) error {
	a.taken = nil
	return a.record(context.WithoutCancel(ctx), kind, who, by, a.from)
}

// takeBack undoes what begin has counted, unless the attempt has failed.
func (a *attempt) takeBack(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, c := range a.taken {
		if _, err := a.quota.Take(ctx, c.of, c.limit, -1); err != nil {
			return err
		}
	}
	a.taken = nil
	return nil
}

// refused records that attempts from a network are over the limit. It does so once in
// a while, since there may be very many of them.
func (a *attempt) refused(ctx context.Context) error {
	first, err := a.quota.Take(ctx, "refused sign-in from "+a.from.Network, recorded, 1)
	if err != nil || !first.OK {
		return err
	}
	return a.record(ctx, audit.SignInLimited, 0, 0, a.from)
}

// record records an attempt. who is 0 if the account is unknown, and by is 0 unless
// somebody signed in makes it.
func (u *Accounts) record(ctx context.Context, kind audit.Kind, who user.ID, by signin.ID, from signin.Origin) error {
	return u.store.Write(ctx, func(r port.Repos) error {
		return r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: kind, Who: who, SignIn: by, Network: from.Network})
	})
}
