package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nodes are the servers that a client may use. They are replaced during a test.
type nodes struct {
	mu       sync.Mutex
	all      []*server
	faithful bool // most clients reconnect to the same place
}

func (n *nodes) any() *server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[rand.IntN(len(n.all))]
}

// of returns the server for a client by its number. Clients start evenly distributed,
// and reconnect to any server unless they are faithful.
func (n *nodes) of(client int, first bool) *server {
	n.mu.Lock()
	defer n.mu.Unlock()
	place := client % len(n.all)
	if n.faithful {
		place = client % (len(n.all) + 1)
	}
	if place == len(n.all) || !n.faithful && !first {
		place = rand.IntN(len(n.all))
	}
	return n.all[place]
}

func (n *nodes) at(place int) *server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[place]
}

// replace puts a server in the place of another.
func (n *nodes) replace(i int, s *server) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all[i] = s
}

// A chatter is a correct client: it reconnects, resumes after its last line, repeats
// messages without an acknowledgement, and shows each line once. It records every
// violation of the log's promises.
type chatter struct {
	person
	number int
	placed bool // has connected for the first time
	nodes  *nodes
	party  post
	times  func() int    // number of copies of each message
	pace   time.Duration // delay after each acknowledgement
	mute   bool          // sends nothing

	heard   []message // in order of arrival
	acked   map[string]int64
	wrong   []string
	doubled int64             // lines that arrived twice unasked
	jumped  int64             // lines that arrived out of order
	refused map[string]int    // by code
	ended   map[socketEnd]int // ends of its sockets

	said atomic.Int64 // number of acknowledged messages
	at   atomic.Int64 // Seq of the last line
	idle atomic.Bool  // has nothing more to send
}

// A socketEnd is the way in which a server closed a socket.
type socketEnd struct {
	addr string // of the server
	code int
}

func newChatter(p person, on *nodes, party post) *chatter {
	return &chatter{person: p, nodes: on, party: party, times: func() int { return 1 },
		acked: map[string]int64{}, refused: map[string]int{}, ended: map[socketEnd]int{}}
}

// talk sends messages until quiet is closed and all of them are acknowledged. Then it
// listens until ctx ends.
func (c *chatter) talk(ctx context.Context, quiet <-chan struct{}) {
	next, pending := 0, ""
	for tries := 0; ctx.Err() == nil; tries++ {
		conn, err := c.open()
		if err != nil { // back off, because many clients reconnect at the same time
			pause(ctx, rand.N(min(5*time.Second, 20*time.Millisecond<<min(tries, 10))))
			continue
		}
		tries = 0
		frames := make(chan frame)
		code := 0
		go func() {
			defer close(frames)
			code = listen(conn, frames)
		}()
		send := func() {
			for range c.times() {
				if conn.WriteJSON(fields{"message": "말 " + pending, "client_id": pending}) != nil {
					return // listen notices the error
				}
			}
		}
		var rested <-chan time.Time
		more := func() {
			if c.mute {
				c.idle.Store(true)
				return
			}
			select {
			case <-quiet:
				pending = ""
				c.idle.Store(true)
				return
			default:
			}
			pending = fmt.Sprint(c.Username, "-", next)
			next++
			send()
		}
		if pending != "" {
			send()
		} else {
			more()
		}
	follow:
		for {
			select {
			case f, open := <-frames:
				switch {
				case !open:
					c.ended[socketEnd{conn.RemoteAddr().String(), code}]++
					break follow
				case f.Type == "error" && f.ClientID != nil && *f.ClientID == pending:
					if f.Code != "busy" && f.Code != "unavailable" && f.Code != "unknown_outcome" && f.Code != "internal" {
						c.blame("refused: %+v", f)
						return
					}
					c.refused[f.Code]++
					pause(ctx, 10*time.Millisecond)
					send()
				case f.Type == "error" && f.ClientID != nil && c.acked[*f.ClientID] != 0:
					c.refused[f.Code]++ // repeated, and acknowledged from the log meanwhile
				case c.note(f) && f.named(pending) && pending != "":
					c.acked[pending] = f.Message.Seq
					c.said.Add(1)
					if c.pace == 0 {
						more()
						continue
					}
					pending, rested = "", time.After(c.pace)
				}
			case <-rested:
				more()
			case <-ctx.Done():
				break follow
			}
		}
		conn.Close()
		for range frames { // wait until listen has ended
		}
	}
}

