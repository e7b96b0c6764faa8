package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// An eavesdropper is a client with its own address that records all refusals, and all
// headers except cookies.
type eavesdropper struct {
	t      *testing.T
	on     *server
	client http.Client
	dialer websocket.Dialer

	mu    sync.Mutex
	heard bytes.Buffer
}

// clientAddr is a local address that nothing else uses.
const clientAddr = "127.98.76.54"

func eavesdrop(t *testing.T, on *server) *eavesdropper {
	dial := (&net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddr)}}).DialContext
	transport := &http.Transport{DialContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &eavesdropper{
		t: t, on: on,
		client: http.Client{Transport: transport, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		dialer: websocket.Dialer{NetDialContext: dial, HandshakeTimeout: patience},
	}
}

// keep records the parts of an answer that others may see.
func (e *eavesdropper) keep(resp *http.Response, body []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	header := resp.Header.Clone()
	header.Del("Set-Cookie")
	header.Write(&e.heard)
	if resp.StatusCode >= http.StatusBadRequest {
		e.heard.Write(body)
	}
}

// ask sends a request and returns the answer.
func (e *eavesdropper) ask(method, path, token, contentType, body string, cookies ...*http.Cookie) answer {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), method, "http://"+e.on.addr+path, strings.NewReader(body))
	require.NoError(e.t, err)
	if body != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	resp, err := e.client.Do(r)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	e.keep(resp, text)
	return answer{e.t, method + " " + path, resp.StatusCode, resp.Header, text}
}

func (e *eavesdropper) json(method, path, token string, f fields, cookies ...*http.Cookie) answer {
	e.t.Helper()
	text, err := io.ReadAll(asJSON(f).content)
	require.NoError(e.t, err)
	return e.ask(method, path, token, "application/json", string(text), cookies...)
}

// open tries a handshake.
func (e *eavesdropper) open(path string, query url.Values, header http.Header) *websocket.Conn {
	e.t.Helper()
	conn, resp, err := e.dialer.DialContext(e.t.Context(), "ws://"+e.on.addr+path+"?"+query.Encode(), header)
	if conn == nil {
		require.NotNil(e.t, resp, "%v", err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(e.t, err)
		e.keep(resp, body)
		return nil
	}
	return conn
}

// hears reads a socket until it ends or n frames have arrived, and records refusals.
func (e *eavesdropper) hears(conn *websocket.Conn, n int) {
	for range n {
		_, text, err := conn.ReadMessage()
		if err != nil {
			e.mu.Lock()
			fmt.Fprintln(&e.heard, err)
			e.mu.Unlock()
			return
		}
		if bytes.Contains(text, []byte(`"type":"error"`)) {
			e.mu.Lock()
			e.heard.Write(text)
			e.mu.Unlock()
		}
	}
}

// Secrets appear only where they belong: not in a debug log, an error, a header, a
// metric or the audit log, and not on disk, except what people write to each other.
func TestPlantedSecrets(t *testing.T) {
	t.Parallel()
	for store, environ := range map[string]func(t *testing.T) []string{
		"SQLite": func(*testing.T) []string { return nil },
		"PostgreSQL": func(t *testing.T) []string {
			return []string{"MEALBUDDY_DATABASE_URL=" + container.Postgres(t), "MEALBUDDY_REDIS_URL=" + container.StartRedis(t).URL(), "MEALBUDDY_TOKEN_KEYS=" + ownKey.text()}
		},
	} {
		t.Run(store, func(t *testing.T) {
			on := serve(t, t.TempDir(), append(environ(t), "MEALBUDDY_LOG_LEVEL=debug", "MEALBUDDY_DEBUG_ADDR=127.0.0.1:0")...)
			e := eavesdrop(t, on)
			s := plant(e)

			debug, err := on.log.find(func(e entry) bool { return e.Msg == "metrics and profiles" })
			require.NoError(t, err)
			resp, err := (&http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + debug.Addr + "/metrics")
			require.NoError(t, err)
			metrics, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			require.NoError(t, err)
			require.NoError(t, on.stop())

			log := on.log.String()
			require.Contains(t, log, `"level":"DEBUG"`)
			require.Contains(t, log, "/api/user/login/")
			require.Contains(t, e.heard.String(), "invalid_credentials")
			require.Contains(t, e.heard.String(), "malformed_frame")
			for name, secret := range s.all() {
				assert.NotContains(t, log, secret, "%s in the log", name)
				assert.NotContains(t, e.heard.String(), secret, "%s in a refusal or a header", name)
				assert.NotContains(t, string(metrics), secret, "%s in the metrics", name)
			}
			s.notKept(t, on.data)
			t.Logf("%d secrets; %d bytes of log, %d of refusals and headers, %d of metrics", len(s.all()), len(log), e.heard.Len(), len(metrics))
		})
	}
}

// secrets are the secrets in use, by name.
type secrets struct {
	credentials map[string]string // grant access
	words       map[string]string // private, and stored only where they belong
}

func (s secrets) all() map[string]string {
	all := map[string]string{"the client's address": clientAddr}
	for _, some := range []map[string]string{s.credentials, s.words} {
		for name, secret := range some {
			all[name] = secret
		}
	}
	return all
}

// notKept checks that no file contains a credential, as text or as bytes.
func (s secrets) notKept(t *testing.T, data string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for name, secret := range s.credentials {
			assert.False(t, bytes.Contains(text, []byte(secret)), "%s in %s", name, path)
			if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(raw) >= 32 {
				assert.False(t, bytes.Contains(text, raw), "the bytes of %s in %s", name, path)
			}
		}
		return err
	}))
}

