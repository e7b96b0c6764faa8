package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Ticket makes a ticket for one socket of a room, to be used within signin.TicketLife.
// It returns an error if me may not follow the room.
func (u *Chat) Ticket(ctx context.Context, me Me, id room.ID) (signin.Secret, error) {
	if _, err := u.Enter(ctx, me.ID, id); err != nil {
		return signin.Secret{}, err
	}
	return u.newTicket(ctx, me, id)
}

// PersonalTicket is Ticket for a personal socket, which everybody may have.
func (u *Chat) PersonalTicket(ctx context.Context, me Me) (signin.Secret, error) {
	return u.newTicket(ctx, me, personal)
}

// personal is the room in a ticket for a personal socket.
const personal room.ID = 0

func (u *Chat) newTicket(ctx context.Context, me Me, id room.ID) (signin.Secret, error) {
	ticket := u.random()
	err := u.store.Write(ctx, func(r port.Repos) error {
		return r.Tickets.Save(ctx, ticket.Digest(), signin.Ticket{
			SignIn: me.SignIn.ID, Who: me.ID, Room: id, Until: u.now().Add(signin.TicketLife),
		})
	})
	if err != nil {
		return signin.Secret{}, err
	}
	return ticket, nil
}

// Redeem uses up a ticket for a room and gives the access that it stands for. It
// returns user.ErrSignedOut for a ticket that is expired or for something else, which
// is used up all the same.
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
