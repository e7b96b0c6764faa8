package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// onPostgres is an environ with an empty database.
func onPostgres(t *testing.T) map[string]string {
	t.Helper()
	env := environWith(environ(t), "MEALBUDDY_DATABASE_URL", container.Postgres(t))
	return environWith(env, "MEALBUDDY_TOKEN_KEYS", keyOf('k'))
}

func TestServeOnPostgres(t *testing.T) {
	env := onPostgres(t)
	one, two := start(t, env), start(t, env)
	ann, bob := one.register("ann"), two.register("bob")
	status, post := one.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
	require.Equal(t, 201, status)
	status, _ = two.ask("POST", fmt.Sprintf("/api/chat/%v/", post["chat_id"]), bob, "")
	require.Equal(t, 201, status)
	status, room := one.ask("GET", fmt.Sprintf("/api/chat/%v/", post["chat_id"]), bob, "")
	require.Equal(t, 200, status, "what a node has given is good for the other")
	assert.EqualValues(t, 2, room["join_number"])
	one.stop()
	two.stop()
	assert.NoDirExists(t, env["MEALBUDDY_DATA"])

	again := start(t, env)
	status, _ = again.ask("GET", "/api/user/current/", ann, "")
	assert.Equal(t, 200, status)
	again.stop()
}

// A node remembers who people are, and the others tell it when that has changed:
// long before it would look by itself.
func TestNodesHearWhatPeopleChange(t *testing.T) {
	env := environWith(onPostgres(t), "MEALBUDDY_REDIS_URL", container.Redis(t))
	one, two := start(t, env), start(t, env)
	ann := one.register("ann")
	address := func() any {
		status, me := two.ask("GET", "/api/user/current/", ann, "")
		if status != 200 {
			return status
		}
		return me["user"].(map[string]any)["address"]
	}
	soon := func(want any) {
		t.Helper()
		assert.Eventually(t, func() bool { return address() == want }, trust/2, 5*time.Millisecond)
	}
	before := address()
	for _, where := range []any{"제주특별자치도 제주시 용담이동", before} {
		status, _ := one.ask("POST", "/api/user/update/", ann, fmt.Sprintf(`{"address":"%s"}`, where))
		require.Equal(t, 200, status)
		soon(where)
	}
	status, _ := one.ask("POST", "/api/user/changepassword/", ann,
		fmt.Sprintf(`{"current_password":"%s","new_password1":"another horse","new_password2":"another horse"}`, "correct horse"))
	require.Equal(t, 200, status)
	soon(401)
	one.stop()
	two.stop()
}

func TestDemoOnPostgres(t *testing.T) {
	env := onPostgres(t)
	for _, words := range []string{"is there now", "was there already"} {
		code, stdout, stderr := runWith(t, env, "demo")
		require.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, words)
	}
	s := start(t, env)
	status, me := s.ask("POST", "/api/user/login/", "", `{"email":"test@test.com","password":"`+demoPassword+`"}`)
	require.Equal(t, 200, status)
	status, board := s.ask("GET", "/api/post/", me["user"].(map[string]any)["token"].(string), "")
	require.Equal(t, 200, status)
	assert.NotEmpty(t, board["posts"])
	s.stop()
}

func TestOperateOnPostgres(t *testing.T) {
	env := onPostgres(t)
	dsn := filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(dsn, []byte(env["MEALBUDDY_DATABASE_URL"]+"\n"), 0o600))
	env["MEALBUDDY_DATABASE_URL"], env["MEALBUDDY_DATABASE_URL_FILE"] = "", dsn
	env["MEALBUDDY_DEBUG_ADDR"] = "127.0.0.1:0"
	for _, words := range []string{"brought the schema up to date: 0001_users_parties_messages.sql", "the schema was up to date\n"} {
		code, stdout, stderr := runWith(t, env, "migrate")
		require.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, words)
	}
	for _, command := range []string{"backup", "restore"} {
		file := filepath.Join(t.TempDir(), "file")
		code, stdout, stderr := runWith(t, env, command, file)
		assert.Equal(t, 2, code)
		assert.Empty(t, stdout)
		assert.Equal(t, 1, strings.Count(stderr, "\n"))
		assert.Contains(t, stderr, "pg_dump")
		assert.NoFileExists(t, file)
	}
	s := start(t, env)
	status, answer := s.ask("GET", "/readyz", "", "")
	assert.Equal(t, 200, status, "%v: no data folder is needed", answer)
	text := s.debug("/metrics")
	assert.Contains(t, text, "\nmealbuddy_pool_max_connections{pool=\"all\"} 20\n")
	assert.NotContains(t, text, "mealbuddy_disk_free_bytes")
	s.stop()
}

func TestPostgresNeedsKeys(t *testing.T) {
	env := environWith(environ(t), "MEALBUDDY_DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/none")
	code, stdout, stderr := runWith(t, env)
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	assert.Contains(t, stderr, "MEALBUDDY_TOKEN_KEYS")
	assert.NotContains(t, stderr, "hunter2")
}

// A DSN may be wrong in any way, and its password is never shown.
func TestDatabasesThatCannotBeHad(t *testing.T) {
	refused := "127.0.0.1:1"
	for dsn, want := range map[string]int{
		"postgres://me:hunter2@" + refused + "/none":                          1,
		"postgres://me:hunter2@" + refused + "," + refused + "/none":          1,
		"host=127.0.0.1 port=1 user=me password=hunter2 dbname=none":          1,
		"host=127.0.0.1 port=1 user=me password='hunter2 x' dbname=none":      1,
		"postgres://me:hunter2@" + refused + "/none?sslmode=perhaps":          2,
		"postgres://me:hunter2@" + refused + "/none?pool_max_conns=many":      2,
		"postgres://me:hunter2@[::1/none":                                     2,
		"postgres://me:hunter2@127.0.0.1:port/none":                           2,
		"postgres://me:hun%ter2@127.0.0.1/none":                               2,
		"me:hunter2@127.0.0.1":                                                2,
		"host=127.0.0.1 password=hunter2 connect_timeout=soon":                2,
		"host=127.0.0.1 password='hunter2":                                    2,
		"postgres://me@127.0.0.1/none?password=hunter2&sslmode=perhaps":       2,
		"postgres://me:hunter2@127.0.0.1/none?target_session_attrs=something": 2,
	} {
		t.Run(url.QueryEscape(dsn), func(t *testing.T) {
			env := environWith(environ(t), "MEALBUDDY_TOKEN_KEYS", keyOf('k'))
			for _, args := range [][]string{nil, {"demo"}} {
				code, stdout, stderr := runWith(t, environWith(env, "MEALBUDDY_DATABASE_URL", dsn), args...)
				assert.Equal(t, want, code, stderr)
				assert.Empty(t, stdout)
				assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
				assert.Contains(t, stderr, "MEALBUDDY_DATABASE_URL")
				assert.NotContains(t, stderr, "hunter2")
				assert.NotContains(t, stderr, "hun%ter2")
			}
		})
	}
}
