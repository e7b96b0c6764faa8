package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// shards is over how many channels the rooms are spread, so that a Cluster
	// can share them out. All processes must agree on it.
	shards = 8
	// maxWaiting is how many topics may wait to be sent.
	maxWaiting = 10_000
	// maxPipeline is how many hints are sent at once.
	maxPipeline = 500
	// pulse is how often the health of the bus is looked at.
	pulse = time.Second
	// maxSilent is after how many pulses without any answer a connection is given up.
	maxSilent = 3
	// The wait before the next try grows from minPause to maxPause.
	minPause = 50 * time.Millisecond
	maxPause = 2 * time.Second
)

// Bus is a port.Bus for many processes. Followers in this one hear of each thing
// before the call that tells of it returns. The others are sent hints, which hold
// nothing but ids and numbers; no caller waits for that.
//
// While it does not hear the others, its followers are in doubt once a second,
// and once more when it does again.
type Bus struct {
	client *Client
	node   string
	log    *slog.Logger

	mu        sync.RWMutex
	followers []*port.Follower

	queue               *queue
	sent, received, bad atomic.Uint64

	state struct {
		sync.Mutex
		out  int  // links that are
		said bool // in the log
	}
	stop func()
	work sync.WaitGroup
}

// link is one of the connections that a bus needs.
type link struct{ out bool }

// NewBus makes a bus that goes by the name node, which no other process has and
// which holds no space. Close must be called, before that of client.
func NewBus(client *Client, node string, log *slog.Logger) *Bus {
	b := &Bus{client: client, node: node, log: log, queue: newQueue()}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	for _, channels := range b.subscriptions() {
		l := &link{out: true}
		b.state.out++
		b.work.Go(func() { b.listen(ctx, l, channels) })
	}
	b.work.Go(func() { b.send(ctx) })
	b.work.Go(func() { b.watch(ctx) })
	return b
}

// Close sends what waits, unless Redis is out, and ends the bus.
func (b *Bus) Close() {
	b.stop()
	b.work.Wait()
}

// Subscribe makes f hear what is told from now on, until the returned function
// is called. It is in doubt about what was told before.
func (b *Bus) Subscribe(f port.Follower) (cancel func()) {
	b.mu.Lock()
	b.followers = append(b.followers, &f)
	b.mu.Unlock()
	f.Doubt()
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.followers = slices.DeleteFunc(b.followers, func(known *port.Follower) bool { return known == &f })
	}
}

func (b *Bus) each(tell func(port.Follower)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, f := range b.followers {
		tell(*f)
	}
}

// Publish implements port.Bus.
func (b *Bus) Publish(_ context.Context, lines ...port.Line) {
	b.each(func(f port.Follower) {
		for _, line := range lines {
			f.Deliver(line)
		}
	})
	for _, line := range lines {
		b.queue.put(topic{room, int64(line.Room)}, line.Seq)
	}
}

// Change implements port.Bus.
func (b *Bus) Change(_ context.Context, who user.ID) {
	b.each(func(f port.Follower) { f.Change(who) })
	b.queue.put(topic{person, int64(who)}, 0)
}

// Stats is what a bus has done since it was made.
type Stats struct {
	Up       bool   // hears the others, as far as it knows
	Waiting  int    // hints that are not sent yet
	Sent     uint64 // hints; those about one topic that wait together are one
	Dropped  uint64 // hints that too many waited for
	Received uint64 // hints of others
	Bad      uint64 // messages that were no hints
}

// Stats tells how it goes.
func (b *Bus) Stats() Stats {
	b.state.Lock()
	up := b.state.out == 0
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

// channel is where a topic is told.
func (b *Bus) channel(t topic) string {
	if t.kind == room {
		return fmt.Sprintf("%sroom:%d", b.client.space, t.id%shards)
	}
	return b.client.space + "people"
}

// subscriptions lists the channels of each connection: one for all, but in a
// Cluster, where the channels live on several servers and move, one for each.
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

// listen keeps one subscription until ctx ends.
func (b *Bus) listen(ctx context.Context, l *link, channels []string) {
	pause := minPause
	for {
		subscribed, err := b.hear(ctx, l, channels)
		if ctx.Err() != nil {
			return
		}
		b.broke(l, err)
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

// hear subscribes once and passes on what it is told, until that breaks or ctx
// ends. The subscription is never mended: a new one is sure to be in the right
// place, and to be followed by doubt.
func (b *Bus) hear(ctx context.Context, l *link, channels []string) (subscribed bool, err error) {
	sub := b.client.redis.SSubscribe(ctx, channels...)
	var heard, silent atomic.Bool
	over := make(chan struct{})
	var guard sync.WaitGroup
	guard.Go(func() {
		silent.Store(!isAlive(ctx, over, sub, &heard))
		sub.Close() // ends Receive
	})
	defer guard.Wait()
	defer close(over)

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
				b.mended(l)
			}
		case *goredis.Message:
			b.pass(m.Payload)
		}
	}
}

