package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// To see again what a failure has told of:
//
//	go test ./cmd/mealbuddy -run TestParity -parity.seed 7 -parity.steps 123
var (
	paritySeed  = flag.Uint64("parity.seed", 1, "which sequence of requests the two stores are asked")
	paritySteps = flag.Int("parity.steps", 2000, "how long it is")
)

// A request means the same to both programs, whatever their tokens are.
type request struct {
	method, path string
	contentType  string
	body         string
	who          int    // whose token; -1 is nobody's
	token        string // in place of it
	say          bool   // over a socket
	kept         bool   // with the cookie that keeps who signed in
}

func (r request) String() string {
	return fmt.Sprintf("%s %s by %d %q %s %.300q", r.method, r.path, r.who, r.token, r.contentType, r.body)
}

// An answer is what is the same in both programs.
type answer struct {
	status int
	header http.Header
	body   string
}

// neighbour is somebody with an account, and a token of each program.
type neighbour struct {
	id                    int
	email, name, password string
	tokens                [2]string
	kept                  [2]string // the cookies that keep them signed in
	gone                  bool      // has withdrawn
}

// signInOf gives the id of the sign-in that a token is of.
func signInOf(token string) string {
	var claims struct {
		jwt.RegisteredClaims
		SignIn int64 `json:"sid"`
	}
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return "1"
	}
	return fmt.Sprint(claims.SignIn)
}

// ownSignIn stands in a path for the id of the asker's sign-in, which is made by chance.
const ownSignIn = "{sign-in}"

// A walk makes up requests from what has happened so far.
type walk struct {
	*rand.Rand
	people  []*neighbour
	writers []int // of the posts 1, 2, …
	joined  []seat
	names   int
	out     []int // people who have to sign in again
}

// A seat was taken at some time.
type seat struct{ post, who int }

func pick[T any](w *walk, all ...T) T { return all[w.IntN(len(all))] }

// mostly gives what is sound, and now and then something else.
func mostly[T any](w *walk, sound T, odd ...T) T {
	if w.IntN(6) > 0 {
		return sound
	}
	return pick(w, odd...)
}

var (
	oddWords = []string{
		"", " ", "치킨", "  앞뒤 빈칸  ", "줄\n바꿈", "탭\t", "\u0000", "\u202e뒤집기", "👩‍👩‍👧‍👦", "Müller", "ﬁ", "%_\\'\";--", "<b>&amp;</b>", "null",
		strings.Repeat("밥", 50), strings.Repeat("밥", 51), strings.Repeat("a", 5001), "\u2028", "é", "e\u0301", "İstanbul",
	}
	neighborhoods = []string{"서울특별시 종로구 사직동", "제주특별자치도 제주시 용담이동", "종로구 혜화동"}
	oddIDs        = []string{"0", "-1", "x", "9223372036854775807", "9223372036854775808", "999999", "01", "%20", "1.5"}
	foods         = []string{"치킨", "피자", "중식", "족발,보쌈", "페스트푸드", "패스트푸드", "pizza", ""}
)

func (w *walk) words() string {
	if w.IntN(6) == 0 {
		return pick(w, oddWords...)
	}
	return fmt.Sprint("말 ", w.IntN(50))
}

// post gives the id of a post, of the newest ones rather than of others.
func (w *walk) post() string {
	switch n := len(w.writers); {
	case w.IntN(12) == 0:
		return pick(w, oddIDs...)
	case n > 4 && w.IntN(4) > 0:
		return fmt.Sprint(n - w.IntN(4))
	default:
		return fmt.Sprint(1 + w.IntN(n+1))
	}
}

// own gives the id of a post, and mostly lets its writer ask.
func (w *walk) own(r *request) string {
	if len(w.writers) == 0 || w.IntN(3) == 0 {
		return w.post()
	}
	n := w.IntN(min(4, len(w.writers)))
	r.who = w.writers[len(w.writers)-1-n]
	return fmt.Sprint(len(w.writers) - n)
}

// in gives the id of a post, and mostly lets somebody ask who joined it.
func (w *walk) in(r *request) string {
	if len(w.joined) == 0 || w.IntN(3) == 0 {
		return w.post()
	}
	s := w.joined[max(0, len(w.joined)-1-w.IntN(12))]
	r.who = s.who
	return fmt.Sprint(s.post)
}

