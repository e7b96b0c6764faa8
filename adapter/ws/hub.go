// Package ws carries a room's talk over WebSockets.
package ws

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// maxSockets is how many sockets one person may have in one room.
const maxSockets = 5

// Why a session ends, besides what the domain refuses.
var (
	errGoingAway = errors.New("server is going away")
	errTooSlow   = errors.New("client reads too slowly")
	errTooFast   = errors.New("client speaks too fast, and goes on")
	errTooMany   = errors.New("newer sockets of the same person took its place")
)

// Hub knows which sessions follow which room, and hands them the lines of its log
// in order: those that a bus delivers, and in between those that it reads itself,
// because another process stored them or a hint was lost. It never waits for a
// session.
type Hub struct {
	chat     *usecase.Chat
	accounts *usecase.Accounts
	show     func(port.Line) (kind string, message any)
	log      *slog.Logger
	meter    Meter
	drain    time.Duration

	handshakes atomic.Int64 // counts them

	mu      sync.Mutex
	rooms   map[party.ID]*stream
	people  map[user.ID][]*session
	failing map[party.ID]struct{} // cannot be read at present
	// suspects are people of whom a sign-in may have ended.
	suspects map[user.ID]struct{}
	sockets  int
	closed   bool

	open      sync.WaitGroup // counts sessions
	queue     *queue
	doubt     chan struct{}
	suspicion chan struct{} // holds an element while there are suspects
	stop      context.CancelFunc
	ended     chan struct{}
	owned     sync.WaitGroup // counts the goroutines of the hub itself
}

// Config is what a hub works with.
type Config struct {
	Chat     *usecase.Chat
	Accounts *usecase.Accounts
	// Show gives the type of the frame that tells of a line, "" if none does, and the
	// message in it.
	Show  func(port.Line) (kind string, message any)
	Log   *slog.Logger
	Meter Meter         // nil if nothing is counted
	Check time.Duration // from one comparison with the store to the next; 0 is 5 s
	Drain time.Duration // for Close to spread the goodbyes over; 0 is 4 s
}

// NewHub makes a hub without sessions. Its goroutines end with Close.
func NewHub(c Config) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		chat:      c.Chat,
		accounts:  c.Accounts,
		show:      c.Show,
		log:       c.Log,
		meter:     c.Meter,
		drain:     cmp.Or(c.Drain, 4*time.Second),
		rooms:     map[party.ID]*stream{},
		people:    map[user.ID][]*session{},
		failing:   map[party.ID]struct{}{},
		suspects:  map[user.ID]struct{}{},
		queue:     newQueue(),
		doubt:     make(chan struct{}, 1),
		suspicion: make(chan struct{}, 1),
		stop:      stop,
		ended:     make(chan struct{}),
	}
	if h.meter == nil {
		h.meter = unmetered{}
	}
	h.owned.Go(func() { h.revisit(ctx) })
	h.owned.Go(func() { h.watch(ctx, cmp.Or(c.Check, 5*time.Second)) })
	for range readers {
		h.owned.Go(func() { h.read(ctx) })
	}
	return h
}

// Deliver implements port.Follower. A line behind a hole waits until the log is
// read.
func (h *Hub) Deliver(line port.Line) {
	r := h.room(line.Room)
	if r == nil {
		return
	}
	if r.hole(line.Seq) {
		h.want(r, line.Seq)
		return
	}
	h.hand(r, time.Now(), line) // a bus tells of what this process stores as soon as it is committed
}

// Wake implements port.Follower: the log is read for all sessions of the room.
func (h *Hub) Wake(id party.ID, seq int64) {
	if r := h.room(id); r != nil {
		h.want(r, seq)
	}
}

// Doubt implements port.Follower: all rooms and people are compared with the
// store as soon as that is possible.
func (h *Hub) Doubt() {
	select {
	case h.doubt <- struct{}{}:
	default: // it was in doubt already
	}
}

// Change implements port.Follower: it makes somebody look whether the sign-ins of
// who still hold, and the sessions of who themselves before they tell anything more.
func (h *Hub) Change(who user.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.people[who]) == 0 {
		return
	}
	for _, s := range h.people[who] {
		s.suspect.Store(true)
	}
	h.suspects[who] = struct{}{}
	select {
	case h.suspicion <- struct{}{}:
	default: // somebody will look anyway
	}
}

// Sockets says how many sockets are open.
func (h *Hub) Sockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sockets
}

// Waiting says how many news wait to be written to sockets: to all of them, and
// to the one that is furthest behind.
func (h *Hub) Waiting() (all, most int) {
	h.mu.Lock()
	sessions := slices.Concat(slices.Collect(maps.Values(h.people))...)
	h.mu.Unlock()
	for _, s := range sessions {
		n := s.outbox.size()
		all, most = all+n, max(most, n)
	}
	return all, most
}

const (
	drainStep  = 100 * time.Millisecond
	drainLeast = 50 // sockets that may go in one step
)

// Close lets no new session begin, ends the others, not all at once so that they
// do not come back all at once, and returns when each has said goodbye and the
// hub has stopped working. Until then they hear what there is to hear.
func (h *Hub) Close() {
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	h.mu.Unlock()
	if first {
		h.endAll()
		h.open.Wait()
		h.queue.close()
		h.stop()
		h.owned.Wait()
		close(h.ended)
	}
	<-h.ended
}

func (h *Hub) endAll() {
	h.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(h.people))...)
	h.mu.Unlock()
	tick := time.NewTicker(drainStep)
	defer tick.Stop()
	atOnce := max(drainLeast, len(all)/max(1, int(h.drain/drainStep))+1)
	for i, s := range all {
		if i > 0 && i%atOnce == 0 {
			<-tick.C
		}
		s.end(errGoingAway)
	}
}

// add makes s hear its room. The first session there says where the room stands.
func (h *Hub) add(s *session) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errGoingAway
	}
	h.open.Add(1)
	h.sockets++
	h.people[s.who] = append(h.people[s.who], s)
	r := h.rooms[s.room]
	if r == nil {
		r = &stream{id: s.room, seen: s.last}
		h.rooms[s.room] = r
	}
	r.add(s)
	return nil
}

func (h *Hub) remove(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[s.room].remove(s) {
		delete(h.rooms, s.room)
	}
	if h.people[s.who] = without(h.people[s.who], s); len(h.people[s.who]) == 0 {
		delete(h.people, s.who)
	}
	h.sockets--
	h.open.Done()
}

func (h *Hub) room(id party.ID) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[id]
}
