package ws

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// personalSocket is the socket of a person. It follows the person's rooms with the most
// recent activity.
type personalSocket struct {
	socket socket
	hub    *Hub
	deps   *deps

	refreshing atomic.Bool  // a refresh is queued
	membership atomic.Int64 // usecase.Rooms.Membership at the last refresh
	full       atomic.Bool  // the person may be in more rooms than are followed

	followers []*follower // one for each room; only the writer uses it
}

// unknown is a membership that differs from every real one.
const unknown = -1

func (p *personalSocket) enter() error {
	if err := p.hub.add(&p.socket); err != nil {
		return err
	}
	p.hub.listen(&p.socket, p) // register before the first refresh, so that no change is missed in between
	return nil
}

func (p *personalSocket) leave() {
	for _, f := range p.followers {
		p.hub.unfollow(f)
	}
	p.hub.unlisten(&p.socket)
	p.hub.remove(&p.socket)
}

func (p *personalSocket) begin(ctx context.Context) error { return p.refresh(ctx) }

func (p *personalSocket) finish(context.Context) error { return nil }

// notify implements listener.
func (p *personalSocket) notify() {
	if p.refreshing.CompareAndSwap(false, true) {
		p.socket.put(item{from: p, what: refresh})
	}
}

// checkMembership implements listener. If the person is in more rooms than are followed,
// a message in another one changes which rooms are followed, and no hint tells of that.
func (p *personalSocket) checkMembership(membership int64) {
	if p.full.Load() || p.membership.Load() != membership {
		p.notify()
	}
}

// write implements source for refreshes. A failed refresh does not end the socket: the
// membership becomes unknown, so the next check refreshes again.
func (p *personalSocket) write(ctx context.Context, _ any) error {
	p.refreshing.Store(false)                                  // a notification from now on needs another refresh
	if err := p.refresh(ctx); err != nil && ctx.Err() == nil { // else the socket has ended
		p.membership.Store(unknown)
		p.socket.log.Log(ctx, logLevel(err), "rooms of a person cannot be read, trying on", "user", p.socket.who(), "err", err)
	}
	return nil
}

// refresh reads the person's rooms and follows exactly these.
func (p *personalSocket) refresh(ctx context.Context) error {
	rooms, err := p.deps.chat.Rooms(ctx, p.socket.who())
	if err != nil {
		return err
	}
	p.membership.Store(rooms.Membership)
	p.full.Store(len(rooms.Heads) == usecase.MaxRooms)
	heads := make(map[room.ID]int64, len(rooms.Heads))
	for _, h := range rooms.Heads {
		heads[h.Room] = h.Seq
	}
	for _, f := range slices.Clone(p.followers) {
		if _, in := heads[f.room]; !in {
			p.drop(f)
		}
		delete(heads, f.room)
	}
	return p.add(ctx, heads)
}

// add follows rooms, from their heads on.
func (p *personalSocket) add(ctx context.Context, heads map[room.ID]int64) error {
	var added []*follower
	var ids []room.ID
	for id, head := range heads {
		f := &follower{deps: p.deps, socket: &p.socket, owner: p, room: id, form: summary, last: head, admitted: head}
		p.followers = append(p.followers, f)
		p.hub.follow(f)
		added, ids = append(added, f), append(ids, id)
	}
	if len(added) == 0 {
		return nil
	}
	newest, err := p.deps.chat.Heads(ctx, ids) // the hub passes on all later lines
	if err != nil {
		return err
	}
	for _, f := range added {
		if newest[f.room] > f.last {
			if err := f.resume(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *personalSocket) drop(f *follower) {
	f.stopped = true
	p.hub.unfollow(f)
	p.followers = slices.DeleteFunc(p.followers, func(other *follower) bool { return other == f })
}

// dismissed implements owner. The socket stays open, and the person may already be back
// in the room.
func (p *personalSocket) dismissed(_ context.Context, f *follower, _ error) error {
	p.drop(f)
	p.notify()
	return nil
}

// handle refuses every message: personal sockets accept none.
func (p *personalSocket) handle(ctx context.Context, text []byte) {
	in, _ := parseMessage(text) // for the client id, if there is one
	if err := p.socket.limit.take(ctx, &p.socket); err != nil {
		refuse(&p.socket, err, in.ClientID)
		return
	}
	refuse(&p.socket, errFrame, in.ClientID)
}

func (p *personalSocket) attr() slog.Attr { return slog.Int("rooms", len(p.followers)) }