// ban gives the id of a post, and mostly lets its writer ask to send somebody away.
func (w *walk) ban(r *request) (id string, whom any) {
	if len(w.joined) == 0 || w.IntN(3) == 0 {
		return w.own(r), mostly[any](w, 1+w.IntN(len(w.people)+2), fmt.Sprint(1+w.IntN(len(w.people)+2)), 0, "x", nil)
	}
	s := w.joined[max(0, len(w.joined)-1-w.IntN(12))]
	r.who = w.writers[s.post-1]
	return fmt.Sprint(s.post), w.people[s.who].id
}

// someone asks: one of the newest people rather than others, who may have gone.
func (w *walk) someone() int {
	n := len(w.people)
	if n > 6 && w.IntN(4) > 0 {
		return n - 1 - w.IntN(6)
	}
	return w.IntN(n+1) - 1
}

// next makes up a request.
func (w *walk) next() request {
	r := request{method: "POST", who: w.someone()}
	if w.IntN(40) == 0 {
		r.token = pick(w, "odd", "eyJhbGciOiJub25lIn0.e30.", " ")
	}
	fields := map[string]any{}
	n := w.IntN(100)
	switch {
	case len(w.out) > 0:
		who := w.people[w.out[0]]
		w.out = w.out[1:]
		r.path, r.who = "/api/user/login/", -1
		fields = map[string]any{"email": who.email, "password": who.password}
	case len(w.people) < 4 || n < 3:
		r.path, r.who = "/api/user/register/", -1
		w.names++
		fields = map[string]any{
			"email":    mostly(w, fmt.Sprintf("n%d@example.com", w.names), "N1@Example.com", "odd"),
			"username": mostly(w, fmt.Sprint("이웃", w.names), w.words(), "이웃1", "USER", "user"),
			"password": "correct horse", "password2": mostly(w, "correct horse", "correct house"), "address": mostly(w, pick(w, neighborhoods...), w.words()),
		}
	case n < 5:
		r.path, r.who = "/api/user/login/", -1
		who := pick(w, w.people...)
		fields = map[string]any{"email": mostly(w, who.email, strings.ToUpper(who.email), "nobody@example.com"), "password": mostly(w, who.password, "wrong horse")}
	case n < 7:
		r.path, r.who = "/api/user/changepassword/", w.IntN(len(w.people))
		next := pick(w, "correct horse", "another horse", "one more horse", "12345678")
		fields = map[string]any{"current_password": mostly(w, w.password(r.who), "wrong horse"), "new_password1": next, "new_password2": mostly(w, next, "third horse")}
	case n < 8 && len(w.people) > 6:
		r.path, fields = "/api/user/delete/", map[string]any{"password": mostly(w, w.password(r.who), "wrong horse", "")}
	case n < 9:
		r.path, r.kept = pick(w, "/api/user/refresh/", "/api/user/refresh/", "/api/user/refresh/", "/api/user/logout/"), w.IntN(6) > 0
	case n < 10:
		r.method, r.path = pick(w, "GET", "GET", "GET", "DELETE"), "/api/user/sessions/"
		if w.IntN(2) == 0 {
			r.method, r.path = "DELETE", "/api/user/sessions/"+pick(w, ownSignIn, ownSignIn, "1", pick(w, oddIDs...))+"/"
		}
	case n < 12:
		r.path = "/api/user/update/"
		if w.IntN(2) == 0 {
			fields["username"] = pick(w, w.words(), "이웃1", fmt.Sprint("새 이름 ", w.IntN(9)))
		}
		if w.IntN(2) == 0 {
			fields["address"] = pick(w, pick(w, neighborhoods...), w.words())
		}
	case n < 15:
		r.method, r.path = "GET", "/api/user/current/"
	case n < 27:
		r.method, r.path = "GET", "/api/post/"
		q := url.Values{}
		if w.IntN(2) == 0 {
			q.Set("category", pick(w, foods...))
		}
		if w.IntN(2) == 0 {
			q.Set("page", pick(w, "1", "2", "3", "0", "-1", "x", "99", "9223372036854775808"))
		}
		r.path += "?" + q.Encode()
	case n < 33:
		r.path = "/api/post/write/"
		fields = map[string]any{"title": w.words(), "category": mostly(w, pick(w, foods[:6]...), foods...), "content": w.words(), "target_number": mostly[any](w, 2+w.IntN(3), 10, "5", 1, 11, 2.5, "many", nil)}
	case n < 38:
		r.method, r.path = "GET", "/api/post/detail/"+w.post()+"/"
	case n < 40:
		r.method, r.path = "GET", "/api/post/detail/"+w.own(&r)+"/edit/"
	case n < 44:
		r.path = "/api/post/detail/" + w.own(&r) + "/edit/"
		for _, field := range []string{"title", "content"} {
			if w.IntN(2) == 0 {
				fields[field] = w.words()
			}
		}
		if w.IntN(3) == 0 {
			fields["target_number"] = w.IntN(12)
		}
		if w.IntN(3) == 0 {
			fields["is_compelete"] = pick[any](w, true, false, "true", "0", 7, nil)
		}
	case n < 45:
		r.path = "/api/post/detail/" + w.own(&r) + "/delete/"
	case n < 53:
		r.method, r.path = "GET", "/api/chat/"+w.in(&r)+"/"+pick(w, "", "", "?before=3", "?after=1&limit=2", "?limit=201", "?limit=1", "?after=x", "?before=0", "?after=-1")
	case n < 70:
		r.path = "/api/chat/" + pick(w, w.post, w.post, func() string { return w.in(&r) })() + "/"
	case n < 71:
		r.method, r.path = "DELETE", "/api/chat/"+w.own(&r)+"/"
	case n < 72:
		r.path = "/api/chat/" + w.in(&r) + "/ticket/"
	case n < 75:
		r.method, r.path = "GET", "/api/chat/"+w.in(&r)+"/user/"
	case n < 80:
		r.method, r.path = "DELETE", "/api/chat/"+w.in(&r)+"/user/"
	case n < 87:
		id, whom := w.ban(&r)
		r.path, fields["target_user_id"] = "/api/chat/"+id+"/user/ban/", whom
	case n < 97:
		r.method, r.path, r.say = "GET", "/ws/chat/"+w.in(&r)+"/", true
		r.body = string(encoded(map[string]any{"message": w.words(), "client_id": pick(w, "", fmt.Sprint("c", w.IntN(40)), strings.Repeat("c", 65))}))
		return r
	default:
		r.method = pick(w, "GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
		r.path = pick(w, "/api/user/login/", "/api/nothing/", "/api/chat/1/user/ban/", "/api/post/write", "/api/post/detail/1", "/api/")
	}
	if r.method == "POST" {
		r.contentType, r.body = w.encode(fields)
	}
	return r
}

func (w *walk) password(who int) string {
	if who < 0 {
		return "correct horse"
	}
	return w.people[who].password
}

func encoded(fields map[string]any) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return text
}

