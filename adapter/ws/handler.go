package ws

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// ErrUpgrade refuses a request that is no sound WebSocket handshake.
var ErrUpgrade = errors.New("not a websocket handshake")

// ErrOrigin refuses a page of another site.
var ErrOrigin = errors.New("handshake from a foreign origin")

// Handler opens sockets: for the members of a room, and personal ones.
type Handler struct {
	Accounts *usecase.Accounts
	Chat     *usecase.Chat
	Hub      *Hub
	Token    func(*http.Request) string // reads the token of the Authorization header
	Own      func(*http.Request) bool   // tells whether the page that asks is our own; browsers name it in every handshake
	// NoURLToken ignores tokens in the URL: URLs are logged and kept in many places.
	NoURLToken bool
	// Quota counts what people send. It may do so for this process alone: it is asked
	// with every frame, and spares rooms and the store. If it is nil, nothing is counted.
	Quota port.Quota
	Log   *slog.Logger
	Now   func() time.Time
}

// Small buffers are enough for short messages; those for writing are shared, so
// that a silent socket holds none.
const (
	readBuffer  = 512
	writeBuffer = 1 << 10
)

var upgrader = websocket.Upgrader{
	HandshakeTimeout: 5 * time.Second,
	ReadBufferSize:   readBuffer,
	WriteBufferSize:  writeBuffer,
	WriteBufferPool:  &sync.Pool{},
	CheckOrigin:      func(*http.Request) bool { return true }, // looked at before
	Error:            func(http.ResponseWriter, *http.Request, int, error) {},
}

// Open opens the socket of the room whose id is in the path. People who may not have
// one are refused before the upgrade, by the error it returns.
func (h *Handler) Open(w http.ResponseWriter, r *http.Request) error {
	s, err := h.admit(r)
	if err != nil {
		return err
	}
	return h.upgrade(w, r, &s.socket)
}

// OpenPersonal opens the personal socket of who asks. People who may not have one are
// refused before the upgrade, by the error it returns.
func (h *Handler) OpenPersonal(w http.ResponseWriter, r *http.Request) error {
	s, err := h.admitPersonal(r)
	if err != nil {
		return err
	}
	return h.upgrade(w, r, &s.socket)
}

// upgrade makes the request a connection, and starts its socket.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request, s *socket) (err error) {
	s.number = h.Hub.handshakes.Add(1) // before the client can begin another one
	if s.conn, err = upgrader.Upgrade(w, r, nil); err != nil {
		return ErrUpgrade
	}
	s.start()
	return nil
}

// admit checks a handshake for a room's socket, and prepares that.
func (h *Handler) admit(r *http.Request) (*roomSocket, error) {
	if !h.Own(r) {
		return nil, ErrOrigin
	}
	query, path := r.URL.Query(), r.PathValue("id")
	id, err := strconv.ParseInt(path, 10, 64)
	if err != nil || path[0] < '1' { // a sign, or a zero
		id = 0 // which no room has
	}
	access, err := h.identify(r, query, func(ctx context.Context, ticket signin.Secret) (port.Access, error) {
		return h.Chat.Redeem(ctx, ticket, room.ID(id))
	})
	switch {
	case err != nil:
		return nil, err
	case id == 0:
		return nil, room.ErrNotFound
	}
	last, err := h.Chat.Enter(r.Context(), access.Who, room.ID(id))
	if err != nil {
		return nil, err
	}
	after, err := resumeAt(query.Get("after"))
	if err != nil {
		return nil, err
	}
	if !websocket.IsWebSocketUpgrade(r) {
		return nil, ErrUpgrade
	}
	return h.roomSocket(r.Pattern, access, room.ID(id), last, after), nil
}

// roomSocket prepares a socket whose person is known to be in the room, and has the
// lines up to after, or to last.
func (h *Handler) roomSocket(route string, access port.Access, id room.ID, last int64, after *int64) *roomSocket {
	s := &roomSocket{hub: h.Hub, after: after}
	s.socket = h.socket(s, route, access)
	s.follower = follower{feed: h.feed(), socket: &s.socket, owner: s, room: id, last: last}
	s.speaker = speaker{chat: h.Chat, pace: pace{h.Quota}, follower: &s.follower}
	return s
}

// admitPersonal checks a handshake for a personal socket, and prepares that.
func (h *Handler) admitPersonal(r *http.Request) (*personalSocket, error) {
	if !h.Own(r) {
		return nil, ErrOrigin
	}
	access, err := h.identify(r, r.URL.Query(), h.Chat.RedeemPersonal)
	if err != nil {
		return nil, err
	}
	if !websocket.IsWebSocketUpgrade(r) {
		return nil, ErrUpgrade
	}
	s := &personalSocket{hub: h.Hub, feed: h.feed(), pace: pace{h.Quota}}
	s.membership.Store(unknown)
	s.socket = h.socket(s, r.Pattern, access)
	return s, nil
}

// socket prepares a socket for a purpose.
func (h *Handler) socket(p purpose, route string, access port.Access) socket {
	return socket{
		accounts: h.Accounts,
		meter:    h.Hub.meter,
		log:      h.Log,
		now:      h.Now,
		purpose:  p,
		route:    route,
		access:   access,
		opened:   time.Now(),
		unread:   make(chan struct{}),
		handling: make(chan struct{}, 1),
	}
}

func (h *Handler) feed() *feed { return &feed{h.Chat, h.Hub.view, h.Hub.meter} }

// identify finds out who asks, by a ticket that redeem takes, by a token in the URL
// where that is allowed, or by the Authorization header.
func (h *Handler) identify(r *http.Request, query url.Values, redeem func(context.Context, signin.Secret) (port.Access, error)) (port.Access, error) {
	if query.Has("ticket") {
		ticket, ok := signin.ParseSecret(query.Get("ticket"))
		if !ok {
			return port.Access{}, user.ErrSignedOut
		}
		access, err := redeem(r.Context(), ticket)
		if err != nil {
			return port.Access{}, err
		}
		return access, h.Accounts.Admits(r.Context(), access)
	}
	token := query.Get("token")
	if token == "" || h.NoURLToken {
		token = h.Token(r)
	}
	_, access, err := h.Accounts.WhoIs(r.Context(), token)
	return access, err
}

// resumeAt reads after which line a client wants to resume, if it says so.
func resumeAt(s string) (*int64, error) {
	if s == "" {
		return nil, nil // nil is a place of its own: the newest line
	}
	seq, err := strconv.ParseInt(s, 10, 64)
	if err != nil || seq < 0 {
		return nil, fault.Field("after", "올바른 숫자가 아니에요.")
	}
	return &seq, nil
}
