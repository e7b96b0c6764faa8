package usecase

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// The kinds of items by which a process that serves nobody, such as a command, has another
// one publish what it changed: it puts them in the Write of the change. Their keys are ids.
const (
	AnnounceAccount agenda.Kind = "announce.account"
	AnnounceRoom    agenda.Kind = "announce.room"
)

func announcement[ID user.ID | room.ID](kind agenda.Kind, id ID) agenda.Item {
	return agenda.Item{Kind: kind, Key: strconv.FormatInt(int64(id), 10)}
}

// Announce handles AnnounceAccount.
func (u *Accounts) Announce(ctx context.Context, item agenda.Item) error {
	id, err := strconv.ParseInt(item.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("announce no account: %w", err)
	}
	u.changed(ctx, user.ID(id), nil)
	return nil
}

// AnnounceWithdrawal tells that the account of a Withdrawal has ended. It comes before the
// person leaves rooms, so that sockets are told why they close.
func (u *Accounts) AnnounceWithdrawal(ctx context.Context, item agenda.Item) error {
	who, _, err := parseWithdrawal(item.Key)
	if err != nil {
		return err
	}
	u.changed(ctx, who, nil)
	return nil
}

// Announce handles AnnounceRoom: it publishes the newest line of a room, from which others
// know that they miss those before.
func (u *Chat) Announce(ctx context.Context, item agenda.Item) error {
	id, err := strconv.ParseInt(item.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("announce no room: %w", err)
	}
	lines, err := u.store.Read().Log.Before(ctx, room.ID(id), math.MaxInt64, 1)
	if err != nil {
		return err
	}
	u.bus.Publish(ctx, lines...)
	return nil
}
