// Package inproc has the in-memory adapters for a single process.
package inproc

import (
	"context"
	"slices"
	"sync"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Bus is a port.Bus for one process. It calls followers synchronously.
type Bus struct {
	rooms  followers[port.RoomFollower]
	people followers[port.PeopleFollower]
}

// FollowRooms registers f for events about rooms until cancel is called.
func (b *Bus) FollowRooms(f port.RoomFollower) (cancel func()) { return b.rooms.add(f) }

// FollowPeople registers f for events about people until cancel is called.
func (b *Bus) FollowPeople(f port.PeopleFollower) (cancel func()) { return b.people.add(f) }

// Publish implements port.Bus.
func (b *Bus) Publish(_ context.Context, lines ...port.Line) {
	b.rooms.each(func(f port.RoomFollower) {
		for _, line := range lines {
			f.Deliver(line)
		}
	})
}

// AccountChanged implements port.Bus.
func (b *Bus) AccountChanged(_ context.Context, who user.ID) {
	b.people.each(func(f port.PeopleFollower) { f.AccountChanged(who) })
}

// Notify implements port.Bus.
func (b *Bus) Notify(_ context.Context, who ...user.ID) {
	b.people.each(func(f port.PeopleFollower) {
		for _, id := range who {
			f.Notified(id)
		}
	})
}

// followers is a list of registered followers.
type followers[F any] struct {
	mu  sync.RWMutex
	all []*F
}

// add registers f until cancel is called. The same f may be added again.
func (fs *followers[F]) add(f F) (cancel func()) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = append(fs.all, &f)
	return func() {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		fs.all = slices.DeleteFunc(fs.all, func(other *F) bool { return other == &f })
	}
}

func (fs *followers[F]) each(tell func(F)) {
	fs.mu.RLock()
	defer fs.mu.RUnlock()
	for _, f := range fs.all {
		tell(*f)
	}
}
