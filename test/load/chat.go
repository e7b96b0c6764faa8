package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const chatHome = "서울특별시 종로구 혜화동"

// A town is people and the rooms they are in.
type town struct {
	server *server
	people []person
	rooms  []int64
	seats  int // people of each room
}

// in gives who takes a seat of a room. Neighbouring rooms share nobody.
func (t *town) in(room, seat int) person {
	return t.people[(room*t.seats+seat)%len(t.people)]
}

// settle opens rooms with so many people in each.
func settle(ctx context.Context, s *server, rooms, seats int) (*town, error) {
	t := &town{server: s, seats: seats}
	var err error
	if t.people, err = s.register(ctx, min(250, rooms*seats), chatHome); err != nil {
		return nil, err
	}
	for room := range rooms {
		var post struct {
			ID int64 `json:"chat_id"`
		}
		draft := map[string]any{"title": "치킨 같이 시켜요", "category": "치킨", "content": "두 마리 세트면 배달비가 무료예요", "target_number": 10}
		if err := ask(ctx, "POST", s.url+"/api/post/write/", t.in(room, 0).Token, draft, &post); err != nil {
			return nil, err
		}
		t.rooms = append(t.rooms, post.ID)
		for seat := range seats - 1 {
			if err := ask(ctx, "POST", fmt.Sprintf("%s/api/chat/%d/", s.url, post.ID), t.in(room, seat+1).Token, nil, nil); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// A listener is a socket that checks what it hears.
type listener struct {
	conn *websocket.Conn
	name string // begins the client ids of what it says
	mine chan int64
	last int64
}

// A talk is listeners in rooms, and what they heard.
type talk struct {
	rooms   [][]*listener
	heard   atomic.Int64
	doubled atomic.Int64
	skipped atomic.Int64                    // lines that came late or never
	onHeard atomic.Pointer[func(id string)] // hears the client id of every line
	readers sync.WaitGroup
	broken  atomic.Pointer[error]
}

// connect opens one socket for each seat of each room, at most 64 at once.
func connect(ctx context.Context, rooms, seats int, url func(room, seat int) string) (*talk, error) {
	return connectBy(ctx, rooms, seats, url, func(int, int) *websocket.Dialer { return websocket.DefaultDialer })
}

// connectBy is connect by dialers of one's own.
func connectBy(ctx context.Context, rooms, seats int, url func(room, seat int) string, by func(room, seat int) *websocket.Dialer) (*talk, error) {
	t := &talk{rooms: make([][]*listener, rooms)}
	for room := range rooms {
		t.rooms[room] = make([]*listener, seats)
	}
	gate := make(chan struct{}, 64)
	var dials sync.WaitGroup
	for room := range rooms {
		for seat := range seats {
			gate <- struct{}{}
			dials.Go(func() {
				defer func() { <-gate }()
				conn, _, err := by(room, seat).DialContext(ctx, strings.Replace(url(room, seat), "http", "ws", 1), nil)
				if err != nil {
					t.fail(err)
					return
				}
				l := &listener{conn: conn, name: fmt.Sprintf("%d-%d-", room, seat), mine: make(chan int64, 1)}
				t.rooms[room][seat] = l
				t.readers.Go(func() { t.listen(l) })
			})
		}
	}
	dials.Wait()
	if err := t.broken.Load(); err != nil {
		t.close()
		return nil, *err
	}
	return t, nil
}

func (t *talk) fail(err error) { t.broken.CompareAndSwap(nil, &err) }

// close hangs up and waits for the readers.
func (t *talk) close() {
	for _, l := range slices.Concat(t.rooms...) {
		if l != nil {
			l.conn.Close()
		}
	}
	t.readers.Wait()
}

func (t *talk) listen(l *listener) {
	for {
		_, frame, err := l.conn.ReadMessage()
		if err != nil {
			return
		}
		seq := number(frame, `"seq":`)
		if seq == 0 {
			t.fail(fmt.Errorf("heard %s", frame))
			return
		}
		switch {
		case l.last == 0 || seq == l.last+1:
			l.last = seq
		case seq <= l.last:
			t.doubled.Add(1)
			continue
		default:
			t.skipped.Add(seq - l.last - 1)
			l.last = seq
		}
		t.heard.Add(1)
		id := quoted(frame, `"client_id":"`)
		if hear := t.onHeard.Load(); hear != nil {
			(*hear)(id)
		}
		if rest, ok := strings.CutPrefix(id, l.name); ok {
			n, _ := strconv.ParseInt(rest, 10, 64)
			select {
			case l.mine <- n:
			default: // nobody waits for it
			}
		}
	}
}

func (l *listener) say(id string) error {
	return l.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"message":"순살로 할까요? 저는 둘 다 좋아요","client_id":"%s"}`, id))
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
// come back, and tells how many were delivered in a second.
func (t *talk) inTurn(ctx context.Context, d time.Duration) (float64, error) {
	all := slices.Concat(t.rooms...)
	said, err := closed(ctx, len(all), d, func(who, i int) error {
		l := all[who]
		if err := l.say(l.name + strconv.Itoa(i)); err != nil {
			return err
		}
		select {
		case <-l.mine:
			return nil
		case <-time.After(10 * time.Second):
			return fmt.Errorf("message %d of %s did not come back", i, l.name)
		}
	})
	if err == nil {
		err = t.settled(ctx)
	}
	return said.perSecond() * float64(len(t.rooms[0])), err
}

// settled waits until nothing more comes, and wants every listener of a room to be as far as the others.
func (t *talk) settled(ctx context.Context) error {
	for before := int64(-1); before != t.heard.Load(); {
		before = t.heard.Load()
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := t.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// atRate lets the listeners say so many things a second by turns, whether or not the
// ones before have come, and tells how late each came to each of the room, and how
// many were said. What has not come ten seconds later is lost.
func (t *talk) atRate(ctx context.Context, rate int, d time.Duration) (r result, said int, err error) {
	begin := time.Now()
	var mu sync.Mutex
	t.onHeard.Store(new(func(id string) {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return
		}
		late := time.Since(begin) - time.Duration(n)
		mu.Lock()
		r.times = append(r.times, late)
		mu.Unlock()
	}))
	err = open(ctx, rate, d, func(i int, due time.Time) {
		said++
		l := t.rooms[i%len(t.rooms)][i/len(t.rooms)%len(t.rooms[0])]
		if err := l.say(strconv.FormatInt(int64(due.Sub(begin)), 10)); err != nil {
			t.fail(err)
		}
	})
	all := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(r.times) >= said*len(t.rooms[0])
	}
	for late := time.Now().Add(10 * time.Second); err == nil && !all() && time.Now().Before(late); {
		err = t.settled(ctx)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(r.times)
	return r, said, err
}

func (t *talk) check(b *bench, what string) {
	if d, s := t.doubled.Load(), t.skipped.Load(); d+s > 0 {
		b.report.note("%s: %d doubled, %d lost or out of order", what, d, s)
	}
}

// chats measures 50 rooms of 5, each of whom waits for the own message.
func chats(ctx context.Context, b *bench) error {
	const rooms, seats = 50, 5
	limit, err := b.bareTalk(ctx, rooms, seats)
	if err != nil {
		return err
	}
	return b.overStores(ctx, func(s *server, name string, sqlite bool) error {
		town, err := settle(ctx, s, rooms, seats)
		if err != nil {
			return err
		}
		t, err := connect(ctx, rooms, seats, town.socket)
		if err != nil {
			return err
		}
		defer t.close()
		delivered, err := t.inTurn(ctx, b.span)
		if err != nil {
			return err
		}
		bar := 0.30
		if sqlite {
			bar = 0.45
		}
		what := "chat, 50 rooms × 5, closed loop, " + name
		b.report.atLeast(what, delivered, limit, bar, " delivered/s")
		t.check(b, what)
		return nil
	})
}

// bareTalk tells how many messages a hub that stores nothing delivers in a second,
// to people who each wait for the own one.
func (b *bench) bareTalk(ctx context.Context, rooms, seats int) (float64, error) {
	bare, err := b.limit(ctx, "limit-hub")
	if err != nil {
		return 0, err
	}
	defer bare.stop()
	t, err := connect(ctx, rooms, seats, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
	if err != nil {
		return 0, err
	}
	defer t.close()
	return t.inTurn(ctx, b.span)
}

func (t *town) socket(room, seat int) string {
	return fmt.Sprintf("%s/ws/chat/%d/?token=%s", t.server.url, t.rooms[room], t.in(room, seat%t.seats).Token)
}

// latencies measures how long a message takes when 1,000 a second are due in 200 rooms of 5.
func latencies(ctx context.Context, b *bench) error {
	const rooms, seats, rate = 200, 5, 1000
	return b.overStores(ctx, func(s *server, name string, sqlite bool) error {
		town, err := settle(ctx, s, rooms, seats)
		if err != nil {
			return err
		}
		t, err := connect(ctx, rooms, seats, town.socket)
		if err != nil {
			return err
		}
		defer t.close()
		r, said, err := t.atRate(ctx, rate, 2*b.span)
		if err != nil {
			return err
		}
		bar := 50.0
		if sqlite {
			bar = 30
		}
		what := "chat, 200 rooms × 5, 1,000 messages/s, send to delivery, p99, " + name
		b.report.within(what, r.at(0.99), bar, " ms")
		b.report.note("%s: p50 %.1f ms, max %.1f ms; %d said, %d of %d delivered", what, r.at(0.5), r.at(1), said, len(r.times), said*seats)
		b.report.within("lost of these", float64(said*seats-len(r.times)), 0, "")
		t.check(b, what)
		return nil
	})
}

// idle measures what 10,000 silent sockets take.
func idle(ctx context.Context, b *bench) error {
	const rooms, seats, each = 200, 10, 5 // sockets of one person in a room
	weigh := func(s *server, url func(room, seat int) string) (float64, error) {
		before := s.memory()
		t, err := connect(ctx, rooms, seats*each, url)
		if err != nil {
			return 0, err
		}
		defer t.close()
		if err := t.settled(ctx); err != nil {
			return 0, err
		}
		return (s.memory() - before) * 1024 / (rooms * seats * each), nil
	}
	bare, err := b.limit(ctx, "limit-hub")
	if err != nil {
		return err
	}
	limit, err := weigh(bare, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
	bare.stop()
	if err != nil {
		return err
	}
	return b.overSQLite(ctx, func(s *server) error {
		town, err := settle(ctx, s, rooms, seats)
		if err != nil {
			return err
		}
		s.stop() // and what signing people up has left in its memory
		fresh, err := b.app(ctx, s.dir, "")
		if err != nil {
			return err
		}
		defer fresh.stop()
		town.server = fresh
		kb, err := weigh(fresh, town.socket)
		if err != nil {
			return err
		}
		b.report.atMost("memory of an idle socket, 10,000 open", kb, limit, 0.9, " KB")
		return nil
	})
}
