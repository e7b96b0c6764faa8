// Package ws serves chat rooms over WebSockets.
//
// A socket is a connection. A follower is a position in the log of one room. A sender
// stores the messages that a client sends. The hub knows the followers of each room and
// the sockets of each person. It passes on what the bus delivers and reads the logs for
// everything else. A purpose combines these parts into a room's socket or a personal
// socket.
package ws

import (
	"cmp"
	"context"
	"crypto/rand"
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

// Hub sends new log lines to the followers of each room, in order. It gets lines from
// the bus, and reads the log itself where another process stored a line or a hint was
// lost. It never waits for a socket.
type Hub struct {
	chat     *usecase.Chat
	accounts *usecase.Accounts
	view     view
	log      *slog.Logger
	meter    Meter
	drain    time.Duration
	deps     *deps // of all followers
	slots    port.Slots
	hints    port.PeopleHints
	name     string // of this process, in the ids of its sockets

	handshakes atomic.Int64 // counts handshakes

	mu        sync.Mutex
	rooms     map[room.ID]*stream
	people    map[user.ID][]*socket // all sockets of a person
	own       map[user.ID][]listening
	failing   map[room.ID]struct{} // rooms whose log cannot be read at present
	toRecheck map[user.ID]struct{} // people with a sign-in that may have ended
	sockets   int
	closed    bool

	slotChanges slotChanges

	open     sync.WaitGroup // counts open sockets
	queue    *queue
	resync   chan struct{} // holds an element while a full check is requested
	recheck  chan struct{} // holds an element while toRecheck is not empty
	slotsDue chan struct{} // holds an element while slotChanges is not empty
	stop     context.CancelFunc
	ended    chan struct{}
	owned    sync.WaitGroup // counts the hub's own goroutines
}

// Config holds the dependencies and settings of a hub.
type Config struct {
	Chat     *usecase.Chat
	Accounts *usecase.Accounts
	// Show returns the type of the frame for a line, or "" if the line has no frame, and
	// the frame's message.
	Show  func(port.Line) (kind string, message any)
	Log   *slog.Logger
	Meter Meter         // nil: no metrics
	Check time.Duration // interval between full checks; 0 means 5 s
	Drain time.Duration // how long Close spreads the disconnects over; 0 means 4 s
	// Slots counts the sockets of a person over all processes; nil if there is only one.
	// Hints tells the others to look at them.
	Slots      port.Slots
	Hints      port.PeopleHints
	RenewSlots time.Duration // interval between renewals of the slots; 0 means 30 s
}

// NewHub returns a hub without sockets and starts its goroutines. Close ends them.
func NewHub(c Config) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		chat:        c.Chat,
		accounts:    c.Accounts,
		view:        c.Show,
		log:         c.Log,
		meter:       c.Meter,
		drain:       cmp.Or(c.Drain, 4*time.Second),
		rooms:       map[room.ID]*stream{},
		people:      map[user.ID][]*socket{},
		own:         map[user.ID][]listening{},
		failing:     map[room.ID]struct{}{},
		toRecheck:   map[user.ID]struct{}{},
		queue:       newQueue(),
		resync:      make(chan struct{}, 1),
		recheck:     make(chan struct{}, 1),
		slotsDue:    make(chan struct{}, 1),
		slots:       c.Slots,
		hints:       c.Hints,
		name:        rand.Text(),
		slotChanges: slotChanges{recheck: map[user.ID]struct{}{}},
		stop:        stop,
		ended:       make(chan struct{}),
	}
	if h.meter == nil {
		h.meter = unmetered{}
	}
	h.deps = &deps{h.chat, h.view, h.meter}
	h.owned.Go(func() { h.recheckSignIns(ctx) })
	h.owned.Go(func() { h.checkLoop(ctx, cmp.Or(c.Check, 5*time.Second)) })
	if h.slots != nil {
		h.owned.Go(func() { h.slotLoop(ctx, cmp.Or(c.RenewSlots, 30*time.Second)) })
	}
	for range readers {
		h.owned.Go(func() { h.readLoop(ctx) })
	}
	return h
}

// Deliver implements port.RoomFollower. It delivers a line that comes after a gap only
// once the log has been read.
func (h *Hub) Deliver(line port.Line) {
	r := h.room(line.Room)
	if r == nil {
		return
	}
	if r.gap(line.Seq) {
		h.requestRead(r, line.Seq)
		return
	}
	r.broadcast(time.Now(), line) // the bus delivers this process's own lines right after their commit
}

// Wake implements port.RoomFollower. It has the log read for all followers of the room.
func (h *Hub) Wake(id room.ID, seq int64) {
	if r := h.room(id); r != nil {
		h.requestRead(r, seq)
	}
}

// requestRead has a reader read the log of r at least up to seq.
func (h *Hub) requestRead(r *stream, seq int64) {
	if r.request(seq) {
		h.queue.add(r)
	}
}

// Resync implements port.RoomFollower and port.PeopleFollower. It has all rooms and
// people checked against the store as soon as possible.
func (h *Hub) Resync() {
	select {
	case h.resync <- struct{}{}:
	default: // already requested
	}
}

// AccountChanged implements port.PeopleFollower. It has the sign-ins of who rechecked.
// Their sockets send no more lines until they have rechecked their own sign-in.
func (h *Hub) AccountChanged(who user.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.people[who]) == 0 {
		return
	}
	for _, s := range h.people[who] {
		s.recheckDue.Store(true)
	}
	h.toRecheck[who] = struct{}{}
	h.recheckSlots(who)
	select {
	case h.recheck <- struct{}{}:
	default: // already requested
	}
}

// Notified implements port.PeopleFollower for personal sockets. Room sockets ignore it.
func (h *Hub) Notified(who user.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.own[who] {
		l.notify()
	}
}

// Sockets returns the number of open sockets.
func (h *Hub) Sockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sockets
}

// Waiting returns the number of batches that wait to be written: in all outboxes, and in
// the longest.
func (h *Hub) Waiting() (total, longest int) {
	for _, s := range h.all() {
		n := s.outbox.size()
		total, longest = total+n, max(longest, n)
	}
	return total, longest
}

// all returns every socket.
func (h *Hub) all() []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(h.people))...)
}

const (
	drainStep  = 100 * time.Millisecond
	drainLeast = 50 // minimum number of sockets to end in one step
)

// Close accepts no new sockets and ends the open ones. It spreads this over time so that
// the clients do not all reconnect at once. Sockets receive lines until they end. Close
// returns once every socket has sent its close frame and the hub's goroutines have
// ended.
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

// add registers a socket that has opened.
func (h *Hub) add(s *socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errGoingAway
	}
	h.open.Add(1)
	h.sockets++
	h.people[s.who()] = append(h.people[s.who()], s)
	h.enterSlot(s)
	return nil
}

// remove forgets a socket that has ended.
func (h *Hub) remove(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.people[s.who()], func(other *socket) bool { return other == s })
	if h.people[s.who()] = left; len(left) == 0 {
		delete(h.people, s.who())
	}
	h.sockets--
	h.leaveSlot(s)
	h.open.Done()
}

// listener receives the changes that concern a person. Its methods must not block.
type listener interface {
	// notify says that something has changed.
	notify()
	// checkMembership passes the current usecase.Rooms.Membership of the person, in case a
	// notification was lost.
	checkMembership(membership int64)
}

// listening is a socket together with its listener.
type listening struct {
	*socket
	listener
}

// listen registers l, the listener of s. If the person has too many such sockets, the
// oldest ends.
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

// follow registers f for the new lines of its room. The first follower of a room sets
// the position of the stream.
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
