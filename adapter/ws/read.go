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
	maxFrame  = 16 << 10         // bytes of one client message
	pongWait  = 10 * time.Second // time to answer a ping
	frameWait = 10 * time.Second // time to complete a message
)

// read handles client messages until the connection is closed and returns the reason.
// Once the socket has ended, it only waits for the client to close its side.
func (s *socket) read(ctx context.Context) error {
	s.conn.SetReadLimit(maxFrame)
	reading := false
	s.conn.SetPongHandler(func(string) error {
		if reading {
			return nil // a pong does not extend the time for a message
		}
		return s.conn.SetReadDeadline(s.readDeadline())
	})
	for {
		s.conn.SetReadDeadline(s.readDeadline()) // the read reports the error
		kind, r, err := s.conn.NextReader()
		if err != nil {
			return readError(err)
		}
		reading = true
		s.conn.SetReadDeadline(time.Now().Add(frameWait)) // the read reports the error
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

// handle passes a message to the purpose, unless the socket has ended.
func (s *socket) handle(ctx context.Context, text []byte) {
	select {
	case s.handling <- struct{}{}:
	case <-s.done:
		return
	}
	defer func() { <-s.handling }()
	if !s.ended() {
		s.purpose.handle(ctx, text)
	}
}

// readError marks protocol errors, for which gorilla has no type.
func readError(err error) error {
	_, closed := errors.AsType[*websocket.CloseError](err)
	_, broken := errors.AsType[net.Error](err)
	if closed || broken || errors.Is(err, websocket.ErrReadLimit) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return err
	}
	return fmt.Errorf("%w: %w", errProtocol, err)
}

// readDeadline is the time by which the next frame must come: a pong, or the client's
// close frame once the socket has ended.
func (s *socket) readDeadline() time.Time {
	if s.ended() {
		return time.Now().Add(closeWait)
	}
	return time.Now().Add(pingEvery*6/5 + pongWait)
}
