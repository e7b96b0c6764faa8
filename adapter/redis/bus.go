package redis

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// shards is the number of channels for rooms, so that a Cluster can spread them over
	// its servers. All processes must use the same number.
	shards = 8
	// maxWaiting limits the topics that wait to be sent.
	maxWaiting = 10_000
	// maxPipeline is the maximum number of hints in one pipeline.
	maxPipeline = 500
	// checkEvery is the interval of pings, and of resyncs while a link is down.
	checkEvery = time.Second
	// maxMissed is the number of pings without an answer after which a connection is
	// closed.
	maxMissed = 3
	// The delay between two attempts grows from minPause to maxPause.
	minPause = 50 * time.Millisecond
	maxPause = 2 * time.Second
)

// Bus is a port.Bus for several processes. It calls the followers in this process
// synchronously. To the other processes it sends hints in the background, which contain
// only ids and numbers.
//
// While it is disconnected from other processes, it makes its followers resync once a
// second, and once more when it is connected again.
type Bus struct {
	client *Client
	node   string
	log    *slog.Logger

	rooms  followers[port.RoomFollower]
	people followers[port.PeopleFollower]

	queue               *queue
	sent, received, bad atomic.Uint64

	state struct {
		sync.Mutex
		down   int  // number of links that are down
		logged bool // the outage is logged
	}
	stop func()
	work sync.WaitGroup
}

// NewBus returns a bus for the process node, a unique name without spaces. The caller
// must close it before it closes client.
func NewBus(client *Client, node string, log *slog.Logger) *Bus {
	b := &Bus{client: client, node: node, log: log, queue: newQueue()}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	subscriptions := b.subscriptions()
	b.state.down = len(subscriptions) // before the first listener, which counts as well
	for _, channels := range subscriptions {
		l := &link{down: true}
		b.work.Go(func() { b.listen(ctx, l, channels) })
	}
	b.work.Go(func() { b.send(ctx) })
	b.work.Go(func() { b.resyncWhileDown(ctx) })
	if client.sentinels != nil {
		b.work.Go(func() { b.followMaster(ctx) })
	}
	return b
}

// Close sends the waiting hints, unless Redis is down, and stops the bus.
func (b *Bus) Close() {
	b.stop()
	b.work.Wait()
}

// FollowRooms registers f for events about rooms until cancel is called. It makes f
// resync, because f has missed earlier events.
func (b *Bus) FollowRooms(f port.RoomFollower) (cancel func()) {
	cancel = b.rooms.add(f)
	f.Resync()
	return cancel
}

// FollowPeople is FollowRooms for events about people.
func (b *Bus) FollowPeople(f port.PeopleFollower) (cancel func()) {
	cancel = b.people.add(f)
	f.Resync()
	return cancel
}

func (b *Bus) resync() {
	b.rooms.each(port.RoomFollower.Resync)
	b.people.each(port.PeopleFollower.Resync)
}

// Publish implements port.Bus.
func (b *Bus) Publish(_ context.Context, lines ...port.Line) {
	b.rooms.each(func(f port.RoomFollower) {
		for _, line := range lines {
			f.Deliver(line)
		}
	})
	for _, line := range lines {
		b.queue.put(topic{room, int64(line.Room)}, line.Seq)
	}
}

// AccountChanged implements port.Bus.
func (b *Bus) AccountChanged(_ context.Context, who user.ID) {
	b.people.each(func(f port.PeopleFollower) { f.AccountChanged(who) })
	b.queue.put(topic{person, int64(who)}, 0)
}

// Notify implements port.Bus.
func (b *Bus) Notify(_ context.Context, who ...user.ID) {
	b.people.each(func(f port.PeopleFollower) {
		for _, id := range who {
			f.Notified(id)
		}
	})
	for _, id := range who {
		b.queue.put(topic{news, int64(id)}, 0)
	}
}

// Stats is the state of a bus and its counters since it was created.
type Stats struct {
	Up       bool   // connected, as far as it knows
	Waiting  int    // hints to be sent
	Sent     uint64 // hints; waiting hints about one topic are sent as one
	Dropped  uint64 // hints, because too many waited
	Received uint64 // hints from others
	Bad      uint64 // invalid messages
}

// Stats returns the current state and counters.
func (b *Bus) Stats() Stats {
	b.state.Lock()
	up := b.state.down == 0
	b.state.Unlock()
	waiting, dropped := b.queue.size()
	return Stats{
		Up:       up,
		Waiting:  waiting,
		Sent:     b.sent.Load(),
		Dropped:  dropped,
		Received: b.received.Load(),
		Bad:      b.bad.Load(),
	}
}

// channel returns the channel for a topic.
func (b *Bus) channel(t topic) string {
	if t.kind == room {
		return fmt.Sprintf("%sroom:%d", b.client.prefix, t.id%shards)
	}
	return b.client.prefix + "people"
}
