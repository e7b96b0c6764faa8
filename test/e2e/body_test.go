package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bodied is an operation that reads a body.
type bodied struct {
	name  string
	path  func(post) string
	sound fields
	verb  string // POST unless it is given
}

func (b bodied) method() string { return cmp.Or(b.verb, http.MethodPost) }

func at(path string) func(post) string { return func(post) string { return path } }

var bodiedOperations = []bodied{
	{name: "register", path: at("/api/user/register/"), sound: registration("sized@body.test", "크기")},
	{name: "login", path: at("/api/user/login/"), sound: fields{"email": "sized@body.test", "password": password}},
	{name: "withdraw", path: at("/api/user/delete/"), sound: fields{"password": password}},
	{name: "changepassword", path: at("/api/user/changepassword/"), sound: fields{"current_password": password, "new_password1": "another-1", "new_password2": "another-1"}},
	{name: "update", path: at("/api/user/update/"), sound: fields{"username": "크기"}},
	{name: "unlink", path: at(socialAPI + "linked/kakao/"), sound: fields{"password": password}, verb: http.MethodDelete},
	{name: "write", path: at("/api/post/write/"), sound: draft(3)},
	{name: "edit", path: post.edit, sound: fields{"title": "고침"}},
	{name: "ban", path: post.ban, sound: fields{"target_user_id": 1}},
	{name: "menus", path: at(menusPath), sound: fields{"message": "밥"}},
}

var bodyForms = []struct {
	name string
	form func(fields) body
}{
	{"json", asJSON},
	{"json of texts", func(f fields) body {
		texts := fields{}
		for name, value := range f {
			texts[name] = fmt.Sprint(value)
		}
		return asJSON(texts)
	}},
	{"urlencoded", asURLEncoded},
	{"multipart", asMultipart},
}

// zeros is endless.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestBodiesThatAreTooLarge(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 3)
	const limit = 64 << 10
	for _, op := range bodiedOperations {
		t.Run(op.name, func(t *testing.T) {
			me, path := ann.as(t).meaning(Request), op.path(party)
			// a length that is told, and one that is not
			r, err := http.NewRequestWithContext(Breaching(t.Context(), Request), op.method(), "http://"+shared.addr+path, io.LimitReader(zeros{}, 20<<20))
			require.NoError(t, err)
			r.ContentLength = 20 << 20
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "token "+ann.Token)
			resp, err := client.Do(r)
			require.NoError(t, err)
			text, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			resp.Body.Close()
			answer{t: t, asked: path, status: resp.StatusCode, body: text}.refused(http.StatusRequestEntityTooLarge, "body_too_large")

			sound, err := json.Marshal(op.sound)
			require.NoError(t, err)
			space := strings.Repeat(" ", limit)
			for _, b := range []body{
				{"application/json", strings.NewReader((space + string(sound))[len(sound)-1:])},
				{"application/x-www-form-urlencoded", strings.NewReader("a=" + space)},
				{"multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + space + "\r\n--x--\r\n")},
				{"multipart/form-data; boundary=x", strings.NewReader("--x\r\nX-A: " + space + "\r\n\r\n\r\n--x--\r\n")},
			} {
				b.content = io.MultiReader(b.content) // hides the length, so that it goes in chunks
				me.do(op.method(), path, b).refused(http.StatusRequestEntityTooLarge, "body_too_large")
			}
		})
	}
	t.Run("just as large as it may be", func(t *testing.T) {
		text := `{"email":"nobody@body.test","password":"x"}`
		text += strings.Repeat(" ", limit-len(text))
		for _, content := range []io.Reader{strings.NewReader(text), io.MultiReader(strings.NewReader(text))} {
			stranger(t, shared).do(http.MethodPost, "/api/user/login/", body{"application/json", content}).
				refused(http.StatusUnauthorized, "invalid_credentials")
		}
	})
	t.Run("of an operation that reads none", func(t *testing.T) {
		me := ann.as(t).meaning(Request)
		me.do(http.MethodPost, party.room(), body{"text/plain", strings.NewReader("x")}).is(http.StatusOK)
		me.do(http.MethodPost, party.remove(), body{"application/json", strings.NewReader("{")}).is(http.StatusNoContent)
	})
}

