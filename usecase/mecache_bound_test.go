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
	assert.LessOrEqual(t, len(c.young)+len(c.old), 2*maxCached)
	_, _, ok := c.get(3*maxCached-1, now)
	assert.True(t, ok, "the newest")
	_, _, ok = c.get(0, now)
	assert.False(t, ok, "the oldest")
}
