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

// said is a frame that a client sends.
type said struct {
	Message  string `json:"message"`
	ClientID string `json:"client_id"`
}

// heard is a frame about a line of the log.
type heard struct {
	Type    string   `json:"type"`
	UserID  *user.ID `json:"user_id,omitempty"` // of those who come and go
	Message any      `json:"message"`
}

// refused is a frame about a message that was not stored.
type refused struct {
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

// parcel is a line together with the frame that tells of it.
type parcel struct {
	line  port.Line
	frame *websocket.PreparedMessage // nil where no frame tells of the line
	size  int                        // of the frame, in bytes
}

// news is what a room hears at once.
type news struct {
	parcels   []*parcel // in order
	size      int       // of their frames
	committed time.Time // zero if they were read from the log
}

// pack makes the frame of a line, once for all who hear it.
func (h *Hub) pack(l port.Line) (*parcel, error) {
	told := h.tell(l)
	if told.Type == "" {
		return &parcel{line: l}, nil
	}
	frame, size, err := encode(told)
	return &parcel{l, frame, size}, err
}

func (h *Hub) tell(l port.Line) heard {
	var told heard
	told.Type, told.Message = h.show(l)
	if l.Kind != chat.Said {
		told.UserID = &l.Who
	}
	return told
}

func refuse(err error, clientID string) refused {
	f := fault.Of(err)
	r := refused{Type: "error", Code: f.Code, Detail: f.Detail}
	if clientID != "" && len(clientID) <= room.MaxClientID {
		r.ClientID = &clientID
	}
	return r
}

func encode(v any) (frame *websocket.PreparedMessage, size int, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, 0, fmt.Errorf("encode frame: %w", err)
	}
	frame, err = websocket.NewPreparedMessage(websocket.TextMessage, text)
	return frame, len(text), err
}