// encode writes a body in one of the ways that there are, or in none.
func (w *walk) encode(fields map[string]any) (contentType, body string) {
	switch w.IntN(16) {
	case 0:
		return "application/json", pick(w, "{", "[]", "null", `{"a":1}{}`, "", `"x"`, "\xff", strings.Repeat(" ", 70_000))
	case 1:
		return "text/plain", string(encoded(fields))
	case 2, 3, 4:
		form := url.Values{}
		for name, value := range fields {
			form.Set(name, fmt.Sprint(value))
		}
		return "application/x-www-form-urlencoded", form.Encode()
	case 5, 6:
		var text bytes.Buffer
		parts := multipart.NewWriter(&text)
		if err := parts.SetBoundary("limit"); err != nil {
			panic(err)
		}
		for _, name := range []string{"email", "username", "password", "password2", "address", "title", "content", "category", "target_number", "target_user_id"} {
			if value, ok := fields[name]; ok {
				if err := parts.WriteField(name, fmt.Sprint(value)); err != nil {
					panic(err)
				}
			}
		}
		parts.Close()
		return parts.FormDataContentType(), text.String()
	}
	return "application/json", string(encoded(fields))
}

// learn takes over what an answer says, before what differs is taken out of it.
func (w *walk) learn(r request, status int, headers [2]http.Header, bodies [2][]byte) {
	if r.who >= 0 && r.token == "" {
		switch who := w.people[r.who]; {
		case r.path == "/api/user/delete/" && status == http.StatusNoContent:
			who.gone = true
		case status == http.StatusUnauthorized && !who.gone:
			w.out = append(w.out, r.who)
		}
	}
	var said [2]struct {
		ID   int
		User struct {
			ID                     int
			Email, Username, Token string
		}
	}
	for i, body := range bodies {
		if json.Unmarshal(body, &said[i]) != nil {
			return
		}
	}
	var asked struct {
		Password string
		New      string `json:"new_password1"`
	}
	tokens := [2]string{said[0].User.Token, said[1].User.Token}
	kept := func(before [2]string) [2]string {
		for i, header := range headers {
			for _, c := range (&http.Response{Header: header}).Cookies() {
				if c.Name == "mealbuddy_sign_in" {
					before[i] = c.Value
				}
			}
		}
		return before
	}
	switch {
	case r.path == "/api/post/write/" && status == http.StatusCreated:
		for len(w.writers) < said[0].ID {
			w.writers = append(w.writers, r.who)
		}
	case status == http.StatusCreated && strings.HasPrefix(r.path, "/api/chat/"):
		var post int
		if _, err := fmt.Sscanf(r.path, "/api/chat/%d/", &post); err == nil && r.who >= 0 {
			w.joined = append(w.joined, seat{post, r.who})
		}
	case tokens[0] == "" || tokens[1] == "":
	case r.path == "/api/user/register/":
		w.people = append(w.people, &neighbour{id: said[0].User.ID, email: said[0].User.Email, name: said[0].User.Username, password: "correct horse", tokens: tokens, kept: kept([2]string{})})
	case r.path == "/api/user/changepassword/" && r.who >= 0:
		if json.Unmarshal([]byte(r.body), &asked) == nil {
			w.people[r.who].password = asked.New
		} else if form, err := url.ParseQuery(r.body); err == nil {
			w.people[r.who].password = form.Get("new_password1")
		}
		w.people[r.who].tokens, w.people[r.who].kept = tokens, kept(w.people[r.who].kept)
	default:
		for _, p := range w.people {
			if p.email == said[0].User.Email {
				p.tokens, p.kept = tokens, kept(p.kept)
			}
		}
	}
}

