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

// pageSize is how many lines are read from a log at once.
const pageSize = 200

// follower is a position in the log of one room. It gives a socket the frames of
// the lines that come after, in order and without a hole. What is not said of a
// field belongs to the writer of the socket.
type follower struct {
	feed   *feed
	socket *socket
	owner  owner
	room   room.ID
	form   form

	stopped bool // what still waits is not for this follower any more

	last     int64 // Seq of the newest line that was sent or skipped
	admitted int64 // lines up to this Seq are older than the proof of membership

	// awaited is the newest message that the client of this socket has sent, until
	// its line comes by. The reader of the socket sets it.
	awaited atomic.Pointer[awaited]
}

// form is what a follower makes of the lines of its room.
type form int

const (
	full    form = iota // a frame for each
	summary             // nothing yet: here frames will say what changes in a list of rooms
)

// frame gives the frame that tells of l, or nil.
func (f form) frame(l *encodedLine) *websocket.PreparedMessage {
	if f == full {
		return l.frame
	}
	return nil
}

// size gives how many bytes of frames n becomes.
func (f form) size(n *news) int {
	if f == full {
		return n.size
	}
	return 0
}

// feed is what followers read lines from, and what they show of them.
type feed struct {
	chat  *usecase.Chat
	view  view
	meter Meter
}

// owner is whom a follower follows its room for.
type owner interface {
	// dismissed hears why the person may not follow the room any more. The socket
	// ends with what it returns, if anything.
	dismissed(ctx context.Context, f *follower, why error) error
}

// awaited is a message whose sender waits to hear that it is stored.
type awaited struct {
	clientID string
	since    time.Time
}

// offer queues news, without waiting.
func (f *follower) offer(n *news) { f.socket.put(item{from: f, what: n, size: f.form.size(n)}) }

// write implements source: for news, and for a line that its sender repeated.
func (f *follower) write(ctx context.Context, what any) error {
	if f.stopped {
		return nil
	}
	return f.dismiss(ctx, f.tell(ctx, what))
}

func (f *follower) tell(ctx context.Context, what any) error {
	switch v := what.(type) {
	case *news:
		return f.follow(ctx, v)
	case port.Line:
		if v.Seq > f.last { // its turn comes first
			return f.catchUp(ctx)
		}
		what = f.feed.view.frame(v)
	}
	return f.socket.write(ctx, what)
}

// dismiss lets the owner decide what follows from err, if that dismisses the person
// from the room.
func (f *follower) dismiss(ctx context.Context, err error) error {
	for _, why := range []error{room.ErrDeleted, room.ErrNotMember, room.ErrNotFound} {
		if errors.Is(err, why) {
			return f.owner.dismissed(ctx, f, err)
		}
	}
	return err
}

// begin starts following, once the hub hands over what is new. The client has all
// lines up to after, or, if that is nil, up to last; newest is where the log ends by
// now, and older than a proof of membership.
func (f *follower) begin(ctx context.Context, after *int64, newest int64) error {
	f.admitted = newest
	switch {
	case after == nil: // what came since the handshake is news, the socket was open
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

// follow sends those lines of n that come next; after a hole it reads the log.
func (f *follower) follow(ctx context.Context, n *news) error {
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

// measure counts how long l was on its way to the socket, unless it went no further.
func (f *follower) measure(n *news, l *encodedLine) {
	switch {
	case f.form != full:
	case n.committed.IsZero():
		f.feed.meter.Sent("log", max(0, time.Since(l.At)))
	default:
		f.feed.meter.Sent("commit", time.Since(n.committed))
	}
}

// catchUp sends every line of the log that comes after the last one.
func (f *follower) catchUp(ctx context.Context) error {
	for {
		lines, err := f.feed.chat.After(ctx, f.room, f.last, pageSize)
		if err != nil {
			return err
		}
		for _, line := range lines {
			l, err := f.feed.view.encode(line, f.form == full)
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

// send sends the frame of l, and returns why l dismisses the person, if it does.
func (f *follower) send(ctx context.Context, l *encodedLine) error {
	if err := f.socket.recheck(ctx); err != nil {
		return err
	}
	f.last = l.Seq
	if frame := f.form.frame(l); frame != nil {
		a := f.awaited.Load() // before the client hears of it, and sends the next
		if err := f.socket.send(frame); err != nil {
			return err
		}
		f.acknowledge(a, l)
	}
	if l.Seq <= f.admitted {
		return nil // who left then has come back
	}
	return party.Dismisses(l.Entry, f.socket.who())
}

// acknowledge counts how long the sender of a has waited, if l is its line.
func (f *follower) acknowledge(a *awaited, l *encodedLine) {
	if a != nil && l.Kind == chat.Said && l.Who == f.socket.who() && l.ClientID == a.clientID {
		f.feed.meter.Acked(time.Since(a.since))
		f.awaited.CompareAndSwap(a, nil)
	}
}
