package ws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

const (
	pingEvery   = 25 * time.Second // give or take a fifth
	writeWait   = 5 * time.Second
	goodbyeWait = 2 * time.Second // for the client to close its side
	finishWait  = 3 * time.Second // for what is being stored as the service ends
)

// socket is a connection to a client that is signed in. One goroutine reads from it
// for as long as it is open. Another writes to it, and runs only while there is
// something to write. What the connection is for is up to its purpose; the socket
// itself knows of no room.
type socket struct {
	accounts *usecase.Accounts
	meter    Meter
	log      *slog.Logger
	now      func() time.Time

	conn     *websocket.Conn
	purpose  purpose
	route    string
	access   port.Access
	number   int64 // of the handshake: the lower, the older
	opened   time.Time
	outbox   outbox
	unread   chan struct{} // closed when nobody reads from the connection any more
	handling chan struct{} // holds an element while a message of the client is handled

	done              <-chan struct{} // closed when the socket ends
	cancel            context.CancelCauseFunc
	pinging, expiring *time.Timer

	unsure atomic.Bool // the sign-in may have ended

	begun bool // the purpose has begun; belongs to the writer
}

// purpose is what a socket is for.
type purpose interface {
	// enter makes the socket, which has just opened, known to the hub, and leave
	// undoes that at the end.
	enter() error
	leave()
	// begin comes before anything is written. It belongs to the writer, as finish
	// does, which writes what is still to be told when the service ends. Nothing is
	// handled any more by then.
	begin(ctx context.Context) error
	finish(ctx context.Context) error
	// handle deals with a text message of the client, one at a time.
	handle(ctx context.Context, text []byte)
	// attr tells the log what the purpose is.
	attr() slog.Attr
}

// who is whose socket it is.
func (s *socket) who() user.ID { return s.access.Who }

// end ends the socket, unless it has ended already.
func (s *socket) end(why error) {
	s.cancel(why)
	s.outbox.end()
}

// over tells whether the socket has been ended.
func (s *socket) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// put queues something to be written, without waiting. A client that reads too
// slowly loses its socket, and comes back for what it missed.
func (s *socket) put(it item) {
	if full := s.outbox.put(it); full != "" {
		s.meter.Dropped(full)
		s.end(errTooSlow)
	}
}

// reply queues an answer to the client.
func (s *socket) reply(v any) { s.put(item{from: s, what: v}) }

// start runs the socket until it ends. It outlasts the request that opened it, of
// which it keeps nothing.
func (s *socket) start() {
	ctx, cancel := context.WithCancelCause(context.Background())
	s.done, s.cancel = ctx.Done(), cancel
	handling, stop := context.WithCancel(context.Background()) // what is being handled may be finished at the end
	s.outbox.start = func() { go s.writeAll(ctx, handling, stop) }
	s.outbox.writing = true // by the writer that is started below
	s.meter.Opened()
	if err := s.purpose.enter(); err != nil { // before it begins, so that nothing falls in between
		stop()
		s.sayGoodbye(err)
		s.conn.Close()
		s.report(err)
		return
	}
	go func() { // the only reader; the writer is alone in writing messages
		defer close(s.unread)
		s.end(s.guard(func() error { return s.read(handling) }))
	}()
	s.outbox.start()
}

// writeAll writes what waits, and closes the connection if the socket has ended.
func (s *socket) writeAll(ctx, handling context.Context, stop func()) {
	err := s.guard(func() error { return s.drain(ctx) })
	if err == nil {
		return
	}
	s.end(err)
	err = context.Cause(ctx)
	if s.begun && errors.Is(err, errGoingAway) {
		if why := s.guard(func() error { return s.finish(handling) }); why != nil {
			err = why
		}
	}
	stop()
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
	case <-s.unread:
	case <-patience.C:
	}
	s.conn.Close()
	<-s.unread
	s.report(err)
	s.purpose.leave()
}

// guard turns a panic into an error that ends this socket alone.
func (s *socket) guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("panic", "value", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return do()
}

// drain writes items until none is left, and then returns nil, or why the socket ends.
func (s *socket) drain(ctx context.Context) error {
	if !s.begun {
		if !s.access.Until.IsZero() {
			s.expiring = time.AfterFunc(s.access.Until.Sub(s.now()), func() { s.end(user.ErrSignedOut) })
		}
		s.pinging = time.AfterFunc(pingIn(), func() { s.put(item{from: s, what: ping}) })
		if err := s.accounts.Admits(ctx, s.access); err != nil {
			return err
		}
		if err := s.purpose.begin(ctx); err != nil {
			return err
		}
		s.begun = true
	}
	for {
		it, ok, ended := s.outbox.next()
		switch {
		case ended: // which goes before all that waits
			return context.Cause(ctx)
		case !ok:
			return nil
		}
		if err := it.from.write(ctx, it.what); err != nil {
			return err
		}
	}
}

// finish waits for what the client is just saying to be stored, and writes what is
// left. The service ends, and the client has done nothing to be cut short.
func (s *socket) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, finishWait)
	defer cancel()
	select {
	case s.handling <- struct{}{}: // and nothing is handled any more
	case <-ctx.Done():
		return nil
	}
	for it, ok := s.outbox.rest(); ok; it, ok = s.outbox.rest() {
		if err := it.from.write(ctx, it.what); err != nil {
			return err
		}
	}
	return s.purpose.finish(ctx)
}

// write implements source for pings, and for answers that are the same for every
// purpose.
func (s *socket) write(_ context.Context, what any) error {
	if what == ping {
		s.pinging.Reset(pingIn())
		return s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
	}
	frame, _, err := encode(what)
	if err != nil {
		return err
	}
	return s.send(frame)
}

// send writes a frame. It belongs to the writer.
func (s *socket) send(frame *websocket.PreparedMessage) error {
	s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // an error shows in the write
	return s.conn.WritePreparedMessage(frame)
}

// recheck returns why the socket must tell nothing more, if its sign-in has become
// unsure and turns out to have ended.
func (s *socket) recheck(ctx context.Context) error {
	if !s.unsure.Swap(false) {
		return nil
	}
	switch {
	case s.signedOut(ctx):
		return user.ErrSignedOut
	case s.over(): // another goroutine has found that out
		return context.Cause(ctx)
	}
	return nil
}

// signedOut tells whether the sign-in has ended. If that cannot be told, it has not.
func (s *socket) signedOut(ctx context.Context) bool {
	return errors.Is(s.accounts.Admits(ctx, s.access), user.ErrSignedOut)
}

// report logs and counts the end of a socket.
func (s *socket) report(err error) {
	code, _ := goodbye(err)
	attrs := []slog.Attr{s.purpose.attr(), slog.Int64("user", int64(s.who()))}
	if code == websocket.CloseInternalServerErr {
		s.log.LogAttrs(context.Background(), severity(err), "socket failed", append(attrs, slog.Any("err", err))...)
	}
	attrs = append([]slog.Attr{slog.String("route", s.route)}, attrs...)
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "socket",
		append(attrs, slog.Int("code", code), slog.Duration("took", time.Since(s.opened)))...)
	s.meter.Closed(code)
}

func pingIn() time.Duration {
	return pingEvery*4/5 + rand.N(pingEvery*2/5) // #nosec G404 -- spreads load, guards nothing
}

// sayGoodbye sends the close code that says why the socket ends.
func (s *socket) sayGoodbye(err error) {
	code, words := goodbye(err)
	s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, words), time.Now().Add(writeWait)) // the client may be gone
}