// What two programs cannot have in common.
var different = []struct {
	pattern *regexp.Regexp
	same    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`), "(time)"},
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`), "(token)"},
	{regexp.MustCompile(`"request_id":"[^"]*"`), `"request_id":"(id)"`},
	{regexp.MustCompile(`"ticket":"[\w-]{43}"`), `"ticket":"(ticket)"`},
	{regexp.MustCompile(`"/s/[\w-]+"`), `"(shared path)"`}, // by the key of each
	{regexp.MustCompile(`"id":\d+,"device"`), `"id":"(sign-in)","device"`},
}

// cookieNames tells which cookies an answer sets, and which it takes away.
func cookieNames(header http.Header) (names []string) {
	for _, c := range (&http.Response{Header: header}).Cookies() {
		names = append(names, fmt.Sprint(c.Name, " ", c.MaxAge))
	}
	return names
}

func normal(body []byte) string {
	text := string(body)
	for _, d := range different {
		text = d.pattern.ReplaceAllString(text, d.same)
	}
	return text
}

// token is what a request carries to the program of that number.
func (w *walk) token(r request, program int) string {
	switch {
	case r.token != "":
		return r.token
	case r.who >= 0:
		return w.people[r.who].tokens[program]
	}
	return ""
}

// to gives a request the form that it has for the program of that number.
func (w *walk) to(r request, program int) (as request, token, cookie string) {
	token = w.token(r, program)
	r.path = strings.Replace(r.path, ownSignIn, signInOf(token), 1)
	if r.kept && r.who >= 0 {
		cookie = w.people[r.who].kept[program]
	}
	return r, token, cookie
}

// send asks a program, and gives its answer as it came.
func (s *service) send(r request, token, cookie string) (status int, header http.Header, body []byte) {
	s.Helper()
	if r.say {
		return s.speak(r, token)
	}
	asked, err := http.NewRequestWithContext(s.Context(), r.method, s.url+r.path, strings.NewReader(r.body))
	require.NoError(s, err)
	if r.contentType != "" {
		asked.Header.Set("Content-Type", r.contentType)
	}
	if token != "" {
		asked.Header.Set("Authorization", "token "+token)
	}
	if cookie != "" {
		asked.AddCookie(&http.Cookie{Name: "mealbuddy_sign_in", Value: cookie})
	}
	resp, err := s.client.Do(asked)
	require.NoError(s, err, r)
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	require.NoError(s, err, r)
	return resp.StatusCode, resp.Header, body
}

// speak opens a socket, says something, and gives the first frame that answers it.
func (s *service) speak(r request, token string) (status int, header http.Header, body []byte) {
	s.Helper()
	at := strings.Replace(s.url, "http", "ws", 1) + r.path + "?token=" + url.QueryEscape(token)
	conn, resp, err := websocket.DefaultDialer.DialContext(s.Context(), at, nil)
	if err != nil {
		require.NotNil(s, resp, "%v %v", r, err)
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
		require.NoError(s, err, r)
		return resp.StatusCode, resp.Header, body
	}
	defer resp.Body.Close()
	defer conn.Close()
	require.NoError(s, conn.WriteMessage(websocket.TextMessage, []byte(r.body)))
	_, body, err = conn.ReadMessage()
	require.NoError(s, err, r)
	return resp.StatusCode, nil, body
}

