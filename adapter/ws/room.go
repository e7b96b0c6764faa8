package ws

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/port"
)

// stream is a room that sessions of this process follow. They are handed its log
// strictly in order.
type stream struct {
	id party.ID

	mu       sync.Mutex // never held over I/O
	sessions []*session
	seen     int64 // Seq of the newest line that was handed to them
	told     int64 // the newest one that a hint spoke of, if beyond seen
	asked    bool  // a reader has this room, or will have it
}

// hand gives those of the lines that are new to all sessions, encoded once. They
// are the next ones of the log; committed is zero if they were read from there.
func (h *Hub) hand(r *stream, committed time.Time, lines ...port.Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := &news{committed: committed}
	for _, l := range lines {
		if l.Seq <= r.seen {
			continue
		}
		p, err := h.pack(l)
		r.seen = l.Seq
		if err != nil {
			r.end(err)
			return
		}
		n.parcels = append(n.parcels, p)
		n.size += p.size
	}
	if len(n.parcels) == 0 {
		return
	}
	for _, s := range r.sessions {
		s.offer(n)
	}
}

// hole tells whether lines are missing before seq.
func (r *stream) hole(seq int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return seq > r.seen+1
}

// want sees to it that a reader reads the log up to seq at least.
func (h *Hub) want(r *stream, seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq <= max(r.seen, r.told) {
		return
	}
	r.told = seq
	if r.asked {
		return // settle sees that it was told
	}
	r.asked = true
	h.queue.add(r)
}

// begin starts a read, and says which line it was asked for.
func (r *stream) begin() (told int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told
}

// at says where the room stands, and whether anybody still follows it.
func (r *stream) at() (seen int64, followed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen, len(r.sessions) > 0
}

// settle ends a read that was asked for the line told. It tells whether there
// has to be another, for what was told meanwhile. A line that was told of and is
// not there is forgotten.
func (r *stream) settle(told int64) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told > max(r.seen, told) && len(r.sessions) > 0 {
		return true
	}
	r.told, r.asked = r.seen, false
	return false
}

// add takes s in. A person with too many sockets here loses the oldest.
func (r *stream) add(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = append(r.sessions, s)
	var own []*session
	for _, other := range r.sessions {
		if other.who == s.who && !other.over() {
			own = append(own, other)
		}
	}
	slices.SortStableFunc(own, func(a, b *session) int { return cmp.Compare(a.number, b.number) })
	for i := range len(own) - maxSockets {
		own[i].end(errTooMany)
	}
}

// remove lets s go, and tells whether it was the last one.
func (r *stream) remove(s *session) (last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = without(r.sessions, s)
	return len(r.sessions) == 0
}

// end ends all sessions of a room that is locked.
func (r *stream) end(why error) {
	for _, s := range r.sessions {
		s.end(why)
	}
}

func without(sessions []*session, s *session) []*session {
	return slices.DeleteFunc(sessions, func(other *session) bool { return other == s })
}
