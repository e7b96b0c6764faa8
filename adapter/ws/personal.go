package ws

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// personalSocket is the socket of a person: a connection, and a position in each of
// the rooms that the person is in and that have the newest activity.
type personalSocket struct {
	socket socket
	hub    *Hub
	feed   *feed
	pace   pace

	looking    atomic.Bool  // the writer is going to look at the rooms again
	membership atomic.Int64 // usecase.Rooms.Membership of the newest look
	full       atomic.Bool  // the person may be in more rooms than are followed

	followers []*follower // one for each room; belongs to the writer
}

// unknown is a membership that nobody has.
const unknown = -1

func (p *personalSocket) enter() error {
	if err := p.hub.add(&p.socket); err != nil {
		return err
	}
	p.hub.listen(&p.socket, p) // before the first look, so that no change falls in between
	return nil
}

func (p *personalSocket) leave() {
	for _, f := range p.followers {
		p.hub.unfollow(f)
	}
	p.hub.unlisten(&p.socket)
	p.hub.remove(&p.socket)
}

func (p *personalSocket) begin(ctx context.Context) error { return p.look(ctx) }

func (p *personalSocket) finish(context.Context) error { return nil }

// notice implements listener.
func (p *personalSocket) notice() {
	if p.looking.CompareAndSwap(false, true) {
		p.socket.put(item{from: p, what: look})
	}
}

// compare implements listener. Which rooms are followed of a person who is in too many
// changes with what is said in the others, and nobody tells of that.
func (p *personalSocket) compare(membership int64) {
	if p.full.Load() || p.membership.Load() != membership {
		p.notice()
	}
}

// write implements source for looks. One that fails costs no socket: the hub compares
// with the store again before long, and finds that the membership is unknown.
func (p *personalSocket) write(ctx context.Context, _ any) error {
	p.looking.Store(false)                                  // what is told from now on needs another look
	if err := p.look(ctx); err != nil && ctx.Err() == nil { // else the socket has ended
		p.membership.Store(unknown)
		p.socket.log.Log(ctx, severity(err), "rooms of a person cannot be read, trying on", "user", p.socket.who(), "err", err)
	}
	return nil
}

// look asks which rooms the person is in, and follows these and no others.
func (p *personalSocket) look(ctx context.Context) error {
	rooms, err := p.feed.chat.Rooms(ctx, p.socket.who())
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

// add follows rooms from their heads on.
func (p *personalSocket) add(ctx context.Context, heads map[room.ID]int64) error {
	var added []*follower
	var ids []room.ID
	for id, head := range heads {
		f := &follower{feed: p.feed, socket: &p.socket, owner: p, room: id, form: summary, last: head, admitted: head}
		p.followers = append(p.followers, f)
		p.hub.follow(f)
		added, ids = append(added, f), append(ids, id)
	}
	if len(added) == 0 {
		return nil
	}
	newest, err := p.feed.chat.Heads(ctx, ids) // the hub hands over what comes after these
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

// dismissed implements owner. The socket stays, and the person may be back in the room.
func (p *personalSocket) dismissed(_ context.Context, f *follower, _ error) error {
	p.drop(f)
	p.notice()
	return nil
}

// handle refuses whatever the client sends: there is nothing to say here yet.
func (p *personalSocket) handle(ctx context.Context, text []byte) {
	var in messageIn
	_ = json.Unmarshal(text, &in) // for its client id, if there is one
	if err := p.pace.take(ctx, &p.socket); err != nil {
		refuse(&p.socket, err, in.ClientID)
		return
	}
	refuse(&p.socket, errFrame, in.ClientID)
}

func (p *personalSocket) attr() slog.Attr { return slog.Int("rooms", len(p.followers)) }
