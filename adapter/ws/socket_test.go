package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
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
			`null`:                              {"invalid_message", nil},
			`{"message":"` + strings.Repeat("가", 1001) + `"}`:                {"invalid_message", nil},
			`{"message":"hi","client_id":"` + strings.Repeat("x", 65) + `"}`: {"invalid_message", nil},
			``:                               {"malformed_frame", nil},
			`hello`:                          {"malformed_frame", nil},
			`"hello"`:                        {"malformed_frame", nil},
			`[{"message":"hello"}]`:          {"malformed_frame", nil},
			`{"message":"hello"`:             {"malformed_frame", nil},
			`{"message":"a"}{"message":"b"}`: {"malformed_frame", nil},
			`{"message":1}`:                  {"malformed_frame", nil},
			`{"message":"hi","client_id":1}`: {"malformed_frame", nil},
			strings.Repeat("[", 12000):       {"malformed_frame", nil},
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
		code      int
	}{
		"banned": {func(h *fixture, ann, bob someone, id party.ID) error {
			return h.parties.Ban(h.Context(), ann.id, id, bob.id)
		}, 4403},
		"room deleted": {func(h *fixture, ann, _ someone, id party.ID) error {
			return h.parties.DeleteRoom(h.Context(), ann.id, id)
		}, 4040},
		"post deleted": {func(h *fixture, ann, _ someone, id party.ID) error { return h.parties.Delete(h.Context(), ann.id, id) }, 4040},
		"withdrawn": {func(h *fixture, _, bob someone, _ party.ID) error {
			return h.withdrawn(bob)
		}, 4401},
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

func TestASlowClient(t *testing.T) {
	t.Run("is sent away with what it still has to hear", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			h.disconnectBus()
			slow, quick := h.follow(ann, id, ""), h.follow(bob, id, "")
			lines := h.chatter(bob, id, maxWaiting+50)
			began := time.Now()
			for i, l := range lines {
				h.Hub.Deliver(l)
				quick.hears(int64(i) + 2)
			}
			assert.Zero(t, time.Since(began), "nobody has waited")
			heard, code := slow.told()
			assert.Equal(t, 4408, code)
			assert.Equal(t, upTo(2, int64(len(heard))+1), heard, "without a hole")
			assert.Less(t, len(heard), len(lines))

			again, err := h.dial(ann, id, fmt.Sprint("&after=", len(heard)+1))
			require.NoError(t, err)
			again.hears(upTo(int64(len(heard))+2, int64(len(lines))+1)...)
		})
	})

	t.Run("that reads nothing at all is given up", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			h.follow(ann, id, "")
			h.say(bob, id, "hello")
			synctest.Wait()
			assert.Equal(t, 1, h.followers())
			time.Sleep(2*writeWait + closeWait + time.Second)
			synctest.Wait()
			assert.Zero(t, h.followers())
			assert.Contains(t, h.log.String(), `"code":4408`)
		})
	})

	t.Run("that wants too many answers ends", func(t *testing.T) {
		s := newFakeSocket(1, 1)
		for range maxReplies {
			s.socket.reply(resync)
		}
		assert.NoError(t, s.why())
		s.socket.reply(resync)
		assert.ErrorIs(t, s.why(), errTooSlow)
	})
}

