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

// nodes are the servers that a client may turn to. They come and go.
type nodes struct {
	mu       sync.Mutex
	all      []*server
	faithful bool // most clients keep to one place, and wait for who takes it next
}

func (n *nodes) any() *server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[rand.IntN(len(n.all))]
}

// of gives the server for a client by its number: they start evenly, and come
// back anywhere unless they are faithful.
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

// replace lets clients find a server in the place of another.
func (n *nodes) replace(i int, s *server) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all[i] = s
}

// A chatter is a client as it should be: it comes back whenever its socket ends,
// resumes behind the last line it heard, says again what was not acknowledged, and
// shows a line once. It notes whatever breaks the promises of the log.
type chatter struct {
	person
	number int
	placed bool // has gone to its first server
	nodes  *nodes
	party  post
	times  func() int    // how often it sends the same message
	pace   time.Duration // how long it rests once it has been heard
	mute   bool          // only listens

	heard   []message // in the order of hearing
	acked   map[string]int64
	wrong   []string
	doubled int64           // lines that it heard twice without asking
	jumped  int64           // lines that came out of their turn
	refused map[string]int  // by code
	ended   map[goodbye]int // its sockets

	said atomic.Int64 // acknowledged so far
	at   atomic.Int64 // Seq of the last line it heard
	idle atomic.Bool  // has nothing more to say
}

// A goodbye is how a server has closed a socket.
type goodbye struct {
	addr string // of the server
	code int
}

func newChatter(p person, on *nodes, party post) *chatter {
	return &chatter{person: p, nodes: on, party: party, times: func() int { return 1 },
		acked: map[string]int64{}, refused: map[string]int{}, ended: map[goodbye]int{}}
}

// talk says one thing after another until quiet is closed and all it has said is
// acknowledged; then it listens until ctx ends.
func (c *chatter) talk(ctx context.Context, quiet <-chan struct{}) {
	next, pending := 0, ""
	for tries := 0; ctx.Err() == nil; tries++ {
		conn, err := c.open()
		if err != nil { // who comes back too soon, with many others, stands in their way
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
					return // listen hears the end of it
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
					c.ended[goodbye{conn.RemoteAddr().String(), code}]++
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
					c.refused[f.Code]++ // said again, and heard from the log meanwhile
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
		for range frames { // until listen has ended
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

// listen reads a socket until it ends, and gives the code of its end.
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

// note takes a frame in, and tells whether it was of a line that is new.
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
		// The answer to what was said again is the first line once more. To be
		// shown twice is what the client sees to by Seq.
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

// pause waits before another try, as clients do.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// A chat is chatters who talk while things go wrong.
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

// struck notes a fault that the chat has to survive.
func (c *chat) struck(kind string) { c.faults[kind]++ }

// chatting lets everybody talk in the rooms of all parties, as shape has made them
// unless that is nil.
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

// said is how much has been acknowledged.
func (c *chat) said() (n int64) {
	for _, one := range c.chatters {
		n += one.said.Load()
	}
	return n
}

// refusals tells how often messages were refused, by code, once all is over.
func (c *chat) refusals() map[string]int {
	all := map[string]int{}
	for _, one := range c.chatters {
		for code, n := range one.refused {
			all[code] += n
		}
	}
	return all
}

// goodbyes tells how servers have closed sockets, once all is over.
func (c *chat) goodbyes() map[goodbye]int {
	all := map[goodbye]int{}
	for _, one := range c.chatters {
		for last, n := range one.ended {
			all[last] += n
		}
	}
	return all
}

// goesOn waits until so many more messages have been acknowledged.
func (c *chat) goesOn(n int64) {
	c.t.Helper()
	want := c.said() + n
	require.Eventually(c.t, func() bool { return c.said() >= want }, late(), 5*time.Millisecond, "the chat has stopped")
}

// holds ends the talk, lets everybody hear it to its end, and requires every
// promise to be kept: what was acknowledged is there once, in order, for all.
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

// count requires that no message was lost, is there twice or came out of its turn.
func (c *chat) count(logs map[int64][]message) {
	c.t.Helper()
	var lost, doubled, jumped int64
	kept := map[int64]map[string]int64{} // by room, under which seq is what
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

// eventually waits until all chatters have done something.
func (c *chat) eventually(do string, done func(*chatter) bool) {
	c.t.Helper()
	for end := time.Now().Add(late()); ; pause(c.t.Context(), 10*time.Millisecond) {
		i := slices.IndexFunc(c.chatters, func(one *chatter) bool { return !done(one) })
		if i < 0 {
			return
		}
		one := c.chatters[i]
		require.False(c.t, time.Now().After(end), "not all of them %s: %s in room %d, who has said %d and heard %d, does not",
			do, one.Username, one.party.ID, one.said.Load(), one.at.Load())
	}
}

// late is how long a chat may take over anything: longer where it is large.
func late() time.Duration { return time.Duration(often(2, 6)) * patience }

// log reads a room to its end.
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