// isAlive waits until a subscription has been silent for too long, and tells that
// by false, or until it is over.
func isAlive(ctx context.Context, over <-chan struct{}, sub *goredis.PubSub, heard *atomic.Bool) bool {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for silent := 0; silent < maxSilent; {
		select {
		case <-ctx.Done():
			return true
		case <-over:
			return true
		case <-tick.C:
		}
		silent++
		if heard.Swap(false) {
			silent = 0
		}
		_ = sub.Ping(ctx) // a failure is heard by Receive, or is silence
	}
	return false
}

// pass tells followers what another process has told.
func (b *Bus) pass(message string) {
	h, ok := parseHint(message)
	switch {
	case !ok:
		b.bad.Add(1)
		return
	case h.node == b.node:
		return
	}
	b.received.Add(1)
	b.each(func(f port.Follower) {
		switch h.kind {
		case room:
			f.Wake(party.ID(h.id), h.newest)
		case person:
			f.Change(user.ID(h.id))
		case all:
			f.Doubt()
		}
	})
}

// watch spreads doubt while the bus is out.
func (b *Bus) watch(ctx context.Context) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !b.Stats().Up {
			b.each(port.Follower.Doubt)
		}
	}
}

// broke notes that a link is out.
func (b *Bus) broke(l *link, err error) {
	b.state.Lock()
	if !l.out {
		l.out = true
		b.state.out++
	}
	say := !b.state.said
	b.state.said = true
	b.state.Unlock()
	if say {
		b.log.Warn("redis is gone; other nodes are followed through the database", "err", err)
	}
}

// mended notes that a link works.
func (b *Bus) mended(l *link) {
	b.state.Lock()
	wasOut := l.out
	if wasOut {
		l.out = false
		b.state.out--
	}
	up := wasOut && b.state.out == 0
	say := up && b.state.said
	if say {
		b.state.said = false
	}
	b.state.Unlock()
	if say {
		b.log.Info("redis is back")
	}
	if up {
		b.each(port.Follower.Doubt)
	}
}

// send sends what is in the queue until ctx ends. What fails goes back there.
func (b *Bus) send(ctx context.Context) {
	l := &link{}
	pause := minPause
	for {
		select {
		case <-b.queue.more:
		case <-ctx.Done():
			if !l.out {
				_ = b.push(b.queue.take()) // the last words; nobody is left to try again
			}
			return
		}
		waiting := b.queue.take()
		err := b.push(waiting)
		if err == nil {
			b.mended(l)
			pause = minPause
			continue
		}
		for t, newest := range waiting {
			b.queue.put(t, newest)
		}
		b.broke(l, err)
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, maxPause)
	}
}

// push sends hints and removes from waiting what Redis has taken. What it has
// taken without saying so is sent twice, which does no harm.
func (b *Bus) push(waiting map[topic]int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for len(waiting) > 0 {
		pipe := b.client.redis.Pipeline()
		topics := make([]topic, 0, min(len(waiting), maxPipeline))
		for t, newest := range waiting {
			if len(topics) == maxPipeline {
				break
			}
			topics = append(topics, t)
			pipe.SPublish(ctx, b.channel(t), hint{b.node, t, newest}.String())
		}
		answers, err := pipe.Exec(ctx)
		for i, a := range answers {
			if a.Err() == nil {
				delete(waiting, topics[i])
				b.sent.Add(1)
			}
		}
		if err != nil {
			return fmt.Errorf("send hints: %w", err)
		}
	}
	return nil
}

// sleep waits, and tells whether ctx has not ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// queue holds what waits to be sent: of each topic only the newest.
type queue struct {
	more chan struct{} // holds something while something waits

	mu      sync.Mutex
	waiting map[topic]int64
	dropped uint64
}

func newQueue() *queue {
	return &queue{more: make(chan struct{}, 1), waiting: map[topic]int64{}}
}

// put adds a hint. If too many wait it is dropped, and everybody is going to be
// told that hints were lost.
func (q *queue) put(t topic, newest int64) {
	q.mu.Lock()
	if _, waits := q.waiting[t]; !waits && len(q.waiting) >= maxWaiting && t != lost {
		q.dropped++
		t, newest = lost, 0
	}
	q.waiting[t] = max(q.waiting[t], newest)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (q *queue) take() map[topic]int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.waiting
	q.waiting = map[topic]int64{}
	return taken
}

func (q *queue) size() (waiting int, dropped uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), q.dropped
}