func TestSilence(t *testing.T) {
	t.Run("is broken by pings", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			id := h.open(ann)
			c := h.follow(ann, id, "")
			var pings atomic.Int32
			answer := c.PingHandler()
			c.SetPingHandler(func(s string) error { pings.Add(1); return answer(s) })
			go func() {
				time.Sleep(10 * time.Minute)
				h.say(ann, id, "hello")
			}()
			c.SetReadDeadline(time.Time{})
			_, text, err := c.ReadMessage()
			require.NoError(t, err)
			assert.Contains(t, string(text), "hello")
			assert.GreaterOrEqual(t, pings.Load(), int32(20))
			assert.LessOrEqual(t, pings.Load(), int32(30))
		})
	})

	t.Run("of a client that has gone without a word ends its socket", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			c.SetPingHandler(func(string) error { return nil })
			began := time.Now()
			c.SetReadDeadline(time.Time{})
			_, _, err := c.ReadMessage()
			assert.True(t, websocket.IsCloseError(err, 4408), err)
			assert.LessOrEqual(t, time.Since(began), time.Minute)
		})
	})

	t.Run("in the middle of a message ends its socket, whatever pongs come", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			w, err := c.NextWriter(websocket.TextMessage)
			require.NoError(t, err)
			_, err = io.WriteString(w, strings.Repeat(" ", 5000)) // more than is buffered
			require.NoError(t, err)
			began := time.Now()
			var pongs sync.WaitGroup
			pongs.Go(func() {
				for c.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) == nil {
					time.Sleep(time.Second)
				}
			})
			c.SetReadDeadline(time.Time{})
			_, _, err = c.ReadMessage()
			assert.True(t, websocket.IsCloseError(err, 4408), err)
			assert.Equal(t, frameWait, time.Since(began).Truncate(time.Second))
			c.Close()
			pongs.Wait()
		})
	})

	t.Run("of a client that does not say goodbye is not waited for long", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			c.SetCloseHandler(func(int, string) error { return nil })
			var talk sync.WaitGroup
			talk.Go(func() {
				for { // keeps reading, then keeps sending
					if _, _, err := c.ReadMessage(); err != nil {
						break
					}
				}
				for c.WriteMessage(websocket.TextMessage, []byte(`{"message":"and another thing"}`)) == nil {
					time.Sleep(time.Second)
				}
			})
			began := time.Now()
			h.Hub.Close()
			assert.Equal(t, closeWait, time.Since(began))
			log, err := h.Chat.After(t.Context(), 1, 0, 10)
			require.NoError(t, err)
			assert.Empty(t, log, "after the goodbye nothing is heard")
			talk.Wait()
		})
	})
}

func TestAPanicEndsOneSocketOnly(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
	var once atomic.Bool
	show := h.show
	h.show = func(l port.Line) any {
		if l.Body == "boom" && once.CompareAndSwap(false, true) {
			panic("the secret is hunter2")
		}
		return show(l)
	}
	b.send(`{"message":"boom"}`)
	b.closed(websocket.CloseInternalServerErr)
	assert.Contains(t, h.log.String(), "hunter2")
	assert.Contains(t, h.log.String(), "(*sender).handle")
	a.send(`{"message":"what was that?"}`)
	a.hears(2, 3)
}

// sick is a store that cannot write.
type sick struct {
	port.Store
	why error
}

func (s sick) Write(context.Context, func(port.Repos) error) error { return s.why }

func TestAFailureIsNotExplained(t *testing.T) {
	away := fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요.")
	for _, tt := range []struct {
		why         error
		code, level string
	}{
		{errors.New("SELECT secret"), "internal", "ERROR"},
		{fmt.Errorf("SELECT secret: %w", away), "unavailable", "WARN"},
		{fmt.Errorf("SELECT secret: %w", context.DeadlineExceeded), "busy", "WARN"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			h := newFixture(t)
			ann := h.person("ann")
			id := h.open(ann)
			h.Chat = usecase.NewChat(sick{h.store, tt.why}, h.bus, time.Now)
			c := h.follow(ann, id, "")
			c.send(`{"message":"hello","client_id":"c1"}`)
			f := c.read()
			assert.Equal(t, tt.code, f["code"])
			assert.Equal(t, "c1", f["client_id"])
			assert.NotContains(t, f["detail"], "SELECT")
			assert.Contains(t, h.log.String(), "SELECT secret")
			assert.Contains(t, h.log.String(), `"level":"`+tt.level+`"`)
			assert.NotContains(t, h.log.String(), "hello")
		})
	}
}

