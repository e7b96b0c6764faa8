package main

import (
	"bufio"
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testdata/fixture holds a small neighbourhood as the program of commit e25e47e left
// it in both stores, before the room's log became a table of its own, and what that
// program answered about it:
//
//	sqlite.db, postgres.sql        the databases
//	sqlite.jsonl, postgres.jsonl   the answers, one JSON object a line
//
// The test opens each database with today's program, which migrates it, and compares
// every answer. The files record history and never change. If an answer is meant to
// differ from then on, say so in meant, and leave the files as they are.
//
// To make them again, build that commit and run (pg_dump has to be installed):
//
//	go test ./cmd/mealbuddy -run TestFixture -fixture.make PATH/OF/THAT/PROGRAM
var fixtureMake = flag.String("fixture.make", "", "the program to make testdata/fixture with")

const fixtureDir = "testdata/fixture"

// resident has an account in the fixture, which may have ended.
type resident struct {
	key       string // by which the answers name who asked
	email     string
	password  string
	withdrawn bool
}

const fixturePassword = "correct horse"

var residents = []resident{
	{key: "ann", email: "Ann@Example.com", password: fixturePassword},
	{key: "bob", email: "bob@example.com", password: fixturePassword},
	{key: "cho", email: "cho@example.com", password: fixturePassword},
	{key: "dan", email: "dan@example.com", password: fixturePassword, withdrawn: true},
	{key: "eve", email: "eve@example.com", password: fixturePassword, withdrawn: true},
	{key: "fay", email: "fay@example.com", password: fixturePassword},
	{key: "gil", email: "gil@example.com", password: fixturePassword},
	{key: "han", email: "han@example.com", password: "another horse"},
	{key: "ida", email: "ida@example.com", password: fixturePassword},
	{key: "dan2", email: "dan@example.com", password: "the second dan"}, // took over the address of dan
}

// reply is what the program answered to those who asked for a path.
type reply struct {
	Path   string          `json:"path"`
	By     []string        `json:"by"`             // keys of residents; "" is somebody who is not signed in
	Kept   string          `json:"kept,omitempty"` // the cookie by which the browser was kept signed in
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"` // for a socket, a list of frames
}

// Paths of what is not asked over HTTP.
const (
	auditLog = "mealbuddy audit"
	roomLogs = "table message"
)

func TestFixture(t *testing.T) {
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			if *fixtureMake != "" {
				makeFixture(t, store)
			}
			f := restoreFixture(t, store)
			people, posts := f.addresses()
			s := start(t, f.env)
			f.command = func(args ...string) string {
				code, stdout, stderr := runWith(t, f.env, args...)
				require.Equal(t, 0, code, stderr)
				return stdout
			}
			f.isSpelt(people, posts)
			assert.Contains(t, s.log.String(), `"people":8,"people_changed":2,"people_left":0,"posts":18,"posts_changed":1,"posts_left":0`)
			recorded := f.replies(t)
			for _, want := range recorded {
				for _, by := range want.By {
					want, asked := meant(recorded, want, by)
					if !asked {
						continue
					}
					got := f.ask(s, want.Path, by, want.Kept, socketFrames(want))
					assert.Equal(t, want.Status, got.Status, "%s by %q", want.Path, by)
					if diff := differences("", decoded(t, want.Body), decoded(t, got.Body)); len(diff) > 0 {
						t.Errorf("%s by %q:\n\t%s", want.Path, by, strings.Join(diff, "\n\t"))
					}
				}
			}
			f.goesOn(s)
			s.stop()
			f.isSound()
			assert.Contains(t, f.command("check"), "good   the seats")
			f.seesWithdrawalsThrough()
		})
	}
}

// spelt has the addresses that name an official neighbourhood in other words.
var spelt = map[string]string{
	"동구 송림동":            "인천광역시 제물포구 송림동",
	"서울특별시 강남구 역삼동 823": "서울특별시 강남구 역삼동",
}

