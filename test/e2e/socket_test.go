package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// socket is an open socket. A goroutine reads and validates all frames.
type socket struct {
	t      testing.TB
	conn   *websocket.Conn
	frames chan frame
	silent chan struct{} // closed when there is nothing more to read
	why    error         // reason of the end; read it after silent is closed
}

type frame struct {
	Type     string   `json:"type"`
	UserID   int64    `json:"user_id"`
	Message  *message `json:"message"`
	Code     string   `json:"code"`
	Detail   string   `json:"detail"`
	ClientID *string  `json:"client_id"`

	wrong error // a violation of the description
}

// named reports whether f is the message with this client id.
func (f frame) named(clientID string) bool {
	return f.Message != nil && f.Message.ClientID != nil && *f.Message.ClientID == clientID
}

// handshake requests a socket and validates the answer.
func handshake(t testing.TB, on *server, path string, query url.Values, header http.Header) (*websocket.Conn, answer) {
	t.Helper()
	conn, a, err := knock(websocket.Dialer{HandshakeTimeout: patience}, on, path, query, header)
	require.NoError(t, err)
	a.t = t
	return conn, a
}

// knock is handshake for use in any goroutine.
func knock(dialer websocket.Dialer, on *server, path string, query url.Values, header http.Header) (*websocket.Conn, answer, error) {
	target := url.URL{Scheme: "ws", Host: on.addr, Path: path, RawQuery: query.Encode()}
	conn, resp, err := dialer.Dial(target.String(), header)
	if resp == nil {
		return nil, answer{}, err
	}
	a := answer{asked: "socket " + path, status: resp.StatusCode, header: resp.Header}
	if conn == nil {
		if a.body, err = io.ReadAll(resp.Body); err != nil {
			return nil, a, err
		}
	}
	breach := None
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound:
		breach = Request // the request has invalid numbers or an invalid token
	case http.StatusServiceUnavailable:
		breach = Unexpected
	}
	target.Scheme = "http"
	r, err := http.NewRequestWithContext(Breaching(context.Background(), breach), http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return conn, a, err
	}
	if err := witness.Judge(r, resp, a.body); err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, a, err
	}
	return conn, a, nil
}

// listens opens a person's socket for a room. query has pairs of names and values.
func (p person) listens(t testing.TB, party post, query ...string) *socket {
	t.Helper()
	values := url.Values{"token": {p.Token}}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	conn, a := handshake(t, p.on, party.socket(), values, nil)
	a.is(http.StatusSwitchingProtocols)
	return follow(t, conn)
}

// follow reads a connection until it ends, at the latest with the test.
func follow(t testing.TB, conn *websocket.Conn) *socket {
	s := &socket{t: t, conn: conn, frames: make(chan frame, 4096), silent: make(chan struct{})}
	go func() {
		defer close(s.silent)
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				s.why = err
				return
			}
			f := frame{wrong: witness.JudgeFrame(text)}
			if err := json.NewDecoder(bytes.NewReader(text)).Decode(&f); err != nil {
				f.wrong = err
			}
			s.frames <- f
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-s.silent
	})
	return s
}

// sends writes a raw frame.
func (s *socket) sends(text string) {
	s.t.Helper()
	require.NoError(s.t, s.conn.WriteMessage(websocket.TextMessage, []byte(text)))
}

// says sends a message, with a client id unless it is "".
func (s *socket) says(words, clientID string) {
	s.t.Helper()
	f := fields{"message": words}
	if clientID != "" {
		f["client_id"] = clientID
	}
	require.NoError(s.t, s.conn.WriteJSON(f))
}

// take waits for the next frame. It may be called in any goroutine.
func (s *socket) take() (frame, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case f := <-s.frames:
		return f, f.wrong
	default:
	}
	select {
	case f := <-s.frames:
		return f, f.wrong
	case <-s.silent:
		select {
		case f := <-s.frames: // it arrived just before
			return f, f.wrong
		default:
			return frame{}, s.why
		}
	case <-late.C:
		return frame{}, errors.New("no frame came")
	}
}

// hears expects a frame of a type.
func (s *socket) hears(kind string) frame {
	s.t.Helper()
	f, err := s.take()
	require.NoError(s.t, err)
	require.Equal(s.t, kind, f.Type, "%+v", f)
	return f
}

// hearsWords expects a message with these words.
func (s *socket) hearsWords(words string) message {
	s.t.Helper()
	f := s.hears("chat.message")
	require.Equal(s.t, words, f.Message.Message)
	return *f.Message
}

// hearsRefusal expects an error frame and returns its client id.
func (s *socket) hearsRefusal(code string) *string {
	s.t.Helper()
	f := s.hears("error")
	require.Equal(s.t, code, f.Code)
	return f.ClientID
}

// ends expects the server to close the socket with a code as its next frame.
func (s *socket) ends(code int) {
	s.t.Helper()
	if f, err := s.take(); err == nil {
		require.Failf(s.t, "a frame before the end", "%+v", f)
	}
	select {
	case <-s.silent:
	default:
		require.FailNow(s.t, "the socket is open")
	}
	var closed *websocket.CloseError
	require.ErrorAs(s.t, s.why, &closed)
	require.Equal(s.t, code, closed.Code, closed.Text)
}
