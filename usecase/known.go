package usecase

import (
	"context"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// maxKnown is how many people are in each half of those who are known.
const maxKnown = 4096

// known remembers for a while who people are, without their passwords, so that
// not every request has to ask the store. The bus tells of whom that has changed;
// what it loses is found out once the trust is over.
type known struct {
	trust time.Duration // 0: knows nobody

	mu           sync.Mutex
	recent, past map[user.ID]acquaintance
	changes      uint64 // heard of so far
}

type acquaintance struct {
	user.State
	since time.Time
}

// Remember makes Recognize trust for so long what it has found out about a
// person, and returns who must hear from now on what the bus tells. It comes
// before the first Recognize.
func (u *Accounts) Remember(trust time.Duration) port.Follower {
	u.known.trust = trust
	return &u.known
}

// Recognize is WhoIs for what may be a little late: after a change elsewhere a
// person may be taken, until this process hears of it and never for longer than
// it trusts what it remembers, for who it was. What was changed here is known at
// once. The state has no password hash.
func (u *Accounts) Recognize(ctx context.Context, token string) (user.State, error) {
	in, err := u.tokens.Parse(token)
	if err != nil {
		return user.State{}, err
	}
	now := u.now()
	s, changes, ok := u.known.look(in.Who, now)
	if ok && s.Generation == in.Generation {
		return s, nil
	}
	s, err = u.holder(ctx, in) // another generation may be news
	if err != nil {
		return user.State{}, err
	}
	s.PasswordHash = ""
	u.known.meet(s, now, changes)
	return s, nil
}

// look finds who is known well enough, and tells how many changes were heard of.
func (k *known) look(who user.ID, now time.Time) (s user.State, changes uint64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.recent[who]
	if !ok {
		a, ok = k.past[who]
	}
	return a.State, k.changes, ok && now.Sub(a.since) < k.trust
}

// meet remembers what was read since a time at which so many changes had been
// heard of. If there are more by now, what was read may be of before them.
func (k *known) meet(s user.State, since time.Time, changes uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.trust == 0 || k.changes != changes {
		return
	}
	if len(k.recent) >= maxKnown || k.recent == nil {
		k.recent, k.past = make(map[user.ID]acquaintance, 16), k.recent
	}
	k.recent[s.ID] = acquaintance{s, since}
}

func (k *known) forget(who user.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	delete(k.recent, who)
	delete(k.past, who)
}

// Doubt implements port.Follower.
func (k *known) Doubt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	k.recent, k.past = nil, nil
}

// SignOut implements port.Follower.
func (k *known) SignOut(who user.ID, _ int64) { k.forget(who) }

// Deliver implements port.Follower: rooms are nothing to it.
func (k *known) Deliver(port.Line) {}

// Wake implements port.Follower.
func (k *known) Wake(party.ID, int64) {}
