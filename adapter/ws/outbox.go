package ws

import "sync"

const (
	maxWaiting = 256       // news that may wait for a slow client
	maxBytes   = 256 << 10 // of their frames
	maxReplies = 32        // answers that may wait beside them
)

// outbox holds what is to be written to a socket, in the order in which it came.
// Nobody waits at it: who brings something calls a writer if there is none, and
// the writer goes when nothing is left.
type outbox struct {
	call func() // brings a writer

	mu          sync.Mutex
	manned      bool  // a writer is there or on its way
	waiting     []any // *news, a ping, or an answer
	news, bytes int
	replies     int
	ended       bool // the writer has to say goodbye
}

// ping is what a socket is asked when it is silent.
type ping struct{}

// put takes v in, or tells which kind of room there was not: for a "line", its
// "bytes" or a "reply". News of any size have room where none wait.
func (o *outbox) put(v any) (full string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch v := v.(type) {
	case *news:
		switch {
		case o.news == maxWaiting:
			return "line"
		case o.news > 0 && o.bytes+v.size > maxBytes:
			return "bytes"
		}
		o.news++
		o.bytes += v.size
	case ping:
	default:
		if o.replies == maxReplies {
			return "reply"
		}
		o.replies++
	}
	o.waiting = append(o.waiting, v)
	o.man()
	return ""
}

// size tells how many news wait.
func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.news
}

// end lets the writer say goodbye before it writes anything more.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.man()
}

func (o *outbox) man() {
	if !o.manned {
		o.manned = true
		o.call()
	}
}

// next gives a writer what it has to write, or nil: then the writer goes, at the
// end to say goodbye.
func (o *outbox) next() (v any, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return nil, true
	}
	if v = o.take(); v == nil {
		o.manned = false
	}
	return v, false
}

// rest gives what is left at the end, one after the other, and then nil.
func (o *outbox) rest() any {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.take()
}

func (o *outbox) take() any {
	if len(o.waiting) == 0 {
		return nil
	}
	v := o.waiting[0]
	o.waiting[0], o.waiting = nil, o.waiting[1:]
	if len(o.waiting) == 0 {
		o.waiting = nil // a socket that has been busy once is as light as before
	}
	switch v := v.(type) {
	case *news:
		o.news--
		o.bytes -= v.size
	case ping:
	default:
		o.replies--
	}
	return v
}
