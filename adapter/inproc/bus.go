// Package inproc joins the parts of a single process without help from outside.
package inproc

import (
	"context"
	"slices"
	"sync"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Bus is a port.Bus for one process. Followers hear of each thing before the
// call that tells of it returns.
type Bus struct {
	mu        sync.RWMutex
	followers []*port.Follower
}

// Subscribe makes f hear what is told from now on, until the returned function
// is called.
func (b *Bus) Subscribe(f port.Follower) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.followers = append(b.followers, &f)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.followers = slices.DeleteFunc(b.followers, func(known *port.Follower) bool { return known == &f })
	}
}

// Publish implements port.Bus.
func (b *Bus) Publish(_ context.Context, lines ...port.Line) {
	b.each(func(f port.Follower) {
		for _, line := range lines {
			f.Deliver(line)
		}
	})
}

// Change implements port.Bus.
func (b *Bus) Change(_ context.Context, who user.ID) {
	b.each(func(f port.Follower) { f.Change(who) })
}

func (b *Bus) each(tell func(port.Follower)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, f := range b.followers {
		tell(*f)
	}
}
