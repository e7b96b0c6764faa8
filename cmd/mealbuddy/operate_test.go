package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestMigrate(t *testing.T) {
	env := environ(t)
	code, stdout, stderr := runWith(t, env, "migrate")
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "brought the schema up to date: 0001_users_parties_messages.sql, 0002, 0003_sign_ins.sql, ")
	code, stdout, _ = runWith(t, env, "migrate")
	assert.Equal(t, 0, code)
	assert.Equal(t, "the schema was up to date\n", stdout)
	start(t, env).stop()
}

func TestANewerSchemaIsSaid(t *testing.T) {
	for name, env := range map[string]map[string]string{"SQLite": environ(t), "PostgreSQL": onPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := runWith(t, env, "migrate")
			require.Equal(t, 0, code, stderr)
			db := databaseOf(t, env)
			_, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
			require.NoError(t, err)
			require.NoError(t, db.Close())

			code, stdout, stderr := runWith(t, env, "migrate")
			assert.Equal(t, 0, code, stderr)
			assert.Regexp(t, `^WARN: the schema has version 9999, .* knows \d+,`, stdout)
			s := start(t, env)
			s.stop()
			assert.Regexp(t, `"level":"WARN",.*"schema":9999,"known":\d+\}`, s.log.String())
		})
	}
}

func TestCheckCountsSeats(t *testing.T) {
	env := environ(t)
	code, stdout, stderr := runWith(t, env, "check")
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "there is none yet")
	assert.NotContains(t, stdout, "seats", "which is said once")
	for _, env := range []map[string]string{env, environWith(env, "MEALBUDDY_DATABASE_URL", container.Postgres(t))} {
		code, _, stderr = runWith(t, env, "demo")
		require.Equal(t, 0, code, stderr)
		code, stdout, stderr = runWith(t, env, "check")
		require.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, "good   the seats")
		db := databaseOf(t, env)
		_, err := db.ExecContext(t.Context(), `UPDATE party SET seated = seated + 1 WHERE id IN (2, 4)`)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		code, stdout, _ = runWith(t, env, "check")
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, stdout, "wrong  the seats that posts keep are not those of their members: [2 4]")
	}
}

// Who has an address that names no neighbourhood is listed, with what it may mean.
func TestPeopleWithoutANeighbourhood(t *testing.T) {
	env := environ(t)
	code, _, stderr := runWith(t, env, "addresses")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, env["MEALBUDDY_DATA"])

	s := start(t, env)
	s.register("ann")
	s.register("bob")
	s.register("cho")
	s.stop()
	db := databaseOf(t, env)
	for _, change := range []string{
		`UPDATE user SET neighborhood = '서울 감남구 역삼동' WHERE id = 1`,
		`UPDATE user SET neighborhood = '역삼동 823' WHERE id = 2`,
		`UPDATE address_edition SET edition = ''`, // as if they were from before
	} {
		_, err := db.ExecContext(t.Context(), change)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())

	s = start(t, env)
	assert.Contains(t, s.log.String(), `"people":3,"people_changed":1,"people_left":1,"posts":0`)
	code, stdout, stderr := runWith(t, env, "addresses") // while it is served
	require.Equal(t, 0, code, stderr)
	assert.Equal(t, `{"user":1,"username":"ann","address":"서울 감남구 역삼동","suggestions":["서울특별시 강남구 역삼동","서울특별시 강남구 역삼1동","서울특별시 강남구 역삼2동"]}`+"\n", stdout)
	s.stop()
	code, stdout, _ = runWith(t, env, "migrate")
	assert.Equal(t, 0, code)
	assert.Equal(t, "the schema was up to date\n", stdout, "once for each edition")
}

