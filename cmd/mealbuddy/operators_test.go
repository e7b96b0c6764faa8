package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// besides runs a test of commands beside a service, on each of the ways to keep data.
func besides(t *testing.T, test func(t *testing.T, env map[string]string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, environ(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, onPostgres(t)) })
	t.Run("PostgreSQL and Redis", func(t *testing.T) {
		test(t, environWith(onPostgres(t), "MEALBUDDY_REDIS_URL", container.Redis(t)))
	})
}

// operated runs a command of operators and gives the objects that it prints.
func operated(t *testing.T, env map[string]string, args ...string) (all []map[string]any) {
	t.Helper()
	code, stdout, stderr := runWith(t, env, append(args, "-json")...)
	require.Equal(t, 0, code, stderr)
	assert.Empty(t, stderr)
	for line := range strings.Lines(stdout) {
		var one map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		all = append(all, one)
	}
	return all
}

// recorded gives what is on record of a kind, the newest first.
func recorded(t *testing.T, env map[string]string, kind string) (all []map[string]any) {
	t.Helper()
	code, stdout, stderr := runWith(t, env, "audit", "-kind", kind)
	require.Equal(t, 0, code, stderr)
	for line := range strings.Lines(stdout) {
		var one map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		delete(one, "id")
		delete(one, "at")
		all = append(all, one)
	}
	return all
}

func (s *service) signIn(name, password string) (status int, token string) {
	s.Helper()
	status, answer := s.ask("POST", "/api/user/login/", "", fmt.Sprintf(`{"email":"%s@example.com","password":%q}`, name, password))
	if status == 200 {
		token = answer["user"].(map[string]any)["token"].(string)
	}
	return status, token
}

// isSoon waits until the service answers a read so, for half the time that a node trusts
// what it knows.
func (s *service) isSoon(want int, path, token string) {
	s.Helper()
	assert.Eventually(s, func() bool {
		status, _ := s.ask("GET", path, token, "")
		return status == want
	}, trust/2, 10*time.Millisecond, path)
}

// closesWith reads a socket until it is closed.
func closesWith(t *testing.T, conn *websocket.Conn, code int) {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			assert.True(t, websocket.IsCloseError(err, code), err)
			return
		}
	}
}

