package ws

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A pair is two nodes with one store that receive each other's hints.
type pair struct {
	a, b *fixture
	mu   sync.Mutex
	dice *rand.Rand // nil loses every hint, even those of a node to itself
	late []func()   // delayed hints
}

// newPair returns two nodes with the given check interval. Without dice, all hints are
// lost.
func newPair(t *testing.T, check time.Duration, dice *rand.Rand) *pair {
	t.Helper()
	store := newStore(t, migrated(t))
	p := &pair{a: build(t, store, checkEvery(check)), b: build(t, store, checkEvery(check)), dice: dice}
	for _, ends := range [][2]*fixture{{p.a, p.b}, {p.b, p.a}} {
		ends[0].useBus(lossy{p, ends[0].Hub, ends[1].Hub})
		ends[0].serve()
	}
	return p
}

// hint loses, duplicates and delays hints at random.
func (p *pair) hint(tell func()) {
	p.mu.Lock()
	if p.dice == nil {
		p.mu.Unlock()
		return
	}
	for range p.dice.IntN(3) { // none, one or two copies
		p.late = append(p.late, tell)
	}
	p.dice.Shuffle(len(p.late), func(i, j int) { p.late[i], p.late[j] = p.late[j], p.late[i] })
	n := p.dice.IntN(len(p.late) + 1)
	now := p.late[:n:n]
	p.late = p.late[n:]
	p.mu.Unlock()
	for _, tell := range now {
		tell()
	}
}

// lossy is a node's side of the bus between a pair.
type lossy struct {
	*pair
	own, other *Hub
}

func (l lossy) Publish(_ context.Context, lines ...port.Line) {
	for _, line := range lines {
		l.hint(func() { l.own.Deliver(line) })
		l.hint(func() { l.other.Wake(line.Room, line.Seq) })
	}
}

func (l lossy) AccountChanged(_ context.Context, who user.ID) {
	l.hint(func() { l.own.AccountChanged(who) })
	l.hint(func() { l.other.AccountChanged(who) })
}

func (l lossy) Notify(_ context.Context, who ...user.ID) {
	for _, id := range who {
		l.hint(func() { l.own.Notified(id) })
		l.hint(func() { l.other.Notified(id) })
	}
}

func TestTwoNodesTellTheSame(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	p := newPair(t, 20*time.Millisecond, rand.New(rand.NewPCG(seed, 0)))
	people := p.a.people("ann", "bob", "cho")
	const rooms, rounds = 2, 8
	var all sync.WaitGroup
	var clients [rooms][]*client
	for i := range clients {
		id := p.a.open(people[0], people[1:]...)
		for _, who := range people {
			for _, h := range []*fixture{p.a, p.b} {
				clients[i] = append(clients[i], h.follow(who, id, ""))
			}
		}
		for n, c := range clients[i] {
			all.Go(func() {
				for round := range rounds {
					assert.NoError(t, c.WriteMessage(1, fmt.Appendf(nil, `{"message":"%d says %d"}`, n, round)))
				}
			})
		}
	}
	all.Wait()
	for _, room := range clients {
		for _, c := range room {
			c.hears(upTo(3, 2+rounds*int64(len(room)))...)
			c.settle() // and no other frames
		}
	}
}

// A node with a wrong clock that jumps during a chat loses no lines: only seq determines
// the order.
func TestClocksThatAreOffLoseNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	p := newPair(t, 20*time.Millisecond, rand.New(rand.NewPCG(seed, 0)))
	people := p.a.people("ann", "bob", "cho")
	id := p.a.open(people[0], people[1:]...)
	var clients []*client
	for _, who := range people {
		clients = append(clients, p.a.follow(who, id, ""), p.b.follow(who, id, ""))
	}
	seq := int64(2) // two members have joined
	for round, off := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute, 0} {
		var all sync.WaitGroup
		for n, c := range clients {
			all.Go(func() {
				for i := range 4 {
					if n == 0 && i == 2 {
						p.b.off.Store(int64(off))
					}
					assert.NoError(t, c.WriteMessage(1, fmt.Appendf(nil, `{"message":"%[1]d","client_id":"%[1]d-%[2]d-%[3]d"}`, n, round, i)))
				}
			})
		}
		all.Wait()
		for _, c := range clients {
			c.hears(upTo(seq+1, seq+4*int64(len(clients)))...)
			c.settle() // and no other frames
		}
		seq += 4 * int64(len(clients))

		// A reconnect to that node gets all lines, and a message that was stored by the
		// other node counts as repeated.
		cho := people[2]
		var err error
		cho.token, err = p.b.tokens.Issue(cho.id, cho.signIn)
		require.NoError(t, err)
		again, err := p.b.dial(cho, id, "&after=2")
		require.NoError(t, err)
		again.hears(upTo(3, seq)...)
		_, repeated, err := p.b.Chat.Say(t.Context(), people[0].id, id, "0", fmt.Sprintf("0-%d-0", round))
		require.NoError(t, err)
		require.True(t, repeated)
		require.NoError(t, again.Close())
	}
	lines, err := p.a.Chat.After(t.Context(), id, 2, int(seq))
	require.NoError(t, err)
	back := 0
	for i, l := range lines[1:] {
		if l.At.Before(lines[i].At.Add(-time.Minute)) {
			back++
		}
	}
	assert.Positive(t, back, "the clocks were off")
}

