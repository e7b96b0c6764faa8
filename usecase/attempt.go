package usecase

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Limits on failed sign-ins. failuresAnywhere locks no owner out: devices and networks
// that the account was signed in from before are still let in.
var (
	failuresHere     = port.Limit{Burst: 5, Per: 15 * time.Minute} // of one account from one network
	failuresNetwork  = port.Limit{Burst: 50, Per: time.Hour}       // of one network
	failuresAnywhere = port.Limit{Burst: 50, Per: time.Hour}       // of one account
	recorded         = port.Limit{Burst: 1, Per: 15 * time.Minute} // attempts over the limit that are recorded, of one network
)

// attempt is one try to sign in. Addresses with and without an account are counted
// alike.
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
// attempts in parallel can't exceed the limit; takeBack undoes it after a success. At
// the limit it returns signin.ErrTooOften, with how long to wait.
func (a *attempt) begin(ctx context.Context) error {
	if a.quota == nil {
		return nil
	}
	account := "nobody" // not an e-mail address
	if address, err := user.ParseEmail(a.email); err == nil {
		account = address.Key()
	}
	anywhere := count{"failed sign-in of " + account, failuresAnywhere}
	for _, c := range []count{
		{"failed sign-in of " + account + " from " + a.from.Network, failuresHere},
		{"failed sign-in from " + a.from.Network, failuresNetwork},
		anywhere,
	} {
		left, err := a.quota.Take(ctx, c.of, c.limit, 1)
		switch {
		case err != nil:
			return err
		case left.OK:
			a.taken = append(a.taken, c)
			continue
		case c == anywhere:
			person, err := a.byEmail(ctx, a.email)
			if err != nil {
				return err
			}
			met, err := a.store.Read().SignIns.Met(ctx, person.State().ID, a.from)
			if err != nil {
				return err
			}
			if met {
				continue
			}
		}
		if err := a.refused(ctx); err != nil {
			return err
		}
		return fault.After(signin.ErrTooOften, left.RetryAfter)
	}
	return nil
}

// takeBack undoes what begin has counted.
func (a *attempt) takeBack(ctx context.Context) error {
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
	if err := a.takeBack(ctx); err != nil {
		return err
	}
	first, err := a.quota.Take(ctx, "refused sign-in from "+a.from.Network, recorded, 1)
	if err != nil || !first.OK {
		return err
	}
	return a.record(ctx, audit.SignInLimited, 0, a.from)
}

// record records an attempt to sign in. who is 0 if the account is unknown.
func (u *Accounts) record(ctx context.Context, kind audit.Kind, who user.ID, from signin.Origin) error {
	return u.store.Write(ctx, func(r port.Repos) error {
		return r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: kind, Who: who, Network: from.Network})
	})
}
