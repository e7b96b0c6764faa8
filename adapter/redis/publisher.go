package redis

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// send sends the queued hints until ctx ends. It puts hints back that could not be sent.
func (b *Bus) send(ctx context.Context) {
	l := &link{}
	pause := minPause
	for {
		select {
		case <-b.queue.more:
		case <-ctx.Done():
			if !l.down {
				_ = b.push(b.queue.take()) // the last attempt; an error changes nothing
			}
			return
		}
		waiting := b.queue.take()
		before := b.client.sentinels.generation()
		err := b.push(waiting)
		if err == nil {
			b.linkUp(l)
			pause = minPause
			continue
		}
		for t, newest := range waiting {
			b.queue.put(t, newest)
		}
		if b.client.sentinels.generation() != before {
			err = errMoved
		}
		b.linkDown(l, err)
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, maxPause)
	}
}

// push sends hints and removes the ones that Redis has accepted from waiting. If an
// acknowledgement is lost, a hint is sent twice, which is harmless.
func (b *Bus) push(waiting map[topic]int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
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

// sleep waits for d. It returns false if ctx ends first.
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

// queue holds the hints that wait to be sent, only the newest for each topic.
type queue struct {
	more chan struct{} // holds an element while waiting is not empty

	mu      sync.Mutex
	waiting map[topic]int64
	dropped uint64
}

func newQueue() *queue {
	return &queue{more: make(chan struct{}, 1), waiting: map[topic]int64{}}
}

// put adds a hint. If too many wait, it drops the hint and queues one that makes all
// processes resync.
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

// take empties the queue and returns its hints.
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
