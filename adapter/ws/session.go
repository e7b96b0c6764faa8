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
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	maxFrame     = 16 << 10         // bytes of one message from a client
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
// the socket, for as long as it is open. Another writes to it, and is there only
// while something is to be written.
type session struct {
	*Handler
	conn    *websocket.Conn
	route   string
	access  port.Access
	who     user.ID
	room    party.ID
	number  int64  // of the handshake: the lower, the older
	after   *int64 // resume behind this line, where the client says so
	opened  time.Time
	outbox  outbox
	silent  chan struct{} // closed when nobody reads from the socket any more
	heeding chan struct{} // holds an element while something said is dealt with

	done              <-chan struct{} // closed when the session ends
	cancel            context.CancelCauseFunc
	pinging, expiring *time.Timer

	suspect atomic.Bool // its sign-in may have ended

	saying atomic.Pointer[saying] // the newest, until it is told that that is stored

	spoken int64 // Seq of the newest line that this socket said; whoever fills heeding has it

	// What follows is the writer's.
	begun    bool  // the client has got what it wanted to resume with
	last     int64 // Seq of the newest line that was sent or skipped
	admitted int64 // lines up to this Seq are older than the look at the door
}

// saying is a message that came in.
type saying struct {
	clientID string
	at       time.Time
}

// end ends the session, unless it has ended already.
func (s *session) end(why error) {
	s.cancel(why)
	s.outbox.end()
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
	if full := s.outbox.put(n); full != "" {
		s.Hub.meter.Dropped(full)
		s.end(errTooSlow)
	}
}

// start lets the session follow its room until it ends. It outlasts the request
// that it came by, of which it holds nothing.
func (s *session) start() {
	ctx, cancel := context.WithCancelCause(context.Background())
	s.done, s.cancel = ctx.Done(), cancel
	hearing, hush := context.WithCancel(context.Background()) // what is being said may be finished at the end
	s.outbox.call = func() { go s.speak(ctx, hearing, hush) }
	s.outbox.manned = true // by the one that is called below
	s.Hub.meter.Opened()
	if err := s.Hub.add(s); err != nil { // before catching up, so that nothing falls in between
		hush()
		s.sayGoodbye(err)
		s.conn.Close()
		s.gone(err)
		return
	}
	go func() { // the only reader; whoever speaks is alone in writing messages
		defer close(s.silent)
		s.end(s.guard(func() error { return s.listen(hearing) }))
	}()
	s.outbox.call()
}

// speak writes to the socket what there is to tell, and sees the session off if it
// has ended.
func (s *session) speak(ctx, hearing context.Context, hush func()) {
	err := s.guard(func() error { return s.reason(ctx, s.tell(ctx)) })
	if err == nil {
		return
	}
	s.end(err)
	err = context.Cause(ctx)
	if s.begun && errors.Is(err, errGoingAway) {
		if why := s.guard(func() error { return s.finish(hearing) }); why != nil {
			err = why
		}
	}
	hush()
	for _, t := range []*time.Timer{s.expiring, s.pinging} {
		if t != nil {
			t.Stop()
		}
	}
	s.sayGoodbye(err)

	// Closing at once could destroy the goodbye on its way: let the client go first.
	patience := time.NewTimer(goodbyeWait)
	defer patience.Stop()
	select {
	case <-s.silent:
	case <-patience.C:
	}
	s.conn.Close()
	<-s.silent
	s.gone(err)
	s.Hub.remove(s)
}

// guard makes of a panic an error that ends this session alone.
func (s *session) guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("panic", "value", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return do()
}

// reason gives why a session ends that would end by err: those who withdraw leave,
// too, and that may be known first.
func (s *session) reason(ctx context.Context, err error) error {
	if errors.Is(err, room.ErrNotMember) && s.signedOut(ctx) {
		return user.ErrSignedOut
	}
	return err
}

// signedOut asks whether the sign-in has ended. If nobody can tell, it has not.
func (s *session) signedOut(ctx context.Context) bool {
	return errors.Is(s.Accounts.Admits(ctx, s.access), user.ErrSignedOut)
}

// tell writes what waits, and returns nil when nothing is left, or why the session
// ends.
func (s *session) tell(ctx context.Context) error {
	if !s.begun {
		if !s.access.Until.IsZero() {
			s.expiring = time.AfterFunc(s.access.Until.Sub(s.Now()), func() { s.end(user.ErrSignedOut) })
		}
		s.pinging = time.AfterFunc(pingIn(), func() { s.outbox.put(ping{}) })
		if err := s.begin(ctx); err != nil {
			return err
		}
		s.begun = true
	}
	for {
		v, ended := s.outbox.next()
		switch {
		case ended: // which goes before all that waits
			return context.Cause(ctx)
		case v == nil:
			return nil
		}
		if err := s.put(ctx, v); err != nil {
			return err
		}
	}
}

// put writes what waited.
func (s *session) put(ctx context.Context, v any) error {
	switch v := v.(type) {
	case *news:
		return s.follow(ctx, v)
	case ping:
		s.pinging.Reset(pingIn())
		return s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
	case port.Line: // which was said again; it does not come before it has had its turn
		if v.Seq > s.last {
			return s.catchUp(ctx)
		}
		return s.write(s.Hub.tell(v))
	}
	return s.write(v)
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
	for v := s.outbox.rest(); v != nil; v = s.outbox.rest() {
		if err := s.put(ctx, v); err != nil {
			return err
		}
	}
	if s.spoken > s.last { // its echo did not come by the bus
		return s.catchUp(ctx)
	}
	return nil
}