// untilWithdrawn waits, each time it is called, until the clock of a program has taken
// those who withdrew out of their rooms.
func untilWithdrawn(t *testing.T, env map[string]string) func() {
	db := databaseOf(t, env)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return func() {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) { // between two looks
			var left int
			require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM agenda WHERE kind = 'withdrawal'`).Scan(&left))
			if left == 0 {
				return
			}
			require.True(t, time.Now().Before(end), "somebody is still in rooms")
		}
	}
}

// Both stores, behind the whole program, give the same answers to the same
// requests.
func TestParity(t *testing.T) {
	one, two := environ(t), onPostgres(t)
	var programs [2]*service
	for i, env := range []map[string]string{one, two} {
		env["MEALBUDDY_LIMITS"] = "off" // they are of the clock, and not of the store
		programs[i] = start(t, env)
	}
	settled := []func(){untilWithdrawn(t, one), untilWithdrawn(t, two)}
	w := &walk{Rand: rand.New(rand.NewPCG(*paritySeed, 0))}
	statuses := map[string]int{}
	for step := 1; step <= *paritySteps; step++ {
		r := w.next()
		var answers [2]answer
		var bodies [2][]byte
		var headers [2]http.Header
		for i, s := range programs {
			status, header, body := s.send(w.to(r, i))
			kept := http.Header{}
			for _, name := range []string{"Content-Type", "Retry-After", "WWW-Authenticate", "Allow", "Location", "Cache-Control"} {
				kept[name] = header[name]
			}
			kept["Set-Cookie"] = cookieNames(header)
			answers[i], bodies[i], headers[i] = answer{status, kept, normal(body)}, body, header
		}
		require.Equal(t, answers[0], answers[1],
			"step %d of seed %d: %s\nagain: go test ./cmd/mealbuddy -run TestParity -parity.seed %d -parity.steps %d", step, *paritySeed, r, *paritySeed, step)
		require.Less(t, answers[0].status, 500, "%s: %s", r, answers[0].body)
		path, _, _ := strings.Cut(r.path, "?")
		statuses[fmt.Sprintf("%d %s %s", answers[0].status, r.method, regexp.MustCompile(`/(-?\d+|x|%20|1\.5|\{sign-in\})/`).ReplaceAllString(path, "/{id}/"))]++
		w.learn(r, answers[0].status, headers, bodies)
		if r.path == "/api/user/delete/" && answers[0].status == http.StatusNoContent {
			for _, wait := range settled {
				wait()
			}
		}
	}
	if *paritySteps >= 2000 { // the walk has gone everywhere, and not only to refusals
		for _, met := range []string{
			"201 POST /api/user/register/", "200 POST /api/user/login/", "200 POST /api/user/changepassword/", "204 POST /api/user/delete/",
			"200 POST /api/user/update/", "200 GET /api/user/current/", "200 GET /api/post/", "201 POST /api/post/write/",
			"200 POST /api/user/refresh/", "401 POST /api/user/refresh/", "204 POST /api/user/logout/", "200 GET /api/user/sessions/",
			"204 DELETE /api/user/sessions/", "204 DELETE /api/user/sessions/{id}/", "404 DELETE /api/user/sessions/{id}/",
			"201 POST /api/chat/{id}/ticket/", "403 POST /api/chat/{id}/ticket/",
			"200 GET /api/post/detail/{id}/", "200 GET /api/post/detail/{id}/edit/", "200 POST /api/post/detail/{id}/edit/", "204 POST /api/post/detail/{id}/delete/",
			"200 GET /api/chat/{id}/", "201 POST /api/chat/{id}/", "200 POST /api/chat/{id}/", "204 DELETE /api/chat/{id}/",
			"200 GET /api/chat/{id}/user/", "204 DELETE /api/chat/{id}/user/", "204 POST /api/chat/{id}/user/ban/", "101 GET /ws/chat/{id}/",
			"403 POST /api/chat/{id}/", "409 POST /api/chat/{id}/", "410 POST /api/chat/{id}/", "404 POST /api/chat/{id}/", "401 POST /api/chat/{id}/",
		} {
			require.Positive(t, statuses[met], "%s was never met: %v", met, statuses)
		}
	}
	for _, s := range programs {
		s.stop()
	}
}