// addresses counts the people and the posts of each address.
func (f *fixture) addresses() (people, posts map[string]int) {
	f.Helper()
	db := f.database()
	defer func() { require.NoError(f, db.Close()) }()
	count := func(query string) map[string]int {
		found, err := db.QueryContext(f.Context(), query)
		require.NoError(f, err)
		defer found.Close()
		all := map[string]int{}
		for found.Next() {
			var address string
			var n int
			require.NoError(f, found.Scan(&address, &n))
			all[address] = n
		}
		require.NoError(f, found.Err())
		return all
	}
	return count(`SELECT neighborhood, count(*) FROM "user" WHERE withdrawn_at IS NULL GROUP BY neighborhood`),
		count(`SELECT neighborhood, count(*) FROM party GROUP BY neighborhood`)
}

// isSpelt expects that nobody and no post is lost, and that addresses have their official
// spelling.
func (f *fixture) isSpelt(people, posts map[string]int) {
	f.Helper()
	spell := func(all map[string]int) map[string]int {
		now := map[string]int{}
		for address, n := range all {
			now[cmp.Or(spelt[address], address)] += n
		}
		return now
	}
	nowPeople, nowPosts := f.addresses()
	assert.Equal(f, spell(people), nowPeople)
	assert.Equal(f, spell(posts), nowPosts)
	f.Logf("people: %v, then %v", people, nowPeople)
	f.Logf("posts: %v, then %v", posts, nowPosts)
	assert.Empty(f, f.command("addresses"), "everybody lives in a neighbourhood")
}

// meant returns a recorded reply as by is meant to get it today, and false if it no longer
// says anything about the database.
func meant(recorded []reply, r reply, by string) (reply, bool) {
	for was, is := range spelt {
		r.Body = bytes.ReplaceAll(r.Body, []byte(inJSON(was)), []byte(inJSON(is)))
	}
	path, query, _ := strings.Cut(r.Path, "?")
	switch {
	case path == "/api/region/search/": // answers from a table in the program
		return r, false
	case path == "/api/post/detail/5/" || path == "/api/post/detail/5/edit/": // nobody is in a room that is deleted
		r.Body = bytes.Replace(r.Body, []byte(`"is_joined":true`), []byte(`"is_joined":false`), 1)
	case query != "" && r.Status == http.StatusBadRequest: // whether one may ask comes before what one asks
		for _, plain := range recorded {
			if plain.Path == path && plain.Status == http.StatusForbidden && slices.Contains(plain.By, by) {
				r.Status, r.Body = plain.Status, plain.Body
			}
		}
	}
	return r, true
}

// fixture is a restored copy of a database of the fixture.
type fixture struct {
	*testing.T
	store   string
	env     map[string]string           // starts a program on it
	command func(args ...string) string // runs a command of the program, and gives what it prints
	moved   time.Duration               // how much later its times are than those of the files
	tokens  map[string]string           // of residents, by key
}

// restoreFixture restores the database of a store. All its times are moved to the
// past hour, so that sign-ins have not expired and posts are as fresh as they were.
func restoreFixture(t *testing.T, store string) *fixture {
	t.Helper()
	f := &fixture{T: t, store: store, tokens: map[string]string{}}
	if store == "postgres" {
		f.env = onPostgres(t)
		f.loadPostgres()
	} else {
		f.env = environ(t)
		f.loadSQLite()
	}
	f.env["MEALBUDDY_LIMITS"] = "off"
	f.env["MEALBUDDY_EMAILS"] = "full" // as the program that answered showed them
	f.moveTimes()
	return f
}

func (f *fixture) loadSQLite() {
	file, err := os.ReadFile(filepath.Join(fixtureDir, "sqlite.db"))
	require.NoError(f, err)
	require.NoError(f, os.MkdirAll(f.env["MEALBUDDY_DATA"], 0o700))
	require.NoError(f, os.WriteFile(filepath.Join(f.env["MEALBUDDY_DATA"], "mealbuddy.db"), file, 0o600))
}

func (f *fixture) loadPostgres() {
	dump, err := os.ReadFile(filepath.Join(fixtureDir, "postgres.sql"))
	require.NoError(f, err)
	conn, err := pgx.Connect(f.Context(), f.env["MEALBUDDY_DATABASE_URL"])
	require.NoError(f, err)
	defer conn.Close(f.Context())
	_, err = conn.PgConn().Exec(f.Context(), string(dump)).ReadAll()
	require.NoError(f, err)
}

