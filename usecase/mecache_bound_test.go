package usecase

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestTheMeCacheIsBounded(t *testing.T) {
	c := meCache{trust: time.Minute}
	now := time.Now()
	for id := range signin.ID(3 * maxCached) {
		c.put(Me{State: user.State{ID: 1}, SignIn: signin.State{ID: id, Until: now.Add(time.Hour)}}, now, 0)
	}
	assert.LessOrEqual(t, len(c.young.entries)+len(c.old.entries), 2*maxCached)
	_, _, ok := c.get(3*maxCached-1, now)
	assert.True(t, ok, "the newest")
	_, _, ok = c.get(0, now)
	assert.False(t, ok, "the oldest")
}

// Whoever changes something does not make all requests wait for a look at every entry.
func TestForgettingSomebodyLooksAtNobodyElse(t *testing.T) {
	now := time.Now()
	fill := func(c *meCache, n int) *meCache {
		for id := range n {
			c.put(Me{State: user.State{ID: user.ID(id)}, SignIn: signin.State{ID: signin.ID(id), Until: now.Add(time.Hour)}}, now, c.version)
		}
		return c
	}
	fastest := func(c *meCache) time.Duration {
		var least time.Duration
		for range 5 {
			began := time.Now()
			for range 1000 {
				c.forget(-1)
			}
			if took := time.Since(began); least == 0 || took < least {
				least = took
			}
		}
		return least
	}
	few, many := fastest(fill(&meCache{trust: time.Minute}, 2)), fastest(fill(&meCache{trust: time.Minute}, 2*maxCached))
	t.Logf("a thousand times: %s of 2 entries, %s of %d", few, many, 2*maxCached)
	assert.Less(t, many, 20*few)
}

func TestForgettingSomebodyDropsAllOfTheirSignIns(t *testing.T) {
	c := meCache{trust: time.Minute}
	now := time.Now()
	put := func(who user.ID, id signin.ID) {
		c.put(Me{State: user.State{ID: who}, SignIn: signin.State{ID: id, Until: now.Add(time.Hour)}}, now, c.version)
	}
	for id := range signin.ID(maxCached) { // the old generation
		put(user.ID(id%3+1), id)
	}
	for id := range signin.ID(300) { // the young one, some again
		put(user.ID(id%3+1), id)
	}
	c.forget(2)
	for id := range signin.ID(maxCached) {
		_, _, ok := c.get(id, now)
		assert.Equal(t, id%3+1 != 2, ok, id)
	}
	put(2, 1)
	_, _, ok := c.get(1, now)
	assert.True(t, ok)
}
