package ws

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// messageIn is a client's message.
type messageIn struct{ Message, ClientID string }

// parseMessage reads a client's message. The client id may be read even if the message
// cannot be.
func parseMessage(frame []byte) (in messageIn, err error) {
	var fields map[string]json.RawMessage // unlike a struct, it tells Message from message
	if json.Unmarshal(frame, &fields) != nil || fields == nil {
		return in, errFrame
	}
	for name, value := range map[string]*string{"message": &in.Message, "client_id": &in.ClientID} {
		if raw, given := fields[name]; given && json.Unmarshal(raw, value) != nil {
			err = errFrame
		}
	}
	if err != nil {
		return in, err
	}
	if text.HalfSurrogates(frame) {
		if strings.ContainsRune(in.ClientID, utf8.RuneError) {
			in.ClientID = "" // may be another one than was sent
		}
		return in, chat.ErrControls
	}
	in.Message = text.Normal(in.Message)
	return in, nil
}

// lineOut is the frame of a line of a room's log.
type lineOut struct {
	Type    string   `json:"type"`
	UserID  *user.ID `json:"user_id,omitempty"` // whom a notice is about
	Message any      `json:"message"`
}

// errorOut is the frame of a refused message.
type errorOut struct {
	Type     string  `json:"type"`
	Code     string  `json:"code"`
	Detail   string  `json:"detail"`
	ClientID *string `json:"client_id"`
}

// resync is the frame that tells a client to reload the room.
var resync = struct {
	Type string `json:"type"`
}{"chat.resync"}

var errFrame = fault.New(fault.Invalid, "malformed_frame", "메시지를 읽을 수 없어요.")

// encodedLine is a line with its frame.
type encodedLine struct {
	port.Line
	frame *websocket.PreparedMessage // nil if the line has no frame, or no follower needs it
	size  int                        // bytes of the frame
}

// batch is a list of lines that the followers of a room get together.
type batch struct {
	lines     []*encodedLine // in order
	size      int            // bytes of their frames
	committed time.Time      // zero if they were read from the log
}

// view returns the type of the frame for a line, or "" if the line has no frame, and the
// frame's message.
type view func(port.Line) (kind string, message any)

func (v view) frame(l port.Line) lineOut {
	var out lineOut
	out.Type, out.Message = v(l)
	if l.Kind != chat.Said && l.Who != 0 {
		out.UserID = &l.Who
	}
	return out
}

// encode makes the frame of a line, if it is wanted.
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

// refusal is the frame for a refused message.
func refusal(err error, clientID string) errorOut {
	f := fault.Of(err)
	out := errorOut{Type: "error", Code: f.Code, Detail: f.Detail}
	if clientID != "" && chat.ValidClientID(clientID) {
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
