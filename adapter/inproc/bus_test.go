package inproc

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestBus(t *testing.T) {
	contract.Bus(t, func(*testing.T) []contract.Node { return []contract.Node{&Bus{}} })
}

func TestBusForgetsFollowers(t *testing.T) {
	var bus Bus
	var ear contract.Ear
	first, second := ear.Follow(&bus), ear.Follow(&bus)
	first()
	second()
	assert.Empty(t, bus.rooms.all)
	assert.Empty(t, bus.people.all)
}
