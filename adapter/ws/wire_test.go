package ws

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
)

const (
	final        = 0x80
	continuation = 0x0
)

// raw makes a frame of a client. Its mask is zero.
func raw(first int, payload string) []byte {
	frame := []byte{byte(first), final}
	switch n := len(payload); {
	case n < 126:
		frame[1] |= byte(n)
	case n < 1<<16:
		frame = append(frame, byte(n>>8), byte(n))
		frame[1] |= 126
	default:
		frame = append(frame, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		frame[1] |= 127
	}
	return append(append(frame, 0, 0, 0, 0), payload...)
}

// pours sends bytes without waiting for anything.
func (c *client) pours(all ...[]byte) {
	c.NetConn().Write(bytes.Join(all, nil)) // the socket may be closed during the write
}

func TestFramesThatAreNoMessagesAreCounted(t *testing.T) {
	for name, flood := range map[string][]byte{
		"pings":     bytes.Repeat(raw(final|websocket.PingMessage, "x"), 5000),
		"pongs":     bytes.Repeat(raw(final|websocket.PongMessage, ""), 5000),
		"fragments": append(raw(websocket.TextMessage, ""), bytes.Repeat(raw(continuation, ""), 5000)...),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *fixture) {
				h.Quota = inproc.NewQuota(time.Now)
				ann := h.person("ann")
				c := h.follow(ann, h.open(ann), "")
				c.SetCloseHandler(func(int, string) error { return nil }) // which would wait for the flood
				pongs := 0
				c.SetPongHandler(func(string) error { pongs++; return nil })
				began := time.Now()
				go c.pours(flood)
				c.closed(4429)
				assert.Zero(t, time.Since(began))
				assert.Less(t, pongs, 600, "those that came together are still answered")
			})
		})
	}

	t.Run("and are hardly read any more once that is said", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.Quota = inproc.NewQuota(time.Now)
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			c.SetCloseHandler(func(int, string) error { return nil }) // goes on
			total := make(chan int)
			go func() {
				sent := 0
				for chunk := bytes.Repeat(raw(final|websocket.PingMessage, ""), 1000); sent < 10<<20; {
					n, err := c.NetConn().Write(chunk)
					sent += n
					if err != nil {
						break
					}
				}
				total <- sent
			}()
			c.closed(4429)
			assert.Less(t, <-total, 200<<10)
		})
	})

	t.Run("and cost an honest client nothing", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			h.Quota = inproc.NewQuota(time.Now)
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			go func() {
				for range 600 { // ten minutes
					c.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
					time.Sleep(time.Second)
				}
				c.WriteMessage(websocket.TextMessage, []byte(`{"message":"hello"}`))
			}()
			c.SetReadDeadline(time.Time{})
			_, text, err := c.ReadMessage()
			require.NoError(t, err)
			assert.Contains(t, string(text), "hello")
		})
	})
}

// Who sends too fast is told so, even if the answers cannot be written as fast.
func TestAFloodOfMessagesIsTooFastAndNotTooSlow(t *testing.T) {
	for name, text := range map[string]string{"odd": `{`, "sound": `{"message":"hello"}`} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			h.Quota = inproc.NewQuota(time.Now)
			ann := h.person("ann")
			flood := bytes.Repeat(raw(final|websocket.TextMessage, text), 200)
			room := h.follow(ann, h.open(ann), "")
			room.pours(flood)
			_, code := room.told()
			assert.Equal(t, 4429, code, "of a room")

			own := h.hearsOf(h.person("bob"))
			own.pours(flood)
			_, code = own.told()
			assert.Equal(t, 4429, code, "of a person")
		})
	}
}

func TestWhatHasBegunMustEnd(t *testing.T) {
	ping := raw(final|websocket.PingMessage, "x")
	text := raw(final|websocket.TextMessage, `{"message":"hello"}`)
	for name, sent := range map[string][]byte{
		"a byte":                     text[:1],
		"half a header":              text[:2],
		"a header":                   text[:6],
		"half a message":             text[:20],
		"half a ping":                ping[:3],
		"a header behind a ping":     append(ping[:len(ping):len(ping)], text[:1]...),
		"a fragment":                 raw(websocket.TextMessage, `{`),
		"a fragment and a ping":      append(raw(websocket.TextMessage, `{`), ping...),
		"a fragment, and half of it": append(raw(websocket.TextMessage, `{`), raw(continuation, "1234")[:8]...),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *fixture) {
				ann := h.person("ann")
				c := h.follow(ann, h.open(ann), "")
				began := time.Now()
				go c.pours(sent)
				c.SetReadDeadline(time.Time{})
				_, _, err := c.ReadMessage()
				assert.True(t, websocket.IsCloseError(err, 4408), err)
				assert.Equal(t, frameWait, time.Since(began))
			})
		})
	}
}

// However a stream is cut, the same frames are in it.
func TestFramesAreFollowedByteByByte(t *testing.T) {
	stream := bytes.Join([][]byte{
		raw(final|websocket.TextMessage, "short"),
		raw(websocket.TextMessage, strings.Repeat("x", 300)),
		raw(final|websocket.PingMessage, ""),
		raw(continuation, strings.Repeat("x", 70_000)),
		raw(final|continuation, ""),
		raw(final|websocket.PongMessage, "x"),
		raw(final|websocket.CloseMessage, ""),
	}, nil)
	for _, most := range []int{1, 2, 7, 512, len(stream)} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			var f frames
			extra := 0
			at := time.Now()
			for rest := stream; len(rest) > 0; {
				n := min(len(rest), 1+rand.IntN(most))
				extra += f.follow(rest[:n], at)
				rest = rest[n:]
			}
			assert.Equal(t, 4, extra, "a ping, two fragments and a pong")
			assert.True(t, f.began.IsZero(), "all has ended")
		})
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(raw(final|websocket.TextMessage, "short"), 3)
	f.Add(append(raw(websocket.TextMessage, "x"), raw(continuation, "y")...), 8)
	f.Add(raw(final|websocket.PingMessage, strings.Repeat("x", 300)), 4)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		if cut < 0 || cut > len(stream) {
			return
		}
		var whole, parts frames
		at := time.Now()
		extra := whole.follow(stream, at)
		if got := parts.follow(stream[:cut], at) + parts.follow(stream[cut:], at); got != extra || whole != parts {
			t.Fatalf("%d, %+v in two parts, and %d, %+v as a whole", got, parts, extra, whole)
		}
		if extra > len(stream)/2 {
			t.Fatalf("%d frames in %d bytes", extra, len(stream))
		}
	})
}
