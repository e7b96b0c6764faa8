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

// A town is a list of people and the rooms that they are in.
type town struct {
	people []person
	rooms  []int64
	seats  int // people per room
}

// in returns the person in a seat of a room. Neighbouring rooms have different people.
func (t *town) in(room, seat int) person {
	return t.people[(room*t.seats+seat)%len(t.people)]
}

// found opens rooms with a number of seats each, several at a time.
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

// talking returns a setup that opens rooms and a socket for each seat.
func talking(rooms, seats int) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) (err error) {
		if err := s.found(ctx, rooms, seats); err != nil {
			return err
		}
		s.talk, err = connect(ctx, rooms, seats, s.socket)
		return err
	}
}

// socket returns the URL of a room's socket, with a token, so that it can be used many
// times.
func (s *stage) socket(room, seat int) string {
	return fmt.Sprintf("%s/ws/chat/%d/?token=%s", s.url, s.town.rooms[room], s.town.in(room, seat%s.town.seats).Token)
}

// A listener is a socket that checks the messages it receives.
type listener struct {
	conn *websocket.Conn
	name string        // prefix of its client ids
	mine chan struct{} // receives its own messages
	said int           // number of messages sent; only the speaking goroutine uses it
	last atomic.Int64  // seq of the last message
}

// A talk is a set of listeners in rooms and the messages they received.
type talk struct {
	rooms   [][]*listener
	heard   atomic.Int64
	onHeard atomic.Pointer[func(id string)] // called with the client id of every message
	readers sync.WaitGroup
	closing atomic.Bool
	once    sync.Once
	broken  chan struct{} // closed on the first error
	why     error
}

// connect opens one socket for each seat of each room, at most 16 at a time.
func connect(ctx context.Context, rooms, seats int, url func(room, seat int) string) (*talk, error) {
	return connectBy(ctx, rooms, seats, url, func(int, int) *websocket.Dialer { return websocket.DefaultDialer })
}

// connectBy is connect with the given dialers.
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
						why, _ := io.ReadAll(resp.Body) // at least the first part
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

// fail records an error. Only the first one counts.
func (t *talk) fail(err error) {
	t.once.Do(func() {
		t.why = err
		close(t.broken)
	})
}

// wrong returns the error, if any.
func (t *talk) wrong() error {
	select {
	case <-t.broken:
		return t.why
	default:
		return nil
	}
}

// close closes the sockets and waits for their readers.
func (t *talk) close() {
	t.closing.Store(true)
	for _, l := range slices.Concat(t.rooms...) {
		if l != nil {
			l.conn.Close()
		}
	}
	t.readers.Wait()
}

// words is the text of every message.
const words = "순살로 할까요? 저는 둘 다 좋아요"

var spoken = []byte(`"message":"` + words + `"`)

// listen reads messages and fails unless they arrive once and in order.
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

// speak sends a message with a new client id and waits until it comes back.
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

// number returns the number after a key, or 0.
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

// inTurn has every listener send messages one after another, each once the previous one
// has come back. It returns the messages per second and the total number.
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

// heardAll waits up to ten seconds until everybody in each room has received the given
// number of messages, and checks that no more arrive.
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

// settled waits until no more messages arrive.
func (t *talk) settled(ctx context.Context) error {
	for before := int64(-1); before != t.heard.Load(); {
		before = t.heard.Load()
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return t.wrong()
}

// atRate sends a fixed number of messages per second through all listeners in turn,
// without waiting for earlier ones. It returns the delays of all deliveries and the
// number of messages. A message that has not arrived after ten seconds is lost, which is
// an error.
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
