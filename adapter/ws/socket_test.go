package ws

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestTalk(t *testing.T) {
	h := newFixture(t)
	ann, bob, cho := h.person("ann"), h.person("bob"), h.person("cho")
	id := h.open(ann, bob)
	a, b := h.follow(ann, id, ""), h.follow(bob, id, "")

	b.send(`{"message":" cafe\u0301 ","client_id":"c1"}`)
	for _, c := range []*client{a, b} {
		assert.Equal(t, object{"type": "chat.message", "message": object{"seq": 2.0, "text": "café", "by": "bob"}}, c.read())
	}
	h.join(cho, id)
	for _, c := range []*client{a, b} {
		assert.Equal(t, object{"type": "chat.user.join", "user_id": float64(cho.id), "message": object{"seq": 3.0, "text": "", "by": "cho"}}, c.read())
	}
	require.NoError(t, h.parties.Leave(t.Context(), cho.id, id))
	for _, c := range []*client{a, b} {
		assert.Equal(t, object{"type": "chat.user.leave", "user_id": float64(cho.id), "message": object{"seq": 4.0, "text": "", "by": "cho"}}, c.read())
	}

	t.Run("a repetition is answered to its sender alone", func(t *testing.T) {
		b.send(`{"message":"café","client_id":"c1"}`)
		b.hears(2)
		b.send(`{"message":"tea","client_id":"c1"}`)
		b.refused("id_conflict", "c1")
		a.send(`{"message":"tea"}`)
		a.hears(5)
		b.hears(5)
	})

	t.Run("a message that is refused leaves the socket open", func(t *testing.T) {
		for text, want := range map[string]struct {
			code string
			id   any
		}{
			`{"message":"  "}`:                  {"invalid_message", nil},
			`{"message":null,"client_id":"c9"}`: {"invalid_message", "c9"},
			`{"client_id":"c9"}`:                {"invalid_message", "c9"},
			`{}`:                                {"invalid_message", nil},
			`{"message":"hi","client_id":"가"}`:  {"invalid_message", nil},
			`{"Message":"hi","client_id":"c9"}`: {"invalid_message", "c9"},
			`{"message":"","Client_ID":"c9"}`:   {"invalid_message", nil},
			`{"message":1,"client_id":"c9"}`:    {"malformed_frame", "c9"},
			`null`:                              {"malformed_frame", nil},
			`{"message":"` + strings.Repeat("가", 1001) + `"}`:                {"invalid_message", nil},
			`{"message":"hi","client_id":"` + strings.Repeat("x", 65) + `"}`: {"invalid_message", nil},
			`{"message":"a\u0000","client_id":"c9"}`:                         {"invalid_message", "c9"},
			`{"message":"a\ud800","client_id":"c9"}`:                         {"invalid_message", "c9"},
			`{"client_id":"c9","message":"\udc00\ud83c"}`:                    {"invalid_message", "c9"},
			`{"message":"hi","client_id":"a\ud800"}`:                         {"invalid_message", nil},
			``:                                                               {"malformed_frame", nil},
			`hello`:                                                          {"malformed_frame", nil},
			`"hello"`:                                                        {"malformed_frame", nil},
			`[{"message":"hello"}]`:                                          {"malformed_frame", nil},
			`{"message":"hello"`:                                             {"malformed_frame", nil},
			`{"message":"a"}{"message":"b"}`:                                 {"malformed_frame", nil},
			`{"message":1}`:                                                  {"malformed_frame", nil},
			`{"message":"hi","client_id":1}`:                                 {"malformed_frame", nil},
			strings.Repeat("[", 12000):                                       {"malformed_frame", nil},
		} {
			b.send(text)
			b.refused(want.code, want.id)
		}
		b.send(`{"message":"still here"}`)
		b.hears(6)
		a.hears(6)
	})

	t.Run("a ping is answered", func(t *testing.T) {
		answered := make(chan string, 1)
		a.SetPongHandler(func(s string) error { answered <- s; return nil })
		require.NoError(t, a.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(patience)))
		a.send(`{"message":"ping"}`)
		a.hears(7)
		assert.Equal(t, "are you there", <-answered)
	})
}

