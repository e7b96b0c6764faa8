package e2e

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	talk "github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

// Some refusals of a message take an outage, or another person at the same
// moment, to be met.
func TestWhateverAMessageIsRefusedForIsDescribed(t *testing.T) {
	for _, err := range []error{
		talk.ErrEmpty, talk.ErrIDConflict, talk.ErrBusy,
		party.Enter(true, false, party.In), party.Enter(false, true, party.In), party.Enter(false, false, party.Banned),
		errors.New("a fault of ours"),
	} {
		f := fault.Of(err)
		frame, err := json.Marshal(map[string]any{"type": "error", "code": f.Code, "detail": f.Detail, "client_id": nil})
		require.NoError(t, err)
		assert.NoError(t, witness.JudgeFrame(frame))
	}
}
