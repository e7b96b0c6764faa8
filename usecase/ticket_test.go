package usecase_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// ticket gives somebody a ticket for a room.
func (tn *town) ticket(me usecase.Me, id party.ID) signin.Secret {
	tn.Helper()
	ticket, err := tn.chat.Ticket(tn.Context(), me, id)
	require.NoError(tn, err)
	return ticket
}

func TestPersonalTicket(t *testing.T) {
	tn := newQuickTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	me := tn.me(bob)
	ticketOfMine := func() signin.Secret {
		ticket, err := tn.chat.PersonalTicket(t.Context(), me)
		require.NoError(t, err)
		return ticket
	}

	t.Run("lets in whose it is, once", func(t *testing.T) {
		ticket := ticketOfMine()
		access, err := tn.chat.RedeemPersonal(t.Context(), ticket)
		require.NoError(t, err)
		assert.Equal(t, port.Access{Who: bob, SignIn: me.SignIn.ID}, access)
		_, err = tn.chat.RedeemPersonal(t.Context(), ticket)
		assert.Same(t, user.ErrSignedOut, err)
	})

	t.Run("is good for no room, and used up by one", func(t *testing.T) {
		for _, of := range []party.ID{id, 0} {
			ticket := ticketOfMine()
			_, err := tn.chat.Redeem(t.Context(), ticket, of)
			assert.Same(t, user.ErrSignedOut, err)
			_, err = tn.chat.RedeemPersonal(t.Context(), ticket)
			assert.Same(t, user.ErrSignedOut, err)
		}
	})

	t.Run("is another than that of a room, which is used up here", func(t *testing.T) {
		ticket := tn.ticket(me, id)
		_, err := tn.chat.RedeemPersonal(t.Context(), ticket)
		assert.Same(t, user.ErrSignedOut, err)
		_, err = tn.chat.Redeem(t.Context(), ticket, id)
		assert.Same(t, user.ErrSignedOut, err)
	})

	t.Run("is good for thirty seconds", func(t *testing.T) {
		soon, late := ticketOfMine(), ticketOfMine()
		tn.later(signin.TicketLife - 4*time.Second) // the clock goes on with each look
		_, err := tn.chat.RedeemPersonal(t.Context(), soon)
		assert.NoError(t, err)
		tn.later(4 * time.Second)
		_, err = tn.chat.RedeemPersonal(t.Context(), late)
		assert.Same(t, user.ErrSignedOut, err)
	})
}

func TestTicket(t *testing.T) {
	tn := newQuickTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id, other := tn.open(3, ann, bob), tn.open(3, ann, bob)
	me := tn.me(bob)

	t.Run("lets in whose it is, once", func(t *testing.T) {
		ticket := tn.ticket(me, id)
		access, err := tn.chat.Redeem(t.Context(), ticket, id)
		require.NoError(t, err)
		assert.Equal(t, port.Access{Who: bob, SignIn: me.SignIn.ID}, access)
		require.NoError(t, tn.accounts.Admits(t.Context(), access))
		_, err = tn.chat.Redeem(t.Context(), ticket, id)
		assert.Same(t, user.ErrSignedOut, err)
	})

	t.Run("lets in one of twenty who come at once", func(t *testing.T) {
		ticket := tn.ticket(me, id)
		var errs [20]error
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = tn.chat.Redeem(t.Context(), ticket, id) })
		}
		all.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
				continue
			}
			assert.Same(t, user.ErrSignedOut, err)
		}
		assert.Equal(t, 1, in)
	})

	t.Run("is used up by what it is not good for", func(t *testing.T) {
		for name, spoil := range map[string]func(ticket signin.Secret){
			"another room": func(ticket signin.Secret) {
				_, err := tn.chat.Redeem(t.Context(), ticket, other)
				assert.Same(t, user.ErrSignedOut, err)
			},
			"no room": func(ticket signin.Secret) {
				_, err := tn.chat.Redeem(t.Context(), ticket, 0)
				assert.Same(t, user.ErrSignedOut, err)
			},
			"a time that is over": func(signin.Secret) { tn.later(signin.TicketLife) },
		} {
			ticket := tn.ticket(me, id)
			spoil(ticket)
			_, err := tn.chat.Redeem(t.Context(), ticket, id)
			assert.Same(t, user.ErrSignedOut, err, name)
		}
		_, err := tn.chat.Redeem(t.Context(), tn.chance(), id)
		assert.Same(t, user.ErrSignedOut, err, "nobody has been given that")
	})

	t.Run("is good for thirty seconds", func(t *testing.T) {
		ticket := tn.ticket(me, id)
		tn.later(signin.TicketLife - 2*time.Second) // the clock goes on with each look
		_, err := tn.chat.Redeem(t.Context(), ticket, id)
		assert.NoError(t, err)
	})

	t.Run("admits nobody whose sign-in has ended", func(t *testing.T) {
		me := tn.me(bob)
		ticket := tn.ticket(me, id)
		require.NoError(t, tn.accounts.EndSignIn(t.Context(), me, me.SignIn.ID, away))
		access, err := tn.chat.Redeem(t.Context(), ticket, id)
		require.NoError(t, err)
		assert.Same(t, user.ErrSignedOut, tn.accounts.Admits(t.Context(), access))
	})

	t.Run("is for members", func(t *testing.T) {
		banned, deleted, gone := tn.open(3, ann, cho), tn.open(3, ann, bob), tn.open(3, ann, bob)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, banned, cho))
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, deleted))
		require.NoError(t, tn.parties.Delete(t.Context(), ann, gone))
		for name, tt := range map[string]struct {
			who  user.ID
			room party.ID
			want error
		}{
			"a stranger":      {cho, id, room.ErrNotMember},
			"the banned":      {cho, banned, room.ErrNotMember},
			"a deleted room":  {bob, deleted, room.ErrDeleted},
			"a deleted post":  {bob, gone, party.ErrNotFound},
			"an unknown room": {bob, 9999, party.ErrNotFound},
		} {
			ticket, err := tn.chat.Ticket(t.Context(), tn.me(tt.who), tt.room)
			assert.Same(t, tt.want, err, name)
			assert.Zero(t, ticket, name)
		}
	})
}
