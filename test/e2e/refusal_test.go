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

// What a newer server tells of is described too, as long as it is an entry of the log.
func TestFramesOfFurtherTypesAreDescribed(t *testing.T) {
	message := func(kind, beside string) string {
		return `{"id":9,"seq":3,"type":"` + kind + `","message":"","created_at":"2026-11-22T12:00:00.000000Z","chatroom":1,"user":null,"client_id":null` + beside + `}`
	}
	post := `,"post":{"event":"frozen","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":true,"closed_by_writer":true,"writer_id":1,"further":{}}`
	for frame, described := range map[string]bool{
		`{"type":"chat.poll","message":` + message("chat.poll", `,"poll":{"question":"순살?"}`) + `}`:                          true,
		`{"type":"chat.poll","user_id":7,"message":` + message("chat.poll", "") + `}`:                                        true,
		`{"type":"chat.post","user_id":7,"message":` + message("chat.post", post) + `}`:                                      true,
		`{"type":"chat.user.leave","user_id":7,"message":` + message("chat.user.leave", `,"departed":{"kicked":true}`) + `}`: true,

		`{"type":"chat.post","user_id":7,"message":` + message("chat.post", "") + `}`:                           false,
		`{"type":"chat.post","user_id":7,"message":` + message("chat.post", `,"post":{"event":"closed"}`) + `}`: false,
		`{"type":"chat.user.leave","user_id":7,"message":` + message("chat.user.leave", `,"departed":{}`) + `}`: false,
		`{"type":"chat.user.join","message":` + message("chat.user.join", "") + `}`:                             false,
		`{"type":"chat.poll","message":{"poll":{}}}`:                                                            false,
		`{"type":"chat.poll"}`:                                  false,
		`{"type":"poll","message":` + message("poll", "") + `}`: false,
	} {
		err := witness.JudgeFrame([]byte(frame))
		if described {
			assert.NoError(t, err)
		} else {
			assert.Error(t, err, frame)
		}
	}
}