func TestAudit(t *testing.T) {
	env := environ(t)
	code, stdout, stderr := runWith(t, env, "audit")
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, env["MEALBUDDY_DATA"])

	s := start(t, env)
	ann := s.register("ann")
	_, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
	s.ask("POST", fmt.Sprintf("/api/post/detail/%v/delete/", post["id"]), ann, "")
	s.ask("POST", "/api/user/login/", "", `{"email":"ann@example.com","password":"hunter2hunter2"}`)
	s.ask("POST", "/api/user/logout/", ann, "")
	code, stdout, stderr = runWith(t, env, "audit") // while it is served
	require.Equal(t, 0, code, stderr)
	var kinds []string
	for text := range strings.Lines(stdout) {
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		kinds = append(kinds, r["kind"].(string))
		assert.EqualValues(t, 1, r["user"])
		if r["kind"] != "post_deleted" {
			assert.Equal(t, "127.0.0.0/24", r["network"])
		}
	}
	assert.Equal(t, []string{"signed_out", "sign_in_failed", "post_deleted", "registered"}, kinds)
	for _, secret := range []string{"hunter2", "ann", "치킨", ann} {
		assert.NotContains(t, stdout, secret)
	}

	s.register("bob")
	for words, want := range map[string]int{
		"": 5, "-kind registered": 2, "-user 2": 1, "-user bob": 1, "-user ANN@example.com": 4, "-user 99": 0, "-user=1 -kind registered": 1, "-since 1h": 5, "-since 2999-12-31": 0,
		"-since 2001-01-01T00:00:00Z --kind signed_out": 1,
	} {
		code, stdout, stderr = runWith(t, env, append([]string{"audit"}, strings.Fields(words)...)...)
		assert.Equal(t, 0, code, stderr)
		assert.Equal(t, want, strings.Count(stdout, "\n"), words)
	}
	for _, words := range []string{"-since yesterday", "-since -1h", "-of 1", "-kind", "-kind sign_in_fail"} {
		code, stdout, stderr = runWith(t, env, append([]string{"audit"}, strings.Fields(words)...)...)
		assert.Equal(t, exitUsage, code, words)
		assert.Empty(t, stdout)
		assert.Regexp(t, "^mealbuddy: audit: .*; `mealbuddy audit \\[-kind KIND] \\[-since WHEN] \\[-user WHO]`\n$", stderr)
	}
	for who, what := range map[string]string{"cho": "name", "0": "id", "cho@example.com": "e-mail address"} {
		code, _, stderr = runWith(t, env, "audit", "-user", who)
		assert.Equal(t, exitFailed, code)
		assert.Equal(t, fmt.Sprintf("mealbuddy: there is no account with the %s %q\n", what, who), stderr)
	}
	code, stdout, _ = runWith(t, env, "audit", "-help")
	assert.Equal(t, 0, code)
	assert.Contains(t, stdout, "mealbuddy audit [-kind KIND] [-since WHEN] [-user WHO]\n")
	assert.Contains(t, stdout, "2026-12-01T09:00:00+09:00")
}

func TestSince(t *testing.T) {
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.FixedZone("", 9*3600))
	for words, want := range map[string]time.Time{
		"90m": now.Add(-90 * time.Minute), "2026-11-30": time.Date(2026, 11, 30, 0, 0, 0, 0, now.Location()),
		"2026-11-30T10:00:00Z": time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC),
	} {
		at, err := parseSince(words, now)
		require.NoError(t, err)
		assert.True(t, want.Equal(at), "%s: %s", words, at)
	}
}

func TestBackupAndRestore(t *testing.T) {
	env := environ(t)
	s := start(t, env)
	ann := s.register("ann")
	status, _ := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
	require.Equal(t, 201, status)

	file := filepath.Join(t.TempDir(), "backup.db")
	code, stdout, stderr := runWith(t, env, "backup", file)
	require.Equal(t, 0, code, stderr)
	assert.Equal(t, 1, strings.Count(stdout, "\n"))
	assert.Contains(t, stdout, file)
	status, _ = s.ask("POST", "/api/post/write/", ann, `{"title":"족발","category":"족발·보쌈","content":"뒤에","target_number":4}`)
	require.NotEqual(t, 500, status, "the service goes on")

	fails := func(code int, words string, args ...string) {
		t.Helper()
		got, stdout, stderr := runWith(t, env, args...)
		assert.Equal(t, code, got, stderr)
		assert.Empty(t, stdout)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		assert.Contains(t, stderr, words)
	}
	fails(2, file, "backup", file)
	fails(2, "/nowhere/", "backup", "/nowhere/backup.db")
	fails(1, "MEALBUDDY_DATA", "restore", file)
	s.stop()
	fails(2, env["MEALBUDDY_DATA"], "restore", file)

	env["MEALBUDDY_DATA"] = filepath.Join(t.TempDir(), "other")
	fails(2, env["MEALBUDDY_DATA"], "backup", filepath.Join(t.TempDir(), "b"))
	fails(2, "/nowhere/backup.db", "restore", "/nowhere/backup.db")
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(damaged, whole[:len(whole)/2], 0o600))
	fails(1, damaged, "restore", damaged)

	code, _, stderr = runWith(t, env, "restore", file)
	require.Equal(t, 0, code, stderr)
	s = start(t, env)
	status, answer := s.ask("POST", "/api/user/login/", "", `{"email":"ann@example.com","password":"correct horse"}`)
	require.Equal(t, 200, status, "whose key is another now")
	_, board := s.ask("GET", "/api/post/", answer["user"].(map[string]any)["token"].(string), "")
	assert.Len(t, board["posts"], 1)
	s.stop()
}

