package ws

import (
	"context"
	"errors"
	"log/slog"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// roomSocket is the socket of one room: a connection, a position in the room's log,
// and what the client says there.
type roomSocket struct {
	socket   socket
	follower follower
	speaker  speaker
	hub      *Hub
	after    *int64 // the client has all lines up to this Seq, where it says so
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

// begin asks once more who may come in, now that the hub hands over all that is new,
// and goes to where the client wants to resume.
func (r *roomSocket) begin(ctx context.Context) error {
	newest, err := r.speaker.chat.Enter(ctx, r.socket.who(), r.follower.room)
	if err != nil {
		return r.follower.dismiss(ctx, err)
	}
	return r.follower.begin(ctx, r.after, newest)
}

func (r *roomSocket) handle(ctx context.Context, text []byte) { r.speaker.handle(ctx, text) }

// finish tells the client of the line that it has just said, if the bus has not.
func (r *roomSocket) finish(ctx context.Context) error {
	if r.speaker.newest <= r.follower.last {
		return nil
	}
	return r.follower.resume(ctx)
}

// dismissed implements owner: the socket goes. Those who withdraw leave their rooms
// too, which may be known first.
func (r *roomSocket) dismissed(ctx context.Context, _ *follower, why error) error {
	if errors.Is(why, room.ErrNotMember) && r.socket.signedOut(ctx) {
		return user.ErrSignedOut
	}
	return why
}

func (r *roomSocket) attr() slog.Attr { return slog.Int64("room", int64(r.follower.room)) }
