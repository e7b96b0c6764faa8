package ws

import (
	"context"
	"sync"
)

const (
	maxWaiting = 256       // news that may wait for a slow client
	maxBytes   = 256 << 10 // of their frames
	maxReplies = 32        // answers that may wait beside them
)

// outbox holds what a socket has to write, in order. Putting something in never
// blocks: it starts a writer if none runs, and the writer ends when nothing is left.
type outbox struct {
	start func() // starts a writer

	mu          sync.Mutex
	writing     bool // a writer runs, or is about to
	waiting     []item
	news, bytes int
	replies     int
	ended       bool // the writer has to say goodbye
}

// item is something that waits to be written.
type item struct {
	from source
	what any // *news, a signal, or an answer to the client
	size int // of the frames of news, in bytes
}

// source puts items into an outbox, and writes them when their turn comes.
type source interface {
	// write writes what, and returns why the socket ends, if it does.
	write(ctx context.Context, what any) error
}

// signal is an item that costs no space.
type signal int

const (
	ping signal = iota // is due to a silent client
	look               // is due at the rooms of a person, who may be in others by now
)

// put takes it in, or names the limit that is reached: that of "line" and "bytes"
// for news, that of "reply" for answers. News of any size are taken in where none wait.
func (o *outbox) put(it item) (full string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch it.what.(type) {
	case *news:
		switch {
		case o.news == maxWaiting:
			return "line"
		case o.news > 0 && o.bytes+it.size > maxBytes:
			return "bytes"
		}
		o.news++
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

// size tells how many news wait.
func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.news
}

// end makes the writer say goodbye before it writes anything more.
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

// next gives the writer the next item. If there is none the writer ends, after a
// goodbye if ended.
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

// rest gives what is left after the end, one item after the other.
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
		o.waiting = nil // a socket that was busy once weighs no more than before
	}
	switch it.what.(type) {
	case *news:
		o.news--
		o.bytes -= it.size
	case signal:
	default:
		o.replies--
	}
	return it, true
}
