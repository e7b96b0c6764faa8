package ws

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password = "correct horse"
	life     = 15 * time.Minute
)

var cheaply = sync.OnceValues(func() (*auth.Passwords, error) {
	return auth.NewPasswords(auth.Cost{Memory: 19456, Time: 2})
})

var hash = sync.OnceValues(func() (string, error) {
	p, err := cheaply()
	if err != nil {
		return "", err
	}
	return p.Hash(context.Background(), password)
})

// a house is rooms with doors: sockets over a store of its own.
type house struct {
	*testing.T
	*Handler
	parties   *usecase.Parties
	store     *probe
	bus       *inproc.Bus
	passwords *auth.Passwords
	tokens    *auth.Tokens
	log       *logged
	show      func(port.Line) any
	off       atomic.Int64 // by how much its clock is ahead, in nanoseconds
	dialer    websocket.Dialer
	host      string
}

// newHouse opens a house at an address of this machine.
func newHouse(t *testing.T, tweaks ...func(*Config)) *house {
	t.Helper()
	h := build(t, newStore(t, t.TempDir()), tweaks...)
	h.atHome()
	return h
}

func (h *house) atHome() {
	srv := httptest.NewServer(h.doors())
	h.Cleanup(srv.Close)
	h.Cleanup(h.Hub.Close)
	h.host = srv.Listener.Addr().String()
}

// inBubble opens a house where time passes when nobody does anything, and
// where a client takes no byte that it does not read.
func inBubble(t *testing.T, visit func(t *testing.T, h *house), tweaks ...func(*Config)) {
	t.Helper()
	_, err := hash() // outside, since it waits for nothing inside
	require.NoError(t, err)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, newStore(t, dir), tweaks...)
		street := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		srv := &http.Server{Handler: h.doors(), ReadHeaderTimeout: time.Minute}
		go srv.Serve(street) // it ends with the test
		t.Cleanup(func() { srv.Close() })
		t.Cleanup(h.Hub.Close)
		h.host = "mealbuddy.example"
		h.dialer.NetDialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			street.conns <- ours
			return theirs, nil
		}
		visit(t, h)
	})
}

// never is too far for a test to see it.
const never = 10 * time.Hour

func checkEvery(d time.Duration) func(*Config) { return func(c *Config) { c.Check = d } }

// pipes is a listener without a network.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func newStore(t *testing.T, dir string) *probe {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	return &probe{Store: store}
}

// typeFor gives the types of frames that the wire has.
func typeFor(l port.Line) string {
	return map[room.Kind]string{
		chat.Said: "chat.message", party.EntryJoined: "chat.user.join", party.EntryDeparted: "chat.user.leave",
	}[l.Kind]
}

func build(t *testing.T, store *probe, tweaks ...func(*Config)) *house {
	t.Helper()
	passwords, err := cheaply()
	require.NoError(t, err)
	h := &house{T: t, store: store, bus: &inproc.Bus{}, passwords: passwords, log: &logged{}}
	h.show = func(l port.Line) any { return object{"seq": l.Seq, "text": l.Body, "by": l.Person.Username} }
	h.tokens = auth.NewTokens(life, h.clock, func() string { return "one" }, auth.Key{1})
	h.parties = usecase.NewParties(store, usecase.NewChanges(store, h.bus, h.clock, func() {}))
	h.Handler = &Handler{
		Accounts: h.accounts(h.bus),
		Chat:     usecase.NewChat(store, h.bus, h.clock),
		Token:    func(r *http.Request) string { return r.Header.Get("Authorization") },
		Own:      func(r *http.Request) bool { return r.Header.Get("Origin") != "https://evil.example" },
		Log:      slog.New(slog.NewJSONHandler(h.log, nil)),
		Now:      h.clock,
	}
	c := Config{
		Chat:     h.Chat,
		Accounts: h.Accounts,
		Show:     func(l port.Line) (string, any) { return typeFor(l), h.show(l) },
		Log:      h.Log,
		Check:    never,
	}
	for _, tweak := range tweaks {
		tweak(&c)
	}
	h.Hub = NewHub(c)
	h.bus.Subscribe(h.Hub)
	return h
}

// clock is the time as the house has it.
func (h *house) clock() time.Time { return time.Now().Add(time.Duration(h.off.Load())) }

// deaf makes the house hear nothing but what the test delivers.
func (h *house) deaf() { h.over(&inproc.Bus{}) }

// over makes what happens in the house be told to another bus.
func (h *house) over(bus port.Bus) {
	h.parties = usecase.NewParties(h.store, usecase.NewChanges(h.store, bus, h.clock, func() {}))
	h.Chat = usecase.NewChat(h.store, bus, h.clock)
	h.Accounts = h.accounts(bus)
}