func TestBodiesOfAnotherType(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 3)
	for _, op := range bodiedOperations {
		t.Run(op.name, func(t *testing.T) {
			sound := asJSON(op.sound)
			text, err := io.ReadAll(sound.content)
			require.NoError(t, err)
			for _, contentType := range []string{"text/plain", "application/xml", "text/json", "application/octet-stream", "multipart/mixed; boundary=x", "json", ";"} {
				ann.as(t).meaning(Request).do(op.method(), op.path(party), body{contentType, bytes.NewReader(text)}).
					refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
			}
			ann.as(t).meaning(Request).do(op.method(), op.path(party), body{"", bytes.NewReader(text)}).
				refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		})
	}
}

func TestEveryFormOfBodyMeansTheSame(t *testing.T) {
	ann, bob := two(t)
	type send func(c caller, path string, f fields) answer
	// Each does what it does once for each form, tag telling them apart.
	for name, act := range map[string]func(t *testing.T, tag string, send send) []answer{
		"register and login": func(t *testing.T, tag string, send send) []answer {
			nobody := stranger(t, shared)
			return []answer{
				send(nobody, "/api/user/register/", registration(tag+"@form.test", tag+"님")).is(http.StatusCreated),
				send(nobody, "/api/user/login/", fields{"email": tag + "@form.test", "password": password}).is(http.StatusOK),
				send(nobody.meaning(Request), "/api/user/register/", fields{"email": "x", "password": "12345678", "password2": "1"}).is(http.StatusBadRequest),
			}
		},
		"change and withdraw": func(t *testing.T, tag string, send send) []answer {
			cho := newcomer(t, shared, tag+"씨")
			answers := []answer{
				send(cho.as(t), "/api/user/update/", fields{"username": tag, "address": "경상남도 밀양시 내이동"}).is(http.StatusOK),
				send(cho.as(t), "/api/user/changepassword/", fields{"current_password": password, "new_password1": "an  other ", "new_password2": "an  other "}).is(http.StatusOK),
			}
			cho.Token = read[signed](answers[1]).User.Token
			return append(answers, send(cho.as(t), "/api/user/delete/", fields{"password": "an  other "}).is(http.StatusNoContent))
		},
		"write, edit and ban": func(t *testing.T, _ string, send send) []answer {
			f := fields{"title": "한글 & 기호=+%", "category": "카페,디저트", "모집인원": 4, "content": "첫 줄\r\n둘째 줄\t끝"}
			answers := []answer{send(ann.as(t), "/api/post/write/", f).is(http.StatusCreated)}
			party := read[post](answers[0])
			bob.joins(t, party)
			return append(
				answers,
				send(ann.as(t), party.edit(), fields{"title": "새 제목", "target_number": 2, "is_compelete": true}).is(http.StatusOK),
				send(ann.as(t), party.ban(), fields{"target_user_id": bob.ID}).is(http.StatusNoContent),
				send(ann.as(t).meaning(Request), "/api/post/write/", fields{"title": " ", "category": "돌", "target_number": "많이"}).is(http.StatusBadRequest),
			)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for i, form := range bodyForms {
				tag := fmt.Sprintf("form%d%d", i, len(name))
				answers := act(t, tag, func(c caller, path string, f fields) answer {
					if form.name == "json of texts" { // openapi.yaml tells of it in words alone
						c = c.meaning(Request)
					}
					return c.do(http.MethodPost, path, form.form(f))
				})
				got := make([]string, len(answers))
				for i, a := range answers {
					got[i] = fmt.Sprint(a.status, timeless(t, a.body, tag))
				}
				if want == nil {
					want = got
				}
				assert.Equal(t, want, got, form.name)
			}
		})
	}
}

// timeless leaves out of an answer what differs from one to the next.
func timeless(t *testing.T, text []byte, tag string) string {
	if len(text) == 0 {
		return ""
	}
	var value any
	require.NoError(t, json.Unmarshal(bytes.ReplaceAll(text, []byte(tag), []byte("tag")), &value))
	var forget func(any)
	forget = func(v any) {
		if object, ok := v.(map[string]any); ok {
			for name, part := range object {
				switch name {
				case "id", "chat_id", "shared_path", "token", "created_at", "request_id":
					delete(object, name)
				}
				forget(part)
			}
		}
	}
	forget(value)
	out, err := json.Marshal(value)
	require.NoError(t, err)
	return string(out)
}