func TestALogThatCannotBeReadEndsTheSocket(t *testing.T) {
	h := newFixture(t)
	h.disconnectBus()
	ann := h.person("ann")
	id := h.open(ann)
	c := h.follow(ann, id, "")
	lines := h.chatter(ann, id, 3)
	h.show = func(port.Line) any { return make(chan int) } // cannot be encoded
	h.Hub.Deliver(lines[2])                                // after a gap
	c.closed(websocket.CloseInternalServerErr)
}

func TestSocketsAreLogged(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		id := h.open(ann)
		c := h.follow(ann, id, "")
		c.send(`{"message":"a secret","client_id":"c1"}`)
		c.hears(1)
		go h.Hub.Close()
		c.closed(1001)
		synctest.Wait()
		text := h.log.String()
		assert.Equal(t, 1, strings.Count(text, "\n"))
		for _, part := range []string{`"msg":"socket"`, `"route":"GET /ws/chat/{id}/"`, `"room":1`, `"user":1`, `"code":1001`} {
			assert.Contains(t, text, part)
		}
		for _, secret := range []string{ann.token, "a secret", "c1", "example.com", "token"} {
			assert.NotContains(t, text, secret)
		}
	})
}

func TestASilentSocketHoldsOneGoroutine(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		id := h.open(ann)
		a, b := h.follow(ann, id, ""), h.follow(ann, id, "")
		h.say(ann, id, "hello")
		a.hears(1)
		b.hears(1)
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		assert.Equal(t, 2, strings.Count(string(stacks), "(*socket).read("))
		assert.NotContains(t, string(stacks), "(*socket).writeAll(")
		assert.NotContains(t, string(stacks), "(*conn).serve(", "of the server nothing is left")
		h.say(ann, id, "is anybody there?")
		a.hears(2)
		b.hears(2)
	})
}

func TestGoodbye(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
	}{
		{room.ErrDeleted, 4040},
		{party.ErrNotFound, 4040},
		{user.ErrSignedOut, 4401},
		{room.ErrNotMember, 4403},
		{errTooSlow, 4408},
		{&net.OpError{Op: "write", Err: errors.New("broken pipe")}, 1006},
		{&net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}, 4408},
		{websocket.ErrReadLimit, 1009},
		{readError(errors.New("websocket: bad opcode 3")), 1002},
		{context.DeadlineExceeded, 4408},
		{errTooMany, 1008},
		{errGoingAway, 1001},
		{&websocket.CloseError{Code: 1000, Text: "bye"}, 1000},
		{&websocket.CloseError{Code: 1003, Text: "text only"}, 1003},
		{fmt.Errorf("deep: %w", room.ErrNotMember), 4403},
		{errors.New("SELECT secret"), 1011},
		{nil, 1011},
	} {
		code, words := closeCode(tt.err)
		assert.Equal(t, tt.code, code, "%v", tt.err)
		assert.Equal(t, code == 1006 || code == 1009 || code == 1002, words == "", "told already, or to nobody: %v", tt.err)
		assert.NotContains(t, words, "SELECT")
	}
}

func TestPingsAreSpread(t *testing.T) {
	for range 1000 {
		d := pingIn()
		assert.GreaterOrEqual(t, d, pingEvery*4/5)
		assert.Less(t, d, pingEvery*6/5)
	}
}

// A repeated message does not overtake earlier lines that still wait for the socket.
func TestWhatIsSaidAgainKeepsItsPlace(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob) // the join is line 1
	h.disconnectBus()
	c := h.follow(ann, id, "")
	h.say(bob, id, "first")
	for range 2 { // stored, but not published
		c.send(`{"message":"second","client_id":"c1"}`)
	}
	c.hears(2, 3)
	c.send(`{"message":"second","client_id":"c1"}`)
	c.hears(3) // the answer to the repeated message
}
