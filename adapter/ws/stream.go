package ws

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// How many sockets one person may have.
const (
	maxSockets  = 5  // of one room
	maxPersonal = 10 // of their own
)

// stream hands the log of one room to the followers of it in this process, strictly
// in order.
type stream struct {
	id   room.ID
	view view

	mu        sync.Mutex // never held over I/O
	followers []*follower
	full      int   // followers that want a frame of each line
	seen      int64 // Seq of the newest line that was handed over
	told      int64 // the newest one that a hint spoke of, if beyond seen
	queued    bool  // waits for a reader, or has one
}

// hand gives those of the lines that are new to all followers, encoded once. They
// are the next ones of the log; committed is zero if they were read from there.
func (r *stream) hand(committed time.Time, lines ...port.Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := &news{committed: committed}
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

// hole tells whether lines are missing before seq.
func (r *stream) hole(seq int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return seq > r.seen+1
}

// want notes that the log has a line seq, and tells whether the stream has to be
// queued for a reader because of that.
func (r *stream) want(seq int64) (queue bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq <= max(r.seen, r.told) {
		return false
	}
	r.told = seq
	queue = !r.queued // else settle sees that it was told
	r.queued = true
	return queue
}

// begin starts a read, and gives the line that it is asked for.
func (r *stream) begin() (told int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told
}

// at gives where the stream is, and whether it still has followers.
func (r *stream) at() (seen int64, followed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen, len(r.followers) > 0
}

// settle ends a read that was asked for the line told. It tells whether there has to
// be another one, for what was told meanwhile. A line that was told of and does not
// exist is forgotten.
func (r *stream) settle(told int64) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told > max(r.seen, told) && len(r.followers) > 0 {
		return true
	}
	r.told, r.queued = r.seen, false
	return false
}

// add takes f in. A person with too many sockets of the room loses the oldest.
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

// endOldest ends the oldest of these sockets where more than most are open.
func endOldest(sockets []*socket, most int) {
	open := slices.DeleteFunc(slices.Clone(sockets), (*socket).over)
	slices.SortStableFunc(open, func(a, b *socket) int { return cmp.Compare(a.number, b.number) })
	for i := range len(open) - most {
		open[i].end(errTooMany)
	}
}

// remove lets f go, and tells whether it was the last one.
func (r *stream) remove(f *follower) (last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers = slices.DeleteFunc(r.followers, func(other *follower) bool { return other == f })
	if f.form == full {
		r.full--
	}
	return len(r.followers) == 0
}

// end ends the sockets of all followers. It needs mu.
func (r *stream) end(why error) {
	for _, f := range r.followers {
		f.socket.end(why)
	}
}

// queue holds the streams that wait for a reader, each of them once.
type queue struct {
	mu      sync.Mutex
	some    *sync.Cond // tells that there is a stream, or the end
	streams []*stream
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.some = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(r *stream) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.streams = append(q.streams, r)
	q.some.Signal()
}

// next waits for a stream, and gives nil once the queue is closed.
func (q *queue) next() *stream {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.streams) == 0 && !q.closed {
		q.some.Wait()
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
	q.some.Broadcast()
}
