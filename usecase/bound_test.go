package usecase

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestKnownIsBounded(t *testing.T) {
	k := known{trust: time.Minute}
	now := time.Now()
	for id := range signin.ID(3 * maxKnown) {
		k.meet(Me{State: user.State{ID: 1}, SignIn: signin.State{ID: id, Until: now.Add(time.Hour)}}, now, 0)
	}
	assert.LessOrEqual(t, len(k.recent)+len(k.past), 2*maxKnown)
	_, _, ok := k.look(3*maxKnown-1, now)
	assert.True(t, ok, "the newest")
	_, _, ok = k.look(0, now)
	assert.False(t, ok, "the oldest")
}
