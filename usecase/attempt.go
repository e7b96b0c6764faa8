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

// How many failures to sign in there may be. The last of them locks nobody out:
// devices and networks that the account was signed in from before still get in.
var (
	failuresHere     = port.Limit{Burst: 5, Per: 15 * time.Minute} // of one account from one network
	failuresNetwork  = port.Limit{Burst: 50, Per: time.Hour}       // of one network
	failuresAnywhere = port.Limit{Burst: 50, Per: time.Hour}       // of one account
	recorded         = port.Limit{Burst: 1, Per: 15 * time.Minute} // refusals to look that go on record, of one network
)

// attempt is a try to sign in. Accounts that there are and that there are not are
// counted alike.
type attempt struct {
	*Accounts
	email string
	from  signin.Origin
	taken []count
}

// count is what is counted, and how much of it there may be.
type count struct {
	of    string
	limit port.Limit
}

// begin counts the attempt as a failure, which succeed takes back, so that many at
// once are not more than many in a row. After too many it returns
// signin.ErrTooOften, with how long to wait.
func (a *attempt) begin(ctx context.Context) error {
	if a.Quota == nil {
		return nil
	}
	account := "nobody" // has an address like that
	if address, err := user.ParseEmail(a.email); err == nil {
		account = address.Key()
	}
	anywhere := count{"failed sign-in of " + account, failuresAnywhere}
	for _, c := range []count{
		{"failed sign-in of " + account + " from " + a.from.Network, failuresHere},
		{"failed sign-in from " + a.from.Network, failuresNetwork},
		anywhere,
	} {
		left, err := a.Quota.Take(ctx, c.of, c.limit, 1)
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
			met, err := a.Store.Read().SignIns.Met(ctx, person.State().ID, a.from)
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

// takeBack makes as if the attempt had not been.
func (a *attempt) takeBack(ctx context.Context) error {
	for _, c := range a.taken {
		if _, err := a.Quota.Take(ctx, c.of, c.limit, -1); err != nil {
			return err
		}
	}
	a.taken = nil
	return nil
}

// refused puts on record that nobody looks any more, once in a while: there may
// be very many such attempts.
func (a *attempt) refused(ctx context.Context) error {
	if err := a.takeBack(ctx); err != nil {
		return err
	}
	first, err := a.Quota.Take(ctx, "refused sign-in from "+a.from.Network, recorded, 1)
	if err != nil || !first.OK {
		return err
	}
	return a.record(ctx, audit.SignInLimited, 0, a.from)
}

// record puts an attempt to sign in on record. who is 0 where nobody knows.
func (u *Accounts) record(ctx context.Context, kind audit.Kind, who user.ID, from signin.Origin) error {
	return u.Store.Write(ctx, func(r port.Repos) error {
		return r.Audit.Note(ctx, audit.Event{At: u.Now(), Kind: kind, Who: who, Network: from.Network})
	})
}