func TestOperatorsHelpPeople(t *testing.T) {
	besides(t, func(t *testing.T, env map[string]string) {
		s := start(t, env)
		ann, bob := s.register("ann"), s.register("bob")
		status, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
		require.Equal(t, 201, status)
		room := fmt.Sprintf("/api/chat/%v/", post["chat_id"])
		status, _ = s.ask("POST", room, bob, "")
		require.Equal(t, 201, status)
		const current = "/api/user/current/"

		all := operated(t, env, "user", "list")
		require.Len(t, all, 2)
		assert.Equal(t, "bob", all[0]["username"])
		all = operated(t, env, "user", "list", "AN")
		require.Len(t, all, 1)
		assert.NotEmpty(t, all[0]["created_at"])
		delete(all[0], "created_at")
		assert.Equal(t, map[string]any{"id": 1.0, "username": "ann", "email": "an**@example.com", "address": "서울특별시 종로구 혜화동"}, all[0])
		assert.Equal(t, []map[string]any{{"kind": "accounts_listed"}, {"kind": "accounts_listed"}}, recorded(t, env, "accounts_listed"))

		for _, who := range []string{"2", "BOB", "Bob@example.com"} {
			shown := operated(t, env, "user", "show", who)[0]
			assert.Equal(t, 2.0, shown["id"], who)
			assert.Equal(t, "bo**@example.com", shown["email"])
			assert.Equal(t, true, shown["password"])
			assert.Equal(t, []any{}, shown["providers"])
			assert.Equal(t, 1.0, shown["rooms"])
			require.Len(t, shown["sign_ins"], 1)
			assert.Equal(t, "127.0.0.0/24", shown["sign_ins"].([]any)[0].(map[string]any)["network"])
		}
		assert.Len(t, recorded(t, env, "account_shown"), 3)
		assert.Equal(t, "bob@example.com", operated(t, env, "user", "show", "-email", "bob")[0]["email"])
		assert.Equal(t, []map[string]any{{"kind": "email_shown", "of": 2.0}}, recorded(t, env, "email_shown"))

		s.isSoon(200, current, bob) // and the node knows bob from here on
		socket := s.follow(bob, post["chat_id"])
		assert.Equal(t, []map[string]any{{"user": 2.0, "done": "signed_out", "sign_ins_ended": 1.0}}, operated(t, env, "user", "sign-out", "bob"))
		s.isSoon(401, current, bob)
		closesWith(t, socket, 4401)
		assert.Equal(t, []map[string]any{{"kind": "signed_out", "of": 2.0}}, recorded(t, env, "signed_out"))

		_, bob = s.signIn("bob", "correct horse")
		s.isSoon(200, current, bob)
		reset := operated(t, env, "user", "reset-password", "bob")[0]
		password := reset["password"].(string)
		assert.Regexp(t, "^[a-z2-7]{4}(-[a-z2-7]{4}){3}$", password)
		delete(reset, "password")
		assert.Equal(t, map[string]any{"user": 2.0, "done": "password_reset", "sign_ins_ended": 1.0, "providers": []any{}}, reset)
		s.isSoon(401, current, bob)
		status, _ = s.signIn("bob", "correct horse")
		assert.Equal(t, 401, status)
		status, bob = s.signIn("bob", password)
		assert.Equal(t, 200, status)
		assert.Equal(t, []map[string]any{{"kind": "password_reset", "of": 2.0}}, recorded(t, env, "password_reset"))

		s.isSoon(200, current, ann)
		socket = s.follow(ann, post["chat_id"])
		assert.Equal(t, []map[string]any{{"user": 1.0, "done": "withdrawn"}}, operated(t, env, "user", "withdraw", "ann@example.com"))
		s.isSoon(401, current, ann)
		closesWith(t, socket, 4401)
		assert.Eventually(t, func() bool {
			_, now := s.ask("GET", fmt.Sprintf("/api/post/detail/%v/", post["id"]), bob, "")
			return now["writer"].(map[string]any)["id"] == 2.0
		}, 10*time.Second, 10*time.Millisecond, "the next leads on")
		status, _ = s.signIn("ann", "correct horse")
		assert.Equal(t, 401, status)
		assert.Equal(t, []map[string]any{{"kind": "withdrawn", "of": 1.0}}, recorded(t, env, "withdrawn"))

		s.register("11")
		s.register("lo") // looks like 10, and is not meant by it
		assert.Equal(t, "11", operated(t, env, "user", "show", "11@example.com")[0]["username"])
		assert.Equal(t, "11", operated(t, env, "user", "show", "3")[0]["username"])
		for words, want := range map[string]string{
			"restore ann":              `"ann" can't be restored: nothing is kept`,
			"restore bob":              "account 2 is not withdrawn",
			"show ann":                 `there is no account with the name "ann"`,
			"sign-out 1":               `there is no account with the id "1"`,
			"reset-password x@example": `there is no account with the e-mail address "x@example"`,
			"withdraw 11":              "11 is the name of account 3: say 3 if you mean that one, or an e-mail address if you mean the id 11",
			"withdraw 10":              `there is no account with the id "10"`,
			"withdraw nobody":          `there is no account with the name "nobody"`,
		} {
			code, stdout, stderr := runWith(t, env, append([]string{"user"}, strings.Fields(words)...)...)
			assert.Equal(t, exitFailed, code, words)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"))
		}
		s.stop()
		for _, secret := range []string{password, "bob@example.com", "correct horse"} {
			assert.NotContains(t, s.log.String(), secret)
		}
		status, _ = start(t, env).signIn("bob", password)
		assert.Equal(t, 200, status)
	})
}

