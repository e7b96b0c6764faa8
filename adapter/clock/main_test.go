package clock

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestMain(m *testing.M) {
	if where := os.Getenv(nodeEnv); where != "" {
		os.Exit(beNode(where))
	}
	goleak.VerifyTestMain(container.Suite(m))
}
