package ws

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// messageIn is a frame that a client sends to say something.
type messageIn struct {
	Message  string `json:"message"`
	ClientID string `json:"client_id"`
}

// lineOut is a frame about a line of a room's log.
type lineOut struct {
	Type    string   `json:"type"`
	UserID  *user.ID `json:"user_id,omitempty"` // whom an entry that nobody said is about
	Message any      `json:"message"`
}

// errorOut is a frame about a message that was refused.
type errorOut struct {
	Type     string  `json:"type"`
	Code     string  `json:"code"`
	Detail   string  `json:"detail"`
	ClientID *string `json:"client_id"`
}

// resync is a frame that tells a client to read the room anew.
var resync = struct {
	Type string `json:"type"`
}{"chat.resync"}

var errFrame = fault.New(fault.Invalid, "malformed_frame", "메시지를 읽을 수 없어요.")

// encodedLine is a line together with the frame that tells of it.
type encodedLine struct {
	port.Line
	frame *websocket.PreparedMessage // nil if no frame tells of the line, or nobody wants it
	size  int                        // of the frame, in bytes
}

// news is what the followers of a room are told at once.
type news struct {
	lines     []*encodedLine // in order
	size      int            // of their frames
	committed time.Time      // zero if they were read from the log
}

// view gives the type of the frame that tells of a line, "" if none does, and the
// message in it.
type view func(port.Line) (kind string, message any)

func (v view) frame(l port.Line) lineOut {
	var out lineOut
	out.Type, out.Message = v(l)
	if l.Kind != chat.Said && l.Who != 0 {
		out.UserID = &l.Who
	}
	return out
}

// encode makes the frame of a line, if that is wanted.
func (v view) encode(l port.Line, wanted bool) (*encodedLine, error) {
	if !wanted {
		return &encodedLine{Line: l}, nil
	}
	out := v.frame(l)
	if out.Type == "" {
		return &encodedLine{Line: l}, nil
	}
	frame, size, err := encode(out)
	return &encodedLine{l, frame, size}, err
}

// refusal is the frame that tells a client why its message was refused.
func refusal(err error, clientID string) errorOut {
	f := fault.Of(err)
	out := errorOut{Type: "error", Code: f.Code, Detail: f.Detail}
	if clientID != "" && len(clientID) <= room.MaxClientID {
		out.ClientID = &clientID
	}
	return out
}

func encode(v any) (frame *websocket.PreparedMessage, size int, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, 0, fmt.Errorf("encode frame: %w", err)
	}
	frame, err = websocket.NewPreparedMessage(websocket.TextMessage, text)
	return frame, len(text), err
}
