package usecase

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Operators does what those who run the service may do for people and about posts. All of
// it is on record. It works in a process that serves nobody: those that serve notice by the
// items that it puts on the agenda.
type Operators struct {
	store     port.Store
	changes   *Changes
	passwords port.Passwords
	random    func() string // text that nobody can guess
	now       func() time.Time
}

// NewOperators makes the use cases of operators. random gives at least sixteen characters,
// each of which is one of 32 letters and digits.
func NewOperators(store port.Store, changes *Changes, passwords port.Passwords, random func() string, now func() time.Time) *Operators {
	return &Operators{store, changes, passwords, random, now}
}

// MaxAccounts is how many accounts List returns at most.
const MaxAccounts = 100

// List returns the accounts that have a part in their name or e-mail address, the newest
// first.
func (u *Operators) List(ctx context.Context, part string) (found []user.State, err error) {
	err = u.store.Write(ctx, func(r port.Repos) error {
		if found, err = r.AccountAdmin.Search(ctx, part, MaxAccounts); err != nil {
			return err
		}
		return r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: audit.AccountsListed})
	})
	return found, err
}

// AmbiguousError says that digits, which are an id, are the name of another account.
type AmbiguousError struct {
	Digits string
	Named  user.ID
}

func (e AmbiguousError) Error() string {
	return fmt.Sprintf("%s is the name of account %d: say %[2]d if you mean that one, or an e-mail address if you mean the id %[1]s", e.Digits, e.Named)
}

// Find returns the id of the account that an id, a name or an e-mail address is of, or
// user.ErrNotFound. Digits are an id. If they are the name of another account it is an
// AmbiguousError, whether there is an account of that id or not.
func Find(ctx context.Context, r port.Repos, who string) (user.ID, error) {
	person, err := find(ctx, r, who)
	if err != nil {
		return 0, err
	}
	return person.State().ID, nil
}

func find(ctx context.Context, r port.Repos, who string) (*user.User, error) {
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		switch named, err := r.AccountAdmin.ByName(ctx, who); {
		case err == nil && named.State().Username == who && named.State().ID != user.ID(id):
			return nil, AmbiguousError{who, named.State().ID}
		case err != nil && !errors.Is(err, user.ErrNotFound):
			return nil, err
		}
		return r.Users.Get(ctx, user.ID(id))
	}
	if strings.Contains(who, "@") {
		return r.Users.ByEmail(ctx, user.Email(who))
	}
	return r.AccountAdmin.ByName(ctx, who)
}

// Find is the function Find.
func (u *Operators) Find(ctx context.Context, who string) (user.ID, error) {
	return Find(ctx, u.store.Read(), who)
}

// Shown is an account as an operator sees it.
type Shown struct {
	user.State
	Links   []social.Link
	SignIns []signin.State // that hold, the last used first
	Rooms   int            // that the person is in, MaxRooms at most
}

// Show returns an account. It tells the record whether the operator is shown the whole
// e-mail address.
func (u *Operators) Show(ctx context.Context, who string, wholeEmail bool) (s Shown, err error) {
	err = u.store.Write(ctx, func(r port.Repos) error {
		person, err := find(ctx, r, who)
		if err != nil {
			return err
		}
		s = Shown{State: person.State()}
		if s.Links, err = r.Identities.Of(ctx, s.ID); err != nil {
			return err
		}
		all, err := r.SignIns.Of(ctx, s.ID, u.now())
		if err != nil {
			return err
		}
		for _, one := range all {
			s.SignIns = append(s.SignIns, one.State())
		}
		rooms, err := r.Rooms.Of(ctx, s.ID, MaxRooms)
		if err != nil {
			return err
		}
		s.Rooms = len(rooms)
		kind := audit.AccountShown
		if wholeEmail {
			kind = audit.EmailShown
		}
		return r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: kind, Of: s.ID})
	})
	return s, err
}

// Reset is what became of an account whose password was reset.
type Reset struct {
	Who      user.ID
	Password string
	Ended    int           // sign-ins
	Links    []social.Link // how else the person can still sign in
}

