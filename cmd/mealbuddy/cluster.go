package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/metrics"
	"github.com/Group-buying-service/mealbuddy/adapter/redis"
	"github.com/Group-buying-service/mealbuddy/port"
)

// cluster is what the processes of a deployment share. Without Redis there is one
// process, or several that find each other's changes in the database.
type cluster struct {
	bus interface {
		port.Bus
		FollowRooms(port.RoomFollower) (cancel func())
		FollowPeople(port.PeopleFollower) (cancel func())
	}
	quota         port.Quota
	conversations port.Conversations
	slots         port.Slots    // nil without Redis
	checkEvery    time.Duration // interval of the hub's full checks; 0: the default of ws
	trust         time.Duration // see usecase.AccountsConfig
	close         func() error
}

// trust is how long a sign-in that has ended may still be accepted if the hints about it
// are lost.
const trust = 10 * time.Second

// joinCluster returns an error if the other processes have other token keys.
func joinCluster(ctx context.Context, cfg config, signing keys, meter *metrics.Metrics, log *slog.Logger) (cluster, error) {
	quota, conversations := inproc.NewQuota(time.Now), inproc.NewConversations(time.Now)
	if cfg.RedisURL.IsZero() {
		one := cluster{bus: &inproc.Bus{}, quota: quota, conversations: conversations, trust: trust, close: func() error { return nil }}
		if cfg.DatabaseURL != "" { // there may be other nodes, and no hints from them
			one.checkEvery = time.Second
			one.trust = 0
		}
		return one, nil
	}
	client := redis.Connect(cfg.RedisURL)
	var fingerprints []string
	for _, key := range signing {
		fingerprints = append(fingerprints, key.Fingerprint())
	}
	watch, err := redis.WatchKeys(ctx, client, fingerprints, log)
	if err != nil {
		return cluster{}, errors.Join(err, client.Close())
	}
	bus := redis.NewBus(client, rand.Text(), log)
	meter.Hints(func() metrics.BusStats { return metrics.BusStats(bus.Stats()) })
	return cluster{
		bus:           bus,
		quota:         redis.NewQuota(client, quota, log),
		conversations: redis.NewConversations(client, conversations, time.Now),
		slots:         redis.NewSlots(client, redis.SlotsLife),
		trust:         trust,
		close: func() error {
			bus.Close()
			watch.Close()
			return client.Close()
		},
	}, nil
}
