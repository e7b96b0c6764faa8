// Package ws carries the talk of rooms over WebSockets.
//
// A socket is a connection, a follower a position in the log of one room, and a
// speaker says what a client sends. The hub knows which followers a room has and which
// sockets a person has, and hands over what the bus tells. In between it reads the
// logs itself. What a socket is for puts these together.
package ws

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// Hub hands the lines of rooms' logs to those who follow the rooms, in order: the
// lines that a bus delivers, and those that it reads itself because another process
// stored them or a hint was lost. It never waits for a socket.
type Hub struct {
	chat     *usecase.Chat
	accounts *usecase.Accounts
	view     view
	log      *slog.Logger
	meter    Meter
	drain    time.Duration

	handshakes atomic.Int64 // counts them

	mu      sync.Mutex
	rooms   map[room.ID]*stream
	people  map[user.ID][]*socket // all of them
	own     map[user.ID][]listening
	failing map[room.ID]struct{} // cannot be read at present
	unsure  map[user.ID]struct{} // have a sign-in that may have ended
	sockets int
	closed  bool

	open    sync.WaitGroup // counts sockets
	queue   *queue
	resync  chan struct{} // holds an element while all has to be compared with the store
	recheck chan struct{} // holds an element while somebody is in unsure
	stop    context.CancelFunc
	ended   chan struct{}
	owned   sync.WaitGroup // counts the goroutines of the hub itself
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

// NewHub makes a hub without sockets. Its goroutines end with Close.
func NewHub(c Config) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		chat:     c.Chat,
		accounts: c.Accounts,
		view:     c.Show,
		log:      c.Log,
		meter:    c.Meter,
		drain:    cmp.Or(c.Drain, 4*time.Second),
		rooms:    map[room.ID]*stream{},
		people:   map[user.ID][]*socket{},
		own:      map[user.ID][]listening{},
		failing:  map[room.ID]struct{}{},
		unsure:   map[user.ID]struct{}{},
		queue:    newQueue(),
		resync:   make(chan struct{}, 1),
		recheck:  make(chan struct{}, 1),
		stop:     stop,
		ended:    make(chan struct{}),
	}
	if h.meter == nil {
		h.meter = unmetered{}
	}
	h.owned.Go(func() { h.recheckSignIns(ctx) })
	h.owned.Go(func() { h.watch(ctx, cmp.Or(c.Check, 5*time.Second)) })
	for range readers {
		h.owned.Go(func() { h.read(ctx) })
	}
	return h
}

// Deliver implements port.RoomFollower. A line behind a hole waits until the log is
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
	r.hand(time.Now(), line) // a bus tells of what this process stores as soon as it is committed
}

// Wake implements port.RoomFollower: the log is read for all followers of the room.
func (h *Hub) Wake(id room.ID, seq int64) {
	if r := h.room(id); r != nil {
		h.want(r, seq)
	}
}

// want sees to it that a reader reads the log of r up to seq at least.
func (h *Hub) want(r *stream, seq int64) {
	if r.want(seq) {
		h.queue.add(r)
	}
}

// Resync implements port.RoomFollower and port.PeopleFollower: all rooms and people
// are compared with the store as soon as that is possible.
func (h *Hub) Resync() {
	select {
	case h.resync <- struct{}{}:
	default: // that is asked for already
	}
}

// AccountChanged implements port.PeopleFollower: the sign-ins of who are looked at
// again, and the sockets of who tell nothing more before they have looked themselves.
func (h *Hub) AccountChanged(who user.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.people[who]) == 0 {
		return
	}
	for _, s := range h.people[who] {
		s.unsure.Store(true)
	}
	h.unsure[who] = struct{}{}
	select {
	case h.recheck <- struct{}{}:
	default: // that is asked for already
	}
}

// Notified implements port.PeopleFollower for who listens: the sockets of rooms have no
// use for it.
func (h *Hub) Notified(who user.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.own[who] {
		l.notice()
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
	for _, s := range h.all() {
		n := s.outbox.size()
		all, most = all+n, max(most, n)
	}
	return all, most
}

// all gives every socket.
func (h *Hub) all() []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(h.people))...)
}

const (
	drainStep  = 100 * time.Millisecond
	drainLeast = 50 // sockets that may go in one step
)

// Close lets no new socket in, ends the others, not all at once so that their clients
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
	all := h.all()
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

// add takes in a socket that has opened.
func (h *Hub) add(s *socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errGoingAway
	}
	h.open.Add(1)
	h.sockets++
	h.people[s.who()] = append(h.people[s.who()], s)
	return nil
}

// remove lets go a socket that has ended.
func (h *Hub) remove(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.people[s.who()], func(other *socket) bool { return other == s })
	if h.people[s.who()] = left; len(left) == 0 {
		delete(h.people, s.who())
	}
	h.sockets--
	h.open.Done()
}

// listener hears what there is for a person. It must not wait for anything.
type listener interface {
	// notice tells that there is something new.
	notice()
	// compare tells what usecase.Rooms.Membership of the person is by now, for who may
	// have missed that it has changed.
	compare(membership int64)
}

// listening is a socket whose purpose is a listener.
type listening struct {
	*socket
	listener
}

// listen makes l, which is what s is for, hear what there is for the person. One with
// too many such sockets loses the oldest.
func (h *Hub) listen(s *socket, l listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own[s.who()] = append(h.own[s.who()], listening{s, l})
	var own []*socket
	for _, other := range h.own[s.who()] {
		own = append(own, other.socket)
	}
	endOldest(own, maxPersonal)
}

// unlisten undoes listen.
func (h *Hub) unlisten(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.own[s.who()], func(other listening) bool { return other.socket == s })
	if h.own[s.who()] = left; len(left) == 0 {
		delete(h.own, s.who())
	}
}

// follow makes f hear what is new in its room. The first follower of a room says
// where the room is.
func (h *Hub) follow(f *follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[f.room]
	if r == nil {
		r = &stream{id: f.room, view: h.view, seen: f.last}
		h.rooms[f.room] = r
	}
	r.add(f)
}

// unfollow undoes follow.
func (h *Hub) unfollow(f *follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[f.room]; r != nil && r.remove(f) {
		delete(h.rooms, f.room)
	}
}

func (h *Hub) room(id room.ID) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[id]
}
