package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(container.Suite(m)) }

// A service is the program, running.
type service struct {
	*testing.T
	url    string
	log    *notes
	client *http.Client
	signal func()
	code   chan int
}

// notes may be written by several.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// environ is a fresh folder, and a port that is free.
func environ(t *testing.T) map[string]string {
	return map[string]string{
		"MEALBUDDY_ADDR": "127.0.0.1:0", "MEALBUDDY_DATA": filepath.Join(t.TempDir(), "data"),
		"MEALBUDDY_PASSWORD_MEMORY": "19456", "MEALBUDDY_PASSWORD_TIME": "2",
	}
}

// start runs the program until it serves.
func start(t *testing.T, environ map[string]string) *service {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var stdout bytes.Buffer
	s := &service{T: t, log: &notes{}, signal: cancel, code: make(chan int, 1)}
	transport := &http.Transport{}
	s.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(transport.CloseIdleConnections)
	go func() {
		code := run(ctx, nil, environ, &stdout, io.MultiWriter(s.log, w))
		assert.Empty(t, stdout.String(), "no person reads it")
		w.Close()
		s.code <- code
	}()
	t.Cleanup(func() {
		cancel()
		io.Copy(io.Discard, r)
	})
	s.url = servingAt(t, r)
	return s
}

// servingAt reads a log until it says where the program serves, and then the rest of it in
// the background.
func servingAt(t *testing.T, log io.Reader) (url string) {
	t.Helper()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			go io.Copy(io.Discard, log) // ends with the program
			return "http://" + line.Addr
		}
	}
	require.Fail(t, "the program does not serve")
	return ""
}

// stop signals the program, and expects that it ends well.
func (s *service) stop() {
	s.Helper()
	s.signal()
	assert.Equal(s, 0, <-s.code, "%s", s.log)
	s.code <- 0
}

func (s *service) ask(method, path, token, body string) (status int, answer map[string]any) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(s, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	resp, err := s.client.Do(r)
	require.NoError(s, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s, err)
	if len(text) > 0 && text[0] == '{' {
		require.NoError(s, json.Unmarshal(text, &answer))
	}
	return resp.StatusCode, answer
}

func (s *service) register(name string) (token string) {
	s.Helper()
	status, answer := s.ask("POST", "/api/user/register/", "", fmt.Sprintf(
		`{"email":"%s@example.com","username":%[1]q,"password":"correct horse","password2":"correct horse","address":"서울특별시 종로구 혜화동"}`, name))
	require.Equal(s, 201, status)
	return answer["user"].(map[string]any)["token"].(string)
}

func (s *service) follow(token string, room any) *websocket.Conn {
	s.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(s.Context(), fmt.Sprintf("%s/ws/chat/%v/?token=%s", strings.Replace(s.url, "http", "ws", 1), room, token), nil)
	require.NoError(s, err)
	resp.Body.Close()
	s.Cleanup(func() { conn.Close() })
	return conn
}

