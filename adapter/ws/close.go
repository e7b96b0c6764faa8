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

// Why a socket ends, besides what the domain refuses.
var (
	errGoingAway = errors.New("server is going away")
	errTooSlow   = errors.New("client reads too slowly")
	errTooFast   = errors.New("client sends too fast, and goes on")
	errTooMany   = errors.New("newer sockets of the same person took its place")
	errProtocol  = errors.New("protocol error") // the client does not keep to the WebSocket protocol
)

// Close codes of our own. A client comes back after 4408 and, later, 4429, as after
// 1001, 1011 and 1013. After the others, and after 1008, it stays away.
const (
	codeRoomDeleted = 4040
	codeSignedOut   = 4401
	codeNotMember   = 4403
	codeTooSlow     = 4408
	codeTooFast     = 4429
)

// goodbye gives the close code, and its words, for why a socket ends.
func goodbye(err error) (code int, words string) {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code, closed.Text
	}
	if broken, ok := errors.AsType[net.Error](err); ok {
		if broken.Timeout() {
			return codeTooSlow, "too slow"
		}
		return websocket.CloseAbnormalClosure, "" // the connection is gone
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
		return websocket.CloseMessageTooBig, "" // sent already
	case errors.Is(err, errProtocol):
		return websocket.CloseProtocolError, "" // sent already
	}
	return websocket.CloseInternalServerErr, "internal error"
}

// severity is the level at which a failure is logged. One of a store that is away is
// an outage, which ends by itself; any other is a mistake of ours.
func severity(err error) slog.Level {
	if fault.Of(err).Kind == fault.Unavailable || errors.Is(err, context.DeadlineExceeded) {
		return slog.LevelWarn
	}
	return slog.LevelError
}