func TestBrokenBodies(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 3)
	part := "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n"
	broken := map[string]body{
		"cut JSON":               text(`{"title": "치`),
		"no JSON":                text(`title=1`),
		"nothing of type JSON":   text(``),
		"spaces":                 text(`   `),
		"an array":               text(`[{"title": "x"}]`),
		"null":                   text(`null`),
		"a text":                 text(`"title"`),
		"a number":               text(`1`),
		"two values":             text(`{} {}`),
		"single quotes":          text(`{'title': 'x'}`),
		"two commas":             text(`{"title": "x",,}`),
		"NUL":                    text("{\"title\": \"a\x00b\"}"),
		"NUL behind":             text("{}\x00"),
		"invalid UTF-8":          text("{\"title\": \"\xff\xfe\"}"),
		"surrogates in UTF-8":    text("{\"title\": \"\xed\xa0\x80\"}"),
		"UTF-16":                 text("\xff\xfe{\x00}\x00"),
		"too deep":               text(strings.Repeat(`{"a":`, 30000/5) + strings.Repeat(`[`, 20000)),
		"form of invalid UTF-8":  {"application/x-www-form-urlencoded", strings.NewReader("title=%ff")},
		"form with bad escape":   {"application/x-www-form-urlencoded", strings.NewReader("title=%zz")},
		"form with semicolon":    {"application/x-www-form-urlencoded", strings.NewReader("title=a;b=c")},
		"parts without boundary": {"multipart/form-data", strings.NewReader(part + "x\r\n--x--\r\n")},
		"parts that end early":   {"multipart/form-data; boundary=x", strings.NewReader(part + "x")},
		"parts of invalid UTF-8": {"multipart/form-data; boundary=x", strings.NewReader(part + "\xff\r\n--x--\r\n")},
	}
	for name, b := range broken {
		t.Run(name, func(t *testing.T) {
			content, err := io.ReadAll(b.content)
			require.NoError(t, err)
			for _, op := range bodiedOperations {
				ann.as(t).meaning(Request).do(op.method(), op.path(party), body{b.contentType, bytes.NewReader(content)}).
					refused(http.StatusBadRequest, "malformed_body")
			}
		})
	}
}

func TestNoBodyIsNoFields(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 3)
	me := ann.as(t).meaning(Request)
	me.post("/api/user/register/", nil).invalid("email", "username", "password", "password2", "address")
	me.post("/api/user/login/", nil).invalid("email", "password")
	me.post("/api/user/delete/", nil).invalid("password")
	me.post("/api/user/changepassword/", nil).invalid("current_password", "new_password1", "new_password2")
	me.post("/api/post/write/", nil).invalid("title", "category", "content", "target_number")
	me.post(party.ban(), nil).invalid("target_user_id")
	me.post("/api/user/update/", nil).is(http.StatusOK)
	me.post(party.edit(), nil).is(http.StatusOK)
}

func TestFieldsOfAnotherType(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 3)
	for _, wrong := range []string{`{}`, `[]`, `["a"]`, `1`, `1.5`, `true`, `{"$ne": ""}`, `"a\u0000b"`, `"a\u001bb"`, `"\u007f"`, `"test123\ud800"`, `"\udc00\ud83c"`} {
		t.Run(wrong, func(t *testing.T) {
			me := ann.as(t).meaning(Request)
			all := func(names ...string) body {
				var parts []string
				for _, name := range names {
					parts = append(parts, fmt.Sprintf("%q: %s", name, wrong))
				}
				return text("{" + strings.Join(parts, ",") + "}")
			}
			for path, names := range map[string][]string{
				"/api/user/register/":       {"email", "username", "password", "password2", "address"},
				"/api/user/login/":          {"email", "password"},
				"/api/user/delete/":         {"password"},
				"/api/user/changepassword/": {"current_password", "new_password1", "new_password2"},
				"/api/user/update/":         {"username", "address"},
			} {
				me.do(http.MethodPost, path, all(names...)).invalid(names...)
			}
			names := []string{"title", "category", "content"}
			me.do(http.MethodPost, party.edit(), all(names...)).invalid(names...)
			if wrong != "1" {
				me.do(http.MethodPost, party.ban(), all("target_user_id")).invalid("target_user_id")
				if wrong != "true" {
					me.do(http.MethodPost, party.edit(), all("is_compelete")).invalid("is_compelete")
				}
			}
			names = append(names, "target_number")
			me.do(http.MethodPost, "/api/post/write/", all(names...)).invalid(names...)
		})
	}
	t.Run("NUL in a form", func(t *testing.T) {
		me := ann.as(t).meaning(Request)
		me.do(http.MethodPost, party.edit(), asURLEncoded(fields{"title": "a\x00b"})).invalid("title")
		me.do(http.MethodPost, party.edit(), asMultipart(fields{"title": "a\x00b"})).invalid("title")
	})
	t.Run("null is as good as nothing", func(t *testing.T) {
		me := ann.as(t).meaning(Request)
		me.do(http.MethodPost, "/api/post/write/", text(`{"title": null, "category": null, "content": null, "target_number": null}`)).
			invalid("title", "category", "content", "target_number")
		me.do(http.MethodPost, party.edit(), text(`{"title": null, "is_compelete": null}`)).is(http.StatusOK)
		me.do(http.MethodPost, party.ban(), text(`{"target_user_id": null}`)).invalid("target_user_id")
	})
	t.Run("what nobody reads is ignored", func(t *testing.T) {
		f := draft(3)
		f["id"], f["writer"], f["nothing"] = []int{7}, nil, fields{"deep": true}
		require.NotEqual(t, int64(7), read[post](ann.as(t).post("/api/post/write/", f).is(http.StatusCreated)).ID)
	})
}

