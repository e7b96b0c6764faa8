package ws

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// ticket returns a ticket for a room.
func (h *fixture) ticket(who someone, id party.ID) string {
	h.Helper()
	ticket, err := h.Chat.Ticket(h.Context(), h.me(who), id)
	require.NoError(h, err)
	return ticket.String()
}

// knock tries a handshake with a ticket.
func (h *fixture) knock(id party.ID, ticket string, also someone) (*roomSocket, error) {
	return h.admit(request(fmt.Sprintf("/ws/chat/%d/?ticket=%s", id, ticket), also))
}

func TestTicket(t *testing.T) {
	h := newFixture(t)
	ann, bob, cho := h.person("ann"), h.person("bob"), h.person("cho")
	id, other := h.open(ann, bob), h.open(ann, bob)

	t.Run("lets in whose it is, once", func(t *testing.T) {
		ticket := h.ticket(bob, id)
		s, err := h.knock(id, ticket, someone{})
		require.NoError(t, err)
		assert.Equal(t, bob.id, s.socket.who())
		assert.Equal(t, id, s.follower.room)
		assert.Equal(t, port.Access{Who: bob.id, SignIn: bob.signIn}, s.socket.access)
		_, err = h.knock(id, ticket, someone{})
		assert.Same(t, user.ErrSignedOut, err)
	})

	t.Run("is counted by its sign-in", func(t *testing.T) {
		refused := errors.New("too often")
		var counted []signin.ID
		h.Count = func(_ context.Context, by signin.ID) error {
			counted = append(counted, by)
			if len(counted) > 1 {
				return refused
			}
			return nil
		}
		defer func() { h.Count = nil }()
		_, err := h.knock(id, h.ticket(bob, id), someone{})
		require.NoError(t, err)
		_, err = h.knock(id, h.ticket(bob, id), someone{})
		assert.Same(t, refused, err)
		_, err = h.knock(id, chance().String(), someone{})
		assert.Same(t, user.ErrSignedOut, err)
		assert.Equal(t, []signin.ID{bob.signIn, bob.signIn}, counted)
	})

	t.Run("counts before any token", func(t *testing.T) {
		s, err := h.knock(id, h.ticket(bob, id), ann)
		require.NoError(t, err)
		assert.Equal(t, bob.id, s.socket.who())
		_, err = h.knock(id, chance().String(), ann)
		assert.Same(t, user.ErrSignedOut, err, "a bad ticket is no reason to look for something better")
		_, err = h.admit(request(fmt.Sprintf("/ws/chat/%d/?ticket=x&token=%s", id, ann.token), someone{}))
		assert.Same(t, user.ErrSignedOut, err)
	})

	t.Run("is good for its room alone, and used up by another", func(t *testing.T) {
		ticket := h.ticket(bob, id)
		_, err := h.knock(other, ticket, someone{})
		assert.Same(t, user.ErrSignedOut, err)
		_, err = h.knock(id, ticket, someone{})
		assert.Same(t, user.ErrSignedOut, err)
		_, err = h.knock(0, h.ticket(bob, id), someone{})
		assert.Same(t, user.ErrSignedOut, err, "who has no good ticket does not learn that there is no such room")
	})

	t.Run("that is odd is none", func(t *testing.T) {
		good := h.ticket(bob, id)
		for _, odd := range []string{"", "x", good[1:], good + "A", good + "=", "%00", chance().String(), bob.token, signin.NewToken(chance(), chance()).String()} {
			_, err := h.knock(id, odd, someone{})
			assert.Same(t, user.ErrSignedOut, err, odd)
		}
		_, err := h.knock(id, good, someone{})
		assert.NoError(t, err, "and takes nothing from a good one")
	})

	t.Run("asks once more who may come in", func(t *testing.T) {
		h.join(cho, id)
		left := h.ticket(cho, id)
		require.NoError(t, h.parties.Leave(t.Context(), cho.id, id))
		_, err := h.knock(id, left, someone{})
		assert.Same(t, room.ErrNotMember, err)

		h.join(cho, id)
		banned := h.ticket(cho, id)
		require.NoError(t, h.parties.Ban(t.Context(), ann.id, id, cho.id))
		_, err = h.knock(id, banned, someone{})
		assert.Same(t, room.ErrNotMember, err)

		elsewhere := h.again(bob)
		out := h.ticket(elsewhere, id)
		require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(bob), elsewhere.signIn, ""))
		_, err = h.knock(id, out, someone{})
		assert.Same(t, user.ErrSignedOut, err)

		dan := h.person("dan")
		h.join(dan, id)
		gone := h.ticket(dan, id)
		h.withdraw(dan)
		_, err = h.knock(id, gone, someone{})
		assert.Same(t, user.ErrSignedOut, err)

		ended := h.open(ann, bob)
		deleted := h.ticket(bob, ended)
		require.NoError(t, h.parties.DeleteRoom(t.Context(), ann.id, ended))
		_, err = h.knock(ended, deleted, someone{})
		assert.Same(t, room.ErrDeleted, err)
	})

	t.Run("is not used up by a page of another site", func(t *testing.T) {
		ticket := h.ticket(bob, id)
		r := request(fmt.Sprintf("/ws/chat/%d/?ticket=%s", id, ticket), someone{})
		r.Header.Set("Origin", "https://evil.example")
		_, err := h.admit(r)
		assert.Same(t, ErrOrigin, err)
		_, err = h.knock(id, ticket, someone{})
		assert.NoError(t, err)
	})

	t.Run("is in no log", func(t *testing.T) {
		ticket := h.ticket(bob, id)
		conn, resp, err := h.dialer.DialContext(t.Context(), fmt.Sprintf("ws://%s/ws/chat/%d/?ticket=%s", h.host, id, ticket), nil)
		require.NoError(t, err)
		resp.Body.Close()
		c := &client{t, conn}
		c.settle()
		require.NoError(t, h.Accounts.EndSignIns(t.Context(), h.me(bob), ""))
		c.closed(4401)
		assert.NotContains(t, h.log.String(), ticket)
	})
}