func (h *house) accounts(bus port.Bus) *usecase.Accounts {
	return &usecase.Accounts{Store: h.store, Bus: bus, Passwords: h.passwords, Tokens: h.tokens, Random: chance, Now: h.clock}
}

func chance() (s signin.Secret) {
	rand.Read(s[:])
	return s
}

// A probe is a store that counts what is read from it for a hub, and can be made
// to fail or to wait.
type probe struct {
	port.Store
	logs, rooms, people atomic.Int64 // queries
	busy, most          atomic.Int64 // logs that are being read at the same time
	broken              atomic.Bool
	reading             func() // nil, or called before each log is read
	writing             func() // nil, or called before each Write
}

var errBroken = fmt.Errorf("SELECT secret: %w", fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요."))

func (p *probe) Read() port.Repos {
	r := p.Store.Read()
	r.Log, r.Heads = probedMessages{r.Log, p}, probedHeads{r.Heads, p}
	return r
}

func (p *probe) Write(ctx context.Context, fn func(port.Repos) error) error {
	if p.writing != nil {
		p.writing()
	}
	return p.Store.Write(ctx, fn)
}

func (p *probe) asked(counter *atomic.Int64) error {
	counter.Add(1)
	if p.broken.Load() {
		return errBroken
	}
	return nil
}

type probedMessages struct {
	port.Log
	*probe
}

func (p probedMessages) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	busy := p.busy.Add(1)
	defer p.busy.Add(-1)
	for most := p.most.Load(); busy > most && !p.most.CompareAndSwap(most, busy); most = p.most.Load() {
	}
	if p.reading != nil {
		p.reading()
	}
	if err := p.asked(&p.logs); err != nil {
		return nil, err
	}
	return p.Log.After(ctx, id, seq, limit)
}

type probedHeads struct {
	port.Heads
	*probe
}

func (p probedHeads) Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	if err := p.asked(&p.probe.rooms); err != nil {
		return nil, err
	}
	return p.Heads.Rooms(ctx, ids)
}

func (p probedHeads) SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error) {
	if err := p.asked(&p.probe.people); err != nil {
		return nil, err
	}
	return p.Heads.SignIns(ctx, ids, at)
}

// doors opens sockets, and says in a header why it does not.
func (h *house) doors() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws/chat/{id}/", func(w http.ResponseWriter, r *http.Request) {
		if err := h.Open(w, r); err != nil {
			w.Header().Set("Why", fmt.Sprintf("%q", err))
			w.WriteHeader(http.StatusForbidden)
		}
	})
	return mux
}

// logged is a log that several may write.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type someone struct {
	id     user.ID
	signIn signin.ID
	token  string
}

// me is how a person asks.
func (h *house) me(who someone) usecase.Me {
	h.Helper()
	person, by, err := h.store.Read().SignIns.Holder(h.Context(), who.signIn, time.Now())
	require.NoError(h, err)
	return usecase.Me{State: person.State(), SignIn: by.State()}
}

// again signs a person in on one more device.
func (h *house) again(who someone) someone {
	h.Helper()
	s := signin.Open(signin.NewID(chance()), who.id, signin.Origin{Device: "Chrome"}, signin.NewToken(chance(), chance()), time.Now())
	who.signIn = s.State().ID
	require.NoError(h, h.store.Write(h.Context(), func(r port.Repos) error { return r.SignIns.Save(h.Context(), s) }))
	var err error
	who.token, err = h.tokens.Issue(who.id, who.signIn)
	require.NoError(h, err)
	return who
}

func (h *house) person(name string) someone {
	h.Helper()
	text, err := hash()
	require.NoError(h, err)
	u, err := user.Register(user.Registration{
		Email: name + "@example.com", Username: name, Password: password, Password2: password, Address: "종로구",
	}, text, time.Now())
	require.NoError(h, err)
	var who someone
	require.NoError(h, h.store.Write(h.Context(), func(r port.Repos) error {
		who.id, err = r.Users.Save(h.Context(), u)
		return err
	}))
	return h.again(who)
}

func (h *house) open(leader someone, others ...someone) party.ID {
	h.Helper()
	post, err := h.parties.Open(h.Context(), leader.id, party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 10})
	require.NoError(h, err)
	for _, who := range others {
		h.join(who, post.ID)
	}
	return post.ID
}

func (h *house) join(who someone, id party.ID) {
	h.Helper()
	_, _, err := h.parties.Join(h.Context(), who.id, id)
	require.NoError(h, err)
}

func (h *house) say(who someone, id party.ID, words string) port.Line {
	h.Helper()
	l, _, err := h.Chat.Say(h.Context(), who.id, id, words, "")
	require.NoError(h, err)
	return l
}

