package ws

import (
	"context"
	"errors"
	"log/slog"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// roomSocket is a socket for one room. It follows the room's log and stores the client's
// messages.
type roomSocket struct {
	socket   socket
	follower follower
	sender   sender
	hub      *Hub
	after    *int64 // the client has all lines up to this Seq; nil if it does not say
}

func (r *roomSocket) enter() error {
	if err := r.hub.add(&r.socket); err != nil {
		return err
	}
	r.hub.follow(&r.follower)
	return nil
}

func (r *roomSocket) leave() {
	r.hub.unfollow(&r.follower)
	r.hub.remove(&r.socket)
}

// begin checks the membership again, now that the hub passes on new lines, and catches
// up with the log from where the client resumes. A person who left or was banned since
// the handshake still gets the lines up to that one, like everybody whose socket had
// begun.
func (r *roomSocket) begin(ctx context.Context) error {
	newest, err := r.sender.chat.Enter(ctx, r.socket.who(), r.follower.room)
	switch {
	case err == nil:
		return r.follower.begin(ctx, r.after, newest)
	case !errors.Is(err, room.ErrNotMember):
		return r.follower.dismiss(ctx, err)
	}
	atHandshake := r.follower.last
	if why := r.follower.begin(ctx, r.after, atHandshake); why != nil {
		return why
	}
	if why := r.follower.resume(ctx); why != nil {
		return why
	}
	return r.follower.dismiss(ctx, err)
}

func (r *roomSocket) handle(ctx context.Context, text []byte) { r.sender.handle(ctx, text) }

// finish sends the line that the client has just stored, unless the bus has delivered
// it.
func (r *roomSocket) finish(ctx context.Context) error {
	if r.sender.newest <= r.follower.last {
		return nil
	}
	return r.follower.resume(ctx)
}

// dismissed implements owner: it ends the socket. Withdrawing an account also leaves its
// rooms, so it checks whether the person was signed out.
func (r *roomSocket) dismissed(ctx context.Context, _ *follower, why error) error {
	if errors.Is(why, room.ErrNotMember) && r.socket.signedOut(ctx) {
		return user.ErrSignedOut
	}
	return why
}

func (r *roomSocket) attr() slog.Attr { return slog.Int64("room", int64(r.follower.room)) }
