package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

// makeFixture makes the files of one store: it lets people live in the program that
// fixtureMake names, saves the database, and asks that program about a restored copy.
func makeFixture(t *testing.T, store string) {
	t.Helper()
	provider := httptest.NewServer(&issuer.Stub{Client: "me", Secret: "hunter2"})
	defer provider.Close()
	env := environ(t)
	if store == "postgres" {
		env = onPostgres(t)
	}
	for name, value := range map[string]string{
		"LIMITS": "off", "OIDC_ISSUER": provider.URL, "OIDC_ID": "me", "OIDC_SECRET": "hunter2",
	} {
		env["MEALBUDDY_"+name] = value
	}
	s := startOther(t, env)
	v := village{service: s, tokens: map[string]string{}, kept: map[string]string{}}
	v.live()
	s.stop()
	require.NoError(t, os.MkdirAll(fixtureDir, 0o755))
	if store == "postgres" {
		saveDump(t, env["MEALBUDDY_DATABASE_URL"])
	} else {
		file := filepath.Join(fixtureDir, "sqlite.db")
		require.NoError(t, os.RemoveAll(file))
		other(t, env, "backup", file)
	}

	f := restoreFixture(t, store)
	require.Zero(t, f.moved)
	f.command = func(args ...string) string { return other(t, f.env, args...) }
	s = startOther(t, f.env)
	f.record(s, v)
	s.stop()
}

// startOther starts the program of fixtureMake.
func startOther(t *testing.T, env map[string]string) *service {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), *fixtureMake)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	r, w := io.Pipe()
	s := &service{T: t, log: &notes{}, code: make(chan int, 1), client: &http.Client{Transport: &http.Transport{}}}
	cmd.Stderr = io.MultiWriter(s.log, w)
	s.signal = func() { cmd.Process.Signal(syscall.SIGTERM) }
	require.NoError(t, cmd.Start())
	t.Cleanup(s.client.CloseIdleConnections)
	go func() {
		cmd.Wait() // stop looks at the exit code
		w.Close()
		s.code <- cmd.ProcessState.ExitCode()
	}()
	s.url = servingAt(t, r)
	return s
}

// other runs a command of the program of fixtureMake.
func other(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), *fixtureMake, args...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