func TestATicketIsGoodForThirtySeconds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		id := h.open(ann)
		soon, late := h.ticket(ann, id), h.ticket(ann, id)
		time.Sleep(signin.TicketLife - time.Millisecond) // in the bubble
		_, err := h.knock(id, soon, someone{})
		assert.NoError(t, err)
		time.Sleep(time.Millisecond)
		_, err = h.knock(id, late, someone{})
		assert.Same(t, user.ErrSignedOut, err)
	})
}

// A socket that was opened with a ticket does not depend on a token. It ends when its
// sign-in ends or expires.
func TestASocketOfATicketLastsAsLongAsItsSignIn(t *testing.T) {
	enter := func(t *testing.T, h *fixture, who someone, id party.ID) *client {
		t.Helper()
		conn, resp, err := h.dialer.DialContext(t.Context(), fmt.Sprintf("ws://%s/ws/chat/%d/?ticket=%s", h.host, id, h.ticket(who, id)), nil)
		require.NoError(t, err)
		resp.Body.Close()
		t.Cleanup(func() { conn.Close() })
		c := &client{t, conn}
		c.settle()
		return c
	}
	t.Run("which outlives its tokens, and is ended", func(t *testing.T) {
		h := newFixture(t)
		h.Now = func() time.Time { return time.Now().Add(2 * life) } // all tokens are expired
		ann, bob := h.person("ann"), h.person("bob")
		id := h.open(ann, bob)
		elsewhere := h.again(bob)
		c, other := enter(t, h, bob, id), enter(t, h, elsewhere, id)
		h.say(ann, id, "hello")
		c.hears(2)
		other.hears(2)
		require.NoError(t, h.Accounts.EndSignIn(t.Context(), h.me(elsewhere), bob.signIn, ""))
		c.closed(4401)
		h.say(ann, id, "still there?")
		other.hears(3)
	})
	t.Run("which nobody tells that it has ended", func(t *testing.T) {
		h := newFixture(t, checkEvery(50*time.Millisecond))
		h.disconnectBus()
		ann := h.person("ann")
		id := h.open(ann)
		c := enter(t, h, ann, id)
		require.NoError(t, h.Accounts.EndSignIns(t.Context(), h.me(ann), ""))
		c.closed(4401)
	})
}

func TestATokenInTheURLCanBeSwitchedOff(t *testing.T) {
	h := newFixture(t)
	h.NoURLToken = true
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	in := func(query string, header someone) (user.ID, error) {
		s, err := h.admit(request(fmt.Sprintf("/ws/chat/%d/%s", id, query), header))
		if err != nil {
			return 0, err
		}
		return s.socket.who(), nil
	}
	_, err := in("?token="+ann.token, someone{})
	assert.Same(t, user.ErrSignedOut, err)
	who, err := in("?token="+ann.token, bob)
	require.NoError(t, err)
	assert.Equal(t, bob.id, who, "as if it were not there")
	who, err = in("", ann)
	require.NoError(t, err)
	assert.Equal(t, ann.id, who)
	who, err = in("?ticket="+h.ticket(bob, id), someone{})
	require.NoError(t, err)
	assert.Equal(t, bob.id, who)
}
