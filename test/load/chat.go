package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// A town is people and the rooms they are in.
type town struct {
	people []person
	rooms  []int64
	seats  int // people of each room
}

// in gives who takes a seat of a room. Neighbouring rooms share nobody.
func (t *town) in(room, seat int) person {
	return t.people[(room*t.seats+seat)%len(t.people)]
}

// found opens rooms with so many people in each, some of them at once.
func (s *stage) found(ctx context.Context, rooms, seats int) error {
	s.town = &town{people: s.people, rooms: make([]int64, rooms), seats: seats}
	errs := make([]error, rooms)
	gate := make(chan struct{}, askers)
	var group sync.WaitGroup
	for room := range rooms {
		gate <- struct{}{}
		group.Go(func() {
			defer func() { <-gate }()
			errs[room] = s.foundOne(ctx, room)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func (s *stage) foundOne(ctx context.Context, room int) (err error) {
	t := s.town
	if t.rooms[room], err = s.open(ctx, t.in(room, 0), "치킨 같이 시켜요"); err != nil {
		return err
	}
	for seat := 1; seat < t.seats; seat++ {
		if err := s.join(ctx, t.in(room, seat), t.rooms[room], seat+1); err != nil {
			return err
		}
	}
	return nil
}

// talking opens rooms with so many people in each, and a socket for everybody.
func talking(rooms, seats int) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) (err error) {
		if err := s.found(ctx, rooms, seats); err != nil {
			return err
		}
		s.talk, err = connect(ctx, rooms, seats, s.socket)
		return err
	}
}

// socket is the address of a socket of a room, for as many sockets as one likes.
func (s *stage) socket(room, seat int) string {
	return fmt.Sprintf("%s/ws/chat/%d/?token=%s", s.url, s.town.rooms[room], s.town.in(room, seat%s.town.seats).Token)
}

// A listener is a socket that checks what it hears.
type listener struct {
	conn *websocket.Conn
	name string        // begins the client ids of what it says
	mine chan struct{} // gets what it said and hears
	said int           // in turn, by the one who speaks
	last atomic.Int64  // seq of what it heard
}

// A talk is listeners in rooms, and what they heard.
type talk struct {
	rooms   [][]*listener
	heard   atomic.Int64
	onHeard atomic.Pointer[func(id string)] // hears the client id of every line
	readers sync.WaitGroup
	closing atomic.Bool
	once    sync.Once
	broken  chan struct{} // closed once something is wrong
	why     error
}

// connect opens one socket for each seat of each room, at most 16 at once.
func connect(ctx context.Context, rooms, seats int, url func(room, seat int) string) (*talk, error) {
	return connectBy(ctx, rooms, seats, url, func(int, int) *websocket.Dialer { return websocket.DefaultDialer })
}

// connectBy is connect by dialers of one's own.
func connectBy(ctx context.Context, rooms, seats int, url func(room, seat int) string, by func(room, seat int) *websocket.Dialer) (*talk, error) {
	t := &talk{rooms: make([][]*listener, rooms), broken: make(chan struct{})}
	for room := range rooms {
		t.rooms[room] = make([]*listener, seats)
	}
	gate := make(chan struct{}, 16)
	var dials sync.WaitGroup
	for room := range rooms {
		for seat := range seats {
			gate <- struct{}{}
			dials.Go(func() {
				defer func() { <-gate }()
				conn, resp, err := by(room, seat).DialContext(ctx, strings.Replace(url(room, seat), "http", "ws", 1), nil)
				if err != nil {
					if resp != nil {
						why, _ := io.ReadAll(resp.Body) // the first part of it
						err = fmt.Errorf("%w: %s: %s", err, resp.Status, why)
					}
					t.fail(err)
					return
				}
				l := &listener{conn: conn, name: fmt.Sprintf("%d-%d-", room, seat), mine: make(chan struct{}, 1)}
				t.rooms[room][seat] = l
				t.readers.Go(func() { t.listen(l) })
			})
		}
	}
	dials.Wait()
	if err := t.wrong(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// fail notes what is wrong. The first of it counts.
func (t *talk) fail(err error) {
	t.once.Do(func() {
		t.why = err
		close(t.broken)
	})
}

// wrong tells what is wrong, if anything.
func (t *talk) wrong() error {
	select {
	case <-t.broken:
		return t.why
	default:
		return nil
	}
}

// close hangs up and waits for the readers.
func (t *talk) close() {
	t.closing.Store(true)
	for _, l := range slices.Concat(t.rooms...) {
		if l != nil {
			l.conn.Close()
		}
	}
	t.readers.Wait()
}

// words are what everybody says.
const words = "순살로 할까요? 저는 둘 다 좋아요"

var spoken = []byte(`"message":"` + words + `"`)

// listen wants nothing but what is said, once and in order.
func (t *talk) listen(l *listener) {
	for {
		_, frame, err := l.conn.ReadMessage()
		if err != nil {
			if !t.closing.Load() {
				t.fail(fmt.Errorf("a socket has ended: %w", err))
			}
			return
		}
		seq, last := number(frame, `"seq":`), l.last.Load()
		if seq == 0 || last != 0 && seq != last+1 || !bytes.Contains(frame, spoken) {
			t.fail(fmt.Errorf("after line %d came %s", last, frame))
			return
		}
		l.last.Store(seq)
		t.heard.Add(1)
		id := quoted(frame, `"client_id":"`)
		if hear := t.onHeard.Load(); hear != nil {
			(*hear)(id)
		}
		if strings.HasPrefix(id, l.name) {
			l.mine <- struct{}{}
		}
	}
}

func (l *listener) say(id string) error {
	return l.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"message":"%s","client_id":"%s"}`, words, id))
}

// speak says something under an id of its own, and waits until it comes back.
func (l *listener) speak() error {
	l.said++
	if err := l.say(l.name + strconv.Itoa(l.said)); err != nil {
		return err
	}
	select {
	case <-l.mine:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("message %d of %s did not come back", l.said, l.name)
	}
}

// number reads what follows a key; 0 if it is not there.
func number(frame []byte, key string) int64 {
	_, rest, ok := bytes.Cut(frame, []byte(key))
	if !ok {
		return 0
	}
	var n int64
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

func quoted(frame []byte, key string) string {
	_, rest, _ := bytes.Cut(frame, []byte(key))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(text)
}

// inTurn lets everybody say one thing after another, each once the one before has
// come back, and tells how many were said in a second, and how many in all.
func (t *talk) inTurn(ctx context.Context, d time.Duration) (rate float64, said int, err error) {
	all := slices.Concat(t.rooms...)
	before := t.heard.Load()
	r, err := closed(ctx, len(all), d, func(who, _ int) error {
		if err := all[who].speak(); err != nil {
			return errors.Join(t.wrong(), err)
		}
		return nil
	})
	if err == nil {
		err = t.heardAll(ctx, r.done, func() int { return int(t.heard.Load() - before) })
	}
	return r.perSecond(), r.done, err
}

// heardAll waits until everybody of each room has heard what was said so many times, for ten seconds at most, and that
// nothing more comes.
func (t *talk) heardAll(ctx context.Context, said int, heard func() int) error {
	want := said * len(t.rooms[0])
	for late := time.Now().Add(10 * time.Second); ; {
		if err := t.settled(ctx); err != nil {
			return err
		}
		n := heard()
		switch {
		case n == want:
			return nil
		case n > want || time.Now().After(late):
			return fmt.Errorf("%d messages were said to %d people each, who heard %d", said, len(t.rooms[0]), n)
		}
	}
}

// settled waits until nothing more comes.
func (t *talk) settled(ctx context.Context) error {
	for before := int64(-1); before != t.heard.Load(); {
		before = t.heard.Load()
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return t.wrong()
}

// atRate lets the listeners say so many things a second by turns, whether or not the
// ones before have come, and tells how late each came to each of the room, and how
// many were said. What has not come ten seconds later is lost, and an error.
func (t *talk) atRate(ctx context.Context, rate int, d time.Duration) (r result, said int, err error) {
	begin := time.Now()
	var mu sync.Mutex
	t.onHeard.Store(new(func(id string) {
		due, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return
		}
		late := time.Since(begin) - time.Duration(due-begin.UnixNano())
		mu.Lock()
		r.times = append(r.times, late)
		mu.Unlock()
	}))
	defer t.onHeard.Store(nil)
	err = open(ctx, rate, d, func(i int, due time.Time) {
		said++
		l := t.rooms[i%len(t.rooms)][i/len(t.rooms)%len(t.rooms[0])]
		if err := l.say(strconv.FormatInt(due.UnixNano(), 10)); err != nil {
			t.fail(err)
		}
	})
	if err == nil {
		err = t.heardAll(ctx, said, func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(r.times)
		})
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(r.times)
	return r, said, err
}

// chats measures 50 rooms of 5, each of whom waits for the own message, and the same rooms when they are quiet.
func chats(ctx context.Context, b *bench) error {
	const rooms, seats = 50, 5
	var p plan
	p.limit("", figure{name: "hub", hidden: true}, b.bareTalk(rooms, seats))
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		least := atLeast(0.45)
		if in == postgreSQL {
			least = atLeast(0.30)
		}
		saturated := "CPU per delivered message in the closed loop, " + at
		p.set(setting{name: at, store: in, fill: filling{people: rooms * seats}, prepare: talking(rooms, seats)})
		p.measures = append(p.measures, measure{at: at, run: inTurn, figures: []figure{
			{name: "chat, 50 rooms × 5, closed loop, " + at, unit: " delivered/s", warm: openSockets, limit: "hub", bar: least},
			{name: saturated, hidden: true},
		}})
		p.measure(at, figure{name: "CPU per delivered message at 100 messages/s in these rooms, beside the closed loop, " + at, unit: " µs", warm: openSockets, limit: saturated, bar: atMost(3)},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "log", func() (seen, error) {
					before := s.cpu()
					r, said, err := s.talk.atRate(ctx, 100, 2*b.span)
					saw := one((s.cpu() - before) / float64(len(r.times)))
					saw.done = said
					return saw, err
				})
			})
	}
	return b.compare(ctx, p)
}

const openSockets = "sockets are open"

// inTurn measures how many messages a second the program delivers, and the processor time that each takes.
func inTurn(ctx context.Context, s *stage) (seen, error) {
	return s.stored(ctx, "log", func() (seen, error) {
		before := s.cpu()
		rate, said, err := s.talk.inTurn(ctx, s.bench.span)
		if err != nil {
			return seen{}, err
		}
		seats := float64(s.town.seats)
		each := (s.cpu() - before) / (float64(said) * seats)
		return seen{values: []float64{rate * seats, each}, cpu: each, done: said}, nil
	})
}

// bareTalk measures how many messages a hub that stores nothing delivers in a second,
// to people who each wait for the own one.
func (b *bench) bareTalk(rooms, seats int) trial {
	return func(ctx context.Context, _ *stage) (seen, error) {
		bare, err := startLimit(ctx, "limit-hub")
		if err != nil {
			return seen{}, err
		}
		defer bare.stop()
		t, err := connect(ctx, rooms, seats, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
		if err != nil {
			return seen{}, err
		}
		defer t.close()
		rate, _, err := t.inTurn(ctx, b.span)
		return one(rate * float64(seats)), err
	}
}

// stored measures how many messages PostgreSQL takes through the program. Everybody
// is alone in a room, so that a message is delivered to its sender and to nobody
// else: how many sockets can be written to is another figure.
func stored(ctx context.Context, b *bench) error {
	const rooms, seats = 1000, 1
	at := string(postgreSQL)
	var p plan
	p.set(setting{name: at, store: postgreSQL, fill: filling{people: rooms}, prepare: talking(rooms, seats)})
	p.limit(at, figure{name: "single rows", hidden: true}, func(ctx context.Context, s *stage) (seen, error) {
		rate, err := b.pg.singleRows(ctx, s.database, b.span)
		return one(rate), err
	})
	p.measures = append(p.measures, measure{at: at, run: inTurn, figures: []figure{
		{name: "stored messages, 1,000 rooms of one person, PostgreSQL, beside single-row commits of pgbench", unit: "/s", warm: openSockets, limit: "single rows", bar: atLeast(2)},
		{name: "CPU per stored message", hidden: true},
	}})
	p.limit("", figure{name: "the bare hub in 1,000 such rooms, which stores nothing", unit: "/s"}, b.bareTalk(rooms, seats))
	b.alone(&p)
	return b.compare(ctx, p)
}

// latencies measures how long a message takes when 1,000 a second are due in 200 rooms of 5.
func latencies(ctx context.Context, b *bench) error {
	const rooms, seats, rate = 200, 5, 1000
	var p plan
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		most := atMost(30)
		if in == postgreSQL {
			most = atMost(50)
		}
		p.set(setting{name: at, store: in, fill: filling{people: 250}, prepare: talking(rooms, seats)})
		p.measure(at, figure{name: "chat, 200 rooms × 5, 1,000 messages/s, send to delivery, p99, none lost, " + at, unit: " ms", warm: openSockets, bar: most},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "log", func() (seen, error) {
					r, said, err := s.talk.atRate(ctx, rate, 2*b.span)
					return seen{values: []float64{r.at(0.99)}, done: said, note: fmt.Sprintf("p50 %.1f ms, max %.1f ms", r.at(0.5), r.at(1))}, err
				})
			})
	}
	return b.compare(ctx, p)
}

// idle measures what 10,000 silent sockets take: of rooms, and of people who are in ten rooms each.
func idle(ctx context.Context, b *bench) error {
	const rooms, seats, each = 200, 10, 5 // sockets of one person in a room
	const crowd, own = 1000, 10           // people in ten rooms, and personal sockets of each
	weigh := func(ctx context.Context, s *server, url func(room, seat int) string) (seen, error) {
		before := s.memory()
		t, err := connect(ctx, rooms, seats*each, url)
		if err != nil {
			return seen{}, err
		}
		defer t.close()
		if err := t.settled(ctx); err != nil {
			return seen{}, err
		}
		return one((s.memory() - before) * 1024 / (rooms * seats * each)), nil
	}
	at := string(sqlite)
	var p plan
	p.set(setting{name: at, store: sqlite, fill: filling{people: 250},
		prepare: func(ctx context.Context, s *stage) error { return s.found(ctx, rooms, seats) }})
	p.limit("", figure{name: "hub", hidden: true}, func(ctx context.Context, _ *stage) (seen, error) {
		bare, err := startLimit(ctx, "limit-hub")
		if err != nil {
			return seen{}, err
		}
		defer bare.stop()
		return weigh(ctx, bare, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
	})
	p.measure(at, figure{name: "memory of an idle socket, 10,000 open, beside a bare server", unit: " KB", limit: "hub", bar: atMost(0.9)},
		func(ctx context.Context, s *stage) (seen, error) {
			if err := s.restart(ctx); err != nil { // what was before is not in its memory
				return seen{}, err
			}
			return weigh(ctx, s.server, s.socket)
		})
	const many = "people in ten rooms"
	p.set(setting{name: many, store: sqlite, fill: filling{people: crowd},
		prepare: func(ctx context.Context, s *stage) error { return s.found(ctx, crowd, seats) }})
	p.measures = append(p.measures, measure{at: many, once: true, figures: []figure{
		{name: "memory of an idle personal socket, 10,000 open, of people in 10 rooms each", unit: " KB", bar: atMost(16)},
	}, run: func(ctx context.Context, s *stage) (seen, error) {
		if err := s.restart(ctx); err != nil {
			return seen{}, err
		}
		return weigh(ctx, s.server, func(room, seat int) string {
			return fmt.Sprintf("%s/ws/me/?token=%s", s.url, s.people[(room*seats*each+seat)/own].Token)
		})
	}})
	return b.compare(ctx, p)
}