func TestServe(t *testing.T) {
	env := environ(t)
	s := start(t, env)
	ann, bob := s.register("ann"), s.register("bob")
	status, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
	require.Equal(t, 201, status)
	status, _ = s.ask("POST", "/api/chat/1/", bob, "")
	require.Equal(t, 201, status)

	a, b := s.follow(ann, post["chat_id"]), s.follow(bob, post["chat_id"])
	require.NoError(t, b.WriteMessage(websocket.TextMessage, []byte(`{"message":"hello","client_id":"c1"}`)))
	for _, conn := range []*websocket.Conn{a, b} {
		var f map[string]any
		require.NoError(t, conn.ReadJSON(&f))
		assert.Equal(t, "chat.message", f["type"])
		m := f["message"].(map[string]any)
		assert.Equal(t, "hello", m["message"])
		assert.Equal(t, "c1", m["client_id"])
		assert.Equal(t, "bob", m["user"].(map[string]any)["username"])
	}

	t.Run("refuses sockets as it refuses everything", func(t *testing.T) {
		s.T = t
		for name, tt := range map[string]struct {
			path    string
			headers map[string]string
			status  int
			code    string
		}{
			"not signed in":  {"/ws/chat/1/", nil, 401, "not_signed_in"},
			"no upgrade":     {"/ws/chat/1/?token=" + ann, nil, 426, "upgrade_required"},
			"a foreign page": {"/ws/chat/1/?token=" + ann, map[string]string{"Origin": "https://evil.example"}, 403, "cross_origin"},
			"an odd room":    {"/ws/chat/x/?token=" + ann, nil, 404, "post_not_found"},
		} {
			t.Run(name, func(t *testing.T) {
				r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+tt.path, nil)
				require.NoError(t, err)
				for k, v := range tt.headers {
					r.Header.Set(k, v)
				}
				resp, err := s.client.Do(r)
				require.NoError(t, err)
				defer resp.Body.Close()
				var p map[string]any
				require.NoError(t, json.NewDecoder(resp.Body).Decode(&p))
				assert.Equal(t, tt.status, resp.StatusCode)
				assert.Equal(t, tt.code, p["code"])
			})
		}
	})

	s.T = t
	t.Run("carries its own description", func(t *testing.T) {
		resp, err := s.client.Get(s.url + "/openapi.yaml")
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, mealbuddy.OpenAPI, text)
		assert.Empty(t, resp.Header.Get("Server"))
	})

	t.Run("keeps its folder to itself", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("no such permissions")
		}
		info, err := os.Stat(env["MEALBUDDY_DATA"])
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		files, err := os.ReadDir(env["MEALBUDDY_DATA"])
		require.NoError(t, err)
		for _, f := range files {
			info, err := f.Info()
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
		}
	})

	t.Run("says in one line who is there before", func(t *testing.T) {
		taken := map[string]string{"MEALBUDDY_DATA": t.TempDir(), "MEALBUDDY_ADDR": strings.TrimPrefix(s.url, "http://")}
		code, _, stderr := runWith(t, taken)
		assert.Equal(t, 1, code)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		assert.Contains(t, stderr, "MEALBUDDY_ADDR")
		assert.Contains(t, stderr, taken["MEALBUDDY_ADDR"])

		code, _, stderr = runWith(t, map[string]string{
			"MEALBUDDY_DATA": t.TempDir(), "MEALBUDDY_ADDR": "127.0.0.1:0", "MEALBUDDY_DEBUG_ADDR": taken["MEALBUDDY_ADDR"],
		})
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "MEALBUDDY_DEBUG_ADDR")

		for _, args := range [][]string{nil, {"demo"}, {"migrate"}} {
			code, _, stderr = runWith(t, environWith(env, "MEALBUDDY_ADDR", "127.0.0.1:0"), args...)
			assert.Equal(t, 1, code)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			assert.Contains(t, stderr, "MEALBUDDY_DATA")
			assert.Contains(t, stderr, env["MEALBUDDY_DATA"])
		}
	})

	t.Run("ends cleanly", func(t *testing.T) {
		s.T = t
		var ends sync.WaitGroup
		for _, conn := range []*websocket.Conn{a, b} {
			ends.Go(func() {
				_, _, err := conn.ReadMessage()
				assert.True(t, websocket.IsCloseError(err, websocket.CloseGoingAway), err)
			})
		}
		s.stop()
		ends.Wait()
		text := s.log.String()
		assert.Contains(t, text, `"msg":"stopping"`)
		assert.NotContains(t, text, `"level":"ERROR"`)
		for _, secret := range []string{ann, bob, "correct horse", "example.com", "hello"} {
			assert.NotContains(t, text, secret)
		}
		_, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		assert.Error(t, err)
	})

	t.Run("goes on where it ended", func(t *testing.T) {
		s := start(t, env)
		status, room := s.ask("GET", "/api/chat/1/", bob, "")
		require.Equal(t, 200, status, "the key and all that was stored are there")
		assert.EqualValues(t, 2, room["last_seq"])
		assert.NotContains(t, s.log.String(), "made a token key")
		s.stop()
	})
}

func environWith(environ map[string]string, name, value string) map[string]string {
	changed := map[string]string{name: value}
	for k, v := range environ {
		if k != name {
			changed[k] = v
		}
	}
	return changed
}

