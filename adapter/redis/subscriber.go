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
		before := b.client.sentinels.generation()
		subscribed, err := b.receive(ctx, l, channels)
		if ctx.Err() != nil {
			return
		}
		if b.client.sentinels.generation() != before {
			err = errMoved
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
	errUnsubscribed = errors.New("redis ended the subscription")
	errSilent       = errors.New("redis is silent")
)

// receive subscribes once and dispatches messages until the subscription fails or ctx ends.
// It does not reuse a broken subscription: a new one is routed to the right server, and
// linkUp triggers a resync for what was missed.
func (b *Bus) receive(ctx context.Context, l *link, channels []string) (subscribed bool, err error) {
	sub := b.client.redis.SSubscribe(ctx, channels...)
	var heard, timedOut atomic.Bool
	done := make(chan struct{})
	var watchdog sync.WaitGroup
	watchdog.Go(func() {
		timedOut.Store(keepAlive(ctx, done, sub, &heard))
		sub.Close() // makes Receive return
	})
	defer watchdog.Wait()
	defer close(done)

	missing := len(channels) // Redis confirms each channel separately
	for {
		message, err := sub.Receive(ctx)
		if timedOut.Load() {
			return subscribed, errSilent
		}
		if err != nil {
			return subscribed, fmt.Errorf("receive: %w", err)
		}
		heard.Store(true)
		switch m := message.(type) {
		case *goredis.Subscription:
			if m.Kind != "ssubscribe" {
				return subscribed, errUnsubscribed
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

// keepAlive pings the subscription until done is closed or ctx ends, or until there has
// been no answer for too long: then timedOut is true.
func keepAlive(ctx context.Context, done <-chan struct{}, sub *goredis.PubSub, heard *atomic.Bool) (timedOut bool) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for missed := 0; missed < maxMissed; {
		select {
		case <-ctx.Done():
			return false
		case <-done:
			return false
		case <-tick.C:
		}
		missed++
		if heard.Swap(false) {
			missed = 0
		}
		_ = sub.Ping(ctx) // a failure also shows up in Receive, or as silence
	}
	return true
}

// dispatch calls the followers for a hint, unless this process sent it.
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
	case news:
		b.people.each(func(f port.PeopleFollower) { f.Notified(user.ID(h.id)) })
	case all:
		b.resync()
	}
}
