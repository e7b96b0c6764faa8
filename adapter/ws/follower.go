package ws

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// pageSize is the number of lines in one read of a log.
const pageSize = 200

// follower is a position in the log of one room. It sends the frames of the following
// lines to a socket, in order and without gaps. Only the socket's writer uses it, except
// for fields that say otherwise.
type follower struct {
	deps   *deps
	socket *socket
	owner  owner
	room   room.ID
	form   form

	stopped bool // skip the items that are still queued

	last     int64 // Seq of the newest line that was sent or skipped
	admitted int64 // lines up to this Seq are older than the membership check

	// awaited is the newest message from the socket's client, until its line has been sent
	// back. The socket's reader sets it.
	awaited atomic.Pointer[awaited]
}

// form says what a follower sends for each line.
type form int

const (
	full    form = iota // the line's frame
	summary             // nothing yet; reserved for frames that describe changes in a list of rooms
)

// frame returns the frame for l, or nil.
func (f form) frame(l *encodedLine) *websocket.PreparedMessage {
	if f == full {
		return l.frame
	}
	return nil
}

// size returns how many bytes of frames n needs.
func (f form) size(n *batch) int {
	if f == full {
		return n.size
	}
	return 0
}

// deps holds what followers need from outside.
type deps struct {
	chat  *usecase.Chat
	view  view
	meter Meter
}

// owner is the socket that a follower belongs to.
type owner interface {
	// dismissed is called when the person may not follow the room any more. If it returns
	// an error, the socket ends with it.
	dismissed(ctx context.Context, f *follower, why error) error
}

// awaited is a message whose sender waits for the acknowledgement.
type awaited struct {
	clientID string
	since    time.Time
}

// offer queues a batch and does not block.
func (f *follower) offer(n *batch) { f.socket.put(item{from: f, what: n, size: f.form.size(n)}) }

// write implements source for batches and for repeated messages.
func (f *follower) write(ctx context.Context, what any) error {
	if f.stopped {
		return nil
	}
	return f.dismiss(ctx, f.tell(ctx, what))
}

func (f *follower) tell(ctx context.Context, what any) error {
	switch v := what.(type) {
	case *batch:
		return f.follow(ctx, v)
	case port.Line:
		if v.Seq > f.last { // the line has not been sent yet
			return f.catchUp(ctx)
		}
		what = f.deps.view.frame(v)
	}
	return f.socket.write(ctx, what)
}

// dismiss calls the owner if err means that the person may not follow the room.
func (f *follower) dismiss(ctx context.Context, err error) error {
	for _, why := range []error{room.ErrDeleted, room.ErrNotMember, room.ErrNotFound} {
		if errors.Is(err, why) {
			return f.owner.dismissed(ctx, f, err)
		}
	}
	return err
}

// begin starts to follow the room; the hub already passes on new lines. The client has
// all lines up to after, or up to last if after is nil. newest is the end of the log;
// its lines are older than the membership check.
func (f *follower) begin(ctx context.Context, after *int64, newest int64) error {
	f.admitted = newest
	switch {
	case after == nil: // send the lines that came since the handshake
	case *after > newest:
		f.last = newest
		return f.socket.write(ctx, resync)
	default:
		f.last = *after
	}
	if f.last == newest {
		return nil
	}
	return f.resume(ctx)
}

// resume catches up with the log.
func (f *follower) resume(ctx context.Context) error { return f.dismiss(ctx, f.catchUp(ctx)) }

// follow sends the lines of n that come next. After a gap it reads the log.
func (f *follower) follow(ctx context.Context, n *batch) error {
	for _, l := range n.lines {
		switch {
		case l.Seq <= f.last:
			continue
		case l.Seq > f.last+1:
			return f.catchUp(ctx)
		}
		if err := f.send(ctx, l); err != nil {
			return err
		}
		f.measure(n, l)
	}
	return nil
}

// measure records how long l took to reach the socket. It ignores lines without a frame.
func (f *follower) measure(n *batch, l *encodedLine) {
	switch {
	case f.form != full:
	case n.committed.IsZero():
		f.deps.meter.Sent("log", max(0, time.Since(l.At)))
	default:
		f.deps.meter.Sent("commit", time.Since(n.committed))
	}
}

// catchUp sends all lines of the log after the last one.
func (f *follower) catchUp(ctx context.Context) error {
	for {
		lines, err := f.deps.chat.After(ctx, f.room, f.last, pageSize)
		if err != nil {
			return err
		}
		for _, line := range lines {
			l, err := f.deps.view.encode(line, f.form == full)
			if err != nil {
				return err
			}
			if err := f.send(ctx, l); err != nil {
				return err
			}
		}
		if len(lines) < pageSize {
			return nil
		}
	}
}

// send sends the frame of l. It returns an error if l dismisses the person.
func (f *follower) send(ctx context.Context, l *encodedLine) error {
	if err := f.socket.recheck(ctx); err != nil {
		return err
	}
	f.last = l.Seq
	if frame := f.form.frame(l); frame != nil {
		a := f.awaited.Load() // load first: the client may send the next message as soon as it has the frame
		if err := f.socket.send(frame); err != nil {
			return err
		}
		f.acknowledge(a, l)
	}
	if l.Seq <= f.admitted {
		return nil // the person left then, but has come back
	}
	return party.Dismisses(l.Entry, f.socket.who())
}

// acknowledge records how long the sender waited, if l is the line of a.
func (f *follower) acknowledge(a *awaited, l *encodedLine) {
	if a != nil && l.Kind == chat.Said && l.Who == f.socket.who() && l.ClientID == a.clientID {
		f.deps.meter.Acked(time.Since(a.since))
		f.awaited.CompareAndSwap(a, nil)
	}
}
