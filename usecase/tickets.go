package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Ticket gives me a ticket for one socket of a room, which has to be used within
// signin.TicketLife, or says why me may not follow the room.
func (u *Chat) Ticket(ctx context.Context, me Me, id room.ID, ticket signin.Secret) error {
	if _, err := u.Enter(ctx, me.ID, id); err != nil {
		return err
	}
	return u.saveTicket(ctx, me, id, ticket)
}

// PersonalTicket is Ticket for a personal socket, which everybody may have.
func (u *Chat) PersonalTicket(ctx context.Context, me Me, ticket signin.Secret) error {
	return u.saveTicket(ctx, me, personal, ticket)
}

// personal stands in a ticket where others have a room.
const personal room.ID = 0

func (u *Chat) saveTicket(ctx context.Context, me Me, id room.ID, ticket signin.Secret) error {
	return u.store.Write(ctx, func(r port.Repos) error {
		return r.Tickets.Save(ctx, ticket.Digest(), signin.Ticket{
			SignIn: me.SignIn.ID, Who: me.ID, Room: id, Until: u.now().Add(signin.TicketLife),
		})
	})
}

// Redeem takes a ticket for a room, and gives who may enter with it. A ticket that is
// not good for that, or not any more, is used up all the same, and returns
// user.ErrSignedOut.
func (u *Chat) Redeem(ctx context.Context, ticket signin.Secret, id room.ID) (port.Access, error) {
	return u.takeTicket(ctx, ticket, func(of room.ID) bool { return of == id && of != personal })
}

// RedeemPersonal is Redeem for a personal socket.
func (u *Chat) RedeemPersonal(ctx context.Context, ticket signin.Secret) (port.Access, error) {
	return u.takeTicket(ctx, ticket, func(of room.ID) bool { return of == personal })
}

func (u *Chat) takeTicket(ctx context.Context, ticket signin.Secret, good func(of room.ID) bool) (port.Access, error) {
	var t signin.Ticket
	err := u.store.Write(ctx, func(r port.Repos) (err error) {
		t, err = r.Tickets.Take(ctx, ticket.Digest())
		return err
	})
	switch {
	case err != nil:
		return port.Access{}, err
	case !good(t.Room), !u.now().Before(t.Until):
		return port.Access{}, user.ErrSignedOut
	}
	return port.Access{Who: t.Who, SignIn: t.SignIn}, nil
}
