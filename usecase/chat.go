package usecase

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Chat lets members talk.
type Chat struct {
	store port.Store
	bus   port.Bus
	now   func() time.Time
	group func(size int)
	lanes [lanes]lane
}

// NewChat makes the use cases of talk.
func NewChat(store port.Store, bus port.Bus, now func() time.Time) *Chat {
	return &Chat{store: store, bus: bus, now: now, group: func(int) {}}
}

// Observe tells group how many lines are stored together, each time. It comes
// before the first Say.
func (u *Chat) Observe(group func(size int)) { u.group = group }

// Waiting tells how many lines wait to be stored.
func (u *Chat) Waiting() (n int) {
	for i := range u.lanes {
		u.lanes[i].mu.Lock()
		n += len(u.lanes[i].waiting)
		u.lanes[i].mu.Unlock()
	}
	return n
}

// Enter returns the Seq of the room's newest line, or why who may not follow it.
func (u *Chat) Enter(ctx context.Context, who user.ID, id party.ID) (last int64, err error) {
	post, err := enter(ctx, u.store.Read(), who, id)
	return post.LastSeq, err
}

// Ticket gives me a ticket for one socket of a room, which has to be used within
// signin.TicketLife, or says why me may not follow the room.
func (u *Chat) Ticket(ctx context.Context, me Me, id party.ID, ticket signin.Secret) error {
	if _, err := u.Enter(ctx, me.ID, id); err != nil {
		return err
	}
	return u.store.Write(ctx, func(r port.Repos) error {
		return r.Tickets.Save(ctx, ticket.Digest(), signin.Ticket{
			SignIn: me.SignIn.ID, Who: me.ID, Room: id, Until: u.now().Add(signin.TicketLife),
		})
	})
}

// Redeem takes a ticket for a room, and gives who may enter by it. A ticket that is
// not good for that, or not any more, is used up all the same, and returns
// user.ErrSignedOut.
func (u *Chat) Redeem(ctx context.Context, ticket signin.Secret, id party.ID) (port.Access, error) {
	var t signin.Ticket
	err := u.store.Write(ctx, func(r port.Repos) (err error) {
		t, err = r.Tickets.Take(ctx, ticket.Digest())
		return err
	})
	switch {
	case err != nil:
		return port.Access{}, err
	case t.Room != id, !u.now().Before(t.Until):
		return port.Access{}, user.ErrSignedOut
	}
	return port.Access{Who: t.Who, SignIn: t.SignIn}, nil
}

// Say stores what who says. Members hear of it by the bus. What is repeated
// under the same client id gives the first line again, and nobody hears it twice.
//
// Lines that come together are stored together. A context that ends before the
// turn of a line has come leaves it unsaid.
func (u *Chat) Say(ctx context.Context, who user.ID, id party.ID, words, clientID string) (line port.Line, repeated bool, err error) {
	m, err := chat.Say(id, who, words, clientID, u.now())
	if err != nil {
		return port.Line{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return port.Line{}, false, err
	}
	s := &saying{message: m, turn: make(chan bool, 1)}
	l := &u.lanes[uint64(id)%lanes] // #nosec G115 -- any lane will do
	leads, err := l.join(s)
	if err != nil {
		return port.Line{}, false, err
	}
	if !leads {
		select {
		case leads = <-s.turn:
		case <-ctx.Done():
			if l.leave(s) {
				return port.Line{}, false, ctx.Err()
			}
			leads = <-s.turn // which has come, or will as soon as the group is stored
		}
	}
	if leads {
		defer l.pass()
		u.say(ctx, l.take())
	}
	return s.said.Line, s.said.Repeated, s.said.Err
}

const (
	lanes     = 4               // groups of lines that are stored at once
	groupSize = 256             // lines that are stored together
	maxSaying = 4096            // lines that may wait in a lane
	storeWait = 5 * time.Second // for a group
)

// A lane is where the lines of some rooms wait for each other. The lines of a
// room are always in the same one, and so in order. Whoever comes to an empty lane
// leads: it stores all that wait, itself among them, and then passes the lead to
// the first of those who have come meanwhile. Nobody waits for company.
type lane struct {
	mu      sync.Mutex
	led     bool
	waiting []*saying // the first of them leads as soon as nobody else does
}

// A saying is a line that waits, and what became of it.
type saying struct {
	message room.Entry
	said    port.Said
	turn    chan bool // true: lead; false: said stands
}

// join lines s up, and tells whether it leads.
func (l *lane) join(s *saying) (leads bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == maxSaying {
		return false, chat.ErrBusy
	}
	l.waiting = append(l.waiting, s)
	leads = !l.led
	l.led = true
	return leads, nil
}

// leave takes s out of the line, unless its turn has come.
func (l *lane) leave(s *saying) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, s)
	if i < 0 || len(s.turn) > 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return true
}

// take gives the group that is stored next.
func (l *lane) take() []*saying {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), groupSize)
	group := slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	return group
}

// pass gives the lead to who waits longest, or to whoever comes next.
func (l *lane) pass() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.led = len(l.waiting) > 0
	if l.led {
		l.waiting[0].turn <- true
	}
}

// say stores the lines of a group, the first of whom leads, and tells the others.
// The bus hears of the lines in their order.
func (u *Chat) say(ctx context.Context, group []*saying) {
	ctx = context.WithoutCancel(ctx) // the others do not hang on who leads
	u.group(len(group))
	for _, s := range group {
		s.said.Err = errLost
	}
	defer func() { // whatever happens, nobody waits for ever
		for _, s := range group[1:] {
			s.turn <- false
		}
	}()
	wait, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	u.keep(wait, group)
	var lines []port.Line
	for _, s := range group {
		if s.said.Err == nil && !s.said.Repeated {
			lines = append(lines, s.said.Line)
		}
	}
	u.bus.Publish(ctx, lines...)
}

// errLost is what became of a line if the one that led its group panicked.
var errLost = errors.New("the group of this line was not stored")

// keep stores the lines of a group, all in one Write. If that fails by our own
// fault, each gets another try by itself while ctx lasts: a line that cannot be
// stored takes no other with it.
func (u *Chat) keep(ctx context.Context, group []*saying) {
	ms := make([]room.Entry, len(group))
	for i, s := range group {
		ms[i] = s.message
	}
	var said []port.Said
	err := u.store.Write(ctx, func(r port.Repos) (err error) {
		said, err = r.Log.Say(ctx, ms...)
		return err
	})
	if err != nil && len(group) > 1 && fault.Of(err).Kind == fault.Internal && ctx.Err() == nil {
		for i := range group {
			u.keep(ctx, group[i:i+1])
		}
		return
	}
	for i, s := range group {
		if err != nil {
			s.said = port.Said{Err: err}
		} else {
			s.said = said[i]
		}
	}
}

// After returns the oldest limit lines that come after seq in a log. It does
// not ask who reads: a follower stops at the line that dismisses it.
func (u *Chat) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return u.store.Read().Log.After(ctx, id, seq, limit)
}

// Heads gives the Seq of the newest line of each of these rooms that ever was,
// for whoever follows them and may have missed one. It does not ask who.
func (u *Chat) Heads(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	return u.store.Read().Heads.Rooms(ctx, ids)
}
