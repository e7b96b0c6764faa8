package ws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestOnePersonHasTenPersonalSockets(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	others := []*client{h.hearsOf(bob), h.follow(ann, id, "")}
	var own []*client
	for range maxPersonal {
		own = append(own, h.hearsOf(ann))
	}
	others[1].send(`{"message":"all of them are open"}`)
	others[1].hears(2)
	for _, c := range own {
		c.answers()
	}
	for i := range 2 {
		own = append(own, h.hearsOf(ann))
		own[i].closed(websocket.ClosePolicyViolation)
	}
	for range maxSockets - 1 { // personal sockets do not count here
		others = append(others, h.follow(ann, id, ""))
	}
	for _, c := range own[2:] {
		c.answers()
	}
	others[0].answers()
	others[1].send(`{"message":"still here"}`)
	for _, c := range others[1:] {
		c.hears(3)
	}
}

func TestWhatEndsAPersonalSocket(t *testing.T) {
	const next = "another horse"
	for name, tt := range map[string]struct {
		do   func(h *fixture, bob someone) error
		code int
	}{
		"withdrawal": {func(h *fixture, bob someone) error {
			return h.Accounts.Withdraw(h.Context(), h.me(bob), password, signin.Origin{})
		}, 4401},
		"a new password": {func(h *fixture, bob someone) error {
			_, err := h.Accounts.ChangePassword(h.Context(), h.me(bob), user.PasswordChange{Current: password, New: next, Repeat: next}, signin.Origin{Device: "Chrome"})
			return err
		}, 4401},
		"the end of the service": {func(h *fixture, _ someone) error {
			go h.Hub.Close()
			return nil
		}, 1001},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			ann, bob := h.person("ann"), h.person("bob")
			h.open(ann, bob)
			h.open(bob)
			c := h.hearsOf(bob)
			require.NoError(t, tt.do(h, bob))
			c.closed(tt.code)
		})
	}

	t.Run("the end of its token", func(t *testing.T) {
		h := newFixture(t)
		h.Now = func() time.Time { return time.Now().Add(life + time.Minute) }
		c, err := h.dialAt("/ws/me/?token=" + h.person("bob").token)
		require.NoError(t, err)
		c.closed(4401)
	})
	t.Run("a sign-in that has ended, which nobody told", func(t *testing.T) {
		h := newFixture(t, checkEvery(50*time.Millisecond))
		h.disconnectBus()
		bob := h.person("bob") // in no room
		c := h.hearsOf(bob)
		require.NoError(t, h.Accounts.EndSignIns(t.Context(), h.me(bob), ""))
		c.closed(4401)
	})
	t.Run("the end of the service, before", func(t *testing.T) {
		h := newFixture(t)
		bob := h.person("bob")
		h.Hub.Close()
		c, err := h.dialAt("/ws/me/?token=" + bob.token)
		require.NoError(t, err)
		c.closed(1001)
	})
	t.Run("a store that is away as it begins", func(t *testing.T) {
		h := newFixture(t)
		bob := h.person("bob")
		h.store.broken.Store(true)
		c, err := h.dialAt("/ws/me/?token=" + bob.token)
		require.NoError(t, err)
		c.closed(websocket.CloseInternalServerErr)
		require.Eventually(t, func() bool { return h.Hub.Sockets() == 0 }, patience, time.Millisecond)
	})
	t.Run("silence", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			c := h.hearsOf(h.person("bob"))
			c.SetPingHandler(func(string) error { return nil })
			c.SetReadDeadline(time.Time{})
			_, _, err := c.ReadMessage()
			assert.True(t, websocket.IsCloseError(err, 4408), err)
		})
	})
}

func TestNothingIsSaidOnAPersonalSocket(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		h.Quota = inproc.NewQuota(time.Now)
		bob := h.person("bob")
		id := h.open(bob)
		c := h.hearsOf(bob)
		for _, text := range []string{`{"message":"hello"}`, `{"type":"read","chatroom":1,"seq":1}`, `{`, ``} {
			c.send(text)
			c.refused("malformed_frame", nil)
		}
		for range 5 {
			c.send(`{"message":"hello","client_id":"c1"}`)
			c.refused("malformed_frame", "c1")
		}
		for range 30 {
			c.send(`{"client_id":"c2"}`)
			c.refused("too_fast", "c2")
		}
		c.send(`{}`)
		c.closed(4429)
		lines, err := h.Chat.After(t.Context(), id, 0, 10)
		require.NoError(t, err)
		assert.Empty(t, lines)
		synctest.Wait()
		for _, part := range []string{`"msg":"socket"`, `"route":"GET /ws/me/"`, `"rooms":1`, `"user":1`, `"code":4429`} {
			assert.Contains(t, h.log.String(), part)
		}
	})
}

