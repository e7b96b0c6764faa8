package httpapi

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/pantry"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/template"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)

const (
	password = "correct horse"
	jongno   = "서울특별시 종로구 혜화동"
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

// a site is the API over a store of its own.
type site struct {
	*testing.T
	Config
	*API
	store  *sqlite.Store
	tokens *auth.Tokens
	chat   *usecase.Chat
	log    *bytes.Buffer
	server http.Handler
}

// migrated returns a folder with a store that has its tables and no rows.
var migrated = template.Folder(func(dir string) error {
	store, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	return store.Close()
})

func newSite(t *testing.T) *site {
	t.Helper()
	store, err := sqlite.Open(t.Context(), migrated(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	passwords, err := cheaply()
	require.NoError(t, err)
	now := func() time.Time { return noon }
	bus := &inproc.Bus{}
	s := &site{T: t, store: store, tokens: auth.NewTokens(15*time.Minute, now, func() string { return "one" }, auth.Key{1}), log: &bytes.Buffer{}}
	s.chat = usecase.NewChat(store, bus, chance, now)
	codes, err := auth.NewShareCodes(auth.Key{1})
	require.NoError(t, err)
	var requests atomic.Int64
	s.Config = Config{
		Messages: Messages{Sentences: party.Sentences},
		Accounts: usecase.NewAccounts(usecase.AccountsConfig{
			Store: store, Bus: bus, Passwords: passwords, Confirms: passwords, Tokens: s.tokens, Random: chance, Now: now, Wake: func() {},
		}),
		Repeats:  usecase.NewOnce(store),
		Chat:     s.chat,
		Parties:  usecase.NewParties(store, usecase.NewChanges(store, bus, now, func() {}), party.Limits{}),
		Regions:  usecase.NewRegions(nil),
		Menus:    usecase.NewMenus(menusConfig(store)),
		Socket:   always(ErrUpgrade),
		Personal: always(ErrUpgrade),
		Shares:   usecase.NewShares(store, codes),
		Shared: func(w http.ResponseWriter, _ *http.Request, status int, p Preview) {
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(p)
		},
		App:      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the app") }),
		Document: []byte("openapi: 3.1.0\n"),
		Log:      slog.New(slog.NewJSONHandler(s.log, nil)),
		NewID:    func() string { return fmt.Sprint("request-", requests.Add(1)) },
		Random:   chance,
		Now:      now,
	}
	s.build()
	return s
}

// build makes the API of what the site has now.
func (s *site) build() {
	s.API = New(s.Config)
	s.server = s.Handler()
}

func menusConfig(store port.Store) usecase.MenusConfig {
	now := func() time.Time { return noon }
	return usecase.MenusConfig{
		Pantry: pantry.Chef{Chance: rand.Float64}, Places: usecase.NewRegions(nil),
		Quota: inproc.NewQuota(now), Conversations: inproc.NewConversations(now), Now: now,
	}
}

// cooks makes the menus of the site work with something else.
func (s *site) cooks(with func(*usecase.MenusConfig)) {
	c := menusConfig(s.store)
	with(&c)
	s.Menus = usecase.NewMenus(c)
	s.build()
}

func chance() (s signin.Secret) {
	cryptorand.Read(s[:])
	return s
}

// signIn signs somebody in who has a password, on one more device.
func (s *site) signIn(who user.ID) someone {
	s.Helper()
	in := signin.Open(signin.NewID(chance()), who, signin.Origin{Device: "Chrome"}, signin.NewToken(chance(), chance()), noon)
	require.NoError(s, s.store.Write(s.Context(), func(r port.Repos) error { return r.SignIns.Save(s.Context(), in) }))
	token, err := s.tokens.Issue(who, in.State().ID)
	require.NoError(s, err)
	return someone{who, token}
}

// someone is a person, and a token that is good for them.
type someone struct {
	id    user.ID
	token string
}

func (s *site) person(name string) someone {
	s.Helper()
	h, err := hash()
	require.NoError(s, err)
	u, err := user.Register(user.Registration{
		Email: name + "@example.com", Username: name, Password: password, PasswordAgain: password, Neighborhood: jongno,
	}, h, noon)
	require.NoError(s, err)
	var who someone
	require.NoError(s, s.store.Write(s.Context(), func(r port.Repos) error {
		who.id, err = r.Users.Save(s.Context(), u)
		return err
	}))
	return s.signIn(who.id)
}

func (s *site) open(seats int, leader someone, others ...someone) party.ID {
	s.Helper()
	post, err := s.Parties.Open(s.Context(), leader.id, party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: seats})
	require.NoError(s, err)
	for _, who := range others {
		_, _, err := s.Parties.Join(s.Context(), who.id, post.ID)
		require.NoError(s, err)
	}
	return post.ID
}

var nobody someone

// ask sends a request with a JSON body, unless it is "".
func (s *site) ask(who someone, method, path, body string) *answer {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != nobody {
		r.Header.Set("Authorization", "token "+who.token)
	}
	return s.send(r)
}

func (s *site) send(r *http.Request) *answer {
	s.Helper()
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return &answer{s.T, w}
}

type answer struct {
	*testing.T
	*httptest.ResponseRecorder
}

type object = map[string]any

// is expects a status and a JSON body, which v tells.
func (a *answer) is(status int, v any) {
	a.Helper()
	require.Equal(a, status, a.Code, "%s", a.Body)
	assert.Equal(a, "application/json", a.Header().Get("Content-Type"))
	want, err := json.Marshal(v)
	require.NoError(a, err)
	assert.JSONEq(a, string(want), a.Body.String())
}

// empty expects a status and nothing else.
func (a *answer) empty(status int) {
	a.Helper()
	require.Equal(a, status, a.Code, "%s", a.Body)
	assert.Zero(a, a.Body.Len())
}

// json reads the body of a success.
func (a *answer) json(status int) (v object) {
	a.Helper()
	require.Equal(a, status, a.Code, "%s", a.Body)
	require.NoError(a, json.Unmarshal(a.Body.Bytes(), &v))
	return v
}

// refused expects a problem, and returns the names of the fields it is about.
func (a *answer) refused(status int, code string) (fields []string) {
	a.Helper()
	require.Equal(a, status, a.Code, "%s", a.Body)
	assert.Equal(a, "application/problem+json", a.Header().Get("Content-Type"))
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
		RequestID                 string `json:"request_id"`
		Errors                    map[string][]string
	}
	require.NoError(a, json.Unmarshal(a.Body.Bytes(), &p))
	assert.Equal(a, "about:blank", p.Type)
	assert.Equal(a, http.StatusText(status), p.Title)
	assert.Equal(a, status, p.Status)
	assert.Equal(a, code, p.Code)
	assert.NotEmpty(a, p.Detail)
	assert.NotEmpty(a, p.RequestID)
	assert.Equal(a, a.Header().Get("X-Request-Id"), p.RequestID)
	for field, whys := range p.Errors {
		assert.NotEmpty(a, whys)
		fields = append(fields, field)
	}
	return fields
}

// lines returns what was logged since the last time.
func (s *site) lines() (lines []object) {
	s.Helper()
	for text := range strings.Lines(s.log.String()) {
		var line object
		require.NoError(s, json.Unmarshal([]byte(text), &line))
		lines = append(lines, line)
	}
	s.log.Reset()
	return lines
}

func at(form string, id party.ID) string { return fmt.Sprintf(form, id) }