// database opens the database beside the program.
func (f *fixture) database() *sql.DB { return databaseOf(f.T, f.env) }

// databaseOf opens the database of a program, past the program.
func databaseOf(t *testing.T, env map[string]string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "file:"+filepath.ToSlash(filepath.Join(env["MEALBUDDY_DATA"], "mealbuddy.db"))
	if url := env["MEALBUDDY_DATABASE_URL"]; url != "" {
		driver, source = "pgx", url
	}
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	return db
}

// moveTimes moves the times by whole hours, except for the audit log, which
// refuses to be changed.
func (f *fixture) moveTimes() {
	db := f.database()
	defer func() { require.NoError(f, db.Close()) }()
	var newest time.Time
	var err error
	if f.store == "sqlite" {
		var micros int64
		err = db.QueryRowContext(f.Context(), `SELECT max(created_at) FROM sign_in`).Scan(&micros)
		newest = time.UnixMicro(micros)
	} else {
		err = db.QueryRowContext(f.Context(), `SELECT max(created_at) FROM sign_in`).Scan(&newest)
	}
	require.NoError(f, err)
	f.moved = time.Since(newest).Truncate(time.Hour)
	later := fmt.Sprint(f.moved.Microseconds())
	if f.store == "postgres" {
		later += ` * interval '1 microsecond'`
	}
	for _, table := range []struct{ name, columns string }{
		{`"user"`, "created_at withdrawn_at"},
		{`party`, "created_at room_deleted_at deleted_at"},
		{`member`, "joined_at"},
		{`message`, "at"},
		{`sign_in`, "created_at rotated_at seen_at expires_at ended_at"},
		{`ticket`, "expires_at"},
		{`identity`, "linked_at"},
	} {
		var set []string
		for column := range strings.FieldsSeq(table.columns) {
			set = append(set, column+" = "+column+" + "+later)
		}
		_, err := db.ExecContext(f.Context(), `UPDATE `+table.name+` SET `+strings.Join(set, ", "))
		require.NoError(f, err)
	}
}

// replies reads what the program answered when the fixture was made.
func (f *fixture) replies(t *testing.T) (all []reply) {
	file, err := os.Open(filepath.Join(fixtureDir, f.store+".jsonl"))
	require.NoError(t, err)
	defer file.Close()
	for in := json.NewDecoder(bufio.NewReader(file)); in.More(); {
		var r reply
		require.NoError(t, in.Decode(&r))
		if r.Path != auditLog {
			moved, err := json.Marshal(settled(decoded(t, r.Body), f.moved))
			require.NoError(t, err)
			r.Body = moved
		}
		all = append(all, r)
	}
	require.NotEmpty(t, all)
	return all
}

// ask asks for a path on behalf of a resident. What differs each time is made the
// same. Of a socket it reads so many frames, and makes sure that none follows.
func (f *fixture) ask(s *service, path, by, kept string, frames int) reply {
	f.Helper()
	var status int
	var body []byte
	switch {
	case path == auditLog:
		status, body = 200, f.audit()
	case path == roomLogs:
		status, body = 200, f.log()
	case strings.HasPrefix(path, "/ws/"):
		status, body = f.listen(s, path, f.token(s, by), frames)
	default:
		method, path, found := strings.Cut(path, " ")
		if !found {
			method, path = "GET", method
		}
		status, _, body = s.send(request{method: method, path: path}, f.token(s, by), kept)
	}
	text, err := json.Marshal(settled(decoded(f.T, body), 0))
	require.NoError(f, err)
	return reply{Path: path, By: []string{by}, Kept: kept, Status: status, Body: text}
}

// token signs a resident in, once.
func (f *fixture) token(s *service, key string) string {
	f.Helper()
	if key == "" || f.tokens[key] != "" {
		return f.tokens[key]
	}
	i := slices.IndexFunc(residents, func(r resident) bool { return r.key == key })
	require.GreaterOrEqual(f, i, 0, key)
	r := residents[i]
	status, answer := s.ask("POST", "/api/user/login/", "", string(encoded(map[string]any{"email": r.email, "password": r.password})))
	if r.withdrawn {
		require.Equal(f, 401, status, key)
		f.tokens[key] = "none"
	} else {
		require.Equal(f, 200, status, "%s: %v", key, answer)
		f.tokens[key] = answer["user"].(map[string]any)["token"].(string)
	}
	return f.tokens[key]
}

