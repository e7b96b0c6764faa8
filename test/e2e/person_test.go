package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// password is everybody's.
const password = "goodenough-8822"

const town = "제주특별자치도 제주시 용담이동"

// person is somebody with an account.
type person struct {
	ID       int64  `json:"id"`
	Email    string `json:"email"`
	Username string `json:"username"`
	Address  string `json:"address"`
	Official bool   `json:"address_official"`
	Token    string `json:"token"`

	on *server
}

type signed struct {
	User person `json:"user"`
}

type writer struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

type post struct {
	ID           int64  `json:"id"`
	Title        string `json:"title"`
	Category     string `json:"category"`
	Address      string `json:"address"`
	Content      string `json:"content"`
	IsComplete   bool   `json:"is_compelete"`
	Closed       bool   `json:"closed_by_writer"`
	RoomDeleted  bool   `json:"room_deleted"`
	IsJoined     bool   `json:"is_joined"`
	SharedPath   string `json:"shared_path"`
	TargetNumber int    `json:"target_number"`
	JoinNumber   int    `json:"join_number"`
	ChatID       int64  `json:"chat_id"`
	Writer       writer `json:"writer"`
}

type message struct {
	ID       int64   `json:"id"`
	Seq      int64   `json:"seq"`
	Type     string  `json:"type"`
	Message  string  `json:"message"`
	Chatroom int64   `json:"chatroom"`
	User     *writer `json:"user"`
	ClientID *string `json:"client_id"`
}

type room struct {
	Messages     []message `json:"messages"`
	Title        string    `json:"title"`
	TargetNumber int       `json:"target_number"`
	JoinNumber   int       `json:"join_number"`
	Writer       writer    `json:"writer"`
	LastSeq      int64     `json:"last_seq"`
	HasMore      bool      `json:"has_more"`
}

type member struct {
	writer
	IsWriter bool   `json:"is_writer"`
	User     writer `json:"user"`
}

// fields are what a body says.
type fields map[string]any

// body is a request's body: of which type, and what.
type body struct {
	contentType string
	content     io.Reader
}

func asJSON(f fields) body {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return body{"application/json", bytes.NewReader(text)}
}

func asURLEncoded(f fields) body {
	values := url.Values{}
	for name, value := range f {
		values.Set(name, fmt.Sprint(value))
	}
	return body{"application/x-www-form-urlencoded", strings.NewReader(values.Encode())}
}

func asMultipart(f fields) body {
	var text bytes.Buffer
	parts := multipart.NewWriter(&text)
	for name, value := range f {
		if err := parts.WriteField(name, fmt.Sprint(value)); err != nil {
			panic(err)
		}
	}
	parts.Close()
	return body{parts.FormDataContentType(), &text}
}

// text is a body that is sent just as it stands.
func text(s string) body { return body{"application/json", strings.NewReader(s)} }

var nothing = body{}

// caller sends requests on behalf of a person, or of nobody.
type caller struct {
	t      testing.TB
	on     *server
	token  string
	breach Breach
	header http.Header
}

// stranger is somebody without an account.
func stranger(t testing.TB, on *server) caller { return caller{t: t, on: on} }

// masked is the address of p as others see it, who have more than two characters there.
func (p person) masked() string {
	local, domain, _ := strings.Cut(p.Email, "@")
	return string([]rune(local)[:2]) + "**@" + domain
}

func (p person) as(t testing.TB) caller { return caller{t: t, on: p.on, token: p.Token} }

// meaning marks the requests of c as ones that the description does not allow.
func (c caller) meaning(b Breach) caller {
	c.breach = b
	return c
}

func (c caller) with(header, value string) caller {
	c.header = c.header.Clone()
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(header, value)
	return c
}

// answer is a response that has been read.
type answer struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   []byte
}

// try sends a request from any goroutine.
func (c caller) try(method, path string, b body) (answer, error) {
	r, err := http.NewRequestWithContext(Breaching(context.Background(), c.breach), method, "http://"+c.on.addr+path, b.content)
	if err != nil {
		return answer{}, err
	}
	if c.header != nil {
		r.Header = c.header.Clone()
	}
	if b.contentType != "" {
		r.Header.Set("Content-Type", b.contentType)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "token "+c.token)
	}
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{c.t, method + " " + path, resp.StatusCode, resp.Header, text}, err
}

func (c caller) do(method, path string, b body) answer {
	c.t.Helper()
	a, err := c.try(method, path, b)
	require.NoError(c.t, err)
	return a
}