// plant uses secrets everywhere, correctly and incorrectly.
func plant(e *eavesdropper) secrets {
	t := e.t
	const (
		first, second, wrong = "planted-first-7261", "planted-second-8372", "planted-wrong-9483"
		email, unknown       = "planted.mail@newcomer.test", "planted.unknown@newcomer.test"
		words, refused       = "planted words 1504", "planted refusal 2615"
	)
	s := secrets{
		credentials: map[string]string{"the first password": first, "the second password": second, "a wrong password": wrong},
		words:       map[string]string{"the e-mail address": email, "an unknown address": unknown, "what was said": words, "what was not let through": refused},
	}
	cookies := func(name string, a answer) (all []*http.Cookie) {
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			if c.Value != "" {
				s.credentials[name+": "+c.Name] = c.Value
				all = append(all, &http.Cookie{Name: c.Name, Value: c.Value})
			}
		}
		return all
	}
	token := func(name string, a answer) string {
		text := read[signed](a).User.Token
		s.credentials[name+": token"] = text
		s.credentials[name+": signature"] = text[strings.LastIndexByte(text, '.')+1:]
		return text
	}

	account := registration(email, "planted")
	account["password"], account["password2"] = first, first
	registered := e.json("POST", "/api/user/register/", "", account).is(http.StatusCreated)
	cookies("registered", registered)
	e.json("POST", "/api/user/register/", "", account).is(http.StatusBadRequest)
	for range 7 { // until the rate limit is reached
		e.json("POST", "/api/user/login/", "", fields{"email": unknown, "password": wrong})
	}
	e.json("POST", "/api/user/login/", "", fields{"email": email, "password": wrong}).is(http.StatusUnauthorized)
	login := e.json("POST", "/api/user/login/", "", fields{"email": email, "password": first}).is(http.StatusOK)
	token("login", login)
	kept := cookies("login", login)
	refreshed := e.json("POST", refreshPath, "", nil, kept...).is(http.StatusOK)
	me, next := token("refresh", refreshed), cookies("refresh", refreshed)
	cookies("current", e.ask("GET", currentPath, me, "", "").is(http.StatusOK))

	party := read[post](e.json("POST", "/api/post/write/", me, draft(3)).is(http.StatusCreated))
	tickets := make([]string, 2)
	for i := range tickets {
		tickets[i] = read[struct{ Ticket string }](e.ask("POST", party.tickets(), me, "", "").is(http.StatusCreated)).Ticket
		s.credentials[fmt.Sprint("ticket ", i)] = tickets[i]
	}
	personal := read[struct{ Ticket string }](e.ask("POST", personalTickets, me, "", "").is(http.StatusCreated)).Ticket
	s.credentials["personal ticket"] = personal
	own := e.open(personalSocket, url.Values{"ticket": {personal}}, nil)
	require.NotNil(t, own)
	defer own.Close()
	require.Nil(t, e.open(personalSocket, url.Values{"ticket": {personal}}, nil))
	require.NoError(t, own.WriteMessage(websocket.TextMessage, []byte(`{"message":"`+refused+`"}`)))
	e.hears(own, 1)
	conn := e.open(party.socket(), url.Values{"token": {me}}, nil)
	require.NotNil(t, conn)
	defer conn.Close()
	by := e.open(party.socket(), url.Values{"ticket": {tickets[0]}}, nil)
	require.NotNil(t, by)
	defer by.Close()
	for _, query := range []url.Values{
		{"ticket": {tickets[0]}}, {"ticket": {tickets[1] + "A"}}, {"token": {me + "A"}}, {"token": {me}, "after": {wrong}}, {"token": {first}}, {"ticket": {first}},
	} {
		require.Nil(t, e.open(party.socket(), query, nil))
	}
	require.Nil(t, e.open(party.socket(), url.Values{"token": {me}}, http.Header{"Origin": {"https://evil.example"}}))
	require.Nil(t, e.open("/ws/chat/"+me+"/", url.Values{"token": {me}}, nil))
	for _, text := range []string{
		`{"message":"` + words + `","client_id":"one"}`,
		`{"message":"` + refused + `","client_id":"one"}`, `{"message":"` + refused, `"` + refused + `"`,
		`{"message":"` + refused + strings.Repeat("가", 1001) + `"}`, `{"message":"` + refused + `","client_id":1}`,
	} {
		require.NoError(t, conn.WriteMessage(websocket.TextMessage, []byte(text)))
	}
	e.hears(conn, 6)
	require.NoError(t, by.WriteMessage(websocket.BinaryMessage, []byte(refused)))
	e.hears(by, 6)

	everything := strings.Join([]string{me, next[0].Value, first, wrong, email, words}, " ")
	for _, path := range []string{"/api/user/login/", "/api/user/changepassword/", "/api/user/delete/", "/api/user/update/", "/api/post/write/", party.edit(), party.ban(), menusPath} {
		for contentType, bodies := range map[string][]string{
			"application/json": {
				`{"password":"` + everything, `["` + everything + `"]`, `"` + everything + `"`, `{"` + everything + `":1}`, `{"password":"` + everything + `\u0000"}`,
				`{"email":{"` + everything + `":1},"password":["` + everything + `"],"title":["` + everything + `"],"username":["` + everything + `"],"target_user_id":"` + everything + `"}`,
			},
			"application/x-www-form-urlencoded": {"password=" + everything + "%zz", "password=" + everything + "\xff"},
			"multipart/form-data; boundary=x":   {"--x\r\nContent-Disposition: form-data; name=\"" + everything + "\r\n\r\n" + everything, everything},
			"text/plain":                        {everything},
			"application/" + first:              {everything},
		} {
			for _, body := range bodies {
				if a := e.ask("POST", path, me, contentType, body); a.status >= http.StatusInternalServerError {
					a.is(http.StatusBadRequest)
				}
			}
		}
	}
	for _, path := range []string{
		"/api/" + me + "/", "/api/post/detail/" + first + "/", "/api/post/?page=" + me + "&category=" + url.QueryEscape(words), "/api/user/current/?token=" + me,
		"/api/chat/" + fmt.Sprint(party.ID) + "/?before=" + wrong, "/api/region/search/?q=" + strings.Repeat(url.QueryEscape(words), 20),
		"/api/region/near/?lat=" + me + "&lon=" + me, "//" + me, "/api/../" + me, "/ws/" + me, weatherPath + "?lat=" + me,
	} {
		e.ask("GET", path, me, "", "")
		e.ask("POST", path, me+"x", "application/json", everything)
	}
	e.ask("GET", "/livez", "", "", "")
	e.garbage("GET / HTTP/1.1\r\nHost: x\r\n" + me + "\r\n\r\n")
	e.garbage("GET /" + me + " HTTP/9.9\r\n\r\n")
	e.garbage("GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat(me, 200) + "\r\n\r\n")

	changed := e.json("POST", "/api/user/changepassword/", me, fields{"current_password": first, "new_password1": second, "new_password2": second}).is(http.StatusOK)
	e.hears(conn, 1)
	last := cookies("changed", changed)
	me = token("changed", changed)
	e.json("POST", "/api/user/changepassword/", me, fields{"current_password": wrong, "new_password1": first, "new_password2": first}).is(http.StatusBadRequest)
	e.json("POST", refreshPath, "", nil, next...).is(http.StatusUnauthorized)
	rotated := e.json("POST", refreshPath, "", nil, last...).is(http.StatusOK)
	token("rotated", rotated)
	newest := cookies("rotated", rotated)
	again := e.json("POST", refreshPath, "", nil, newest...).is(http.StatusOK)
	token("again", again)
	onceMore := e.json("POST", refreshPath, "", nil, cookies("again", again)...).is(http.StatusOK)
	token("once more", onceMore)
	cookies("once more", onceMore)
	e.json("POST", refreshPath, "", nil, last...).is(http.StatusUnauthorized) // which looks like theft
	relogin := e.json("POST", "/api/user/login/", "", fields{"email": email, "password": second}).is(http.StatusOK)
	me, final := token("back", relogin), cookies("back", relogin)
	e.ask("GET", sessionsPath, me, "", "").is(http.StatusOK)
	e.json("POST", logoutPath, "", nil, final...).is(http.StatusNoContent)
	return s
}

// garbage sends invalid requests.
func (e *eavesdropper) garbage(text string) {
	e.t.Helper()
	conn, err := e.dialer.NetDialContext(context.Background(), "tcp", e.on.addr)
	require.NoError(e.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(e.t, err)
	answered, _ := io.ReadAll(io.LimitReader(conn, 64<<10)) // the server may close the connection early
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard.Write(answered)
}
