package usecase

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Chat lets members talk.
type Chat struct {
	store port.Store
	bus   port.Bus
	now   func() time.Time
}

// NewChat makes the use cases of talk.
func NewChat(store port.Store, bus port.Bus, now func() time.Time) *Chat {
	return &Chat{store, bus, now}
}

// Enter returns the Seq of the room's newest line, or why who may not follow it.
func (u *Chat) Enter(ctx context.Context, who user.ID, id party.ID) (last int64, err error) {
	post, err := enter(ctx, u.store.Read(), who, id)
	return post.LastSeq, err
}

// Say stores what who says. Members hear of it by the bus. What is repeated
// under the same client id gives the first line again, and nobody hears it twice.
func (u *Chat) Say(ctx context.Context, who user.ID, id party.ID, words, clientID string) (line port.Line, repeated bool, err error) {
	m, err := chat.Say(id, who, words, clientID, u.now())
	if err != nil {
		return port.Line{}, false, err
	}
	err = u.store.Write(ctx, func(r port.Repos) (err error) {
		line, repeated, err = r.Messages.Say(ctx, m)
		return err
	})
	if err != nil {
		return port.Line{}, false, err
	}
	if !repeated {
		u.bus.Publish(context.WithoutCancel(ctx), line)
	}
	return line, repeated, nil
}

// After returns the oldest limit lines that come after seq in a log. It does
// not ask who reads: a follower stops at the line that dismisses it.
func (u *Chat) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return u.store.Read().Messages.After(ctx, id, seq, limit)
}

// Heads gives the Seq of the newest line of each of these rooms that ever was,
// for whoever follows them and may have missed one. It does not ask who.
func (u *Chat) Heads(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	return u.store.Read().Heads.Rooms(ctx, ids)
}
