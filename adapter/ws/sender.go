package ws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sayWait bounds the work on one message.
const sayWait = 10 * time.Second

// speaker says in a room what the client of a socket sends. The room hears of it
// through the bus, and so does the sender; the speaker answers refusals and
// repetitions alone.
type speaker struct {
	chat     *usecase.Chat
	pace     pace
	follower *follower // of the room, for the same socket

	// newest is the Seq of the newest line that this socket has stored. It belongs to
	// who fills the socket's handling.
	newest int64
}

func (sp *speaker) handle(ctx context.Context, text []byte) {
	s := sp.follower.socket
	var in messageIn
	malformed := json.Unmarshal(text, &in)
	if err := sp.pace.take(ctx, s); err != nil {
		refuse(s, err, in.ClientID)
		return
	}
	if malformed != nil {
		refuse(s, errFrame, in.ClientID) // which may have been read all the same
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sayWait)
	defer cancel()
	sp.follower.awaited.Store(&awaited{in.ClientID, time.Now()})
	words := norm.NFC.String(strings.ReplaceAll(in.Message, "\r\n", "\n"))
	line, repeated, err := sp.chat.Say(ctx, s.who(), sp.follower.room, words, in.ClientID)
	switch {
	case err != nil:
		sp.follower.awaited.Store(nil)
		if errors.Is(err, context.DeadlineExceeded) { // nothing was stored
			err = fmt.Errorf("%w: %v", chat.ErrBusy, err)
		}
		if kind := fault.Of(err).Kind; (kind == fault.Internal || kind == fault.Unavailable) && !s.over() {
			s.log.Log(ctx, severity(err), "message not stored", "room", sp.follower.room, "user", s.who(), "err", err)
		}
		refuse(s, err, in.ClientID)
	case repeated:
		sp.follower.awaited.Store(nil)
		s.put(item{from: sp.follower, what: line})
	default:
		sp.newest = line.Seq
	}
}

// refuse tells the client of s why something it sent was refused.
func refuse(s *socket, err error, clientID string) {
	out := refusal(err, clientID)
	if !errors.Is(err, context.Canceled) { // the client has gone
		s.meter.Refused(out.Code)
	}
	s.reply(out)
}

// pace bounds how much a person sends, over all sockets.
type pace struct {
	quota port.Quota // nil: there are no bounds
}

// What is more than sending is refused; who sends more than hurrying all the same
// loses the socket.
var (
	sending  = port.Limit{Burst: 10, Per: 2 * time.Second}
	hurrying = port.Limit{Burst: 30, Per: time.Minute}
)

// take counts a frame that came by s, and refuses one that is too much.
func (p pace) take(ctx context.Context, s *socket) error {
	if p.quota == nil {
		return nil
	}
	who := strconv.FormatInt(int64(s.who()), 10)
	left, err := p.quota.Take(ctx, "lines of "+who, sending, 1)
	if err != nil || left.OK {
		return err
	}
	left, err = p.quota.Take(ctx, "hasty lines of "+who, hurrying, 1)
	if err != nil {
		return err
	}
	if !left.OK {
		s.end(errTooFast)
	}
	return chat.ErrTooFast
}
