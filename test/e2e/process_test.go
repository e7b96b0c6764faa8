package e2e

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ending runs the program with arguments that let it end by itself.
func ending(t *testing.T, data string, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	cmd := command(data, environ, args...)
	cmd.Stdout, cmd.Stderr = &out, &err
	require.NoError(t, cmd.Start())
	timer := time.AfterFunc(patience, func() { cmd.Process.Kill() }) // it has ended then
	defer timer.Stop()
	cmd.Wait() // the code is looked at
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

// line requires a single line that says something.
func line(t *testing.T, text string, words ...string) {
	t.Helper()
	assert.Equal(t, 1, strings.Count(text, "\n"), text)
	for _, w := range words {
		assert.Contains(t, text, w)
	}
}

func TestTwoProcessesCannotShareAFolder(t *testing.T) {
	code, stdout, stderr := ending(t, shared.data, nil)
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	line(t, stderr, shared.data, "MEALBUDDY_DATA")
	code, _, stderr = ending(t, shared.data, nil, "demo")
	assert.Equal(t, 1, code)
	line(t, stderr, shared.data, "MEALBUDDY_DATA")
	people(t, 1)[0].as(t).get("/api/user/current/").is(http.StatusOK) // the first goes on
}

func TestAddressesThatCannotBeHad(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	code, stdout, stderr := ending(t, data, []string{"MEALBUDDY_ADDR=" + shared.addr})
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	line(t, stderr, shared.addr, "MEALBUDDY_ADDR")
	assert.NoDirExists(t, data)

	code, _, stderr = ending(t, data, []string{"MEALBUDDY_ADDR=192.0.2.1:1"})
	assert.Equal(t, 1, code)
	line(t, stderr, "192.0.2.1")
}

func TestAFolderThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, _, stderr := ending(t, file, nil)
	assert.Equal(t, 2, code)
	line(t, stderr, "MEALBUDDY_DATA", file)
}

func TestVariablesThatAreWrong(t *testing.T) {
	for variable, values := range map[string][]string{
		"MEALBUDDY_ADDR":            {"8080", "localhost", "a:b:c"},
		"MEALBUDDY_DEBUG_ADDR":      {"6060", "localhost"},
		"MEALBUDDY_PUBLIC_URL":      {"mealbuddy.example", "https://mealbuddy.example/app", "ftp://mealbuddy.example"},
		"MEALBUDDY_TRUSTED_PROXIES": {"caddy", "0.0.0.0/0", "10.0.0.1 10.0.0.2"},
		"MEALBUDDY_DRAIN":           {"5", "-1s", "1h"},
		"MEALBUDDY_LOG_LEVEL":       {"loud"},
		"MEALBUDDY_TOKEN_LIFE":      {"1", "1s", "2h", "-5m", "soon"},
		"MEALBUDDY_TOKEN_KEYS":      {"secret-and-short", "c2hvcnQ=", ownKey.text() + "," + ownKey.text() + "," + ownKey.text(), strings.Repeat("A", 43) + "="},
		"MEALBUDDY_PASSWORD_MEMORY": {"1", "19455", "a lot", "-1"},
		"MEALBUDDY_PASSWORD_TIME":   {"0", "1", "twice"},
		"MEALBUDDY_KAKAO_KEY":       {"hunter2 hunter2", "열쇠"},
		"MEALBUDDY_KAKAO_URL":       {"dapi.kakao.com", "ftp://dapi.kakao.com", "https://"},
		"MEALBUDDY_KMA_KEY":         {"hunter2 hunter2", "열쇠"},
		"MEALBUDDY_KMA_URL":         {"apis.data.go.kr", "file:///etc/passwd", "https://me:hunter2@apis.data.go.kr/"},
		"MEALBUDDY_OPENAI_KEY":      {"hunter2 hunter2", "열쇠"},
		"MEALBUDDY_KAKAO_LOGIN_URL": {"kauth.kakao.com", "http://kauth.kakao.com", "https://me:hunter2@kauth.kakao.com"},
		"MEALBUDDY_OIDC_ISSUER":     {"https://login.example"},
		"MEALBUDDY_OPENAI_URL":      {"localhost:11434/v1", "https://", "http://localhost/v1?key=hunter2"},
	} {
		for _, value := range values {
			code, stdout, stderr := ending(t, t.TempDir(), []string{variable + "=" + value})
			assert.Equal(t, 2, code, "%s=%s", variable, value)
			assert.Empty(t, stdout)
			line(t, stderr, variable)
			if strings.Contains(variable, "_KEY") {
				assert.NotContains(t, stderr, value, "a secret is not repeated")
			}
		}
	}
	code, _, stderr := ending(t, t.TempDir(), []string{"MEALBUDDY_TOKEN_LIFE=soon", "MEALBUDDY_LOG_LEVEL=loud"})
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "MEALBUDDY_TOKEN_LIFE")
	assert.Contains(t, stderr, "MEALBUDDY_LOG_LEVEL")
}