func (c *chatter) open() (*websocket.Conn, error) {
	query := url.Values{"token": {c.Token}, "after": {fmt.Sprint(c.last())}}
	on := c.nodes.of(c.number, !c.placed)
	c.placed = true
	target := url.URL{Scheme: "ws", Host: on.addr, Path: c.party.socket(), RawQuery: query.Encode()}
	dialer := websocket.Dialer{HandshakeTimeout: patience}
	conn, resp, err := dialer.Dial(target.String(), nil)
	if resp != nil && resp.StatusCode < 500 && err != nil {
		c.blame("no socket: %s", resp.Status)
	}
	return conn, err
}

// listen reads a socket until it ends and returns the close code.
func listen(conn *websocket.Conn, frames chan<- frame) (code int) {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				return closed.Code
			}
			return websocket.CloseAbnormalClosure
		}
		f := frame{wrong: witness.JudgeFrame(text)}
		if err := json.Unmarshal(text, &f); err != nil {
			f.wrong = err
		}
		frames <- f
	}
}

// note records a frame and reports whether it contains a new line.
func (c *chatter) note(f frame) bool {
	switch {
	case f.wrong != nil:
		c.blame("%v", f.wrong)
	case f.Message == nil:
		c.blame("%+v", f)
	case f.Message.Seq > c.last()+1:
		c.jumped++
		c.blame("after %d came %d", c.last(), f.Message.Seq)
	case f.Message.Seq <= c.last():
		// A repeated message is answered with its line, which the client has. The client
		// uses Seq to show it once.
		return c.heardBefore(*f.Message)
	default:
		c.heard = append(c.heard, *f.Message)
		c.at.Store(f.Message.Seq)
		return true
	}
	return false
}

func (c *chatter) heardBefore(m message) bool {
	i := slices.IndexFunc(c.heard, func(h message) bool { return h.Seq == m.Seq })
	if i < 0 {
		c.jumped++
		c.blame("%d is neither new nor known", m.Seq)
		return false
	}
	if !assert.ObjectsAreEqual(c.heard[i], m) {
		c.blame("%d was %+v and is %+v", m.Seq, c.heard[i], m)
	}
	if m.ClientID == nil || m.User == nil || m.User.ID != c.ID {
		c.doubled++
		c.blame("%d came twice: %+v", m.Seq, m)
	}
	return true
}

func (c *chatter) last() int64 {
	if len(c.heard) == 0 {
		return 0
	}
	return c.heard[len(c.heard)-1].Seq
}

func (c *chatter) blame(format string, args ...any) {
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
	}
}

// pause waits before a retry.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// A chat is a group of chatters during faults.
type chat struct {
	t        *testing.T
	nodes    *nodes
	chatters []*chatter
	parties  []post
	quiet    chan struct{}
	end      context.CancelFunc
	all      sync.WaitGroup
	faults   map[string]int // by kind
}

// struck records a fault that the chat has to survive.
func (c *chat) struck(kind string) { c.faults[kind]++ }

// chatting starts a chatter for each person in each party. shape, unless nil, configures
// them.
func chatting(t *testing.T, on *nodes, people []person, parties []post, shape func(*chatter)) *chat {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	c := &chat{t: t, nodes: on, parties: parties, quiet: make(chan struct{}), end: end, faults: map[string]int{}}
	for _, party := range parties {
		for _, p := range people {
			one := newChatter(p, on, party)
			one.number = len(c.chatters)
			if shape != nil {
				shape(one)
			}
			c.chatters = append(c.chatters, one)
			c.all.Go(func() { one.talk(ctx, c.quiet) })
		}
	}
	t.Cleanup(func() { end(); c.all.Wait() })
	return c
}

// said returns the number of acknowledged messages.
func (c *chat) said() (n int64) {
	for _, one := range c.chatters {
		n += one.said.Load()
	}
	return n
}

// refusals counts refused messages by code. The chat must have ended.
func (c *chat) refusals() map[string]int {
	all := map[string]int{}
	for _, one := range c.chatters {
		for code, n := range one.refused {
			all[code] += n
		}
	}
	return all
}

