package ws

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASlowClient(t *testing.T) {
	t.Run("is sent away with what it still has to hear", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			h.disconnectBus()
			slow, quick := h.follow(ann, id, ""), h.follow(bob, id, "")
			lines := h.chatter(bob, id, maxWaiting+50)
			began := time.Now()
			for i, l := range lines {
				h.Hub.Deliver(l)
				quick.hears(int64(i) + 2)
			}
			assert.Zero(t, time.Since(began), "nobody has waited")
			heard, code := slow.told()
			assert.Equal(t, 4408, code)
			assert.Equal(t, upTo(2, int64(len(heard))+1), heard, "without a hole")
			assert.Less(t, len(heard), len(lines))

			again, err := h.dial(ann, id, fmt.Sprint("&after=", len(heard)+1))
			require.NoError(t, err)
			again.hears(upTo(int64(len(heard))+2, int64(len(lines))+1)...)
		})
	})

	t.Run("that reads nothing at all is given up", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann, bob := h.person("ann"), h.person("bob")
			id := h.open(ann, bob)
			h.follow(ann, id, "")
			h.say(bob, id, "hello")
			synctest.Wait()
			assert.Equal(t, 1, h.followers())
			time.Sleep(2*writeWait + closeWait + time.Second)
			synctest.Wait()
			assert.Zero(t, h.followers())
			assert.Contains(t, h.log.String(), `"code":4408`)
		})
	})

	t.Run("that wants too many answers ends", func(t *testing.T) {
		s := newFakeSocket(1, 1)
		for range maxReplies {
			s.socket.reply(resync)
		}
		assert.NoError(t, s.why())
		s.socket.reply(resync)
		assert.ErrorIs(t, s.why(), errTooSlow)
	})
}

func TestSilence(t *testing.T) {
	t.Run("is broken by pings", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			id := h.open(ann)
			c := h.follow(ann, id, "")
			var pings atomic.Int32
			answer := c.PingHandler()
			c.SetPingHandler(func(s string) error { pings.Add(1); return answer(s) })
			go func() {
				time.Sleep(10 * time.Minute)
				h.say(ann, id, "hello")
			}()
			c.SetReadDeadline(time.Time{})
			_, text, err := c.ReadMessage()
			require.NoError(t, err)
			assert.Contains(t, string(text), "hello")
			assert.GreaterOrEqual(t, pings.Load(), int32(20))
			assert.LessOrEqual(t, pings.Load(), int32(30))
		})
	})

	t.Run("of a client that has gone without a word ends its socket", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			c.SetPingHandler(func(string) error { return nil })
			began := time.Now()
			c.SetReadDeadline(time.Time{})
			_, _, err := c.ReadMessage()
			assert.True(t, websocket.IsCloseError(err, 4408), err)
			assert.LessOrEqual(t, time.Since(began), time.Minute)
		})
	})

	t.Run("in the middle of a message ends its socket, whatever pongs come", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			w, err := c.NextWriter(websocket.TextMessage)
			require.NoError(t, err)
			_, err = io.WriteString(w, strings.Repeat(" ", 5000)) // more than is buffered
			require.NoError(t, err)
			began := time.Now()
			var pongs sync.WaitGroup
			pongs.Go(func() {
				for c.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) == nil {
					time.Sleep(time.Second)
				}
			})
			c.SetReadDeadline(time.Time{})
			_, _, err = c.ReadMessage()
			assert.True(t, websocket.IsCloseError(err, 4408), err)
			assert.Equal(t, frameWait, time.Since(began).Truncate(time.Second))
			c.Close()
			pongs.Wait()
		})
	})

	t.Run("of a client that does not say goodbye is not waited for long", func(t *testing.T) {
		inBubble(t, func(t *testing.T, h *fixture) {
			ann := h.person("ann")
			c := h.follow(ann, h.open(ann), "")
			c.SetCloseHandler(func(int, string) error { return nil })
			var talk sync.WaitGroup
			talk.Go(func() {
				for { // keeps reading, then keeps sending
					if _, _, err := c.ReadMessage(); err != nil {
						break
					}
				}
				for c.WriteMessage(websocket.TextMessage, []byte(`{"message":"and another thing"}`)) == nil {
					time.Sleep(time.Second)
				}
			})
			began := time.Now()
			h.Hub.Close()
			assert.Equal(t, closeWait, time.Since(began))
			log, err := h.Chat.After(t.Context(), 1, 0, 10)
			require.NoError(t, err)
			assert.Empty(t, log, "after the goodbye nothing is heard")
			talk.Wait()
		})
	})
}