// saveDump writes statements that a driver can run: pg_dump adds commands of psql.
func saveDump(t *testing.T, dsn string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=100", "--dbname", dsn)
	cmd.Env = append(os.Environ(), "PGTZ=UTC")
	dump, err := cmd.Output()
	require.NoError(t, err)
	var kept []byte
	for line := range bytes.Lines(dump) {
		if !bytes.HasPrefix(line, []byte(`\`)) && !bytes.HasPrefix(line, []byte("-- Dumped")) {
			kept = append(kept, line...)
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(fixtureDir, "postgres.sql"), kept, 0o644))
}

// village is a program that people live in.
type village struct {
	*service
	tokens map[string]string // by key of a resident
	kept   map[string]string // the cookies that keep them signed in
	posts  int
}

type obj = map[string]any

// The devices that people use.
const (
	phone   = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
	desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
)

// as does what a resident asks for, on a device, and expects a status.
func (v *village) as(key, device string, want int, method, path string, body obj) obj {
	v.Helper()
	var text io.Reader = http.NoBody
	if body != nil {
		text = bytes.NewReader(encoded(body))
	}
	r, err := http.NewRequestWithContext(v.Context(), method, v.url+path, text)
	require.NoError(v, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", device)
	if token := v.tokens[key]; token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	resp, err := v.client.Do(r)
	require.NoError(v, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(v, err)
	require.Equal(v, want, resp.StatusCode, "%s %s by %s: %s", method, path, key, answer)
	for _, c := range resp.Cookies() {
		if c.Name == "mealbuddy_sign_in" && c.Value != "" {
			v.kept[key] = c.Value
		}
	}
	var said obj
	if len(answer) > 0 && answer[0] == '{' {
		require.NoError(v, json.Unmarshal(answer, &said))
	}
	return said
}

func (v *village) post(key, path string, body obj) obj {
	v.Helper()
	answer := v.as(key, phone, http.StatusOK, "POST", path, body)
	if user, ok := answer["user"].(obj); ok {
		v.tokens[key] = user["token"].(string)
	}
	return answer
}

func (v *village) register(key, name, address string) {
	v.Helper()
	r := residents[slices.IndexFunc(residents, func(r resident) bool { return r.key == key })]
	password := r.password
	if key == "han" {
		password = fixturePassword // until it is changed
	}
	answer := v.as(key, phone, http.StatusCreated, "POST", "/api/user/register/", obj{
		"email": r.email, "username": name, "password": password, "password2": password, "address": address,
	})
	v.tokens[key] = answer["user"].(obj)["token"].(string)
}

func (v *village) signIn(key, device string) {
	v.Helper()
	r := residents[slices.IndexFunc(residents, func(r resident) bool { return r.key == key })]
	delete(v.tokens, key)
	answer := v.as(key, device, http.StatusOK, "POST", "/api/user/login/", obj{"email": r.email, "password": r.password})
	v.tokens[key] = answer["user"].(obj)["token"].(string)
}

func (v *village) write(key, category string, seats int, title, content string) (post int) {
	v.Helper()
	answer := v.as(key, phone, http.StatusCreated, "POST", "/api/post/write/", obj{
		"title": title, "category": category, "target_number": seats, "content": content,
	})
	v.posts++
	require.EqualValues(v, v.posts, answer["id"])
	return v.posts
}

func (v *village) edit(key string, post int, change obj) {
	v.Helper()
	v.post(key, fmt.Sprintf("/api/post/detail/%d/edit/", post), change)
}

func (v *village) deletePost(key string, post int) {
	v.Helper()
	v.as(key, phone, http.StatusNoContent, "POST", fmt.Sprintf("/api/post/detail/%d/delete/", post), nil)
}

func (v *village) join(post int, keys ...string) {
	v.Helper()
	for _, key := range keys {
		v.as(key, phone, http.StatusCreated, "POST", fmt.Sprintf("/api/chat/%d/", post), nil)
	}
}

func (v *village) leave(post int, key string) {
	v.Helper()
	v.as(key, phone, http.StatusNoContent, "DELETE", fmt.Sprintf("/api/chat/%d/user/", post), nil)
}

func (v *village) ban(post int, by, whom string) {
	v.Helper()
	id := v.as(whom, phone, http.StatusOK, "GET", "/api/user/current/", nil)["user"].(obj)["id"]
	v.as(by, phone, http.StatusNoContent, "POST", fmt.Sprintf("/api/chat/%d/user/ban/", post), obj{"target_user_id": id})
}

// say sends messages one after another, each with a client id unless that is "".
func (v *village) say(post int, key string, messages ...[2]string) {
	v.Helper()
	conn := v.follow(v.tokens[key], post)
	defer conn.Close()
	for _, m := range messages {
		frame := obj{"message": m[0]}
		if m[1] != "" {
			frame["client_id"] = m[1]
		}
		require.NoError(v, conn.WriteJSON(frame))
		v.hear(conn, "chat.message")
	}
}

func (v *village) hear(conn *websocket.Conn, kind string) {
	v.Helper()
	var f obj
	require.NoError(v, conn.ReadJSON(&f))
	require.Equal(v, kind, f["type"], f)
}

// link lets a resident sign in through the provider, too.
func (v *village) link(key string) {
	v.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(v, err)
	client := &http.Client{Jar: jar, Transport: v.client.Transport, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/social" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	r, err := http.NewRequestWithContext(v.Context(), "POST", v.url+"/api/user/social/start/oidc/", strings.NewReader(`{"link":true}`))
	require.NoError(v, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "token "+v.tokens[key])
	resp, err := client.Do(r)
	require.NoError(v, err)
	var start struct{ URL string }
	require.NoError(v, json.NewDecoder(resp.Body).Decode(&start))
	require.NoError(v, resp.Body.Close())
	resp, err = client.Get(start.URL)
	require.NoError(v, err)
	require.NoError(v, resp.Body.Close())
	back, err := url.Parse(resp.Header.Get("Location"))
	require.NoError(v, err)
	require.Equal(v, "oidc", back.Query().Get("linked"), back)
}

// sayings are what people talk of, in all that text may be.
var sayings = []string{
	"안녕하세요!", "저는 양념 반 후라이드 반이요", "첫 줄\n둘째 줄\n\n\t넷째 줄", "👩‍👩‍👧‍👦 네 명이에요 🇰🇷👍🏽", "cafe\u0301 7시 어때요",
	norm.NFD.String("각자 계산해요"), `<b>굵게</b> &amp; "따옴표" 'n' %_\ ; -- $1 ?`, "ㅋㅋㅋㅋ", "null", "0", "  앞뒤 빈칸  ", "𠮷野家 Ω ß ﬁ", "줄 끝\r\n윈도우",
}

// live lets people do all that there is to do.
func (v *village) live() {
	v.Helper()
	const town = "제주특별자치도 제주시 용담이동"
	v.register("ann", "앤이", town)
	v.register("bob", "밥이", "제주  제주시 용담이동")
	v.register("cho", "조아", "경기 성남시분당구 정자동")
	v.register("dan", "Dan Brown", town)
	v.register("eve", "이브 🌙", "제주도 제주시 용담이동")
	v.register("fay", "Fe\u0301e", town)
	v.register("gil", "길동", "인천 중구 운서동")
	v.register("han", "한나", "동구 송림동")
	v.register("ida", "아이다", "서울 강남 역삼동 823")

	long := v.write("ann", "치킨", 6, "치킨 같이 먹어요", "후라이드 반\n양념 반\n\n배달비는 나눠요 🍗")
	require.Equal(v, longRoom, long)
	full := v.write("bob", "피자", 2, "  피자 🍕 둘이서  ", "cafe\u0301 앞에서 만나요")
	closed := v.write("ann", "중식", 4, "짜장면", "곧 시켜요")
	edited := v.write("cho", "분식", 3, "떡볶이", "매운맛")
	roomless := v.write("ann", "패스트푸드", 5, "햄버거", "방을 지운 글")
	gone := v.write("bob", "치킨", 3, "지운 글", "아무도 못 봐요")
	led := v.write("eve", "도시락", 4, "도시락", "쓴 사람이 탈퇴한 글")
	barred := v.write("ann", "카페,디저트", 5, "빙수", "나간 뒤에 차단한 글")
	require.Equal(v, barredRoom, barred)
	alone := v.write("ida", "족발,보쌈", 2, "족발", "혼자 있는 글")
	reopened := v.write("gil", "고기구이", 2, "고기", "닫았다가 다시 연 글")

	v.join(long, "bob", "cho", "fay", "gil", "dan")
	v.join(full, "cho")
	v.join(closed, "bob")
	v.join(edited, "gil", "ann")
	v.join(roomless, "bob", "cho")
	v.join(gone, "ann")
	v.join(led, "ann", "bob", "fay")
	v.join(barred, "fay", "cho", "han")
	v.join(reopened, "bob")

	// Rooms take turns, so that the ids of lines are not those of one room.
	speakers := []string{"ann", "bob", "cho"}
	for i := range 200 {
		words, clientID := fmt.Sprintf("%s %d", sayings[i%len(sayings)], i), ""
		if i%3 == 0 {
			clientID = fmt.Sprintf("5c1e0000-0000-4000-8000-%012d", i)
		}
		switch i {
		case 20:
			words = strings.Repeat("밥", 400)
		case 60:
			v.say(long, "fay", [2]string{"저는 곧 쫓겨나요", "c1"})
			v.ban(long, "ann", "fay")
		case 90:
			v.leave(long, "gil")
		case 120:
			v.join(long, "han")
			v.leave(long, "han")
			v.join(long, "han")
			v.say(long, "han", [2]string{"다시 왔어요", ""})
		case 150:
			v.say(long, "dan", [2]string{"저는 곧 탈퇴해요", "c1"})
		}
		v.say(long, speakers[i%len(speakers)], [2]string{words, clientID})
		if i%40 == 0 {
			v.say(full, "cho", [2]string{"둘이서도 좋아요", fmt.Sprint("full ", i)})
			v.say(led, "fay", [2]string{words, clientID})
		}
	}
	again := [2]string{"두 번 보내도 한 번", "again"}
	v.say(long, "ann", again, again)
	v.say(long, "bob", again, again) // a client id is the sender's own
	v.say(full, "bob", again)        // and the room's

	v.say(closed, "bob", [2]string{"시켰어요?", "c1"})
	v.edit("ann", closed, obj{"is_compelete": true})
	v.edit("cho", edited, obj{"title": "떡볶이와 튀김", "content": "1. 떡볶이\n2. 튀김\n3. e\u0301clair", "target_number": 5, "category": "백반,죽,국수"})
	v.say(roomless, "cho", [2]string{"곧 지워질 방", "c1"}, [2]string{"정말요", ""})
	v.leave(roomless, "bob")
	v.as("ann", phone, http.StatusNoContent, "DELETE", fmt.Sprintf("/api/chat/%d/", roomless), nil)
	v.say(gone, "ann", [2]string{"곧 지워질 글", ""})
	v.deletePost("bob", gone)
	v.leave(led, "fay")
	v.leave(barred, "fay")
	v.ban(barred, "ann", "fay")
	v.ban(barred, "ann", "han")
	v.leave(barred, "cho")
	v.join(barred, "cho")
	v.edit("gil", reopened, obj{"is_compelete": true})
	v.leave(reopened, "bob")
	v.edit("gil", reopened, obj{"is_compelete": false})
	v.edit("ida", alone, obj{"title": "족발 大"})

	for i, category := range []string{"치킨", "피자", "치킨", "아시안", "양식", "치킨"} { // a second page
		v.write([]string{"ann", "bob", "eve"}[i%3], category, 2+i, fmt.Sprint("다음 글 ", i), "함께 먹어요")
	}

	v.post("cho", "/api/user/update/", obj{"username": "조이", "address": "제주 제주시 용담이동"})
	v.write("cho", "돈까스,회,일식", 4, "이사 와서 쓴 글", "새 동네에서")
	v.post("han", "/api/user/changepassword/", obj{"current_password": fixturePassword, "new_password1": "another horse", "new_password2": "another horse"})
	v.signIn("han", desktop)
	v.signIn("bob", desktop)
	v.signIn("bob", phone)
	v.as("", phone, http.StatusUnauthorized, "POST", "/api/user/login/", obj{"email": "bob@example.com", "password": "wrong horse"})
	v.as("ida", phone, http.StatusNoContent, "POST", "/api/user/logout/", nil)
	v.signIn("ida", desktop)
	v.link("ann")
	v.as("ann", phone, http.StatusCreated, "POST", fmt.Sprintf("/api/chat/%d/ticket/", long), nil)

	v.as("dan", phone, http.StatusNoContent, "POST", "/api/user/delete/", obj{"password": fixturePassword})
	v.as("eve", phone, http.StatusNoContent, "POST", "/api/user/delete/", obj{"password": fixturePassword})
	v.register("dan2", "dan brown", town)
	v.join(barred, "dan2")
	v.say(long, "cho", [2]string{"댄은 탈퇴했네요", "last"}, [2]string{"그러게요", ""})
	last := v.write("bob", "찜,탕,찌개", 2, "마지막 글", "바로 지워요")
	v.deletePost("bob", last)
}

// record asks for everything on behalf of everybody, and writes down the answers.
func (f *fixture) record(s *service, v village) {
	f.Helper()
	var all []reply
	put := func(got reply) {
		for i := len(all) - 1; i >= 0 && all[i].Path == got.Path; i-- {
			if all[i].Status == got.Status && bytes.Equal(all[i].Body, got.Body) && got.Kept == "" {
				all[i].By = append(all[i].By, got.By...)
				return
			}
		}
		all = append(all, got)
	}
	put(f.ask(s, auditLog, "", "", 0))
	put(f.ask(s, roomLogs, "", "", 0))
	for _, r := range residents {
		f.token(s, r.key)
	}
	everybody := []string{""}
	for _, r := range residents {
		everybody = append(everybody, r.key)
	}
	paths := []string{"/api/user/current/", "/api/user/sessions/", "/api/user/social/linked/"}
	for _, query := range []string{
		"", "?page=1", "?page=2", "?page=99", "?page=x", "?category=치킨", "?category=치킨&page=2", "?category=피자", "?category=분식", "?category=술",
	} {
		paths = append(paths, "/api/post/"+escaped(query))
	}
	for post := range v.posts + 2 {
		for _, path := range []string{"/api/post/detail/%d/", "/api/post/detail/%d/edit/", "/api/chat/%d/", "/api/chat/%d/user/", "/ws/chat/%d/?after=0"} {
			paths = append(paths, fmt.Sprintf(path, post))
		}
	}
	for _, query := range []string{
		"?limit=200", "?limit=1", "?limit=201", "?limit=0", "?before=1", "?before=18", "?before=100&limit=5", "?before=9999&limit=2", "?before=x",
		"?after=0&limit=3", "?after=100&limit=5", "?after=205", "?after=9999", "?after=-1", "?before=50&after=10",
	} {
		paths = append(paths, fmt.Sprintf("/api/chat/%d/%s", longRoom, query))
	}
	for _, query := range []string{"?after=205", "?after=9999", "?after=x"} {
		paths = append(paths, fmt.Sprintf("/ws/chat/%d/%s", longRoom, query))
	}
	for _, path := range paths {
		for _, by := range everybody {
			put(f.ask(s, path, by, "", f.frames(s, path, by)))
		}
	}
	for _, path := range []string{
		"/api/region/search/?q=용담", "/api/region/search/?q=정자", "/api/region/search/?q=운서", "/api/region/search/?q=송림", "/api/region/search/?q=강남",
		"/api/user/social/", "/api/openAPI/",
	} {
		put(f.ask(s, escaped(path), "", "", 0))
	}
	refresh := f.ask(s, "POST /api/user/refresh/", "", v.kept["cho"], 0)
	require.Equal(f, 200, refresh.Status)
	put(refresh)

	file, err := os.Create(filepath.Join(fixtureDir, f.store+".jsonl"))
	require.NoError(f, err)
	out := json.NewEncoder(file)
	out.SetEscapeHTML(false)
	for _, r := range all {
		require.Less(f, r.Status, 500, r.Path)
		require.NoError(f, out.Encode(r))
	}
	require.NoError(f, file.Close())
}

// frames tells how many frames a socket sends at once.
func (f *fixture) frames(s *service, path, by string) int {
	f.Helper()
	var post, after int
	if n, _ := fmt.Sscanf(path, "/ws/chat/%d/?after=%d", &post, &after); n < 2 {
		return 0
	}
	_, room := s.ask("GET", fmt.Sprintf("/api/chat/%d/?limit=1", post), f.token(s, by), "")
	last, _ := room["last_seq"].(float64)
	if after > int(last) {
		return 1 // which tells to read the room anew
	}
	return int(last) - after
}

// escaped writes Korean in a path as browsers do.
func escaped(path string) string {
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil || query == "" {
		return path
	}
	return path + "?" + values.Encode()
}