// audit is the audit log as the program prints it, the newest first.
func (f *fixture) audit() []byte {
	f.Helper()
	lines := strings.Split(strings.TrimSpace(f.command("audit")), "\n")
	return []byte("[" + strings.Join(lines, ",") + "]")
}

// log is all lines of all rooms, those of deleted rooms too, which nobody can ask for.
// A migration that moves the lines changes this query with it, and nothing else here.
func (f *fixture) log() []byte {
	f.Helper()
	db := f.database()
	defer func() { require.NoError(f, db.Close()) }()
	rows, err := db.QueryContext(f.Context(), `SELECT id, room_id, seq, kind, who_id, body, client_id FROM entry ORDER BY id`)
	require.NoError(f, err)
	defer rows.Close()
	var lines [][]any
	for rows.Next() {
		var id, room, seq, who int64
		var kind, body string
		var clientID *string
		require.NoError(f, rows.Scan(&id, &room, &seq, &kind, &who, &body, &clientID))
		lines = append(lines, []any{id, room, seq, kind, who, body, clientID})
	}
	require.NoError(f, rows.Err())
	text, err := json.Marshal(lines)
	require.NoError(f, err)
	return text
}

// listen opens a socket and gives its first frames, or its refusal.
func (f *fixture) listen(s *service, path, token string, frames int) (status int, body []byte) {
	f.Helper()
	status, body, conn := f.dial(s, path, token)
	if conn == nil {
		return status, body
	}
	defer conn.Close()
	var all []json.RawMessage
	for range frames {
		all = append(all, f.frame(conn))
	}
	// An empty message is refused. The refusal comes next if nothing else does.
	require.NoError(f, conn.WriteMessage(websocket.TextMessage, []byte(`{"message":""}`)))
	all = append(all, f.frame(conn))
	text, err := json.Marshal(all)
	require.NoError(f, err)
	return status, text
}

func (f *fixture) dial(s *service, path, token string) (status int, body []byte, conn *websocket.Conn) {
	f.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	at := strings.Replace(s.url, "http", "ws", 1) + path + sep + "token=" + url.QueryEscape(token)
	conn, resp, err := websocket.DefaultDialer.DialContext(f.Context(), at, nil)
	require.NotNil(f, resp, "%s: %v", path, err)
	defer resp.Body.Close()
	if err == nil {
		f.Cleanup(func() { conn.Close() })
		return resp.StatusCode, nil, conn
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	require.NoError(f, err)
	return resp.StatusCode, text.Bytes(), nil
}

// frame waits for the next frame of a socket.
func (f *fixture) frame(conn *websocket.Conn) json.RawMessage {
	f.Helper()
	require.NoError(f, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	_, text, err := conn.ReadMessage()
	require.NoError(f, err)
	return text
}

// socketFrames counts the frames of a recorded socket before the refusal that ends it.
func socketFrames(r reply) int {
	var frames []json.RawMessage
	if r.Status != http.StatusSwitchingProtocols || json.Unmarshal(r.Body, &frames) != nil {
		return 0
	}
	return len(frames) - 1
}

// decoded reads JSON, its numbers as they are written.
func decoded(t testing.TB, text []byte) (v any) {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	require.NoError(t, in.Decode(&v), "%s", text)
	return v
}

// settled replaces what is different each time, and moves times.
func settled(v any, by time.Duration) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = settled(value, by)
		}
		varies := []string{"token", "request_id"}
		if v["current"] == true { // the sign-in that asks
			varies = append(varies, "id", "created_at", "last_seen_at")
		}
		for _, key := range varies {
			if value, there := v[key]; there && value != nil && value != "" {
				v[key] = "(" + key + ")"
			}
		}
	case []any:
		for i := range v {
			v[i] = settled(v[i], by)
		}
	case string:
		const micros = "2006-01-02T15:04:05.000000Z"
		if at, err := time.Parse(micros, v); err == nil {
			return at.Add(by).Format(micros)
		}
	}
	return v
}

