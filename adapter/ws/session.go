package ws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	maxFrame     = 16 << 10         // bytes of one message from a client
	maxWaiting   = 256              // news that may wait for a slow client
	maxReplies   = 32               // answers that may wait beside them
	pageSize     = 200              // lines read from the log at once
	pingEvery    = 25 * time.Second // give or take a fifth
	pongWait     = 10 * time.Second
	frameWait    = 10 * time.Second // for a message that has begun
	writeWait    = 5 * time.Second
	goodbyeWait  = 2 * time.Second // for the client to close its side
	speakingWait = 10 * time.Second
	finishWait   = 3 * time.Second // for what is being stored as the service ends
)

// session is one socket: a person who follows a room. One goroutine reads from
// the socket, and one writes to it.
type session struct {
	*Handler
	conn   *websocket.Conn
	token  string
	me     user.State
	signIn port.SignIn
	room   party.ID
	number int64  // of the handshake: the lower, the older
	after  *int64 // resume behind this line, where the client says so

	done    <-chan struct{} // closed when the session ends
	end     context.CancelCauseFunc
	inbox   chan *news
	replies chan any      // answers to what this socket said: refusals, and lines that were said before
	heeding chan struct{} // holds an element while something said is dealt with

	spoken int64 // Seq of the newest line that this socket said; whoever fills heeding has it

	begun    bool  // the client has got what it wanted to resume with
	last     int64 // Seq of the newest line that was sent or skipped
	admitted int64 // lines up to this Seq are older than the look at the door
}

// over tells whether the session has been ended.
func (s *session) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// offer hands over a line without waiting. A session that does not keep up ends,
// and comes back for what it missed.
func (s *session) offer(n *news) {
	select {
	case s.inbox <- n:
	default:
		s.Hub.meter.Dropped("line")
		s.end(errTooSlow)
	}
}

// run follows the room until the session ends, and returns why it did.
func (s *session) run(ctx context.Context) error {
	defer s.conn.Close()
	if err := s.Hub.add(s); err != nil { // before catching up, so that nothing falls in between
		s.sayGoodbye(err)
		return err
	}
	defer s.Hub.remove(s)

	hearing, hush := context.WithCancel(context.WithoutCancel(ctx))
	defer hush()
	silent := make(chan struct{})
	go func() { // the only reader; this function alone writes messages
		defer close(silent)
		s.listen(hearing)
	}()
	s.end(s.speak(ctx))
	err := context.Cause(ctx)
	if s.begun && errors.Is(err, errGoingAway) {
		if why := s.finish(hearing); why != nil {
			err = why
		}
	}
	hush()
	s.sayGoodbye(err)

	// Closing at once could destroy the goodbye on its way: let the client go first.
	patience := time.NewTimer(goodbyeWait)
	defer patience.Stop()
	select {
	case <-silent:
	case <-patience.C:
	}
	s.conn.Close()
	<-silent
	return err
}