func TestOperatorsHideAndDeletePosts(t *testing.T) {
	besides(t, func(t *testing.T, env map[string]string) {
		s := start(t, env)
		ann, bob, cho := s.register("ann"), s.register("bob"), s.register("cho")
		status, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
		require.Equal(t, 201, status)
		id := fmt.Sprint(post["id"])
		detail, room, shared := "/api/post/detail/"+id+"/", "/api/chat/"+id+"/", "/api/shared/"+strings.TrimPrefix(post["shared_path"].(string), "/s/")+"/"
		status, _ = s.ask("POST", room, bob, "")
		require.Equal(t, 201, status)
		socket := s.follow(ann, post["chat_id"])
		heard := func() (message map[string]any) {
			t.Helper()
			var frame map[string]any
			require.NoError(t, socket.SetReadDeadline(time.Now().Add(30*time.Second)))
			require.NoError(t, socket.ReadJSON(&frame))
			return frame["message"].(map[string]any)
		}
		board := func(token string) any {
			status, answer := s.ask("GET", "/api/post/", token, "")
			require.Equal(t, 200, status)
			return answer["posts"]
		}
		require.Len(t, board(cho), 1)

		assert.Equal(t, []map[string]any{{"post": post["id"], "done": "post_hidden", "changed": true}}, operated(t, env, "post", "hide", id))
		message := heard()
		assert.Equal(t, "운영자가 글을 숨겼어요. 참여한 사람만 볼 수 있어요.", message["message"])
		assert.Nil(t, message["user"])
		assert.Equal(t, "hidden", message["post"].(map[string]any)["event"])
		for _, who := range []string{ann, cho} {
			assert.Empty(t, board(who))
		}
		for path, method := range map[string]string{detail: "GET", room: "POST", shared: "GET", "/api/post/detail/" + id + "/delete/": "POST", room + "user/": "GET", room + "ticket/": "POST"} {
			status, answer := s.ask(method, path, cho, "")
			assert.Equal(t, 404, status, path)
			assert.Equal(t, "post_not_found", answer["code"], path)
		}
		for _, who := range []string{ann, bob} {
			for _, path := range []string{detail, room} {
				status, _ = s.ask("GET", path, who, "")
				assert.Equal(t, 200, status, path)
			}
			_, seen := s.ask("GET", detail, who, "")
			assert.Equal(t, true, seen["is_hidden"])
			_, rooms := s.ask("GET", "/api/rooms/", who, "")
			assert.Len(t, rooms["rooms"], 1)
		}
		require.NoError(t, socket.WriteMessage(websocket.TextMessage, []byte(`{"message":"그래도","client_id":"c1"}`)))
		assert.Equal(t, "그래도", heard()["message"], "the room goes on")
		assert.Equal(t, false, operated(t, env, "post", "hide", id)[0]["changed"])

		status, _ = s.ask("DELETE", room+"user/", bob, "")
		require.Equal(t, 204, status)
		heard()
		s.isSoon(404, detail, bob)

		assert.Equal(t, []map[string]any{{"post": post["id"], "done": "post_shown", "changed": true}}, operated(t, env, "post", "show", id))
		assert.Equal(t, "운영자가 글을 다시 보이게 했어요.", heard()["message"])
		assert.Len(t, board(cho), 1)
		for _, path := range []string{detail, shared} {
			status, seen := s.ask("GET", path, cho, "")
			assert.Equal(t, 200, status, path)
			assert.NotEqual(t, true, seen["is_hidden"])
		}

		assert.Equal(t, []map[string]any{{"post": post["id"], "done": "post_deleted", "changed": true}}, operated(t, env, "post", "delete", id))
		closesWith(t, socket, 4040)
		s.isSoon(404, detail, ann)
		assert.Empty(t, board(ann))
		on := map[string]any{"of": 1.0, "room": post["id"]}
		for kind, times := range map[string]int{"post_hidden": 2, "post_shown": 1, "post_deleted": 1} {
			on["kind"] = kind
			assert.Equal(t, slices.Repeat([]map[string]any{on}, times), recorded(t, env, kind))
		}

		for words, want := range map[string]string{"hide " + id: "there is no post " + id, "show 77": "there is no post 77", "delete 0": "there is no post 0"} {
			code, stdout, stderr := runWith(t, env, append([]string{"post"}, strings.Fields(words)...)...)
			assert.Equal(t, exitFailed, code, words)
			assert.Empty(t, stdout)
			assert.Equal(t, "mealbuddy: "+want+"\n", stderr)
		}
		code, _, _ := runWith(t, env, "post", "hide", "치킨")
		assert.Equal(t, exitUsage, code)
		s.stop()
	})
}

func TestOperatorsInWords(t *testing.T) {
	env := environ(t)
	code, _, stderr := runWith(t, env, "user", "list")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, env["MEALBUDDY_DATA"])
	s := start(t, env)
	s.register("ann")
	s.stop() // commands need no service
	for _, tt := range [][2]string{
		{"list", "^1  ann  an\\*\\*@example.com  서울특별시 종로구 혜화동  since .*Z\n$"},
		{"show ann", "^1  ann  .*\nsigns in with: a password\nrooms: 0\nsigned in: 1\n  .*\n$"},
		{"sign-out ann", "^account 1 is signed out; sign-ins ended: 1\n$"},
	} {
		code, stdout, _ := runWith(t, env, append([]string{"user"}, strings.Fields(tt[0])...)...)
		assert.Equal(t, exitDone, code)
		assert.Regexp(t, tt[1], stdout)
	}
	code, _, stderr = runWith(t, env, "user", "reset-password")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "`mealbuddy user reset-password [-json] [-unlink] WHO`")
	code, stdout, _ := runWith(t, env, "user", "reset-password", "-unlink", "ann")
	assert.Equal(t, exitDone, code)
	assert.Regexp(t, "^the password of account 1 is now [a-z2-7-]{19} and not shown again; sign-ins ended: 0\n$", stdout)
	code, stdout, _ = runWith(t, env, "user", "withdraw", "-help")
	assert.Equal(t, exitDone, code)
	assert.Contains(t, stdout, "no way back")
}
