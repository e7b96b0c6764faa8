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
	pingEvery  = 25 * time.Second // plus or minus a fifth
	writeWait  = 5 * time.Second
	closeWait  = 2 * time.Second // how long the client may take to close its side
	finishWait = 3 * time.Second // how long a message that is being stored may take at shutdown
)

// socket is a connection to a signed-in client. One goroutine reads from it while it is
// open. Another writes to it and runs only while there is something to write. The
// purpose decides what the connection does; the socket knows nothing of rooms.
type socket struct {
	accounts *usecase.Accounts
	meter    Meter
	log      *slog.Logger
	now      func() time.Time

	conn     *websocket.Conn
	purpose  purpose
	route    string
	access   port.Access
	number   int64 // of the handshake; older sockets have lower numbers
	slot     slot
	opened   time.Time
	limit    rateLimit
	outbox   outbox
	readDone chan struct{} // closed when the read loop has ended
	handling chan struct{} // holds an element while a message from the client is handled

	done              <-chan struct{} // closed when the socket ends
	cancel            context.CancelCauseFunc
	pinging, expiring *time.Timer

	recheckDue atomic.Bool // the sign-in may have ended

	begun bool // purpose.begin has returned; only the writer uses it
}

// purpose is what a socket does for its client.
type purpose interface {
	// enter registers a socket that has just opened with the hub. leave undoes that at the
	// end.
	enter() error
	leave()
	// begin runs before anything is written. finish writes the remaining lines at
	// shutdown, when no message is handled any more. The writer calls both.
	begin(ctx context.Context) error
	finish(ctx context.Context) error
	// handle handles a text message from the client. Calls do not overlap.
	handle(ctx context.Context, text []byte)
	// attr describes the purpose in log lines.
	attr() slog.Attr
}

// who returns the socket's owner.
func (s *socket) who() user.ID { return s.access.Who }

// end ends the socket. Only the first call sets the reason.
func (s *socket) end(why error) {
	s.cancel(why)
	s.outbox.end()
}

// ended reports whether end was called.
func (s *socket) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// put queues an item to be written and does not block. It ends the socket of a client
// that reads too slowly; the client reconnects and resumes.
func (s *socket) put(it item) {
	if full := s.outbox.put(it); full != "" {
		s.meter.Dropped(full)
		s.end(errTooSlow)
	}
}

// reply queues an answer to the client.
func (s *socket) reply(v any) { s.put(item{from: s, what: v}) }

// start runs the socket until it ends. The socket outlives the request that opened it
// and keeps no reference to it.
func (s *socket) start() {
	ctx, cancel := context.WithCancelCause(context.Background())
	s.done, s.cancel = ctx.Done(), cancel
	handling, stop := context.WithCancel(context.Background()) // outlives ctx, so that the message being handled can be finished
	s.outbox.start = func() { go s.writeAll(ctx, handling, stop) }
	s.outbox.writing = true // start is called below
	s.meter.Opened()
	if err := s.purpose.enter(); err != nil { // register first, so that no line is missed in between
		stop()
		s.sendClose(err)
		s.conn.Close()
		s.report(err)
		return
	}
	go func() { // the only reader; only the writer writes messages
		defer close(s.readDone)
		s.end(s.guard(func() error { return s.read(handling) }))
	}()
	s.outbox.start()
}

// writeAll writes the queued items. It closes the connection if the socket has ended.
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
	s.sendClose(err)

	// Closing at once could discard the close frame in transit, so the client closes
	// first.
	patience := time.NewTimer(closeWait)
	defer patience.Stop()
	select {
	case <-s.readDone:
	case <-patience.C:
	}
	s.conn.Close()
	<-s.readDone
	s.report(err)
	s.purpose.leave()
}

// guard turns a panic into an error, which ends only this socket.
func (s *socket) guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("panic", "value", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return do()
}

// drain writes items until the outbox is empty and then returns nil. If the socket ends,
// it returns the reason.
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
		case ended: // the end takes precedence over waiting items
			return context.Cause(ctx)
		case !ok:
			return nil
		}
		if err := it.from.write(ctx, it.what); err != nil {
			return err
		}
	}
}

// finish lets the message that is being handled finish and writes the remaining items.
// It runs at shutdown, so that clients lose nothing.
func (s *socket) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, finishWait)
	defer cancel()
	select {
	case s.handling <- struct{}{}: // blocks further messages
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

// write implements source for pings and for answers.
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

// send writes a frame. Only the writer calls it.
func (s *socket) send(frame *websocket.PreparedMessage) error {
	s.conn.SetWriteDeadline(time.Now().Add(writeWait)) // the write reports the error
	return s.conn.WritePreparedMessage(frame)
}

// recheck returns an error if the sign-in has ended. It asks only if a recheck is due.
func (s *socket) recheck(ctx context.Context) error {
	if !s.recheckDue.Swap(false) {
		return nil
	}
	switch {
	case s.signedOut(ctx):
		return user.ErrSignedOut
	case s.ended(): // another goroutine noticed the end
		return context.Cause(ctx)
	}
	return nil
}

// signedOut reports whether the sign-in has ended. It is false if the store does not
// answer.
func (s *socket) signedOut(ctx context.Context) bool {
	return errors.Is(s.accounts.Admits(ctx, s.access), user.ErrSignedOut)
}

// report logs and counts the end of a socket.
func (s *socket) report(err error) {
	code, _ := closeCode(err)
	attrs := []slog.Attr{s.purpose.attr(), slog.Int64("user", int64(s.who()))}
	if code == websocket.CloseInternalServerErr {
		s.log.LogAttrs(context.Background(), logLevel(err), "socket failed", append(attrs, slog.Any("err", err))...)
	}
	attrs = append([]slog.Attr{slog.String("route", s.route)}, attrs...)
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "socket",
		append(attrs, slog.Int("code", code), slog.Float64("took_ms", float64(time.Since(s.opened).Microseconds())/1000))...)
	s.meter.Closed(code)
}

func pingIn() time.Duration {
	return pingEvery*4/5 + rand.N(pingEvery*2/5) // #nosec G404 -- spreads load, guards nothing
}

// sendClose sends the close frame for err.
func (s *socket) sendClose(err error) {
	code, words := closeCode(err)
	s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, words), time.Now().Add(writeWait)) // the client may be gone
}
