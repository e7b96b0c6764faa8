package inproc

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// maxConversations limits the memory of a Conversations to about 60 MB; usually it needs
// a few.
const maxConversations = 2000

// Conversations is a port.Conversations for one process.
type Conversations struct {
	now func() time.Time

	mu  sync.Mutex
	all map[user.ID]conversation
}

type conversation struct {
	turns []menu.Turn // immutable
	until time.Time
}

// NewConversations returns an empty Conversations with the clock now.
func NewConversations(now func() time.Time) *Conversations {
	return &Conversations{now: now, all: map[user.ID]conversation{}}
}

// Turns implements port.Conversations.
func (c *Conversations) Turns(_ context.Context, who user.ID) ([]menu.Turn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.present(who).turns), nil
}

func (c *Conversations) present(who user.ID) conversation {
	talk := c.all[who]
	if !c.now().Before(talk.until) {
		return conversation{}
	}
	return talk
}

// Add implements port.Conversations. If there is no room, it evicts the expired
// conversations, or else the one that expires first.
func (c *Conversations) Add(_ context.Context, who user.ID, t menu.Turn, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	turns := append(slices.Clone(c.present(who).turns), t)
	if _, known := c.all[who]; !known && len(c.all) >= maxConversations {
		c.makeRoom()
	}
	c.all[who] = conversation{turns[max(0, len(turns)-menu.MaxTurns):], until}
	return nil
}

func (c *Conversations) makeRoom() {
	now := c.now()
	var first user.ID
	for who, talk := range c.all {
		if !now.Before(talk.until) {
			delete(c.all, who)
		} else if first == 0 || talk.until.Before(c.all[first].until) {
			first = who
		}
	}
	if len(c.all) >= maxConversations {
		delete(c.all, first)
	}
}

// Forget implements port.Conversations.
func (c *Conversations) Forget(_ context.Context, who user.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, who)
	return nil
}
