package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// subscriptions lists the channels of each connection. There is one connection for all
// channels, except in a Cluster: there channels are on different servers and can move,
// so each has its own connection.
func (b *Bus) subscriptions() [][]string {
	channels := []string{b.channel(topic{kind: person})}
	for i := range int64(shards) {
		channels = append(channels, b.channel(topic{room, i}))
	}
	if b.client.cluster {
		return slices.Collect(slices.Chunk(channels, 1))
	}
	return [][]string{channels}
}

// listen maintains one subscription until ctx ends.
func (b *Bus) listen(ctx context.Context, l *link, channels []string) {
	pause := minPause
	for {
		subscribed, err := b.receive(ctx, l, channels)
		if ctx.Err() != nil {
			return
		}
		b.linkDown(l, err)
		if subscribed {
			pause = minPause
		}
		if cluster, ok := b.client.redis.(*goredis.ClusterClient); ok {
			cluster.ReloadState(ctx) // the channel may have moved
		}
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, maxPause)
	}
}

var (
	errMoved  = errors.New("redis ended the subscription")
	errSilent = errors.New("redis is silent")
)

// receive subscribes once and dispatches messages until the subscription fails or ctx ends.
// It never repairs a subscription: a new one is always on the right server, and a resync
// follows it.
func (b *Bus) receive(ctx context.Context, l *link, channels []string) (subscribed bool, err error) {
	sub := b.client.redis.SSubscribe(ctx, channels...)
	var heard, silent atomic.Bool
	done := make(chan struct{})
	var guard sync.WaitGroup
	guard.Go(func() {
		silent.Store(!keepAlive(ctx, done, sub, &heard))
		sub.Close() // makes Receive return
	})
	defer guard.Wait()
	defer close(done)

	missing := len(channels)
	for {
		message, err := sub.Receive(ctx)
		if silent.Load() {
			return subscribed, errSilent
		}
		if err != nil {
			return subscribed, fmt.Errorf("hear: %w", err)
		}
		heard.Store(true)
		switch m := message.(type) {
		case *goredis.Subscription:
			if m.Kind != "ssubscribe" {
				return subscribed, errMoved
			}
			if missing--; missing == 0 {
				subscribed = true
				b.linkUp(l)
			}
		case *goredis.Message:
			b.dispatch(m.Payload)
		}
	}
}

// keepAlive pings the subscription. It returns false once there has been no answer for too
// long, and true when done is closed or ctx ends.
func keepAlive(ctx context.Context, done <-chan struct{}, sub *goredis.PubSub, heard *atomic.Bool) bool {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for silent := 0; silent < maxSilent; {
		select {
		case <-ctx.Done():
			return true
		case <-done:
			return true
		case <-tick.C:
		}
		silent++
		if heard.Swap(false) {
			silent = 0
		}
		_ = sub.Ping(ctx) // Receive returns the error, or nothing comes
	}
	return false
}

// dispatch calls the followers for a message from another process.
func (b *Bus) dispatch(message string) {
	h, ok := parseHint(message)
	switch {
	case !ok:
		b.bad.Add(1)
		return
	case h.node == b.node:
		return
	}
	b.received.Add(1)
	switch h.kind {
	case room:
		b.rooms.each(func(f port.RoomFollower) { f.Wake(party.ID(h.id), h.newest) })
	case person:
		b.people.each(func(f port.PeopleFollower) { f.AccountChanged(user.ID(h.id)) })
	case notice:
		b.people.each(func(f port.PeopleFollower) { f.Notified(user.ID(h.id)) })
	case all:
		b.resync()
	}
}