func TestNobodySpeaksTooFast(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.Quota = inproc.NewQuota(time.Now)
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
		seq := int64(1)
		says := func(n int) {
			t.Helper()
			for range n {
				a.send(`{"message":"hi","client_id":"c1"}`)
				if seq == 1 { // only the first one is broadcast; repeats are answered to the sender
					seq++
					b.hears(seq)
				}
				a.hears(seq)
			}
		}
		says(9) // in addition to the message that opened the socket
		a.send(`{"message":"hi","client_id":"c2"}`)
		a.refused("too_fast", "c2")
		a.send(`hello`)
		a.refused("too_fast", nil)
		b.send(`{"message":"not I"}`)
		b.hears(3)
		a.hears(3)
		time.Sleep(400 * time.Millisecond)
		says(2)
		again := h.follow(ann, id, "")
		for range 27 {
			again.send(`{"message":"hi","client_id":"c3"}`)
			again.refused("too_fast", "c3")
		}
		again.send(`{"message":"hi"}`)
		again.closed(4429)
		time.Sleep(2 * time.Second)
		a.send(`{"message":"slowly"}`)
		a.hears(4)
	})
}

func TestNobodySpeaksWhereTheQuotaIsAway(t *testing.T) {
	h := newFixture(t)
	h.Quota = awayQuota{}
	ann := h.person("ann")
	id := h.open(ann)
	a := h.follow(ann, id, "")
	a.send(`{"message":"hi","client_id":"c1"}`)
	a.refused("internal", "c1")
}

type awayQuota struct{}

func (awayQuota) Take(context.Context, string, port.Limit, int) (port.Allowance, error) {
	return port.Allowance{OK: true}, errors.New("away")
}

func TestFramesThatEndASocket(t *testing.T) {
	h := newFixture(t)
	ann := h.person("ann")
	id := h.open(ann)
	for name, tt := range map[string]struct {
		kind int
		data string
		code int
	}{
		"binary":             {websocket.BinaryMessage, `{"message":"hello"}`, 1003},
		"not UTF-8":          {websocket.TextMessage, "{\"message\":\"\xff\"}", 1007},
		"too large":          {websocket.TextMessage, strings.Repeat("x", maxFrame+1), 1009},
		"far too large":      {websocket.TextMessage, strings.Repeat("x", 1<<20), 1009},
		"the client's leave": {websocket.CloseMessage, string(websocket.FormatCloseMessage(1000, "bye")), 1000},
	} {
		t.Run(name, func(t *testing.T) {
			c := h.follow(ann, id, "")
			c.WriteMessage(tt.kind, []byte(tt.data)) // the socket may be closed during the write
			c.T = t
			c.SetReadDeadline(time.Now().Add(patience))
			_, _, err := c.ReadMessage()
			var end *websocket.CloseError
			if tt.data == strings.Repeat("x", 1<<20) && !errors.As(err, &end) {
				return // the connection was closed during the write
			}
			require.True(t, errors.As(err, &end), "%v", err)
			assert.Equal(t, tt.code, end.Code)
		})
	}
	largest := `{"message":"` + strings.Repeat("x", maxFrame-14) + `"}`
	c := h.follow(ann, id, "")
	c.send(largest)
	c.refused("invalid_message", nil)
}

func TestDismissals(t *testing.T) {
	const next = "another horse"
	for name, tt := range map[string]struct {
		do    func(h *fixture, ann, bob someone, id party.ID) error
		bob   []int64 // lines that bob still gets
		code  int     // close code of his socket
		ann   []int64
		annTo int // 0 means that ann stays
	}{
		"leaving": {func(h *fixture, _, bob someone, id party.ID) error {
			return h.parties.Leave(h.Context(), bob.id, id)
		}, []int64{2}, 4403, []int64{2}, 0},
		"a ban": {func(h *fixture, ann, bob someone, id party.ID) error {
			return h.parties.Ban(h.Context(), ann.id, id, bob.id)
		}, []int64{2}, 4403, []int64{2}, 0},
		"the end of the room": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.DeleteRoom(h.Context(), ann.id, id)
		}, nil, 4040, nil, 4040},
		"the end of the post": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.Delete(h.Context(), ann.id, id)
		}, nil, 4040, nil, 4040},
		"withdrawal": {func(h *fixture, _, bob someone, _ party.ID) error {
			return h.withdrawn(bob)
		}, nil, 4401, []int64{2}, 0},
		"a new password": {func(h *fixture, _, bob someone, _ party.ID) error {
			_, err := h.Accounts.ChangePassword(h.Context(), h.me(bob), user.PasswordChange{Current: password, New: next, Repeat: next}, signin.Origin{Device: "Chrome"})
			return err
		}, nil, 4401, nil, 0},
		"the end of the service": {func(h *fixture, _, _ someone, _ party.ID) error {
			go h.Hub.Close()
			return nil
		}, nil, 1001, nil, 1001},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
			require.NoError(t, tt.do(h, ann, bob, id))
			heard, code := b.told()
			assert.Equal(t, tt.bob, heard)
			assert.Equal(t, tt.code, code)
			if tt.annTo != 0 {
				a.closed(tt.annTo)
				return
			}
			a.hears(tt.ann...)
			a.send(`{"message":"anybody?"}`)
			a.hears(int64(len(tt.ann)) + 2)
		})
	}
}

