package ws

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sayWait is the timeout for storing one message.
const sayWait = 10 * time.Second

// sender stores the messages of a socket's client in a room. All members, the client
// included, receive a new message through the bus. The sender itself answers only
// refusals and repeated messages.
type sender struct {
	chat     *usecase.Chat
	follower *follower // follows the room on the same socket

	// newest is the Seq of the newest line that this socket has stored. Only the goroutine
	// that holds the socket's handling slot uses it.
	newest int64
}

func (sd *sender) handle(ctx context.Context, text []byte) {
	s := sd.follower.socket
	in, unreadable := parseMessage(text)
	if err := s.limit.take(ctx, s); err != nil {
		refuse(s, err, in.ClientID)
		return
	}
	if unreadable != nil {
		refuse(s, unreadable, in.ClientID)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sayWait)
	defer cancel()
	sd.follower.awaited.Store(&awaited{in.ClientID, time.Now()})
	line, repeated, err := sd.chat.Say(ctx, s.who(), sd.follower.room, in.Message, in.ClientID)
	switch {
	case err != nil:
		sd.follower.awaited.Store(nil)
		if errors.Is(err, context.DeadlineExceeded) { // nothing was stored
			err = fmt.Errorf("%w: %v", chat.ErrBusy, err)
		}
		if kind := fault.Of(err).Kind; (kind == fault.Internal || kind == fault.Unavailable) && !s.ended() {
			s.log.Log(ctx, logLevel(err), "message not stored", "room", sd.follower.room, "user", s.who(), "err", err)
		}
		refuse(s, err, in.ClientID)
	case repeated:
		sd.follower.awaited.Store(nil)
		s.put(item{from: sd.follower, what: line})
	default:
		sd.newest = line.Seq
	}
}

// refuse tells the client of s that its message was refused.
func refuse(s *socket, err error, clientID string) {
	out := refusal(err, clientID)
	if !errors.Is(err, context.Canceled) { // else the client has disconnected
		s.meter.Refused(out.Code)
	}
	s.reply(out)
}

// rateLimit limits how much a person sends through all of their sockets.
type rateLimit struct {
	quota port.Quota // nil: no limit
}

// A message above messageLimit is refused. A person who keeps sending above
// disconnectLimit is disconnected.
var (
	messageLimit    = port.Limit{Burst: 10, Per: 2 * time.Second}
	disconnectLimit = port.Limit{Burst: 30, Per: time.Minute}
)

// take counts a frame from s. It refuses a frame above the limit.
func (l rateLimit) take(ctx context.Context, s *socket) error {
	if l.quota == nil {
		return nil
	}
	who := strconv.FormatInt(int64(s.who()), 10)
	left, err := l.quota.Take(ctx, "lines of "+who, messageLimit, 1)
	if err != nil || left.OK {
		return err
	}
	left, err = l.quota.Take(ctx, "hasty lines of "+who, disconnectLimit, 1)
	if err != nil {
		return err
	}
	if !left.OK {
		s.end(errTooFast)
	}
	return chat.ErrTooFast
}