func (h *house) people(names ...string) (people []someone) {
	h.Helper()
	for _, name := range names {
		people = append(people, h.person(name))
	}
	return people
}

// withdrawn ends the account of who, and takes who out of rooms as the clock does.
func (h *house) withdrawn(who someone) error {
	if err := h.Accounts.Withdraw(h.Context(), h.me(who), password, ""); err != nil {
		return err
	}
	return h.parties.Withdraw(h.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(who.id)})
}

func (h *house) withdraw(who someone) {
	h.Helper()
	require.NoError(h, h.withdrawn(who))
}

// chatter stores n lines that nobody is told of.
func (h *house) chatter(who someone, id party.ID, n int) []port.Line {
	h.Helper()
	var lines []port.Line
	require.NoError(h, h.store.Write(h.Context(), func(r port.Repos) (err error) {
		ms := make([]room.Entry, n)
		for i := range ms {
			ms[i] = room.Entry{Room: id, Kind: chat.Said, Who: who.id, Body: fmt.Sprint("chatter ", i), At: time.Now()}
		}
		lines, err = r.Log.Append(h.Context(), ms)
		return err
	}))
	return lines
}

type object = map[string]any

// a client is the other end of a socket.
type client struct {
	*testing.T
	*websocket.Conn
}

func (h *house) dial(who someone, id party.ID, query string) (*client, error) {
	url := fmt.Sprintf("ws://%s/ws/chat/%d/?token=%s%s", h.host, id, who.token, query)
	conn, resp, err := h.dialer.DialContext(h.Context(), url, nil)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	h.Cleanup(func() { conn.Close() })
	return &client{h.T, conn}, nil
}

// follow opens a socket that hears all that is said from now on.
func (h *house) follow(who someone, id party.ID, query string) *client {
	h.Helper()
	c, err := h.dial(who, id, query)
	require.NoError(h, err)
	c.settle()
	return c
}

// settle waits until the session has begun: only then it answers.
func (c *client) settle() {
	c.Helper()
	c.send(`{"message":""}`)
	for {
		if f := c.read(); f["type"] == "error" {
			return
		} else if f["type"] != "chat.resync" {
			c.Fatalf("settle before %v", f)
		}
	}
}

func (c *client) send(text string) {
	c.Helper()
	require.NoError(c, c.WriteMessage(websocket.TextMessage, []byte(text)))
}

const patience = 20 * time.Second

// read gives the next frame.
func (c *client) read() (frame object) {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	kind, text, err := c.ReadMessage()
	require.NoError(c, err)
	require.Equal(c, websocket.TextMessage, kind)
	require.NoError(c, json.Unmarshal(text, &frame))
	return frame
}

// hears expects lines of the log, by their seq.
func (c *client) hears(seqs ...int64) {
	c.Helper()
	for _, seq := range seqs {
		f := c.read()
		require.Contains(c, f, "message", "%v", f)
		require.EqualValues(c, seq, f["message"].(object)["seq"])
	}
}

// refused expects that a message was refused.
func (c *client) refused(code string, clientID any) {
	c.Helper()
	f := c.read()
	assert.NotEmpty(c, f["detail"])
	delete(f, "detail")
	assert.Equal(c, object{"type": "error", "code": code, "client_id": clientID}, f)
}

// closed expects the end of the socket, and nothing before.
func (c *client) closed(code int) {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(patience))
	_, text, err := c.ReadMessage()
	var end *websocket.CloseError
	require.True(c, errors.As(err, &end), "%v, %s", err, text)
	assert.Equal(c, code, end.Code, end.Text)
}

// told reads until the end of the socket, and gives the seqs of what came before.
func (c *client) told() (seqs []int64, code int) {
	c.Helper()
	for {
		c.SetReadDeadline(time.Now().Add(patience))
		_, text, err := c.ReadMessage()
		var end *websocket.CloseError
		if errors.As(err, &end) {
			return seqs, end.Code
		}
		require.NoError(c, err)
		var f struct{ Message struct{ Seq int64 } }
		require.NoError(c, json.Unmarshal(text, &f))
		seqs = append(seqs, f.Message.Seq)
	}
}

func upTo(first, last int64) (seqs []int64) {
	for ; first <= last; first++ {
		seqs = append(seqs, first)
	}
	return seqs
}

func (h *house) sessions() int {
	h.Hub.mu.Lock()
	defer h.Hub.mu.Unlock()
	n := 0
	for _, r := range h.Hub.rooms {
		n += len(r.sessions)
	}
	return n
}

// request is a handshake that has not been sent.
func request(path string, who someone) *http.Request {
	r := httptest.NewRequest("GET", path, nil)
	r.SetPathValue("id", strings.Split(path, "/")[3])
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	r.Header.Set("Authorization", who.token)
	return r
}