func TestNobodyComesInOnceTheServiceEnds(t *testing.T) {
	h := newFixture(t)
	ann := h.person("ann")
	id := h.open(ann)
	h.Hub.Close()
	c, err := h.dial(ann, id, "")
	require.NoError(t, err)
	c.closed(1001)
}

func TestOnePersonHasFiveSocketsInARoom(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	b := h.follow(bob, id, "")
	var own []*client
	for range maxSockets + 1 {
		own = append(own, h.follow(ann, id, ""))
	}
	own[0].closed(websocket.ClosePolicyViolation)
	h.say(bob, id, "hello")
	for _, c := range append(own[1:], b) {
		c.hears(2)
	}
}

func TestOrder(t *testing.T) {
	t.Run("doubled, reordered and lost hints do no harm", func(t *testing.T) {
		h := newFixture(t)
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		c := h.follow(ann, id, "")
		tell := func(lines ...port.Line) {
			for _, l := range lines {
				h.Hub.Deliver(l)
			}
		}
		first := h.chatter(bob, id, 3) // seq 2 to 4
		tell(first[2])
		c.hears(2, 3, 4)
		tell(first[0], first[1], first[2], first[2])
		next := h.chatter(bob, id, 2) // seq 5 and 6
		tell(next[0], next[0], next[1], next[0])
		c.hears(5, 6)
		h.chatter(bob, id, 400) // without hints
		last := h.chatter(bob, id, 1)
		tell(last...)
		c.hears(upTo(7, 407)...)
	})

	t.Run("in any order", func(t *testing.T) {
		h := newFixture(t)
		h.disconnectBus()
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		c := h.follow(ann, id, "")
		seed := time.Now().UnixNano()
		t.Log("seed", seed)
		dice := rand.New(rand.NewPCG(uint64(seed), 0))
		seq := int64(1)
		for range 20 {
			lines := h.chatter(bob, id, 1+dice.IntN(8))
			hints := append(slices.Clone(lines), lines[dice.IntN(len(lines))])
			dice.Shuffle(len(hints), func(i, j int) { hints[i], hints[j] = hints[j], hints[i] })
			for _, l := range hints[:1+dice.IntN(len(hints))] {
				h.Hub.Deliver(l)
			}
			h.Hub.Deliver(lines[len(lines)-1])
			c.hears(upTo(seq+1, seq+int64(len(lines)))...)
			seq += int64(len(lines))
		}
	})

	t.Run("with many who talk at once", func(t *testing.T) {
		h := newFixture(t)
		people := []someone{h.person("ann"), h.person("bob"), h.person("cho")}
		id := h.open(people[0], people[1:]...)
		var clients []*client
		for _, who := range people {
			clients = append(clients, h.follow(who, id, ""))
		}
		var all sync.WaitGroup
		for i, c := range clients {
			all.Go(func() {
				for n := range 10 {
					assert.NoError(t, c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"message":"%d says %d"}`, i, n)))
				}
			})
		}
		for _, c := range clients {
			c.hears(upTo(3, 32)...)
		}
		all.Wait()
	})
}

func TestResume(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	h.chatter(bob, id, 449) // up to seq 450

	t.Run("behind a line", func(t *testing.T) {
		for _, after := range []int64{0, 1, 250, 449, 450} {
			c, err := h.dial(ann, id, fmt.Sprint("&after=", after))
			require.NoError(t, err)
			c.hears(upTo(after+1, 450)...)
			c.settle()
			c.Close()
		}
	})
	t.Run("at the end, by default", func(t *testing.T) {
		h.follow(ann, id, "").Close()
		h.follow(ann, id, "&after=").Close()
	})
	t.Run("behind what is not there yet", func(t *testing.T) {
		c, err := h.dial(ann, id, "&after=451")
		require.NoError(t, err)
		assert.Equal(t, object{"type": "chat.resync"}, c.read())
		h.say(bob, id, "hello")
		c.hears(451)
	})

	t.Run("through one's own leaving, once one is back", func(t *testing.T) {
		id := h.open(ann, bob)
		require.NoError(t, h.parties.Leave(t.Context(), bob.id, id))
		h.join(bob, id)
		c, err := h.dial(bob, id, "&after=0")
		require.NoError(t, err)
		c.hears(1, 2, 3)
		h.say(ann, id, "welcome back")
		c.hears(4)
		require.NoError(t, h.parties.Ban(t.Context(), ann.id, id, bob.id))
		c.hears(5)
		c.closed(4403)
	})
}

// A message that is sent as soon as the socket is open is acknowledged.
func TestTheFirstWordIsHeard(t *testing.T) {
	h := newFixture(t)
	ann := h.person("ann")
	id := h.open(ann)
	stored := make(chan struct{})
	h.bus.FollowRooms(onLine(func() { close(stored) }))
	h.Now = func() time.Time { <-stored; return time.Now() } // called when a socket begins
	c, err := h.dial(ann, id, "")
	require.NoError(t, err)
	c.send(`{"message":"hello"}`)
	c.hears(1)
}

// onLine is a follower that calls a function for each line.
type onLine func()

func (f onLine) Deliver(port.Line)    { f() }
func (f onLine) Wake(party.ID, int64) {}
func (f onLine) Resync()              {}

// Changes between the handshake and the first line are not missed.
func TestTheSecondLookAtTheDoor(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(h *fixture, ann, bob someone, id party.ID) error
		lines     []int64
		code      int
	}{
		"banned": {func(h *fixture, ann, bob someone, id party.ID) error {
			return h.parties.Ban(h.Context(), ann.id, id, bob.id)
		}, []int64{2}, 4403},
		"left": {func(h *fixture, ann, bob someone, id party.ID) error {
			h.say(ann, id, "bye")
			if err := h.parties.Leave(h.Context(), bob.id, id); err != nil {
				return err
			}
			h.say(ann, id, "not for bob")
			return nil
		}, []int64{2, 3}, 4403},
		"room deleted": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.DeleteRoom(h.Context(), ann.id, id)
		}, nil, 4040},
		"post deleted": {func(h *fixture, ann, _ someone, id party.ID) error { return h.parties.Delete(h.Context(), ann.id, id) }, nil, 4040},
		"withdrawn": {func(h *fixture, _, bob someone, _ party.ID) error {
			return h.withdrawn(bob)
		}, nil, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			h.disconnectBus()
			h.Now = func() time.Time { // called when a socket begins
				assert.NoError(t, tt.meanwhile(h, ann, bob, id))
				return time.Now()
			}
			c, err := h.dial(bob, id, "")
			require.NoError(t, err)
			c.hears(tt.lines...)
			c.closed(tt.code)
		})
	}
}

func TestATokenThatEndsClosesItsSocket(t *testing.T) {
	t.Run("at once where it is over", func(t *testing.T) {
		h := newFixture(t)
		ann := h.person("ann")
		id := h.open(ann)
		h.Now = func() time.Time { return time.Now().Add(life + time.Minute) }
		c, err := h.dial(ann, id, "")
		require.NoError(t, err)
		c.closed(4401)
	})
	t.Run("when its time has come", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			id := h.open(ann)
			c, err := h.dial(ann, id, "")
			require.NoError(t, err)
			began := time.Now()
			_, _, err = c.ReadMessage() // answers pings meanwhile
			assert.True(t, websocket.IsCloseError(err, 4401), err)
			assert.InDelta(t, life+30*time.Second, time.Since(began), float64(2*time.Second))
		})
	})
}
