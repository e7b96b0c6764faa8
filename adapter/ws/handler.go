package ws

import (
	"context"
	"errors"
	"fmt"
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

// ErrUpgrade refuses a request that is not a valid WebSocket handshake.
var ErrUpgrade = errors.New("not a websocket handshake")

// ErrOrigin refuses a handshake from another site's page.
var ErrOrigin = errors.New("handshake from a foreign origin")

// Handler accepts the sockets of rooms and personal sockets.
type Handler struct {
	Accounts *usecase.Accounts
	Chat     *usecase.Chat
	Hub      *Hub
	Token    func(*http.Request) string // reads the token from the Authorization header
	Own      func(*http.Request) bool   // reports whether the Origin header names our own site
	// NoURLToken ignores tokens in URLs, because URLs end up in logs and histories.
	NoURLToken bool
	// Quota limits how much a person sends; nil means no limit. It is asked for every
	// frame, so a quota that counts for this process alone is good enough.
	Quota port.Quota
	// Count counts a handshake by a ticket of a sign-in, or refuses it; nil means no limit.
	Count func(context.Context, signin.ID) error
	Log   *slog.Logger
	Now   func() time.Time
}

// Small buffers suffice for short messages. Write buffers come from a pool, so that an
// idle socket holds none.
const (
	readBuffer  = 512
	writeBuffer = 1 << 10
)

var upgrader = websocket.Upgrader{
	HandshakeTimeout: 5 * time.Second,
	ReadBufferSize:   readBuffer,
	WriteBufferSize:  writeBuffer,
	WriteBufferPool:  &sync.Pool{},
	CheckOrigin:      func(*http.Request) bool { return true }, // Handler checks it
	Error:            func(http.ResponseWriter, *http.Request, int, error) {},
}

// Open opens the socket of the room whose id is in the path. It refuses a person without
// access before the upgrade, with the error that it returns.
func (h *Handler) Open(w http.ResponseWriter, r *http.Request) error {
	s, err := h.admit(r)
	if err != nil {
		return err
	}
	return h.upgrade(w, r, &s.socket)
}

// OpenPersonal opens the personal socket of the client. It refuses a person without
// access before the upgrade, with the error that it returns.
func (h *Handler) OpenPersonal(w http.ResponseWriter, r *http.Request) error {
	s, err := h.admitPersonal(r)
	if err != nil {
		return err
	}
	return h.upgrade(w, r, &s.socket)
}

// upgrade completes the handshake and starts the socket.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request, s *socket) (err error) {
	s.number = h.Hub.handshakes.Add(1) // before the client can begin another handshake
	if s.conn, err = upgrader.Upgrade(wired{w, s}, r, nil); err != nil {
		return ErrUpgrade
	}
	s.start()
	return nil
}

// admit checks a handshake for a room's socket and prepares the socket.
func (h *Handler) admit(r *http.Request) (*roomSocket, error) {
	if !h.Own(r) {
		return nil, ErrOrigin
	}
	query, path := r.URL.Query(), r.PathValue("id")
	id, err := strconv.ParseInt(path, 10, 64)
	if err != nil || path[0] < '1' { // a sign or a leading zero
		id = 0 // no room has this id
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

// roomSocket prepares the socket of a member of the room. The client has all lines up to
// after, or up to last if after is nil.
func (h *Handler) roomSocket(route string, access port.Access, id room.ID, last int64, after *int64) *roomSocket {
	s := &roomSocket{hub: h.Hub, after: after}
	s.socket = h.socket(s, route, access)
	s.socket.slot = slot{what: fmt.Sprint("room", id), most: maxSockets}
	s.follower = follower{deps: h.Hub.deps, socket: &s.socket, owner: s, room: id, last: last}
	s.sender = sender{chat: h.Chat, follower: &s.follower}
	return s
}

// admitPersonal checks a handshake for a personal socket and prepares the socket.
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
	s := &personalSocket{hub: h.Hub, deps: h.Hub.deps}
	s.membership.Store(unknown)
	s.socket = h.socket(s, r.Pattern, access)
	s.socket.slot = slot{what: "me", most: maxPersonal}
	return s, nil
}

// socket prepares a socket for p.
func (h *Handler) socket(p purpose, route string, access port.Access) socket {
	return socket{
		accounts: h.Accounts,
		meter:    h.Hub.meter,
		log:      h.Log,
		now:      h.Now,
		purpose:  p,
		route:    route,
		access:   access,
		limit:    rateLimit{h.Quota},
		opened:   time.Now(),
		readDone: make(chan struct{}),
		handling: make(chan struct{}, 1),
	}
}

// identify authenticates the client: with a ticket, which it redeems; with a token in
// the URL, where allowed; or with the Authorization header.
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
		if h.Count != nil {
			if err := h.Count(r.Context(), access.SignIn); err != nil {
				return port.Access{}, err
			}
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

// resumeAt parses the seq after which a client wants to resume. It returns nil for an
// empty s.
func resumeAt(s string) (*int64, error) {
	if s == "" {
		return nil, nil // nil means: from the newest line on
	}
	seq, err := strconv.ParseInt(s, 10, 64)
	if err != nil || seq < 0 {
		return nil, fault.Field("after", "올바른 숫자가 아니에요.")
	}
	return &seq, nil
}