// speak writes to the socket what there is to tell, until something ends it.
func (s *session) speak(ctx context.Context) error {
	expiry := time.NewTimer(s.signIn.Until.Sub(s.Now()))
	defer expiry.Stop()
	ping := time.NewTimer(pingIn())
	defer ping.Stop()

	if err := s.begin(ctx); err != nil {
		return err
	}
	s.begun = true
	for ctx.Err() == nil { // whose end goes before all that waits
		var err error
		select {
		case n := <-s.inbox:
			err = s.follow(ctx, n)
		case reply := <-s.replies:
			err = s.answer(ctx, reply)
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
			ping.Reset(pingIn())
		case <-expiry.C:
			err = user.ErrSignedOut
		case <-ctx.Done():
		}
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// finish lets be stored what the client is just saying, and tells what there is
// to tell. The service ends, the client did nothing to be cut short.
func (s *session) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, finishWait)
	defer cancel()
	select {
	case s.heeding <- struct{}{}: // and listen heeds nothing any more
	case <-ctx.Done():
		return nil
	}
	for {
		var err error
		select {
		case n := <-s.inbox:
			err = s.follow(ctx, n)
		case reply := <-s.replies:
			err = s.answer(ctx, reply)
		default:
			if s.spoken > s.last { // its echo did not come by the bus
				return s.catchUp(ctx)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func pingIn() time.Duration {
	return pingEvery*4/5 + rand.N(pingEvery*2/5) // spreads load, guards nothing
}

// begin looks at the door once more, now that the hub tells of all that comes,
// and goes to where the client wants to resume.
func (s *session) begin(ctx context.Context) error {
	if _, _, err := s.Accounts.WhoIs(ctx, s.token); err != nil {
		return err
	}
	newest, err := s.Chat.Enter(ctx, s.me.ID, s.room)
	if err != nil {
		return err
	}
	s.admitted = newest
	switch {
	case s.after == nil: // the newest line of the first look: what came since is news, the socket was open
	case *s.after > newest:
		s.last = newest
		return s.write(resync)
	default:
		s.last = *s.after
	}
	if s.last == newest {
		return nil
	}
	return s.catchUp(ctx)
}

// follow sends those lines of n that come next; after a hole it reads the log.
func (s *session) follow(ctx context.Context, n *news) error {
	for _, p := range n.parcels {
		switch {
		case p.line.Seq <= s.last:
			continue
		case p.line.Seq > s.last+1:
			return s.catchUp(ctx)
		}
		if err := s.send(ctx, p); err != nil {
			return err
		}
		s.Hub.meter.Sent(time.Since(n.heard))
	}
	return nil
}

// catchUp sends every line of the log that comes after the last one.
func (s *session) catchUp(ctx context.Context) error {
	for {
		lines, err := s.Chat.After(ctx, s.room, s.last, pageSize)
		if err != nil {
			return err
		}
		for _, l := range lines {
			p, err := s.Hub.pack(l)
			if err != nil {
				return err
			}
			if err := s.send(ctx, p); err != nil {
				return err
			}
		}
		if len(lines) < pageSize {
			return nil
		}
	}
}

// send writes the frame of p, and returns why p dismisses this person, if it does.
func (s *session) send(ctx context.Context, p *parcel) error {
	s.last = p.line.Seq
	if p.frame != nil {
		s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // the write tells
		if err := s.conn.WritePreparedMessage(p.frame); err != nil {
			return err
		}
	}
	if p.line.Seq <= s.admitted {
		return nil // whoever left then is back
	}
	why := p.line.Dismisses(s.me.ID)
	if errors.Is(why, party.ErrNotMember) {
		// Those who withdraw leave, too, and the bus may tell of that first.
		if _, _, err := s.Accounts.WhoIs(ctx, s.token); errors.Is(err, user.ErrSignedOut) {
			return err
		}
	}
	return why
}

func (s *session) write(v any) error {
	frame, err := encode(v)
	if err != nil {
		return err
	}
	s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // the write tells
	return s.conn.WritePreparedMessage(frame)
}

// listen reads what the client says until the socket is closed. Once the session
// has ended it only waits for the client's side to close.
func (s *session) listen(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.ErrorContext(ctx, "panic", "value", v, "stack", string(debug.Stack()))
			s.end(fmt.Errorf("panic: %v", v))
		}
	}()
	s.conn.SetReadLimit(maxFrame)
	reading := false
	s.conn.SetPongHandler(func(string) error {
		if reading {
			return nil // a message that has begun gains no time by pongs
		}
		return s.conn.SetReadDeadline(s.silence())
	})
	for {
		s.conn.SetReadDeadline(s.silence()) // the read tells
		kind, r, err := s.conn.NextReader()
		if err != nil {
			s.end(readError(err))
			return
		}
		reading = true
		s.conn.SetReadDeadline(time.Now().Add(frameWait)) // the read tells
		text, err := io.ReadAll(r)
		reading = false
		switch {
		case err != nil:
			s.end(readError(err))
			return
		case kind != websocket.TextMessage:
			s.end(&websocket.CloseError{Code: websocket.CloseUnsupportedData, Text: "text only"})
		case !utf8.Valid(text):
			s.end(&websocket.CloseError{Code: websocket.CloseInvalidFramePayloadData, Text: "not UTF-8"})
		default:
			s.heed(ctx, text)
		}
	}
}

// errProtocol says that a client does not keep to the WebSocket protocol.
var errProtocol = errors.New("protocol error")

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

// silence says until when a client may be silent: it answers pings, and after
// the goodbye it closes.
func (s *session) silence() time.Time {
	if s.over() {
		return time.Now().Add(goodbyeWait)
	}
	return time.Now().Add(pingEvery*6/5 + pongWait)
}

// heed stores what the client says, unless the session has ended. The room hears
// of it by the bus; here only refusals and repetitions are answered.
func (s *session) heed(ctx context.Context, text []byte) {
	select {
	case s.heeding <- struct{}{}:
	case <-s.done:
		return
	}
	defer func() { <-s.heeding }()
	if s.over() {
		return
	}
	var words said
	if err := json.Unmarshal(text, &words); err != nil {
		s.refuse(errFrame, words.ClientID) // which may have been read all the same
		return
	}
	ctx, cancel := context.WithTimeout(ctx, speakingWait)
	defer cancel()
	line, repeated, err := s.Chat.Say(ctx, s.me.ID, s.room, norm.NFC.String(strings.ReplaceAll(words.Message, "\r\n", "\n")), words.ClientID)
	switch {
	case err != nil:
		if errors.Is(err, context.DeadlineExceeded) { // nothing was stored
			err = fmt.Errorf("%w: %v", chat.ErrBusy, err)
		}
		if kind := fault.Of(err).Kind; (kind == fault.Internal || kind == fault.Unavailable) && !s.over() {
			s.Log.Log(ctx, loudness(err), "message not stored", "room", s.room, "user", s.me.ID, "err", err)
		}
		s.refuse(err, words.ClientID)
	case repeated:
		s.reply(line)
	default:
		s.spoken = line.Seq
	}
}

// answer writes what this socket is told about its own words. A line that was said
// again is the answer once more, but never before it has had its turn: one that is
// still on its way comes with all that goes before it.
func (s *session) answer(ctx context.Context, reply any) error {
	line, again := reply.(port.Line)
	switch {
	case !again:
		return s.write(reply)
	case line.Seq > s.last:
		return s.catchUp(ctx)
	}
	return s.write(s.Hub.tell(line))
}

// loudness is how loud the log tells of a failure: one of a store that is away is
// an outage, which ends by itself, and any other is a mistake of ours.
func loudness(err error) slog.Level {
	if fault.Of(err).Kind == fault.Unavailable || errors.Is(err, context.DeadlineExceeded) {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// refuse tells the client why something it said is not stored.
func (s *session) refuse(err error, clientID string) {
	r := refuse(err, clientID)
	if !errors.Is(err, context.Canceled) { // the client has gone
		s.Hub.meter.Refused(r.Code)
	}
	s.reply(r)
}

// reply answers the client without waiting for it.
func (s *session) reply(v any) {
	select {
	case s.replies <- v:
	default:
		s.Hub.meter.Dropped("reply")
		s.end(errTooSlow)
	}
}

// sayGoodbye closes the socket with the code that says why.
func (s *session) sayGoodbye(err error) {
	code, words := goodbye(err)
	s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, words), time.Now().Add(writeWait)) // the client may be gone
}

// Close codes of our own. After 4408 a client comes back, as after 1001, 1011 and
// 1013; after the others, and after 1008, it stays away.
const (
	codeRoomDeleted = 4040
	codeSignedOut   = 4401
	codeNotMember   = 4403
	codeTooSlow     = 4408
)

func goodbye(err error) (code int, words string) {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code, closed.Text
	}
	if broken, ok := errors.AsType[net.Error](err); ok {
		if broken.Timeout() {
			return codeTooSlow, "too slow"
		}
		return websocket.CloseAbnormalClosure, "" // nobody hears it
	}
	switch {
	case errors.Is(err, party.ErrRoomDeleted), errors.Is(err, party.ErrNotFound):
		return codeRoomDeleted, "room deleted"
	case errors.Is(err, user.ErrSignedOut):
		return codeSignedOut, "signed out"
	case errors.Is(err, party.ErrNotMember):
		return codeNotMember, "not a member"
	case errors.Is(err, errTooSlow):
		return codeTooSlow, "too slow"
	case errors.Is(err, errTooMany):
		return websocket.ClosePolicyViolation, "too many sockets"
	case errors.Is(err, errGoingAway):
		return websocket.CloseGoingAway, "going away"
	case errors.Is(err, websocket.ErrReadLimit):
		return websocket.CloseMessageTooBig, "" // told already
	case errors.Is(err, errProtocol):
		return websocket.CloseProtocolError, "" // told already
	}
	return websocket.CloseInternalServerErr, "internal error"
}
