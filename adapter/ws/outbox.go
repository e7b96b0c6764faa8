package ws

import (
	"context"
	"sync"
)

const (
	maxWaiting = 256       // batches that may wait for a slow client
	maxBytes   = 256 << 10 // bytes of their frames
	// maxReplies is how many answers may wait besides: more than a person gets who sends
	// too fast, who is told that, and not that they read too slowly.
	maxReplies = 64
)

// outbox is the queue of items that a socket writes. Adding an item never blocks: it
// starts a writer if none is running. The writer ends when the outbox is empty.
type outbox struct {
	start func() // starts a writer

	mu             sync.Mutex
	writing        bool // a writer is running or about to run
	waiting        []item
	batches, bytes int
	replies        int
	ended          bool // the writer must send the close frame
}

// item is something that waits to be written.
type item struct {
	from source
	what any // *batch, a signal, or an answer to the client
	size int // bytes of the batch's frames
}

// source puts items into an outbox and writes them when it is their turn.
type source interface {
	// write writes what. If it returns an error, the socket ends with it.
	write(ctx context.Context, what any) error
}

// signal is an item that does not count towards the limits.
type signal int

const (
	ping    signal = iota // ping the client
	refresh               // refresh the rooms of a personal socket
)

// put adds an item, or returns the limit that is reached: "line" or "bytes" for batches,
// "reply" for answers. An empty outbox takes a batch of any size.
func (o *outbox) put(it item) (full string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch it.what.(type) {
	case *batch:
		switch {
		case o.batches == maxWaiting:
			return "line"
		case o.batches > 0 && o.bytes+it.size > maxBytes:
			return "bytes"
		}
		o.batches++
		o.bytes += it.size
	case signal:
	default:
		if o.replies == maxReplies {
			return "reply"
		}
		o.replies++
	}
	o.waiting = append(o.waiting, it)
	o.wake()
	return ""
}

// size returns the number of waiting batches.
func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.batches
}

// end makes the writer send the close frame before any other item.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.wake()
}

func (o *outbox) wake() {
	if !o.writing {
		o.writing = true
		o.start()
	}
}

// next returns the next item. If there is none, the writer must end; if ended, it sends
// the close frame first.
func (o *outbox) next() (it item, ok, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return item{}, false, true
	}
	if it, ok = o.take(); !ok {
		o.writing = false
	}
	return it, ok, false
}

// rest returns the items that are left after the end, one by one.
func (o *outbox) rest() (it item, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.take()
}

func (o *outbox) take() (it item, ok bool) {
	if len(o.waiting) == 0 {
		return item{}, false
	}
	it = o.waiting[0]
	o.waiting[0], o.waiting = item{}, o.waiting[1:]
	if len(o.waiting) == 0 {
		o.waiting = nil // release the memory of a burst
	}
	switch it.what.(type) {
	case *batch:
		o.batches--
		o.bytes -= it.size
	case signal:
	default:
		o.replies--
	}
	return it, true
}
