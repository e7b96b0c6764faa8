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

	"github.com/Group-buying-service/mealbuddy/domain/chat"
)

const (
	maxFrame  = 16 << 10         // bytes of one client message
	pongWait  = 10 * time.Second // time to answer a ping
	frameWait = 10 * time.Second // time to complete a frame or a message
)

// read handles client messages until the connection is closed and returns the reason.
// Once the socket has ended, it only waits for the client to close its side.
func (s *socket) read(ctx context.Context) error {
	s.conn.SetReadLimit(maxFrame)
	pong := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error {
		if s.ended() { // an answer to a client that does not read would delay the close frame
			return nil
		}
		return pong(data)
	})
	for {
		kind, text, err := s.conn.ReadMessage()
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

// countFrame counts a frame that is no message, like a message. gorilla answers pings by
// itself.
func (s *socket) countFrame() {
	if s.ended() {
		return
	}
	if err := s.limit.take(context.Background(), s); err != nil && !errors.Is(err, chat.ErrTooFast) {
		s.end(err)
	}
}

// readDeadline is the time by which the next frame must come: a pong, or the client's
// close frame once the socket has ended.
func (s *socket) readDeadline() time.Time {
	if s.ended() {
		return time.Now().Add(closeWait)
	}
	return time.Now().Add(pingEvery*6/5 + pongWait)
}
