package usecase

import (
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// maxCached is how many sign-ins each of the two generations of the cache holds.
const maxCached = 4096

// meCache remembers for a while who holds a sign-in, so that not every request has to
// ask the store. The bus invalidates it; a hint that is lost does no harm for longer
// than trust. A full generation becomes the old one, and the one before is dropped.
type meCache struct {
	trust time.Duration // how long an entry is valid; 0: the cache stays empty

	mu         sync.Mutex
	young, old generation
	version    uint64 // counts invalidations
}

// generation is a part of the cache, and whose the entries are.
type generation struct {
	entries map[signin.ID]cachedMe
	of      map[user.ID][]signin.ID
}

func newGeneration() generation {
	return generation{make(map[signin.ID]cachedMe, 16), make(map[user.ID][]signin.ID, 16)}
}

func (g generation) put(e cachedMe) {
	if _, known := g.entries[e.SignIn.ID]; !known {
		g.of[e.ID] = append(g.of[e.ID], e.SignIn.ID)
	}
	g.entries[e.SignIn.ID] = e
}

func (g generation) forget(who user.ID) {
	for _, id := range g.of[who] {
		delete(g.entries, id)
	}
	delete(g.of, who)
}

type cachedMe struct {
	Me
	readAt time.Time
}

// get returns the holder of a sign-in, and the version to pass to put after a miss.
func (c *meCache) get(id signin.ID, now time.Time) (me Me, version uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.young.entries[id]
	if !ok {
		e, ok = c.old.entries[id]
	}
	return e.Me, c.version, ok && now.Sub(e.readAt) < c.trust && now.Before(e.SignIn.Until)
}

// put stores what was read from readAt on, unless the cache was invalidated since get
// returned version: the read may be from before that change.
func (c *meCache) put(me Me, readAt time.Time, version uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trust == 0 || c.version != version {
		return
	}
	if len(c.young.entries) >= maxCached || c.young.entries == nil {
		c.young, c.old = newGeneration(), c.young
	}
	c.young.put(cachedMe{me, readAt})
}

// forget drops the sign-ins of a person.
func (c *meCache) forget(who user.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	c.young.forget(who)
	c.old.forget(who)
}

// Resync implements port.PeopleFollower.
func (c *meCache) Resync() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	c.young, c.old = generation{}, generation{}
}

// AccountChanged implements port.PeopleFollower.
func (c *meCache) AccountChanged(who user.ID) { c.forget(who) }

// Notified implements port.PeopleFollower. It changes nobody's sign-in.
func (c *meCache) Notified(user.ID) {}
