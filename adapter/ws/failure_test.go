package ws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestAPanicEndsOneSocketOnly(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob)
	a, b := h.follow(ann, id, ""), h.follow(bob, id, "")
	var once atomic.Bool
	show := h.show
	h.show = func(l port.Line) any {
		if l.Body == "boom" && once.CompareAndSwap(false, true) {
			panic("the secret is hunter2")
		}
		return show(l)
	}
	b.send(`{"message":"boom"}`)
	b.closed(websocket.CloseInternalServerErr)
	assert.Contains(t, h.log.String(), "hunter2")
	assert.Contains(t, h.log.String(), "(*sender).handle")
	a.send(`{"message":"what was that?"}`)
	a.hears(2, 3)
}

// sick is a store that cannot write.
type sick struct {
	port.Store
	why error
}

func (s sick) Write(context.Context, func(port.Repos) error) error { return s.why }

func TestAFailureIsNotExplained(t *testing.T) {
	away := fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요.")
	for _, tt := range []struct {
		why         error
		code, level string
	}{
		{errors.New("SELECT secret"), "internal", "ERROR"},
		{fmt.Errorf("SELECT secret: %w", away), "unavailable", "WARN"},
		{fmt.Errorf("SELECT secret: %w", context.DeadlineExceeded), "busy", "WARN"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			h := newFixture(t)
			ann := h.person("ann")
			id := h.open(ann)
			h.Chat = usecase.NewChat(sick{h.store, tt.why}, h.bus, chance, time.Now)
			c := h.follow(ann, id, "")
			c.send(`{"message":"hello","client_id":"c1"}`)
			f := c.read()
			assert.Equal(t, tt.code, f["code"])
			assert.Equal(t, "c1", f["client_id"])
			assert.NotContains(t, f["detail"], "SELECT")
			assert.Contains(t, h.log.String(), "SELECT secret")
			assert.Contains(t, h.log.String(), `"level":"`+tt.level+`"`)
			assert.NotContains(t, h.log.String(), "hello")
		})
	}
}

func TestALogThatCannotBeReadEndsTheSocket(t *testing.T) {
	h := newFixture(t)
	h.disconnectBus()
	ann := h.person("ann")
	id := h.open(ann)
	c := h.follow(ann, id, "")
	lines := h.chatter(ann, id, 3)
	h.show = func(port.Line) any { return make(chan int) } // cannot be encoded
	h.Hub.Deliver(lines[2])                                // after a gap
	c.closed(websocket.CloseInternalServerErr)
}

func TestSocketsAreLogged(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		id := h.open(ann)
		c := h.follow(ann, id, "")
		c.send(`{"message":"a secret","client_id":"c1"}`)
		c.hears(1)
		go h.Hub.Close()
		c.closed(1001)
		synctest.Wait()
		text := h.log.String()
		assert.Equal(t, 1, strings.Count(text, "\n"))
		for _, part := range []string{`"msg":"socket"`, `"route":"GET /ws/chat/{id}/"`, `"room":1`, `"user":1`, `"code":1001`, `"took_ms":`} {
			assert.Contains(t, text, part)
		}
		for _, secret := range []string{ann.token, "a secret", "c1", "example.com", "token"} {
			assert.NotContains(t, text, secret)
		}
	})
}

func TestASilentSocketHoldsOneGoroutine(t *testing.T) {
	inBubble(t, func(t *testing.T, h *fixture) {
		ann := h.person("ann")
		id := h.open(ann)
		a, b := h.follow(ann, id, ""), h.follow(ann, id, "")
		h.say(ann, id, "hello")
		a.hears(1)
		b.hears(1)
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		assert.Equal(t, 2, strings.Count(string(stacks), "(*socket).read("))
		assert.NotContains(t, string(stacks), "(*socket).writeAll(")
		assert.NotContains(t, string(stacks), "(*conn).serve(", "of the server nothing is left")
		h.say(ann, id, "is anybody there?")
		a.hears(2)
		b.hears(2)
	})
}

func TestGoodbye(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
	}{
		{room.ErrDeleted, 4040},
		{party.ErrNotFound, 4040},
		{user.ErrSignedOut, 4401},
		{room.ErrNotMember, 4403},
		{errTooSlow, 4408},
		{&net.OpError{Op: "write", Err: errors.New("broken pipe")}, 1006},
		{&net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}, 4408},
		{websocket.ErrReadLimit, 1009},
		{readError(errors.New("websocket: bad opcode 3")), 1002},
		{context.DeadlineExceeded, 4408},
		{errTooMany, 1008},
		{errGoingAway, 1001},
		{&websocket.CloseError{Code: 1000, Text: "bye"}, 1000},
		{&websocket.CloseError{Code: 1003, Text: "text only"}, 1003},
		{fmt.Errorf("deep: %w", room.ErrNotMember), 4403},
		{errors.New("SELECT secret"), 1011},
		{nil, 1011},
	} {
		code, words := closeCode(tt.err)
		assert.Equal(t, tt.code, code, "%v", tt.err)
		assert.Equal(t, code == 1006 || code == 1009 || code == 1002, words == "", "told already, or to nobody: %v", tt.err)
		assert.NotContains(t, words, "SELECT")
	}
}

func TestPingsAreSpread(t *testing.T) {
	for range 1000 {
		d := pingIn()
		assert.GreaterOrEqual(t, d, pingEvery*4/5)
		assert.Less(t, d, pingEvery*6/5)
	}
}

// A repeated message does not overtake earlier lines that still wait for the socket.
func TestWhatIsSaidAgainKeepsItsPlace(t *testing.T) {
	h := newFixture(t)
	ann, bob := h.person("ann"), h.person("bob")
	id := h.open(ann, bob) // the join is line 1
	h.disconnectBus()
	c := h.follow(ann, id, "")
	h.say(bob, id, "first")
	for range 2 { // stored, but not published
		c.send(`{"message":"second","client_id":"c1"}`)
	}
	c.hears(2, 3)
	c.send(`{"message":"second","client_id":"c1"}`)
	c.hears(3) // the answer to the repeated message
}
