package pantry

import (
	"math/rand/v2"
	"testing"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestChef(t *testing.T) {
	contract.Chef(t, func(*testing.T) port.Chef { return Chef{rand.Float64} })
}