func TestCommandLine(t *testing.T) {
	for _, help := range []string{"-help", "--help", "-h"} {
		code, stdout, stderr := ending(t, t.TempDir(), nil, help)
		assert.Equal(t, 0, code)
		for _, name := range []string{"ADDR", "DATA", "LOG_LEVEL", "TOKEN_KEYS", "TOKEN_LIFE", "PASSWORD_MEMORY", "PASSWORD_TIME", "KAKAO_KEY", "KAKAO_URL", "KMA_KEY", "KMA_URL", "KMA_KEY_PARAM", "OPENAI_MODEL", "OPENAI_KEY", "OPENAI_URL", "DATABASE_URL", "REDIS_URL", "DEBUG_ADDR", "DRAIN", "PUBLIC_URL", "TRUSTED_PROXIES"} {
			assert.Contains(t, stdout+stderr, "MEALBUDDY_"+name)
		}
		assert.Contains(t, stdout+stderr, ":8080")
	}
	const all = "`mealbuddy -help` lists them"
	for _, tt := range []struct {
		args []string
		way  string // to call it, or where that is listed
	}{
		{[]string{"-nothing"}, all}, {[]string{"nothing"}, all}, {[]string{"serve"}, all}, {[]string{"demo", "twice"}, "`mealbuddy demo`"},
		{[]string{"backup"}, "`mealbuddy backup FILE`"}, {[]string{"restore", ""}, "`mealbuddy restore FILE`"}, {[]string{"health", "now"}, "`mealbuddy health`"},
	} {
		code, _, stderr := ending(t, t.TempDir(), nil, tt.args...)
		assert.Equal(t, 2, code, tt.args)
		line(t, stderr, tt.way)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "data")
	for range 2 {
		code, stdout, stderr := ending(t, data, nil, "demo")
		require.Equal(t, 0, code, stderr)
		line(t, stdout, "test@test.com", "password123")
	}
	on := serve(t, data)
	me := read[signed](stranger(t, on).post("/api/user/login/", fields{"email": "test@test.com", "password": "password123"}).is(http.StatusOK)).User
	me.on = on
	b := me.board(t, nil)
	assert.Len(t, b.Posts, 10)
	assert.Greater(t, len(b.Paginator.PageRange), 2)
	var open, complete, joined int
	titles := map[string]bool{}
	for page := range b.Paginator.PageRange {
		for _, p := range me.board(t, map[string][]string{"page": {string(rune('1' + page))}}).Posts {
			assert.False(t, titles[p.Title], "what is there already is not made again")
			titles[p.Title] = true
			if p.IsComplete {
				complete++
			} else {
				open++
			}
			if me.sees(t, p).IsJoined {
				joined++
				assert.NotEmpty(t, read[[]member](me.as(t).get(p.members()).is(http.StatusOK)))
				me.as(t).get(p.room()).is(http.StatusOK)
			}
		}
	}
	assert.Positive(t, open)
	assert.Positive(t, complete)
	assert.Positive(t, joined)
	me.as(t).post("/api/post/write/", draft(4)).is(http.StatusCreated)
}

func TestARestart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	on := serve(t, data)
	ann, bob := newcomer(t, on, "ann"), newcomer(t, on, "bob")
	party := meet(t, ann, bob)
	s := ann.listens(t, party)
	s.says("여기까지", "before")
	said := s.hearsWords("여기까지")
	before := read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	require.NoError(t, filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, "%s is for nobody else's eyes", path)
		return nil
	}))
	require.NoError(t, on.stop())
	s.ends(websocket.CloseGoingAway)
	sound(t, data)

	on = serve(t, data)
	ann.on, bob.on = on, on
	assert.Equal(t, before, read[room](ann.as(t).get(party.room()).is(http.StatusOK)), "by the token from before")
	s = bob.listens(t, party, "after", "1")
	assert.Equal(t, said, s.hearsWords("여기까지"))
	s = ann.listens(t, party)
	s.says("여기까지", "before")
	assert.Equal(t, said, s.hearsWords("여기까지"), "what was said is not said again")
	s.says("이어서", "")
	assert.Equal(t, said.Seq+1, s.hearsWords("이어서").Seq)
	stranger(t, on).post("/api/user/login/", fields{"email": ann.Email, "password": password}).is(http.StatusOK)

	elsewhere := serve(t, t.TempDir()) // has a key of its own
	ann.on = elsewhere
	ann.as(t).get("/api/user/current/").refused(http.StatusUnauthorized, "not_signed_in")
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			on := serve(t, t.TempDir())
			ann := newcomer(t, on, "ann")
			party := ann.opens(t, 2)
			a, b := ann.listens(t, party), ann.listens(t, party)

			// A request that has begun is finished.
			begun := make(chan struct{})
			half, rest := io.Pipe()
			ctx := httptrace.WithClientTrace(Breaching(t.Context(), Request), &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+on.addr+"/api/post/write/", half)
			require.NoError(t, err)
			r.Header = http.Header{"Authorization": {"token " + ann.Token}, "Content-Type": {"application/json"}, "Expect": {"100-continue"}}
			written := make(chan int, 1)
			go func() {
				resp, err := client.Do(r)
				if !assert.NoError(t, err) {
					written <- 0
					return
				}
				resp.Body.Close()
				written <- resp.StatusCode
			}()
			<-begun
			require.NoError(t, on.cmd.Process.Signal(sig))
			a.ends(websocket.CloseGoingAway)
			b.ends(websocket.CloseGoingAway)
			conn, err := net.Dial("tcp", on.addr)
			if err == nil {
				conn.Close()
			}
			assert.Error(t, err, "nobody new is let in")
			_, err = rest.Write([]byte(`{"title":"마지막","category":"치킨","content":"글","target_number":2}`))
			require.NoError(t, err)
			require.NoError(t, rest.Close())
			assert.Equal(t, http.StatusCreated, <-written)
			require.NoError(t, on.ended())
		})
	}
}