func TestNumbers(t *testing.T) {
	ann, _ := two(t)
	for _, n := range []string{`0`, `1`, `11`, `-3`, `1e1`, `2.0`, `9223372036854775808`, `4294967298`, `18446744073709551618`, `"여덟"`, `""`, `"0x8"`, `"8명"`} {
		ann.as(t).meaning(Request).do(http.MethodPost, "/api/post/write/", text(`{"title":"t","category":"치킨","content":"c","target_number":`+n+`}`)).
			invalid("target_number")
	}
	for _, n := range []string{`2`, `10`, `"2"`, `" 10 "`} {
		ann.as(t).meaning(Request).do(http.MethodPost, "/api/post/write/", text(`{"title":"t","category":"치킨","content":"c","target_number":`+n+`}`)).
			is(http.StatusCreated)
	}
}

func TestCharactersAreCountedAsPeopleCountThem(t *testing.T) {
	ann, _ := two(t)
	const e = "e\u0301" // é in two code points
	for _, tt := range []struct {
		name, char string
		most       int // that fit into a title
	}{
		{"a letter", "a", 50},
		{"a syllable", "각", 50},
		{"a syllable in jamo", "\u1100\u1161\u11a8", 50},
		{"a letter with an accent", e, 50},
		{"an emoji", "🍗", 50},
		{"a flag", "🇰🇷", 50},
		{"a skin tone", "👍🏽", 50},
		{"a family", "👨‍👩‍👧", 50}, // 18 bytes
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := draft(3)
			f["title"] = strings.Repeat(tt.char, tt.most)
			party := read[post](ann.as(t).post("/api/post/write/", f).is(http.StatusCreated))
			assert.NotContains(t, party.Title, "\u0301", "text is kept in its composed form")
			assert.Equal(t, party.Title, ann.sees(t, party).Title)
			f["title"] = strings.Repeat(tt.char, tt.most+1)
			ann.as(t).post("/api/post/write/", f).invalid("title")
			f["title"] = strings.Repeat(tt.char, 10_000/len(tt.char))
			ann.as(t).post("/api/post/write/", f).invalid("title")
		})
	}
	f := draft(3)
	f["title"], f["content"] = strings.Repeat("a", 10_000), strings.Repeat("가", 5001)
	ann.as(t).post("/api/post/write/", f).invalid("title", "content")
	f["title"], f["content"] = "a", strings.Repeat("가", 5000)
	ann.as(t).post("/api/post/write/", f).is(http.StatusCreated)
	f["title"], f["content"] = " \u3000\t", "\u200b\u200b"
	ann.as(t).post("/api/post/write/", f).invalid("title", "content")

	short := registration("short@body.test", "👨‍👩‍👧") // one character
	stranger(t, shared).post("/api/user/register/", short).invalid("username")
	short["username"] = strings.Repeat("가", 31)
	stranger(t, shared).post("/api/user/register/", short).invalid("username")
	short["password"], short["password2"] = strings.Repeat("p", 127)+"qr", "x"
	stranger(t, shared).meaning(Request).post("/api/user/register/", short).invalid("username", "password", "password2")
}
