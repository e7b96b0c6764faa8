package ws

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

// a client is the client side of a socket.
type client struct {
	*testing.T
	*websocket.Conn
}

func (h *fixture) dial(who someone, id party.ID, query string) (*client, error) {
	return h.dialAt(fmt.Sprintf("/ws/chat/%d/?token=%s%s", id, who.token, query))
}

func (h *fixture) dialAt(path string) (*client, error) {
	conn, resp, err := h.dialer.DialContext(h.Context(), "ws://"+h.host+path, nil)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	h.Cleanup(func() { conn.Close() })
	return &client{h.T, conn}, nil
}

// follow opens a socket and waits until it follows the room.
func (h *fixture) follow(who someone, id party.ID, query string) *client {
	h.Helper()
	c, err := h.dial(who, id, query)
	require.NoError(h, err)
	c.settle()
	return c
}

// settle waits until the socket answers, which it does only once it has begun.
func (c *client) settle() {
	c.Helper()
	c.send(`{"message":""}`)
	for {
		if f := c.read(); f["type"] == "error" {
			return
		} else if f["type"] != "chat.resync" {
			c.Fatalf("settle before %v", f)
		}
	}
}

func (c *client) send(text string) {
	c.Helper()
	require.NoError(c, c.WriteMessage(websocket.TextMessage, []byte(text)))
}

const patience = 20 * time.Second

// read returns the next frame.
func (c *client) read() (frame object) {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	kind, text, err := c.ReadMessage()
	require.NoError(c, err)
	require.Equal(c, websocket.TextMessage, kind)
	require.NoError(c, json.Unmarshal(text, &frame))
	return frame
}

// hears expects lines with these seqs.
func (c *client) hears(seqs ...int64) {
	c.Helper()
	for _, seq := range seqs {
		f := c.read()
		require.Contains(c, f, "message", "%v", f)
		require.EqualValues(c, seq, f["message"].(object)["seq"])
	}
}

// refused expects that a message was refused.
func (c *client) refused(code string, clientID any) {
	c.Helper()
	f := c.read()
	assert.NotEmpty(c, f["detail"])
	delete(f, "detail")
	assert.Equal(c, object{"type": "error", "code": code, "client_id": clientID}, f)
}

// closed expects a close frame as the next frame.
func (c *client) closed(code int) {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	_, text, err := c.ReadMessage()
	var end *websocket.CloseError
	require.True(c, errors.As(err, &end), "%v, %s", err, text)
	assert.Equal(c, code, end.Code, end.Text)
}

// told reads until the socket is closed and returns the seqs of all lines.
func (c *client) told() (seqs []int64, code int) {
	c.Helper()
	for {
		c.SetReadDeadline(time.Now().Add(patience))
		_, text, err := c.ReadMessage()
		var end *websocket.CloseError
		if errors.As(err, &end) {
			return seqs, end.Code
		}
		require.NoError(c, err)
		var f struct{ Message struct{ Seq int64 } }
		require.NoError(c, json.Unmarshal(text, &f))
		seqs = append(seqs, f.Message.Seq)
	}
}

func upTo(first, last int64) (seqs []int64) {
	for ; first <= last; first++ {
		seqs = append(seqs, first)
	}
	return seqs
}
