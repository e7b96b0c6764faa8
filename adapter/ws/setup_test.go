package ws

import (
	"bytes"
	"context"
	"crypto/rand"
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
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/template"
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

// a fixture is a hub and its handler with their own store.
type fixture struct {
	*testing.T
	*Handler
	parties   *usecase.Parties
	store     *probe
	bus       *inproc.Bus
	passwords *auth.Passwords
	tokens    *auth.Tokens
	log       *logged
	show      func(port.Line) any
	off       atomic.Int64 // offset of its clock, in nanoseconds
	dialer    websocket.Dialer
	host      string
}

// newFixture returns a fixture that serves on a local port.
func newFixture(t *testing.T, tweaks ...func(*Config)) *fixture {
	t.Helper()
	h := build(t, newStore(t, migrated(t)), tweaks...)
	h.serve()
	return h
}

func (h *fixture) serve() {
	srv := httptest.NewServer(h.routes())
	h.Cleanup(srv.Close)
	h.Cleanup(h.Hub.Close)
	h.host = srv.Listener.Addr().String()
}

// inBubble runs a test in a synctest bubble, with unbuffered connections: the server
// cannot write a byte that the client does not read.
func inBubble(t *testing.T, visit func(t *testing.T, h *fixture), tweaks ...func(*Config)) {
	t.Helper()
	_, err := hash() // outside the bubble, because it is shared between tests
	require.NoError(t, err)
	dir := migrated(t)
	synctest.Test(t, func(t *testing.T) {
		h := build(t, newStore(t, dir), tweaks...)
		listener := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		srv := &http.Server{Handler: h.routes(), ReadHeaderTimeout: time.Minute}
		go srv.Serve(listener) // ends with the test
		t.Cleanup(func() { srv.Close() })
		t.Cleanup(h.Hub.Close)
		h.host = "mealbuddy.example"
		h.dialer.NetDialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			listener.conns <- ours
			return theirs, nil
		}
		visit(t, h)
	})
}

// never is longer than any test.
const never = 10 * time.Hour

func checkEvery(d time.Duration) func(*Config) { return func(c *Config) { c.Check = d } }

// pipes is a net.Listener for in-memory connections.
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

// migrated returns a folder with a store that has its tables and no rows.
var migrated = template.Folder(func(dir string) error {
	store, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	return store.Close()
})

func newStore(t *testing.T, dir string) *probe {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	return &probe{Store: store}
}

// typeFor returns the types that frames have on the wire.
func typeFor(l port.Line) string {
	return map[room.Kind]string{
		chat.Said: "chat.message", party.EntryJoined: "chat.user.join", party.EntryDeparted: "chat.user.leave",
	}[l.Kind]
}

func build(t *testing.T, store *probe, tweaks ...func(*Config)) *fixture {
	t.Helper()
	passwords, err := cheaply()
	require.NoError(t, err)
	h := &fixture{T: t, store: store, bus: &inproc.Bus{}, passwords: passwords, log: &logged{}}
	h.show = func(l port.Line) any { return object{"seq": l.Seq, "text": l.Body, "by": l.Person.Username} }
	h.tokens = auth.NewTokens(life, h.clock, func() string { return "one" }, auth.Key{1})
	h.parties = usecase.NewParties(store, usecase.NewChanges(store, h.bus, h.clock, func() {}), party.Limits{})
	h.Handler = &Handler{
		Accounts: h.accounts(h.bus),
		Chat:     usecase.NewChat(store, h.bus, chance, h.clock),
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
	h.bus.FollowRooms(h.Hub)
	h.bus.FollowPeople(h.Hub)
	return h
}

// clock returns the time by the fixture's clock.
func (h *fixture) clock() time.Time { return time.Now().Add(time.Duration(h.off.Load())) }

// disconnectBus makes the hub receive only what the test delivers.
func (h *fixture) disconnectBus() { h.useBus(&inproc.Bus{}) }

// useBus makes use cases publish to another bus.
func (h *fixture) useBus(bus port.Bus) {
	h.parties = usecase.NewParties(h.store, usecase.NewChanges(h.store, bus, h.clock, func() {}), party.Limits{})
	h.Chat = usecase.NewChat(h.store, bus, chance, h.clock)
	h.Accounts = h.accounts(bus)
}

func (h *fixture) accounts(bus port.Bus) *usecase.Accounts {
	return usecase.NewAccounts(usecase.AccountsConfig{
		Store: h.store, Bus: bus, Passwords: h.passwords, Confirms: h.passwords, Tokens: h.tokens, Random: chance, Now: h.clock, Wake: func() {},
	})
}

func chance() (s signin.Secret) {
	rand.Read(s[:])
	return s
}

// routes serves both endpoints. It returns an error in a header.
func (h *fixture) routes() http.Handler {
	mux := http.NewServeMux()
	for path, open := range map[string]func(http.ResponseWriter, *http.Request) error{"/ws/chat/{id}/": h.Open, "/ws/me/": h.OpenPersonal} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := open(w, r); err != nil {
				w.Header().Set("Why", fmt.Sprintf("%q", err))
				w.WriteHeader(http.StatusForbidden)
			}
		})
	}
	return mux
}