// A node accepts a token if its clock is up to half a minute off. If it is behind by
// more, it rejects the token as not valid yet.
func TestTokensOfANodeWhoseClockIsOff(t *testing.T) {
	for off, want := range map[time.Duration]struct{ there, back bool }{
		25 * time.Second:  {true, true},
		-25 * time.Second: {true, true},
		5 * time.Minute:   {true, false},
		-5 * time.Minute:  {false, true},
	} {
		t.Run(off.String(), func(t *testing.T) {
			p := newPair(t, never, nil)
			p.b.off.Store(int64(off))
			ann, bob := p.a.person("ann"), p.b.person("bob")
			id := p.a.open(ann, bob)
			_, err := p.b.dial(ann, id, "")
			assert.Equal(t, want.there, err == nil, "%v", err)
			_, err = p.a.dial(bob, id, "")
			assert.Equal(t, want.back, err == nil, "%v", err)
		})
	}
}

func TestWhatIsLostBetweenNodesIsFound(t *testing.T) {
	p := newPair(t, 20*time.Millisecond, nil)
	people := p.a.people("ann", "bob")
	ann, bob := people[0], people[1]
	id := p.a.open(ann, bob)
	a, b := p.a.follow(ann, id, ""), p.b.follow(bob, id, "")
	for seq := range int64(5) {
		p.a.say(ann, id, "hello")
		a.hears(seq + 2)
		b.hears(seq + 2)
	}
}

// A change at one node ends sockets at the other, even if all hints are lost.
func TestDismissalsAtAnotherNode(t *testing.T) {
	const next = "another horse"
	for name, tt := range map[string]struct {
		do       func(h *fixture, ann, bob someone, id party.ID) error
		ann, bob int // close codes; 0 means that the socket stays open
	}{
		"leaving": {func(h *fixture, _, bob someone, id party.ID) error {
			return h.parties.Leave(h.Context(), bob.id, id)
		}, 0, 4403},
		"a ban": {func(h *fixture, ann, bob someone, id party.ID) error {
			return h.parties.Ban(h.Context(), ann.id, id, bob.id)
		}, 0, 4403},
		"the end of the room": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.DeleteRoom(h.Context(), ann.id, id)
		}, 4040, 4040},
		"the end of the post": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.Delete(h.Context(), ann.id, id)
		}, 4040, 4040},
		"withdrawal of a member": {func(h *fixture, _, bob someone, _ party.ID) error {
			return h.withdrawn(bob)
		}, 0, 4401},
		"withdrawal of the leader": {func(h *fixture, ann, _ someone, _ party.ID) error {
			return h.withdrawn(ann)
		}, 4401, 0},
		"a new password": {func(h *fixture, _, bob someone, _ party.ID) error {
			_, err := h.Accounts.ChangePassword(h.Context(), h.me(bob), user.PasswordChange{Current: password, New: next, Repeat: next}, signin.Origin{Device: "Chrome"})
			return err
		}, 0, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, 20*time.Millisecond, nil)
			people := p.a.people("ann", "bob")
			ann, bob := people[0], people[1]
			id := p.a.open(ann, bob)
			sockets := map[*client]int{}
			for _, h := range []*fixture{p.a, p.b} {
				sockets[h.follow(ann, id, "")] = tt.ann
				sockets[h.follow(bob, id, "")] = tt.bob
			}
			require.NoError(t, tt.do(p.a, ann, bob, id))
			for c, want := range sockets {
				if want != 0 {
					_, code := c.told()
					assert.Equal(t, want, code)
					continue
				}
				c.send(`{"message":""}`)
				for f := c.read(); f["type"] != "error"; f = c.read() { // still open
					require.Equal(t, "chat.user.leave", f["type"])
				}
			}
		})
	}
}

func TestWhoWithdrawsIsSignedOutWhicheverHintComesFirst(t *testing.T) {
	p := newPair(t, never, nil)
	people := p.a.people("ann", "bob")
	ann, bob := people[0], people[1]
	id := p.a.open(ann, bob)
	a, b := p.b.follow(ann, id, ""), p.b.follow(bob, id, "")
	p.a.withdraw(bob)
	p.b.Hub.Wake(id, 2)
	seqs, code := b.told()
	assert.Equal(t, upTo(2, 2), seqs)
	assert.Equal(t, 4401, code)
	a.hears(2)
}
