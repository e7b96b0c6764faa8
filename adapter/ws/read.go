package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const (
	maxFrame  = 16 << 10         // bytes of one message from a client
	pongWait  = 10 * time.Second // after a ping
	frameWait = 10 * time.Second // for a message that has begun
)

// read handles what the client sends until the connection is closed, and returns why
// that is. Once the socket has ended it only waits for the client to close its side.
func (s *socket) read(ctx context.Context) error {
	s.conn.SetReadLimit(maxFrame)
	reading := false
	s.conn.SetPongHandler(func(string) error {
		if reading {
			return nil // pongs gain no time for a message that has begun
		}
		return s.conn.SetReadDeadline(s.silence())
	})
	for {
		s.conn.SetReadDeadline(s.silence()) // an error shows in the read
		kind, r, err := s.conn.NextReader()
		if err != nil {
			return readError(err)
		}
		reading = true
		s.conn.SetReadDeadline(time.Now().Add(frameWait)) // an error shows in the read
		text, err := io.ReadAll(r)
		reading = false
		switch {
		case err != nil:
			return readError(err)
		case kind != websocket.TextMessage:
			s.end(&websocket.CloseError{Code: websocket.CloseUnsupportedData, Text: "text only"})
		case !utf8.Valid(text):
			s.end(&websocket.CloseError{Code: websocket.CloseInvalidFramePayloadData, Text: "not UTF-8"})
		default:
			s.handle(ctx, text)
		}
	}
}

// handle lets the purpose deal with a message, unless the socket has ended.
func (s *socket) handle(ctx context.Context, text []byte) {
	select {
	case s.handling <- struct{}{}:
	case <-s.done:
		return
	}
	defer func() { <-s.handling }()
	if !s.over() {
		s.purpose.handle(ctx, text)
	}
}

// readError marks the errors of reading that gorilla gives no type: those of
// frames that break the protocol.
func readError(err error) error {
	_, closed := errors.AsType[*websocket.CloseError](err)
	_, broken := errors.AsType[net.Error](err)
	if closed || broken || errors.Is(err, websocket.ErrReadLimit) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return err
	}
	return fmt.Errorf("%w: %w", errProtocol, err)
}

// silence is until when a client may be silent: it answers pings, and after the
// goodbye it closes.
func (s *socket) silence() time.Time {
	if s.over() {
		return time.Now().Add(goodbyeWait)
	}
	return time.Now().Add(pingEvery*6/5 + pongWait)
}