func TestHealth(t *testing.T) {
	env := environ(t)
	s := start(t, env)
	at := environWith(env, "MEALBUDDY_ADDR", strings.TrimPrefix(s.url, "http://"))
	code, stdout, stderr := runWith(t, at, "health")
	assert.Equal(t, 0, code, stderr)
	assert.Equal(t, "ready\n", stdout)
	s.stop()

	code, stdout, stderr = runWith(t, at, "health")
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "refused")

	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(503)
		io.WriteString(w, `{"failed":["database","disk"]}`)
	}))
	defer sick.Close()
	code, _, stderr = runWith(t, environWith(env, "MEALBUDDY_ADDR", strings.TrimPrefix(sick.URL, "http://")), "health")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "database, disk")

	moved := httptest.NewServer(http.RedirectHandler(sick.URL, http.StatusFound))
	defer moved.Close()
	code, _, _ = runWith(t, environWith(env, "MEALBUDDY_ADDR", strings.TrimPrefix(moved.URL, "http://")), "health")
	assert.Equal(t, 1, code)

	for addr, want := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80",
		"127.0.0.7:1": "127.0.0.7:1", "localhost:http": "localhost:http", "[fe80::1%eth0]:1": "[fe80::1%eth0]:1",
	} {
		assert.Equal(t, want, loopback(addr))
	}
}

// debug asks the address of metrics and profiles.
func (s *service) debug(path string) string {
	s.Helper()
	found := regexp.MustCompile(`"metrics and profiles","addr":"([^"]+)"`).FindStringSubmatch(s.log.String())
	require.NotNil(s, found, s.log)
	resp, err := s.client.Get("http://" + found[1] + path)
	require.NoError(s, err)
	defer resp.Body.Close()
	require.Equal(s, 200, resp.StatusCode, path)
	text, err := io.ReadAll(resp.Body)
	require.NoError(s, err)
	return string(text)
}

func TestDebug(t *testing.T) {
	s := start(t, environWith(environ(t), "MEALBUDDY_DEBUG_ADDR", "127.0.0.1:0"))
	ann := s.register("ann")
	_, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
	s.ask("GET", "/api/post/detail/77/", ann, "")
	s.ask("GET", "/api/hunter2/", ann, "")
	s.follow(ann, post["chat_id"])
	text := ""
	require.Eventually(t, func() bool { // the client may know of the socket first
		text = s.debug("/metrics")
		return strings.Contains(text, "\nmealbuddy_sockets_open 1")
	}, 10*time.Second, time.Millisecond)
	for _, want := range []string{
		`mealbuddy_http_requests_total{method="POST",route="/api/user/register/",status="201"} 1`,
		`mealbuddy_http_requests_total{method="GET",route="/api/post/detail/{id}/",status="404"} 1`,
		`mealbuddy_http_requests_total{method="GET",route="unknown",status="404"} 1`,
		`mealbuddy_http_requests_total{method="GET",route="/ws/chat/{id}/",status="101"} 1`,
		`mealbuddy_http_request_duration_seconds_count{method="POST",route="/api/user/register/"} 1`,
		`mealbuddy_http_requests_in_flight 0`,
		`mealbuddy_sockets_open 1`,
		`mealbuddy_refusals_total{code="post_not_found"} 1`,
		`mealbuddy_lines_stored_total{kind="said"} 0`,
		`mealbuddy_pool_max_connections{pool="write"} 1`,
		`mealbuddy_password_hashes{state="waiting"} 0`,
		`mealbuddy_agenda_worked_total{kind="sweep.tickets",outcome="failed"} 0`,
		`mealbuddy_agenda_set_aside 0`,
		"mealbuddy_disk_free_bytes ", "mealbuddy_build_info{", "go_goroutines ", "process_open_fds ",
	} {
		assert.Contains(t, text, "\n"+want)
	}
	assert.NotContains(t, text, "hunter2")
	assert.Contains(t, s.debug("/debug/pprof/"), "goroutine")
	assert.Contains(t, s.debug("/debug/pprof/goroutine?debug=1"), "serveDebug")
	assert.NotEmpty(t, s.debug("/debug/pprof/cmdline"))

	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		resp, err := s.client.Get(s.url + path)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err)
		assert.NotContains(t, string(text), "goroutine", "the public is shown nothing of it")
	}
	s.stop()
}

func TestAssetsAreWrittenForTheNextBuild(t *testing.T) {
	code, stdout, stderr := runWith(t, map[string]string{}, "assets")
	require.Zero(t, code, stderr)
	archive, err := gzip.NewReader(strings.NewReader(stdout))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, archive)
	assert.NoError(t, err)
}
