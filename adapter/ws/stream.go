package ws

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Limits on the sockets of one person. Opening another one ends the oldest.
const (
	maxSockets  = 5  // for each room
	maxPersonal = 10 // personal sockets
)

// stream sends the log of one room to its followers in this process, strictly in order.
type stream struct {
	id   room.ID
	view view

	mu        sync.Mutex // never held over I/O
	followers []*follower
	full      int   // number of followers that need a frame for each line
	seen      int64 // Seq of the newest line that was sent to the followers
	hinted    int64 // the highest Seq that a hint announced, if beyond seen
	queued    bool  // waits for a reader, or is being read
}

// broadcast sends the lines that are new to all followers and encodes each line once.
// The lines are the next ones of the log. committed is zero if they were read from the
// log.
func (r *stream) broadcast(committed time.Time, lines ...port.Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := &batch{committed: committed}
	for _, line := range lines {
		if line.Seq <= r.seen {
			continue
		}
		l, err := r.view.encode(line, r.full > 0)
		r.seen = line.Seq
		if err != nil {
			r.end(err)
			return
		}
		n.lines = append(n.lines, l)
		n.size += l.size
	}
	if len(n.lines) == 0 {
		return
	}
	for _, f := range r.followers {
		f.offer(n)
	}
}

// gap reports whether lines are missing before seq.
func (r *stream) gap(seq int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return seq > r.seen+1
}

// request records that the log has a line seq. It reports whether the stream must be
// queued for a reader.
func (r *stream) request(seq int64) (queue bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq <= max(r.seen, r.hinted) {
		return false
	}
	r.hinted = seq
	queue = !r.queued // a stream that is queued or being read is requeued by settle if needed
	r.queued = true
	return queue
}

// begin starts a read and returns the highest Seq that was announced.
func (r *stream) begin() (hinted int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hinted
}

// at returns the position of the stream and whether it still has followers.
func (r *stream) at() (seen int64, followed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen, len(r.followers) > 0
}

// settle ends a read that began at hinted. It reports whether another read is needed,
// for hints that came meanwhile. It forgets an announced line that does not exist.
func (r *stream) settle(hinted int64) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hinted > max(r.seen, hinted) && len(r.followers) > 0 {
		return true
	}
	r.hinted, r.queued = r.seen, false
	return false
}

// add registers f. If the person has too many sockets for the room, the oldest ends.
func (r *stream) add(f *follower) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers = append(r.followers, f)
	if f.form != full {
		return
	}
	r.full++
	var own []*socket
	for _, other := range r.followers {
		if other.form == full && other.socket.who() == f.socket.who() {
			own = append(own, other.socket)
		}
	}
	endOldest(own, maxSockets)
}

// endOldest ends the oldest of these sockets so that no more than most stay open.
func endOldest(sockets []*socket, most int) {
	open := slices.DeleteFunc(slices.Clone(sockets), (*socket).ended)
	slices.SortStableFunc(open, func(a, b *socket) int { return cmp.Compare(a.number, b.number) })
	for i := range len(open) - most {
		open[i].end(errTooMany)
	}
}

// remove unregisters f and reports whether it was the last follower.
func (r *stream) remove(f *follower) (last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers = slices.DeleteFunc(r.followers, func(other *follower) bool { return other == f })
	if f.form == full {
		r.full--
	}
	return len(r.followers) == 0
}

// end ends the sockets of all followers. The caller holds mu.
func (r *stream) end(why error) {
	for _, f := range r.followers {
		f.socket.end(why)
	}
}

// queue holds the streams that wait for a reader, each at most once.
type queue struct {
	mu       sync.Mutex
	nonEmpty *sync.Cond // signals a stream, or that the queue is closed
	streams  []*stream
	closed   bool
}

func newQueue() *queue {
	q := &queue{}
	q.nonEmpty = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(r *stream) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.streams = append(q.streams, r)
	q.nonEmpty.Signal()
}

// next waits for a stream. It returns nil once the queue is closed.
func (q *queue) next() *stream {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.streams) == 0 && !q.closed {
		q.nonEmpty.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.streams[0]
	q.streams[0], q.streams = nil, q.streams[1:]
	return r
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.nonEmpty.Broadcast()
}