// differences lists what got lacks of want, or says otherwise. Fields may be added.
func differences(at string, want, got any) (all []string) {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, field := range slices.Sorted(maps.Keys(want)) {
			is, there := got[field]
			if !there {
				all = append(all, fmt.Sprintf("%s.%s is missing", at, field))
				continue
			}
			all = append(all, differences(at+"."+field, want[field], is)...)
		}
		return all
	case []any:
		got, ok := got.([]any)
		if !ok {
			break
		}
		if len(want) != len(got) {
			all = append(all, fmt.Sprintf("%s has %d elements, not %d", cmp.Or(at, "all"), len(got), len(want)))
		}
		for i := range min(len(want), len(got)) {
			all = append(all, differences(fmt.Sprintf("%s[%d]", at, i), want[i], got[i])...)
		}
		return all
	}
	if w, g := inJSON(want), inJSON(got); w != g {
		return []string{fmt.Sprintf("%s is %s, not %s", cmp.Or(at, "all"), g, w)}
	}
	return nil
}

func inJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// The rooms of the fixture that goesOn uses.
const (
	longRoom   = 1 // ann leads; bob, cho and han are in; gil has left; fay is banned
	barredRoom = 8 // ann leads; fay had left before she was banned
)

// goesOn uses the database as if nothing had happened to it.
func (f *fixture) goesOn(s *service) {
	f.Helper()
	room := f.room(s, longRoom)
	var newest struct{ id, seq, post int64 } // of all that there is
	db := f.database()
	require.NoError(f, db.QueryRowContext(f.Context(), `SELECT max(id) FROM party`).Scan(&newest.post))
	require.NoError(f, db.Close())
	for _, line := range decoded(f.T, f.log()).([]any) {
		id, err := line.([]any)[0].(json.Number).Int64()
		require.NoError(f, err)
		newest.id = max(newest.id, id)
	}
	newest.seq = room.LastSeq

	_, _, conn := f.dial(s, fmt.Sprintf("/ws/chat/%d/", longRoom), f.token(s, "bob"))
	require.NotNil(f, conn)
	say := func(words, clientID string) (heard struct {
		Type, Code string
		Message    fixtureLine
	}) {
		require.NoError(f, conn.WriteJSON(map[string]any{"message": words, "client_id": clientID}))
		require.NoError(f, json.Unmarshal(f.frame(conn), &heard))
		return heard
	}
	var before fixtureLine // which bob said under a name of his own
	for _, line := range room.Messages {
		if line.ClientID != nil && line.User.Username == "밥이" {
			before = line
		}
	}
	require.NotZero(f, before.ID)
	assert.Equal(f, before, say(before.Message, *before.ClientID).Message, "what is said again is not stored again")
	assert.Equal(f, "id_conflict", say("something else", *before.ClientID).Code)
	said := say("새 메시지", "a new one").Message
	assert.Greater(f, said.ID, newest.id)
	assert.Equal(f, newest.seq+1, said.Seq)

	join := func(key string, room int) (status int) {
		status, _ = s.ask("POST", fmt.Sprintf("/api/chat/%d/", room), f.token(s, key), "")
		return status
	}
	assert.Equal(f, 403, join("fay", longRoom))
	assert.Equal(f, 403, join("fay", barredRoom))
	assert.Equal(f, 200, join("cho", longRoom), "she is in")
	assert.Equal(f, 201, join("gil", longRoom), "he is back")
	f.tokens["new"] = s.register("new")
	assert.Equal(f, 201, join("new", longRoom))

	now := f.room(s, longRoom)
	assert.Equal(f, newest.seq+3, now.LastSeq)
	assert.Equal(f, room.JoinNumber+2, now.JoinNumber)
	for i, line := range now.Messages {
		assert.Equal(f, now.LastSeq-int64(len(now.Messages)-1-i), line.Seq)
	}

	status, post := s.ask("POST", "/api/post/write/", f.token(s, "bob"), `{"title":"새 글","category":"치킨","content":"같이","target_number":4}`)
	require.Equal(f, 201, status, post)
	assert.EqualValues(f, newest.post+1, post["id"], "the newest post of the fixture is deleted, and its id is not given again")
	status, board := s.ask("GET", "/api/post/", f.token(s, "ann"), "")
	require.Equal(f, 200, status)
	assert.Equal(f, post["id"], board["posts"].([]any)[0].(map[string]any)["id"])
}

