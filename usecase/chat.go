package usecase

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Chat lets members talk.
type Chat struct {
	store  port.Store
	bus    port.RoomHints
	random func() signin.Secret
	now    func() time.Time
}

// NewChat makes the use cases of talk. random makes its tickets.
func NewChat(store port.Store, bus port.RoomHints, random func() signin.Secret, now func() time.Time) *Chat {
	return &Chat{store, bus, random, now}
}

// Enter returns the Seq of the room's newest line, or an error if who may not follow it.
func (u *Chat) Enter(ctx context.Context, who user.ID, id party.ID) (last int64, err error) {
	post, err := enter(ctx, u.store.Read(), who, id)
	return post.LastSeq, err
}

// Say stores a line and publishes it. A line repeated under the same client id is not
// published again, and returns the line stored first.
func (u *Chat) Say(ctx context.Context, who user.ID, id party.ID, words, clientID string) (line port.Line, repeated bool, err error) {
	e, err := chat.Say(id, who, words, clientID, u.now())
	if err != nil {
		return port.Line{}, false, err
	}
	said, err := u.store.Say(ctx, e, func(l port.Line) {
		u.bus.Publish(context.WithoutCancel(ctx), l) // it is stored, even if the client disconnected
	})
	return said.Line, said.Repeated, err
}

// After returns the oldest limit lines after seq in a log. It does not check who reads:
// a follower stops at the line that removes it from the room.
func (u *Chat) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return u.store.Read().Log.After(ctx, id, seq, limit)
}

// Heads returns the Seq of the newest line of each of these rooms, deleted ones included,
// so that followers notice a line that they have missed. It does not check who reads.
func (u *Chat) Heads(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	return u.store.Read().Heads.Rooms(ctx, ids)
}
