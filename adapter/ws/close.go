package ws

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Reasons why a socket ends, besides the domain's errors.
var (
	errGoingAway = errors.New("server is going away")
	errTooSlow   = errors.New("client reads too slowly")
	errTooFast   = errors.New("client sends too fast, and goes on")
	errTooMany   = errors.New("newer sockets of the same person took its place")
	errProtocol  = errors.New("protocol error") // the client violates the WebSocket protocol
)

// The application's close codes. Clients reconnect after 4408, after a pause after 4429,
// and after 1001, 1011 and 1013. They do not reconnect after the others and 1008.
const (
	codeRoomDeleted = 4040
	codeSignedOut   = 4401
	codeNotMember   = 4403
	codeTooSlow     = 4408
	codeTooFast     = 4429
)

// closeCode returns the close code and reason for err.
func closeCode(err error) (code int, words string) {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code, closed.Text
	}
	if broken, ok := errors.AsType[net.Error](err); ok {
		if broken.Timeout() {
			return codeTooSlow, "too slow"
		}
		return websocket.CloseAbnormalClosure, "" // the connection is lost
	}
	switch {
	case errors.Is(err, room.ErrDeleted), errors.Is(err, room.ErrNotFound):
		return codeRoomDeleted, "room deleted"
	case errors.Is(err, user.ErrSignedOut):
		return codeSignedOut, "signed out"
	case errors.Is(err, room.ErrNotMember):
		return codeNotMember, "not a member"
	case errors.Is(err, errTooSlow):
		return codeTooSlow, "too slow"
	case errors.Is(err, errTooFast):
		return codeTooFast, "too fast"
	case errors.Is(err, errTooMany):
		return websocket.ClosePolicyViolation, "too many sockets"
	case errors.Is(err, errGoingAway):
		return websocket.CloseGoingAway, "going away"
	case errors.Is(err, websocket.ErrReadLimit):
		return websocket.CloseMessageTooBig, "" // gorilla has sent it
	case errors.Is(err, errProtocol):
		return websocket.CloseProtocolError, "" // gorilla has sent it
	}
	return websocket.CloseInternalServerErr, "internal error"
}

// logLevel is the level for logging err: a warning for an outage of the store, which
// ends by itself, and an error for a bug.
func logLevel(err error) slog.Level {
	if fault.Of(err).Kind == fault.Unavailable || errors.Is(err, context.DeadlineExceeded) {
		return slog.LevelWarn
	}
	return slog.LevelError
}