func TestTheDoorOfPersonalSockets(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	handshake := func(query string, header someone) *http.Request {
		r := request("/ws/chat/1/", header)
		r.URL.Path, r.URL.RawQuery = "/ws/me/", query
		return r
	}
	ticket := func() string {
		ticket, err := h.Chat.PersonalTicket(t.Context(), h.me(bob))
		require.NoError(t, err)
		return ticket.String()
	}
	admitted := func(r *http.Request, want port.Access) {
		t.Helper()
		s, err := h.admitPersonal(r)
		require.NoError(t, err)
		s.socket.access.Until = time.Time{}
		assert.Equal(t, want, s.socket.access)
	}
	refused := func(r *http.Request, want error) {
		t.Helper()
		w := httptest.NewRecorder()
		assert.Same(t, want, h.OpenPersonal(w, r))
		assert.Empty(t, w.Header(), "the answer is left to the caller")
		assert.Zero(t, h.Hub.Sockets())
	}
	asBob, asAnn := port.Access{Who: bob.id, SignIn: bob.signIn}, port.Access{Who: ann.id, SignIn: ann.signIn}

	first := ticket()
	admitted(handshake("ticket="+first, ann), asBob)
	refused(handshake("ticket="+first, ann), user.ErrSignedOut)
	admitted(handshake("token="+ann.token, bob), asAnn)
	admitted(handshake("", ann), asAnn)

	ofARoom := h.ticket(bob, id)
	refused(handshake("ticket="+ofARoom, someone{}), user.ErrSignedOut)
	_, err := h.knock(id, ofARoom, someone{})
	assert.Same(t, user.ErrSignedOut, err, "it is used up")
	for _, of := range []room.ID{id, 0} {
		own := ticket()
		_, err = h.knock(of, own, someone{})
		assert.Same(t, user.ErrSignedOut, err)
		refused(handshake("ticket="+own, someone{}), user.ErrSignedOut)
	}

	for _, query := range []string{"", "ticket=", "ticket=x", "ticket=" + chance().String(), "token=x", fmt.Sprintf("ticket=x&token=%s", ann.token)} {
		refused(handshake(query, someone{}), user.ErrSignedOut)
	}
	ended := h.again(bob)
	out, err := h.Chat.PersonalTicket(t.Context(), h.me(ended))
	require.NoError(t, err)
	require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(bob), ended.signIn, ""))
	refused(handshake("ticket="+out.String(), someone{}), user.ErrSignedOut)

	foreign := handshake("", ann)
	foreign.Header.Set("Origin", "https://evil.example")
	refused(foreign, ErrOrigin)
	plain := handshake("", ann)
	plain.Header.Del("Upgrade")
	refused(plain, ErrUpgrade)
	refused(handshake("", ann), ErrUpgrade) // a recorder cannot be hijacked

	h.NoURLToken = true
	refused(handshake("token="+ann.token, someone{}), user.ErrSignedOut)
	admitted(handshake("token="+ann.token, bob), asBob)
}

// Without a bus, nodes notice each other's changes through the store.
func TestAPersonalSocketFollowsWhatHappensAtAnotherNode(t *testing.T) {
	p := newPair(t, 20*time.Millisecond, nil)
	people := p.a.people("ann", "bob")
	ann, bob := people[0], people[1]
	first := p.a.open(ann, bob)
	c := p.b.hearsOf(bob)
	second := p.a.open(ann, bob)
	follows := func(ids ...room.ID) {
		t.Helper()
		require.Eventually(t, func() bool {
			p.b.Hub.mu.Lock()
			defer p.b.Hub.mu.Unlock()
			for _, id := range ids {
				if p.b.Hub.rooms[id] == nil {
					return false
				}
			}
			return len(p.b.Hub.rooms) == len(ids)
		}, patience, 5*time.Millisecond)
	}
	follows(first, second)
	require.NoError(t, p.a.parties.Leave(t.Context(), bob.id, first))
	follows(second)
	c.answers()
	p.a.withdraw(bob)
	c.closed(4401)
}