// socketEnds counts the ends of sockets. The chat must have ended.
func (c *chat) socketEnds() map[socketEnd]int {
	all := map[socketEnd]int{}
	for _, one := range c.chatters {
		for last, n := range one.ended {
			all[last] += n
		}
	}
	return all
}

// goesOn waits until n more messages are acknowledged.
func (c *chat) goesOn(n int64) {
	c.t.Helper()
	want := c.said() + n
	require.Eventually(c.t, func() bool { return c.said() >= want }, late(), 5*time.Millisecond, "the chat has stopped")
}

// holds ends the chat, waits until everybody has all lines, and checks every promise:
// each acknowledged message exists exactly once, in the same order for everybody.
func (c *chat) holds() {
	c.t.Helper()
	close(c.quiet)
	c.eventually("say what is left", func(one *chatter) bool { return one.idle.Load() })
	logs := map[int64][]message{}
	for _, party := range c.parties {
		logs[party.ID] = c.log(party)
	}
	c.eventually("hear all", func(one *chatter) bool { return one.at.Load() == int64(len(logs[one.party.ID])) })
	c.end()
	c.all.Wait()
	c.t.Logf("%d messages acknowledged", c.said())
	c.count(logs)
	for _, party := range c.parties {
		log := logs[party.ID]
		for i, m := range log {
			require.EqualValues(c.t, i+1, m.Seq, "no line is missing")
		}
		for _, one := range c.chatters {
			if one.party.ID != party.ID {
				continue
			}
			require.Empty(c.t, one.wrong, one.Username)
			require.Equal(c.t, log, one.heard, "%s has heard everything", one.Username)
		}
	}
	for kind, n := range c.faults {
		toll.survived(kind, n)
	}
}

// count checks that no message was lost, duplicated or reordered.
func (c *chat) count(logs map[int64][]message) {
	c.t.Helper()
	var lost, doubled, jumped int64
	kept := map[int64]map[string]int64{} // seq by room and client id
	for _, party := range c.parties {
		kept[party.ID] = map[string]int64{}
		for _, m := range logs[party.ID] {
			if m.ClientID == nil {
				continue
			}
			if _, twice := kept[party.ID][*m.ClientID]; twice {
				doubled++
			}
			kept[party.ID][*m.ClientID] = m.Seq
		}
	}
	for _, one := range c.chatters {
		for id, seq := range one.acked {
			if kept[one.party.ID][id] != seq {
				lost++
			}
		}
		lost += int64(len(logs[one.party.ID]) - len(one.heard))
		doubled += one.doubled
		jumped += one.jumped
	}
	toll.messages(c.said(), lost, doubled, jumped)
	require.Zero(c.t, lost, "messages lost")
	require.Zero(c.t, doubled, "messages doubled")
	require.Zero(c.t, jumped, "messages out of order")
}

// eventually waits until done is true for all chatters.
func (c *chat) eventually(do string, done func(*chatter) bool) {
	c.t.Helper()
	for end := time.Now().Add(late()); ; pause(c.t.Context(), 10*time.Millisecond) {
		i := slices.IndexFunc(c.chatters, func(one *chatter) bool { return !done(one) })
		if i < 0 {
			return
		}
		if time.Now().After(end) {
			one := c.chatters[i]
			said, heard := one.said.Load(), one.at.Load()
			c.end() // and the others, or what went wrong could not be read
			c.all.Wait()
			require.FailNow(c.t, "not all of them "+do, "%s in room %d, who has said %d and heard %d of %d, does not: %q, sockets ended: %v",
				one.Username, one.party.ID, said, heard, len(c.log(one.party)), one.wrong, one.ended)
		}
	}
}

// late is the timeout of a chat's operations; large chats have a longer one.
func late() time.Duration { return time.Duration(often(2, 6)) * patience }

// log reads the whole log of a room.
func (c *chat) log(party post) (all []message) {
	c.t.Helper()
	reader := c.chatters[0].person
	for {
		reader.on = c.nodes.any()
		r := read[room](reader.as(c.t).get(fmt.Sprint(party.room(), "?limit=200&after=", len(all))).is(http.StatusOK))
		all = append(all, r.Messages...)
		if !r.HasMore {
			return all
		}
	}
}