func (c caller) get(path string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nothing)
}

func (c caller) post(path string, f fields) answer {
	c.t.Helper()
	if f == nil {
		return c.do(http.MethodPost, path, nothing)
	}
	return c.do(http.MethodPost, path, asJSON(f))
}

func (c caller) delete(path string) answer {
	c.t.Helper()
	return c.do(http.MethodDelete, path, nothing)
}

// is requires a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s: %s", a.asked, a.body)
	return a
}

// refused requires a refusal.
func (a answer) refused(status int, code string) problem {
	a.t.Helper()
	a.is(status)
	p := read[problem](a)
	require.Equal(a.t, code, p.Code, "%s: %s", a.asked, a.body)
	return p
}

// invalid requires a refusal of just these fields.
func (a answer) invalid(names ...string) {
	a.t.Helper()
	p := a.refused(http.StatusBadRequest, "invalid")
	got := []string{}
	for name := range p.Errors {
		got = append(got, name)
	}
	assert.ElementsMatch(a.t, names, got, "%s: %s", a.asked, a.body)
}

func read[T any](a answer) T {
	a.t.Helper()
	var v T
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s: %s", a.asked, a.body)
	return v
}

// registration is a sound one.
func registration(email, username string) fields {
	return fields{"email": email, "username": username, "password": password, "password2": password, "address": town}
}

// newcomer is a new account on a server.
func newcomer(t testing.TB, on *server, name string) person {
	t.Helper()
	a := stranger(t, on).post("/api/user/register/", registration(name+"@newcomer.test", name))
	for began := time.Now(); a.status == http.StatusServiceUnavailable && time.Since(began) < patience; {
		pause(t.Context(), 100*time.Millisecond) // hashes wait for a machine that is busy with other things
		a = stranger(t, on).post("/api/user/register/", registration(name+"@newcomer.test", name))
	}
	p := read[signed](a.is(http.StatusCreated)).User
	p.on = on
	return p
}

var neighbours struct {
	sync.Mutex
	all []person
}

// people are accounts on the shared server that tests may use and must not
// change. They are made once: making one is slow on purpose.
func people(t testing.TB, n int) []person {
	t.Helper()
	neighbours.Lock()
	defer neighbours.Unlock()
	for i := len(neighbours.all); i < n; i++ {
		neighbours.all = append(neighbours.all, newcomer(t, shared, fmt.Sprintf("이웃%d", i)))
	}
	return neighbours.all[:n:n]
}

// two people, and three.
func two(t testing.TB) (ann, bob person) {
	t.Helper()
	p := people(t, 2)
	return p[0], p[1]
}

func three(t testing.TB) (ann, bob, cho person) {
	t.Helper()
	p := people(t, 3)
	return p[0], p[1], p[2]
}

func draft(seats int) fields {
	return fields{"title": "치킨 같이 먹어요", "category": "치킨", "target_number": seats, "content": "후라이드 반 양념 반"}
}

// opens writes a post for so many people, the writer among them.
func (p person) opens(t testing.TB, seats int) post {
	t.Helper()
	return read[post](p.as(t).post("/api/post/write/", draft(seats)).is(http.StatusCreated))
}

func (p person) joins(t testing.TB, party post) room {
	t.Helper()
	return read[room](p.as(t).post(party.room(), nil).is(http.StatusCreated))
}

func (p person) sees(t testing.TB, party post) post {
	t.Helper()
	return read[post](p.as(t).get(party.detail()).is(http.StatusOK))
}

func (p post) detail() string  { return fmt.Sprintf("/api/post/detail/%d/", p.ID) }
func (p post) edit() string    { return p.detail() + "edit/" }
func (p post) remove() string  { return p.detail() + "delete/" }
func (p post) room() string    { return fmt.Sprintf("/api/chat/%d/", p.ChatID) }
func (p post) members() string { return p.room() + "user/" }
func (p post) ban() string     { return p.room() + "user/ban/" }
func (p post) socket() string  { return fmt.Sprintf("/ws/chat/%d/", p.ChatID) }

// signIn is the id of the sign-in that a person's token is of.
func (p person) signIn(t testing.TB) int64 {
	t.Helper()
	var claims struct {
		jwt.RegisteredClaims
		SignIn int64 `json:"sid"`
	}
	_, _, err := jwt.NewParser().ParseUnverified(p.Token, &claims)
	require.NoError(t, err)
	return claims.SignIn
}
