package ws

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// ErrUpgrade refuses a request that is no sound WebSocket handshake.
var ErrUpgrade = errors.New("not a websocket handshake")

// ErrOrigin refuses a page of another site.
var ErrOrigin = errors.New("handshake from a foreign origin")

// Handler opens sockets for the members of a room.
type Handler struct {
	Accounts *usecase.Accounts
	Chat     *usecase.Chat
	Hub      *Hub
	Token    func(*http.Request) string // reads the token of the Authorization header
	Log      *slog.Logger
	Now      func() time.Time
}

// Small buffers are enough for short messages; those for writing are shared, so
// that a silent socket holds none.
const bufferSize = 1 << 10

var upgrader = websocket.Upgrader{
	HandshakeTimeout: 5 * time.Second,
	ReadBufferSize:   bufferSize,
	WriteBufferSize:  bufferSize,
	WriteBufferPool:  &sync.Pool{},
	CheckOrigin:      func(*http.Request) bool { return true }, // looked at before
	Error:            func(http.ResponseWriter, *http.Request, int, error) {},
}

// Open serves the socket of the room whose id is in the path, until it closes.
// Whoever may not have one is refused before the upgrade, by the error it returns.
func (h *Handler) Open(w http.ResponseWriter, r *http.Request) error {
	s, err := h.admit(r)
	if err != nil {
		return err
	}
	s.number = h.Hub.handshakes.Add(1) // before the client can begin another one
	if s.conn, err = upgrader.Upgrade(w, r, nil); err != nil {
		return ErrUpgrade
	}
	code, began := websocket.CloseInternalServerErr, time.Now()
	h.Hub.meter.Opened()
	defer func() { h.Hub.meter.Closed(code) }()
	ctx, end := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer end(nil)
	s.done, s.end = ctx.Done(), end
	err = s.run(ctx)
	code, _ = goodbye(err)
	if code == websocket.CloseInternalServerErr {
		h.Log.Log(ctx, loudness(err), "socket failed", "room", s.room, "user", s.me.ID, "err", err)
	}
	h.Log.LogAttrs(ctx, slog.LevelInfo, "socket",
		slog.String("route", r.Pattern),
		slog.Int64("room", int64(s.room)),
		slog.Int64("user", int64(s.me.ID)),
		slog.Int("code", code),
		slog.Duration("took", time.Since(began)),
	)
	return nil
}

// admit checks a handshake, and makes the session that it is for.
func (h *Handler) admit(r *http.Request) (*session, error) {
	if !sameOrigin(r) {
		return nil, ErrOrigin
	}
	query := r.URL.Query()
	token := query.Get("token")
	if token == "" {
		token = h.Token(r)
	}
	me, signIn, err := h.Accounts.WhoIs(r.Context(), token)
	if err != nil {
		return nil, err
	}
	room := r.PathValue("id")
	id, err := strconv.ParseInt(room, 10, 64)
	if err != nil || room[0] < '1' { // a sign, or a zero
		return nil, party.ErrNotFound
	}
	last, err := h.Chat.Enter(r.Context(), me.ID, party.ID(id))
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
	return &session{
		Handler: h,
		token:   token,
		me:      me,
		signIn:  signIn,
		room:    party.ID(id),
		after:   after,
		last:    last,
		inbox:   make(chan *news, maxWaiting),
		replies: make(chan any, maxReplies),
		heeding: make(chan struct{}, 1),
	}, nil
}

// sameOrigin tells whether the page that asks, where a page does, is our own.
// Browsers send an Origin with every handshake.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host || origin == "https://"+r.Host
}

// resumeAt reads behind which line a client wants to resume, if it says so.
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
