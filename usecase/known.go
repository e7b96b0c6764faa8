package usecase

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// maxKnown is how many sign-ins are in each half of those that are known.
const maxKnown = 4096

// known remembers for a while whose sign-ins are, and that they hold, so that not
// every request has to ask the store. The bus tells of whom that has changed;
// what it loses is found out once the trust is over.
type known struct {
	trust time.Duration // 0: knows nobody

	mu           sync.Mutex
	recent, past map[signin.ID]acquaintance
	changes      uint64 // heard of so far
}

type acquaintance struct {
	Me
	since time.Time
}

// Remember makes Recognize trust for so long what it has found out about a
// sign-in, and returns who must hear from now on what the bus tells about people. It
// comes before the first Recognize.
func (u *Accounts) Remember(trust time.Duration) port.PeopleFollower {
	u.known.trust = trust
	return &u.known
}

// Recognize is WhoIs for what may be a little late: after a change elsewhere a
// person may be taken, until this process hears of it and never for longer than
// it trusts what it remembers, for who it was. What was changed here is known at
// once. The state has no password hash.
func (u *Accounts) Recognize(ctx context.Context, token string) (Me, error) {
	access, err := u.Tokens.Parse(token)
	if err != nil {
		return Me{}, err
	}
	now := u.Now()
	me, changes, ok := u.known.look(access.SignIn, now)
	if ok && me.ID == access.Who {
		return me, nil
	}
	me, err = u.holder(ctx, access)
	if err != nil {
		return Me{}, err
	}
	me.PasswordHash = ""
	u.known.meet(me, now, changes)
	return me, nil
}

// look finds which sign-in is known well enough, and tells how many changes were
// heard of.
func (k *known) look(id signin.ID, now time.Time) (me Me, changes uint64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.recent[id]
	if !ok {
		a, ok = k.past[id]
	}
	return a.Me, k.changes, ok && now.Sub(a.since) < k.trust && now.Before(a.SignIn.Until)
}

// meet remembers what was read since a time at which so many changes had been
// heard of. If there are more by now, what was read may be of before them.
func (k *known) meet(me Me, since time.Time, changes uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.trust == 0 || k.changes != changes {
		return
	}
	if len(k.recent) >= maxKnown || k.recent == nil {
		k.recent, k.past = make(map[signin.ID]acquaintance, 16), k.recent
	}
	k.recent[me.SignIn.ID] = acquaintance{me, since}
}

func (k *known) forget(who user.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	theirs := func(_ signin.ID, a acquaintance) bool { return a.ID == who }
	maps.DeleteFunc(k.recent, theirs)
	maps.DeleteFunc(k.past, theirs)
}

// Resync implements port.PeopleFollower.
func (k *known) Resync() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	k.recent, k.past = nil, nil
}

// AccountChanged implements port.PeopleFollower.
func (k *known) AccountChanged(who user.ID) { k.forget(who) }

// Notified implements port.PeopleFollower: that changes nobody's sign-in.
func (k *known) Notified(user.ID) {}
