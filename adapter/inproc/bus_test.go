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
	first, second := bus.Subscribe(&contract.Ear{}), bus.Subscribe(&contract.Ear{})
	first()
	second()
	assert.Empty(t, bus.followers)
}