// logged is a buffer for log lines that is safe for concurrent use.
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

// me returns the identity of a person, as use cases need it.
func (h *fixture) me(who someone) usecase.Me {
	h.Helper()
	person, by, err := h.store.Read().SignIns.Holder(h.Context(), who.signIn, time.Now())
	require.NoError(h, err)
	return usecase.Me{State: person.State(), SignIn: by.State()}
}

// again signs a person in on another device.
func (h *fixture) again(who someone) someone {
	h.Helper()
	s := signin.Open(signin.NewID(chance()), who.id, signin.Origin{Device: "Chrome"}, signin.NewToken(chance(), chance()), time.Now())
	who.signIn = s.State().ID
	require.NoError(h, h.store.Write(h.Context(), func(r port.Repos) error { return r.SignIns.Save(h.Context(), s) }))
	var err error
	who.token, err = h.tokens.Issue(who.id, who.signIn)
	require.NoError(h, err)
	return who
}

func (h *fixture) person(name string) someone {
	h.Helper()
	text, err := hash()
	require.NoError(h, err)
	u, err := user.Register(user.Registration{
		Email: name + "@example.com", Username: name, Password: password, PasswordAgain: password, Neighborhood: "서울특별시 종로구 혜화동",
	}, text, time.Now())
	require.NoError(h, err)
	var who someone
	require.NoError(h, h.store.Write(h.Context(), func(r port.Repos) error {
		who.id, err = r.Users.Save(h.Context(), u)
		return err
	}))
	return h.again(who)
}

func (h *fixture) open(leader someone, others ...someone) party.ID {
	h.Helper()
	post, err := h.parties.Open(h.Context(), leader.id, party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 10})
	require.NoError(h, err)
	for _, who := range others {
		h.join(who, post.ID)
	}
	return post.ID
}

func (h *fixture) join(who someone, id party.ID) {
	h.Helper()
	_, _, err := h.parties.Join(h.Context(), who.id, id)
	require.NoError(h, err)
}

func (h *fixture) say(who someone, id party.ID, words string) port.Line {
	h.Helper()
	l, _, err := h.Chat.Say(h.Context(), who.id, id, words, "")
	require.NoError(h, err)
	return l
}

func (h *fixture) people(names ...string) (people []someone) {
	h.Helper()
	for _, name := range names {
		people = append(people, h.person(name))
	}
	return people
}

// withdrawn ends a person's account and runs the agenda item that removes them from
// their rooms.
func (h *fixture) withdrawn(who someone) error {
	if err := h.Accounts.Withdraw(h.Context(), h.me(who), password, signin.Origin{}); err != nil {
		return err
	}
	return h.parties.Withdraw(h.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(who.id)})
}

func (h *fixture) withdraw(who someone) {
	h.Helper()
	require.NoError(h, h.withdrawn(who))
}

// chatter stores n lines without publishing them.
func (h *fixture) chatter(who someone, id party.ID, n int) []port.Line {
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

// wholeLog reads a log without being counted.
func (h *fixture) wholeLog(id room.ID) []port.Line {
	h.Helper()
	lines, err := h.store.Store.Read().Log.After(h.Context(), id, 0, 1000)
	require.NoError(h, err)
	return lines
}

type object = map[string]any

// followers returns the number of followers of all rooms.
func (h *fixture) followers() int {
	h.Hub.mu.Lock()
	defer h.Hub.mu.Unlock()
	n := 0
	for _, r := range h.Hub.rooms {
		n += len(r.followers)
	}
	return n
}

// request returns a handshake request.
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
