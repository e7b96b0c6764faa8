package ws

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

func (p *probe) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	if p.writing != nil {
		p.writing()
	}
	return p.Store.Say(ctx, e, stored)
}

func (s sick) Say(context.Context, room.Entry, func(port.Line)) (port.Said, error) {
	return port.Said{}, s.why
}

// Say implements port.Log: probedMessages embeds two types that have a Say.
func (p probedMessages) Say(ctx context.Context, es ...room.Entry) ([]port.Said, error) {
	return p.Log.Say(ctx, es...)
}