type fixtureLine struct {
	ID       int64
	Seq      int64
	Type     string
	Message  string
	ClientID *string `json:"client_id"`
	User     struct{ Username string }
}

type fixtureRoom struct {
	Messages   []fixtureLine
	LastSeq    int64 `json:"last_seq"`
	JoinNumber int   `json:"join_number"`
}

// room reads the newest lines of a room as ann does.
func (f *fixture) room(s *service, id int) (room fixtureRoom) {
	f.Helper()
	status, _, body := s.send(request{method: "GET", path: fmt.Sprintf("/api/chat/%d/?limit=200", id)}, f.token(s, "ann"), "")
	require.Equal(f, 200, status, "%s", body)
	require.NoError(f, json.Unmarshal(body, &room))
	return room
}

// isSound checks the file of SQLite. PostgreSQL checks its constraints whatever
// migrations do.
func (f *fixture) isSound() {
	f.Helper()
	if f.store == "postgres" {
		return
	}
	db := f.database()
	defer func() { require.NoError(f, db.Close()) }()
	var verdict string
	require.NoError(f, db.QueryRowContext(f.Context(), `PRAGMA integrity_check`).Scan(&verdict))
	assert.Equal(f, "ok", verdict)
	var broken int
	require.NoError(f, db.QueryRowContext(f.Context(), `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&broken))
	assert.Zero(f, broken)
}

func TestDifferences(t *testing.T) {
	for _, tt := range []struct {
		name, want, got string
		diff            []string
	}{
		{"the same", `{"a":[1,{"b":null}]}`, `{"a":[1,{"b":null}]}`, nil},
		{"a new field", `{"a":[{"b":1}]}`, `{"c":0,"a":[{"d":2,"b":1}]}`, nil},
		{"a field less", `{"a":[{"b":1}]}`, `{"a":[{}]}`, []string{".a[0].b is missing"}},
		{"null for nothing", `{"a":null}`, `{}`, []string{".a is missing"}},
		{"another value", `{"a":"x"}`, `{"a":"y"}`, []string{`.a is "y", not "x"`}},
		{"another type", `{"a":1}`, `{"a":"1"}`, []string{`.a is "1", not 1`}},
		{"a longer list", `[1]`, `[1,2]`, []string{"all has 2 elements, not 1"}},
		{"a shorter list", `{"a":[1,2]}`, `{"a":[1]}`, []string{".a has 1 elements, not 2"}},
		{"another order", `[1,2]`, `[2,1]`, []string{"[0] is 2, not 1", "[1] is 1, not 2"}},
		{"no object", `{"a":{}}`, `{"a":[]}`, []string{".a is [], not {}"}},
		{"nothing", `{}`, ``, []string{"all is null, not {}"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.diff, differences("", decoded(t, []byte(tt.want)), decoded(t, []byte(tt.got))))
		})
	}
}

// seesWithdrawalsThrough wants those who withdrew before the update to be out of their
// rooms once the time for that has come.
func (f *fixture) seesWithdrawalsThrough() {
	f.Helper()
	db := f.database()
	defer func() { require.NoError(f, db.Close()) }()
	count := func(query string) (n int) {
		require.NoError(f, db.QueryRowContext(f.Context(), query).Scan(&n))
		return n
	}
	const seats = `
		SELECT count(*)
		FROM "user" u
		JOIN member m ON m.user_id = u.id AND m.standing = 'in'
		JOIN party p ON p.id = m.party_id
		WHERE u.withdrawn_at IS NOT NULL AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL`
	const led = `
		SELECT count(*)
		FROM "user" u
		JOIN party p ON p.leader_id = u.id
		WHERE u.withdrawn_at IS NOT NULL AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL`
	require.Positive(f, count(seats))
	require.Positive(f, count(led))
	_, err := db.ExecContext(f.Context(), `UPDATE agenda SET due_at = (SELECT created_at FROM "user" WHERE id = 1) WHERE kind = 'withdrawal'`)
	require.NoError(f, err)
	s := start(f.T, f.env)
	assert.Eventually(f, func() bool { return count(seats) == 0 && count(led) == 0 }, 30*time.Second, 100*time.Millisecond)
	s.stop()
}