// gone tells of the end of a socket.
func (s *session) gone(err error) {
	code, _ := goodbye(err)
	if code == websocket.CloseInternalServerErr {
		s.Log.Log(context.Background(), loudness(err), "socket failed", "room", s.room, "user", s.who, "err", err)
	}
	s.Log.LogAttrs(context.Background(), slog.LevelInfo, "socket",
		slog.String("route", s.route),
		slog.Int64("room", int64(s.room)),
		slog.Int64("user", int64(s.who)),
		slog.Int("code", code),
		slog.Duration("took", time.Since(s.opened)),
	)
	s.Hub.meter.Closed(code)
}

func pingIn() time.Duration {
	return pingEvery*4/5 + rand.N(pingEvery*2/5) // #nosec G404 -- spreads load, guards nothing
}

// begin looks at the door once more, now that the hub tells of all that comes,
// and goes to where the client wants to resume.
func (s *session) begin(ctx context.Context) error {
	if err := s.Accounts.Admits(ctx, s.access); err != nil {
		return err
	}
	newest, err := s.Chat.Enter(ctx, s.who, s.room)
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
		if n.committed.IsZero() {
			s.Hub.meter.Sent("log", max(0, time.Since(p.line.At)))
		} else {
			s.Hub.meter.Sent("commit", time.Since(n.committed))
		}
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
	if s.suspect.Swap(false) {
		switch {
		case s.signedOut(ctx):
			return user.ErrSignedOut
		case s.over(): // somebody else has found that out
			return context.Cause(ctx)
		}
	}
	s.last = p.line.Seq
	if p.frame != nil {
		m := s.saying.Load()                               // before the client hears of it, and goes on
		s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // the write tells
		if err := s.conn.WritePreparedMessage(p.frame); err != nil {
			return err
		}
		if m != nil && p.line.Kind == chat.Said && p.line.Who == s.who && p.line.ClientID == m.clientID {
			s.Hub.meter.Acked(time.Since(m.at))
			s.saying.CompareAndSwap(m, nil)
		}
	}
	if p.line.Seq <= s.admitted {
		return nil // whoever left then is back
	}
	return party.Dismisses(p.line.Entry, s.who)
}

func (s *session) write(v any) error {
	frame, _, err := encode(v)
	if err != nil {
		return err
	}
	s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // the write tells
	return s.conn.WritePreparedMessage(frame)
}

// listen reads what the client says until the socket is closed, and returns why
// that is. Once the session has ended it only waits for the client's side to close.
func (s *session) listen(ctx context.Context) error {
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
			return readError(err)
		}
		reading = true
		s.conn.SetReadDeadline(time.Now().Add(frameWait)) // the read tells
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
	unread := json.Unmarshal(text, &words)
	if err := s.pace(ctx); err != nil {
		s.refuse(err, words.ClientID)
		return
	}
	if unread != nil {
		s.refuse(errFrame, words.ClientID) // which may have been read all the same
		return
	}
	ctx, cancel := context.WithTimeout(ctx, speakingWait)
	defer cancel()
	s.saying.Store(&saying{words.ClientID, time.Now()})
	line, repeated, err := s.Chat.Say(ctx, s.who, s.room, norm.NFC.String(strings.ReplaceAll(words.Message, "\r\n", "\n")), words.ClientID)
	switch {
	case err != nil:
		s.saying.Store(nil)
		if errors.Is(err, context.DeadlineExceeded) { // nothing was stored
			err = fmt.Errorf("%w: %v", chat.ErrBusy, err)
		}
		if kind := fault.Of(err).Kind; (kind == fault.Internal || kind == fault.Unavailable) && !s.over() {
			s.Log.Log(ctx, loudness(err), "message not stored", "room", s.room, "user", s.who, "err", err)
		}
		s.refuse(err, words.ClientID)
	case repeated:
		s.saying.Store(nil)
		s.reply(line)
	default:
		s.spoken = line.Seq
	}
}

// How fast a person may speak, over all sockets; and how much that is too fast is
// only refused, before the socket is closed.
var (
	speaking = port.Limit{Burst: 10, Per: 2 * time.Second}
	hurrying = port.Limit{Burst: 30, Per: time.Minute}
)

// pace counts what is said, refuses what is too fast, and ends the session if the
// client goes on all the same.
func (s *session) pace(ctx context.Context) error {
	if s.Quota == nil {
		return nil
	}
	who := strconv.FormatInt(int64(s.who), 10)
	left, err := s.Quota.Take(ctx, "lines of "+who, speaking, 1)
	if err != nil || left.OK {
		return err
	}
	left, err = s.Quota.Take(ctx, "hasty lines of "+who, hurrying, 1)
	if err != nil {
		return err
	}
	if !left.OK {
		s.end(errTooFast)
	}
	return chat.ErrTooFast
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
	if full := s.outbox.put(v); full != "" {
		s.Hub.meter.Dropped(full)
		s.end(errTooSlow)
	}
}

// sayGoodbye closes the socket with the code that says why.
func (s *session) sayGoodbye(err error) {
	code, words := goodbye(err)
	s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, words), time.Now().Add(writeWait)) // the client may be gone
}

// Close codes of our own. After 4408 and, later, 4429 a client comes back, as after
// 1001, 1011 and 1013; after the others, and after 1008, it stays away.
const (
	codeRoomDeleted = 4040
	codeSignedOut   = 4401
	codeNotMember   = 4403
	codeTooSlow     = 4408
	codeTooFast     = 4429
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
	case errors.Is(err, room.ErrDeleted), errors.Is(err, party.ErrNotFound):
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
		return websocket.CloseMessageTooBig, "" // told already
	case errors.Is(err, errProtocol):
		return websocket.CloseProtocolError, "" // told already
	}
	return websocket.CloseInternalServerErr, "internal error"
}