// ResetPassword gives an account a new password and ends all its sign-ins. With unlink,
// nothing but the new password signs in then.
func (u *Operators) ResetPassword(ctx context.Context, who string, unlink bool) (Reset, error) {
	chance := strings.ToLower(u.random())
	reset := Reset{Password: strings.Join([]string{chance[:4], chance[4:8], chance[8:12], chance[12:16]}, "-")}
	hash, err := u.passwords.Hash(ctx, reset.Password)
	if err != nil {
		return Reset{}, err
	}
	err = u.account(ctx, who, func(r port.Repos, person *user.User, all []*signin.SignIn) error {
		reset.Who, reset.Ended = person.State().ID, len(all)
		person.SetPassword(hash)
		if _, err := r.Users.Save(ctx, person); err != nil {
			return err
		}
		if err := endAll(ctx, r, all, u.now()); err != nil {
			return err
		}
		events := []audit.Event{{At: u.now(), Kind: audit.PasswordReset, Of: reset.Who}}
		if reset.Links, err = r.Identities.Of(ctx, reset.Who); err != nil {
			return err
		}
		if unlink {
			if err := r.Identities.Unlink(ctx, reset.Who); err != nil {
				return err
			}
			for range reset.Links {
				events = append(events, audit.Event{At: u.now(), Kind: audit.Unlinked, Of: reset.Who})
			}
			reset.Links = nil
		}
		if err := r.Audit.Note(ctx, events...); err != nil {
			return err
		}
		return r.Agenda.Put(ctx, announcement(AnnounceAccount, reset.Who))
	})
	return reset, err
}

// SignOut ends all sign-ins of an account, and tells how many.
func (u *Operators) SignOut(ctx context.Context, who string) (id user.ID, ended int, err error) {
	err = u.account(ctx, who, func(r port.Repos, person *user.User, all []*signin.SignIn) error {
		id, ended = person.State().ID, len(all)
		if err := endAll(ctx, r, all, u.now()); err != nil {
			return err
		}
		if err := r.Audit.Note(ctx, audit.Event{At: u.now(), Kind: audit.SignedOut, Of: id}); err != nil {
			return err
		}
		return r.Agenda.Put(ctx, announcement(AnnounceAccount, id))
	})
	return id, ended, err
}

// Withdraw ends an account for good, as its person may do.
func (u *Operators) Withdraw(ctx context.Context, who string) (id user.ID, err error) {
	err = u.account(ctx, who, func(r port.Repos, person *user.User, all []*signin.SignIn) error {
		id = person.State().ID
		return withdraw(ctx, r, person, all, audit.Event{At: u.now(), Kind: audit.Withdrawn, Of: id})
	})
	return id, err
}

// account runs act on an account that is locked with its sign-ins.
func (u *Operators) account(ctx context.Context, who string, act func(port.Repos, *user.User, []*signin.SignIn) error) error {
	id, err := u.Find(ctx, who)
	if err != nil {
		return err
	}
	return u.store.Write(ctx, func(r port.Repos) error {
		person, err := r.Users.Lock(ctx, id)
		if err != nil {
			return err
		}
		all, err := r.SignIns.LockOf(ctx, id, u.now())
		if err != nil {
			return err
		}
		return act(r, person, all)
	})
}

// HidePost keeps a post from all who are not in its room, and shows it again. It tells
// whether that changed anything.
func (u *Operators) HidePost(ctx context.Context, id party.ID, hide bool) (changed bool, err error) {
	kind, act := audit.PostShown, (*party.Party).Show
	if hide {
		kind, act = audit.PostHidden, (*party.Party).Hide
	}
	return u.post(ctx, id, kind, act)
}

// DeletePost takes away a post and its room, as its leader may do.
func (u *Operators) DeletePost(ctx context.Context, id party.ID) error {
	_, err := u.post(ctx, id, audit.PostDeleted, (*party.Party).Remove)
	return err
}

// post runs a rule on a post, and records it with who leads the party.
func (u *Operators) post(ctx context.Context, id party.ID, kind audit.Kind, rule func(*party.Party, time.Time) error) (changed bool, err error) {
	err = u.changes.In(ctx, id, func(w *Work) error {
		p, err := w.Party(ctx)
		if err != nil {
			return err
		}
		if err := rule(p, w.Now()); err != nil {
			return err
		}
		changed, _ = p.Unsaved()
		w.Record(audit.Event{Kind: kind, Of: p.State().Leader})
		w.Schedule(announcement(AnnounceRoom, id))
		return nil
	})
	return changed, err
}
