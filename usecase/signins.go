package usecase

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// open signs in the person that get returns. If the person has too many sign-ins, it
// ends those that were used least recently.
func (u *Accounts) open(ctx context.Context, from signin.Origin, why audit.Kind, get func(port.Repos) (user.State, error)) (Account, error) {
	first := signin.NewToken(u.random(), u.random())
	id := signin.NewID(u.random())
	var me Me
	var ended bool
	err := u.store.Write(ctx, func(r port.Repos) error {
		who, err := get(r)
		if err != nil {
			return err
		}
		at := u.now()
		all, err := r.SignIns.LockOf(ctx, who.ID, at)
		if err != nil {
			return err
		}
		all = all[min(len(all), signin.Most-1):]
		ended = len(all) > 0
		for _, s := range all {
			s.End(at)
		}
		s := signin.Open(id, who.ID, from, first, at)
		me = Me{who, s.State()}
		if err := r.SignIns.Save(ctx, append(all, s)...); err != nil {
			return err
		}
		return r.Audit.Note(ctx, audit.Event{At: at, Kind: why, Who: who.ID, SignIn: id, Network: from.Network})
	})
	if ended {
		u.changed(ctx, me.ID, err)
	}
	if err != nil {
		return Account{}, err
	}
	a, err := u.account(me)
	a.Refresh = &first
	return a, err
}

// live locks the sign-ins of me, or returns user.ErrSignedOut if the one by which me asks
// has ended meanwhile. It belongs in a Write that has locked the account.
func live(ctx context.Context, r port.Repos, me Me, at time.Time) ([]*signin.SignIn, error) {
	all, err := r.SignIns.LockOf(ctx, me.ID, at)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(s *signin.SignIn) bool { return s.State().ID == me.SignIn.ID }) {
		return nil, user.ErrSignedOut
	}
	return all, nil
}

// end ends all sign-ins of me, by the rules of live.
func end(ctx context.Context, r port.Repos, me Me, at time.Time) error {
	all, err := live(ctx, r, me, at)
	if err != nil {
		return err
	}
	return endAll(ctx, r, all, at)
}

func endAll(ctx context.Context, r port.Repos, all []*signin.SignIn, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	for _, s := range all {
		s.End(at)
	}
	return r.SignIns.Save(ctx, all...)
}

// changed publishes a change of an account if err is nil, and in any case drops the
// account from the cache.
func (u *Accounts) changed(ctx context.Context, who user.ID, err error) {
	u.recognized.forget(who)
	if err == nil {
		u.bus.AccountChanged(context.WithoutCancel(ctx), who)
	}
}

// Refresh rotates the refresh token of a device, by the rules of signin.SignIn.Refresh. The
// reuse of a former token ends the sign-in and returns signin.ErrReused. Refresh returns user.ErrSignedOut if there is no such sign-in.
func (u *Accounts) Refresh(ctx context.Context, token signin.Token, network string) (Account, error) {
	salt := u.random()
	var s *signin.SignIn
	var next signin.Token
	var reused bool
	err := u.store.Write(ctx, func(r port.Repos) (err error) {
		reused = false // a Write may run again
		if s, err = r.SignIns.Lock(ctx, token.Family()); err != nil {
			return err
		}
		at := u.now()
		before := s.State()
		next, err = s.Refresh(token, salt, network, at)
		reused = errors.Is(err, signin.ErrReused)
		switch {
		case err != nil && !reused:
			return err
		case s.State() == before:
			return nil
		}
		if err := r.SignIns.Save(ctx, s); err != nil || !reused {
			return err
		}
		return r.Audit.Note(ctx, audit.Event{At: at, Kind: audit.Reused, Who: before.Who, SignIn: before.ID, Network: network})
	})
	if reused {
		u.changed(ctx, s.State().Who, err)
	}
	switch {
	case err != nil:
		return Account{}, err
	case reused:
		return Account{}, signin.ErrReused
	}
	person, s, err := u.store.Read().SignIns.Holder(ctx, s.State().ID, u.now())
	if err != nil {
		return Account{}, err
	}
	a, err := u.account(Me{person.State(), s.State()})
	a.Refresh = &next
	return a, err
}

// SignOut ends the sign-in of a refresh token, if there is one.
func (u *Accounts) SignOut(ctx context.Context, token signin.Token, network string) error {
	var who user.ID
	err := u.store.Write(ctx, func(r port.Repos) error {
		who = 0
		s, err := r.SignIns.Lock(ctx, token.Family())
		at := u.now()
		if err != nil || !s.State().Live(at) {
			return err
		}
		s.End(at)
		who = s.State().Who
		if err := r.SignIns.Save(ctx, s); err != nil {
			return err
		}
		return r.Audit.Note(ctx, audit.Event{At: at, Kind: audit.SignedOut, Who: who, SignIn: s.State().ID, Network: network})
	})
	if who != 0 {
		u.changed(ctx, who, err)
	}
	if errors.Is(err, user.ErrSignedOut) {
		return nil
	}
	return err
}

// SignIns lists the sign-ins of me, the last used first.
func (u *Accounts) SignIns(ctx context.Context, me Me) ([]signin.State, error) {
	ss, err := u.store.Read().SignIns.Of(ctx, me.ID, u.now())
	all := make([]signin.State, len(ss))
	for i, s := range ss {
		all[i] = s.State()
	}
	return all, err
}

// EndSignIn ends one sign-in of me, or returns signin.ErrNotFound.
func (u *Accounts) EndSignIn(ctx context.Context, me Me, id signin.ID, network string) error {
	return u.endSome(ctx, me, network, func(s signin.State) bool { return s.ID == id })
}

// EndSignIns ends all sign-ins of me.
func (u *Accounts) EndSignIns(ctx context.Context, me Me, network string) error {
	return u.endSome(ctx, me, network, func(signin.State) bool { return true })
}

func (u *Accounts) endSome(ctx context.Context, me Me, network string, which func(signin.State) bool) error {
	err := u.store.Write(ctx, func(r port.Repos) error {
		if _, err := signedIn(ctx, r, me.ID); err != nil {
			return err
		}
		at := u.now()
		all, err := r.SignIns.LockOf(ctx, me.ID, at)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(s *signin.SignIn) bool { return !which(s.State()) })
		if len(all) == 0 {
			return signin.ErrNotFound
		}
		var events []audit.Event
		for _, s := range all {
			s.End(at)
			events = append(events, audit.Event{At: at, Kind: audit.SignedOut, Who: me.ID, SignIn: s.State().ID, Network: network})
		}
		if err := r.SignIns.Save(ctx, all...); err != nil {
			return err
		}
		return r.Audit.Note(ctx, events...)
	})
	u.changed(ctx, me.ID, err)
	return err
}

// Hold returns those of these sign-ins that have not ended, so that a missed end is
// noticed.
func (u *Accounts) Hold(ctx context.Context, ids []signin.ID) (map[signin.ID]bool, error) {
	return u.store.Read().Heads.SignIns(ctx, ids, u.now())
}
