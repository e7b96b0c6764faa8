package httpapi

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// coalesce looks up a key once for all who ask for it at the same time. Nobody gets an
// answer whose look-up began before they asked: those who ask during a look-up wait for
// the next one. (golang.org/x/sync/singleflight has them join the one that runs, which
// may not see what they have just written.)
type coalesce[Key comparable, Answer any] struct {
	mu      sync.Mutex
	running map[Key]*flight[Answer]
}

// flight is a look-up that runs, or waits for the one before it to end.
type flight[Answer any] struct {
	next    *flight[Answer] // for those who asked while this one ran; nil if nobody did
	waiting int             // how many wait for the answer
	ctx     context.Context // ends when nobody waits any more
	cancel  context.CancelFunc
	look    func(context.Context) (Answer, error)

	done   chan struct{} // closed once answer and err are set
	answer Answer
	err    error
}

// flightTime bounds one look-up.
const flightTime = 5 * time.Second

// do returns the result of look, or the cause of ctx as soon as that ends. All who get an
// answer share it, so nobody may change it.
func (c *coalesce[Key, Answer]) do(ctx context.Context, key Key, look func(context.Context) (Answer, error)) (Answer, error) {
	f := c.join(ctx, key, look)
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		c.leave(f)
		var none Answer
		return none, context.Cause(ctx)
	}
}

// join returns the next look-up of key that begins, and begins it if none runs.
func (c *coalesce[Key, Answer]) join(ctx context.Context, key Key, look func(context.Context) (Answer, error)) *flight[Answer] {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, busy := c.running[key]
	if !busy {
		f := newFlight(ctx, look)
		if c.running == nil {
			c.running = map[Key]*flight[Answer]{}
		}
		c.running[key] = f
		go c.run(key, f) // until nobody waits for an answer any more
		return f
	}
	if now.next == nil || now.next.waiting == 0 {
		now.next = newFlight(ctx, look)
		return now.next
	}
	now.next.waiting++
	return now.next
}

func newFlight[Answer any](ctx context.Context, look func(context.Context) (Answer, error)) *flight[Answer] {
	f := &flight[Answer]{waiting: 1, look: look, done: make(chan struct{})}
	// Others may wait longer than who asked first.
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx)) // #nosec G118 -- run and leave call it
	return f
}

// leave cancels f if nobody else waits for it.
func (c *coalesce[Key, Answer]) leave(f *flight[Answer]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
	}
}

// run runs f and the look-ups of key that come after it.
func (c *coalesce[Key, Answer]) run(key Key, f *flight[Answer]) {
	for f != nil {
		f.run()
		f = c.following(key, f)
	}
}

// following returns the look-up that comes after f, or nil.
func (c *coalesce[Key, Answer]) following(key Key, f *flight[Answer]) *flight[Answer] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.next == nil {
		delete(c.running, key)
		return nil
	}
	c.running[key] = f.next
	return f.next
}

func (f *flight[Answer]) run() {
	defer f.cancel()
	defer close(f.done)
	defer func() {
		if v := recover(); v != nil {
			f.err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(f.ctx, flightTime)
	defer cancel()
	f.answer, f.err = f.look(ctx)
}