func TestServeWithKeysOfItsConfiguration(t *testing.T) {
	env := environ(t)
	s := start(t, environWith(env, "MEALBUDDY_TOKEN_KEYS", keyOf('a')))
	ann := s.register("ann")
	s.stop()
	assert.NoFileExists(t, filepath.Join(env["MEALBUDDY_DATA"], "token.key"))

	for value, want := range map[string]int{keyOf('b') + "," + keyOf('a'): 200, keyOf('b'): 401} {
		s := start(t, environWith(env, "MEALBUDDY_TOKEN_KEYS", value))
		status, _ := s.ask("GET", "/api/user/current/", ann, "")
		assert.Equal(t, want, status)
		assert.NotContains(t, s.log.String(), keyOf('a'))
		s.stop()
	}
}

func TestServeWithoutItsRedis(t *testing.T) {
	env := environWith(environ(t), "MEALBUDDY_DEBUG_ADDR", "127.0.0.1:0")
	s := start(t, environWith(env, "MEALBUDDY_REDIS_URL", "redis://:hunter2@127.0.0.1:1/0"))
	s.register("ann")
	require.Eventually(t, func() bool { return strings.Contains(s.log.String(), "redis is gone") }, 10*time.Second, 10*time.Millisecond)
	assert.Contains(t, s.debug("/metrics"), "\nmealbuddy_bus_up 0\n")
	s.stop()
	assert.NotContains(t, s.log.String(), "hunter2")
}

func TestServeRefusesWhatItCannotUse(t *testing.T) {
	t.Run("a broken key", func(t *testing.T) {
		env := environ(t)
		require.NoError(t, os.MkdirAll(env["MEALBUDDY_DATA"], 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(env["MEALBUDDY_DATA"], "token.key"), []byte("hunter2"), 0o600))
		code, stdout, stderr := runWith(t, env)
		assert.Equal(t, 1, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "token.key")
		assert.NotContains(t, stderr, "hunter2")
	})
	t.Run("a file for a folder", func(t *testing.T) {
		env := environ(t)
		require.NoError(t, os.WriteFile(env["MEALBUDDY_DATA"], nil, 0o600))
		for _, args := range [][]string{nil, {"demo"}} {
			code, stdout, stderr := runWith(t, env, args...)
			assert.Equal(t, 2, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "MEALBUDDY_DATA: ")
			assert.Contains(t, stderr, env["MEALBUDDY_DATA"])
		}
	})
}

func TestAddress(t *testing.T) {
	for addr, want := range map[net.Addr]string{
		&net.TCPAddr{IP: net.IPv6zero, Port: 8080}:           "http://localhost:8080",
		&net.TCPAddr{IP: net.IPv4zero, Port: 80}:             "http://localhost:80",
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081}: "http://127.0.0.1:8081",
		&net.TCPAddr{IP: net.IPv6loopback, Port: 8081}:       "http://[::1]:8081",
		&net.UnixAddr{Name: "socket"}:                        "socket",
	} {
		assert.Equal(t, want, address(addr))
	}
}

func TestTerminals(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	defer terminal.Close()
	assert.True(t, isTerminal(terminal))
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	for _, w := range []io.Writer{file, &bytes.Buffer{}, nil} {
		assert.False(t, isTerminal(w))
	}
}

// The talk with the menu assistant is not of the store, and the agenda forgets it.
func TestAWithdrawalForgetsTheTalkAboutMenus(t *testing.T) {
	server, err := url.Parse(container.Redis(t))
	require.NoError(t, err)
	server.Path = "/7" // a database of this test alone, which gives the keys a prefix of their own
	address := server.String()
	options, err := redis.ParseURL(address)
	require.NoError(t, err)
	client := redis.NewClient(options)
	defer client.Close()
	kept := func() []string {
		keys, err := client.Keys(t.Context(), "*:talk:*").Result()
		require.NoError(t, err)
		return keys
	}
	s := start(t, environWith(environ(t), "MEALBUDDY_REDIS_URL", address))
	token := s.register("ann")
	before := kept()
	status, _ := s.ask("POST", "/api/openAPI/foodchoicer/", token, `{"message":"매콤한 게 먹고 싶어요"}`)
	require.Equal(t, 200, status)
	require.Len(t, kept(), len(before)+1)
	status, _ = s.ask("POST", "/api/user/delete/", token, `{"password":"correct horse"}`)
	require.Equal(t, 204, status)
	require.Eventually(t, func() bool { return len(kept()) == len(before) }, 10*time.Second, 20*time.Millisecond)
	s.stop()
}
