// Package ws carries a room's talk over WebSockets.
package ws

import (
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// maxSockets is how many sockets one person may have in one room.
const maxSockets = 5

// Why a session ends, besides what the domain refuses.
var (
	errGoingAway = errors.New("server is going away")
	errTooSlow   = errors.New("client reads too slowly")
	errTooMany   = errors.New("newer sockets of the same person took its place")
)

// Hub knows which sessions follow which room, and hands them what a bus tells.
// It never waits for a session.
type Hub struct {
	show func(port.Line) any

	mu     sync.Mutex
	rooms  map[party.ID][]*session
	people map[user.ID][]*session
	closed bool
	open   sync.WaitGroup // counts sessions
}

// NewHub makes a hub without sessions. show gives the message of a line its
// form on the wire.
func NewHub(show func(port.Line) any) *Hub {
	return &Hub{show: show, rooms: map[party.ID][]*session{}, people: map[user.ID][]*session{}}
}

// Deliver implements port.Follower. The line is encoded once for all sessions.
func (h *Hub) Deliver(line port.Line) {
	h.mu.Lock()
	followers := slices.Clone(h.rooms[line.Party])
	h.mu.Unlock()
	if len(followers) == 0 {
		return
	}
	p, err := h.pack(line)
	for _, s := range followers {
		if err != nil {
			s.end(err)
			continue
		}
		s.offer(p)
	}
}

// Wake implements port.Follower: the sessions of a room look into its log.
func (h *Hub) Wake(id party.ID, _ int64) {
	h.mu.Lock()
	followers := slices.Clone(h.rooms[id])
	h.mu.Unlock()
	for _, s := range followers {
		s.offer(unseen)
	}
}

// Doubt implements port.Follower: every session looks into the log of its room.
func (h *Hub) Doubt() {
	for _, s := range h.everyone() {
		s.offer(unseen)
	}
}

// unseen is a line that none follows at once, so that whoever hears of it reads
// the log.
var unseen = &parcel{line: port.Line{Message: chat.Message{Seq: math.MaxInt64}}}

func (h *Hub) everyone() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(h.rooms))...)
}

// SignOut implements port.Follower: it ends the sessions of who that belong to
// an earlier generation of sign-ins.
func (h *Hub) SignOut(who user.ID, generation int64) {
	h.mu.Lock()
	sessions := slices.Clone(h.people[who])
	h.mu.Unlock()
	for _, s := range sessions {
		if s.signIn.Generation < generation {
			s.end(user.ErrSignedOut)
		}
	}
}

// Close ends every session, lets no new one begin, and returns when all of them
// have said goodbye.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	for _, s := range h.everyone() {
		s.end(errGoingAway)
	}
	h.open.Wait()
}

// add makes s hear its room. A person with too many sockets there loses the oldest.
func (h *Hub) add(s *session) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errGoingAway
	}
	h.open.Add(1)
	h.people[s.me.ID] = append(h.people[s.me.ID], s)
	h.rooms[s.room] = append(h.rooms[s.room], s)

	var own []*session
	for _, other := range h.rooms[s.room] {
		if other.me.ID == s.me.ID && !other.over() {
			own = append(own, other)
		}
	}
	for i := range len(own) - maxSockets {
		own[i].end(errTooMany)
	}
	return nil
}

func (h *Hub) remove(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	drop(h.rooms, s.room, s)
	drop(h.people, s.me.ID, s)
	h.open.Done()
}

func drop[K comparable](index map[K][]*session, k K, s *session) {
	index[k] = slices.DeleteFunc(index[k], func(other *session) bool { return other == s })
	if len(index[k]) == 0 {
		delete(index, k)
	}
}
