package e2e

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	talk "github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	door "github.com/Group-buying-service/mealbuddy/domain/room"
)

// Some refusals of a message take an outage, or another person at the same
// moment, to be met.
func TestWhateverAMessageIsRefusedForIsDescribed(t *testing.T) {
	for _, err := range []error{
		talk.ErrEmpty, talk.ErrIDConflict, talk.ErrBusy,
		door.Enter(true, false, door.In), door.Enter(false, true, door.In), door.Enter(false, false, door.Banned),
		errors.New("a fault of ours"),
	} {
		f := fault.Of(err)
		frame, err := json.Marshal(map[string]any{"type": "error", "code": f.Code, "detail": f.Detail, "client_id": nil})
		require.NoError(t, err)
		assert.NoError(t, witness.JudgeFrame(frame))
	}
}
