package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

func read(contentType, body string) (*form, error) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return readForm(httptest.NewRecorder(), r)
}

// pairs are fields in order, so that one may come twice.
type pairs [][2]string

func (ps pairs) urlencoded() (contentType, body string) {
	var all []string
	for _, p := range ps {
		all = append(all, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
	}
	return "application/x-www-form-urlencoded", strings.Join(all, "&")
}

func (ps pairs) multipart() (contentType, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range ps {
		w.WriteField(p[0], p[1])
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

func (ps pairs) json() (contentType, body string) {
	var all []string
	for _, p := range ps {
		name, _ := json.Marshal(p[0])
		value, _ := json.Marshal(p[1])
		all = append(all, string(name)+":"+string(value))
	}
	return "application/json", "{" + strings.Join(all, ",") + "}"
}

// everyForm reads the same fields from each form of body.
func everyForm(t *testing.T, ps pairs, check func(t *testing.T, f *form)) {
	t.Helper()
	for name, form := range map[string]func() (string, string){"json": ps.json, "urlencoded": ps.urlencoded, "multipart": ps.multipart} {
		t.Run(name, func(t *testing.T) {
			f, err := read(form())
			require.NoError(t, err)
			check(t, f)
		})
	}
}

func TestEveryFormOfBodyGivesTheSame(t *testing.T) {
	everyForm(t, pairs{
		{"title", "치킨 & 맥주 = 100% + \"좋아요\", }"}, {"lines", "one\r\ntwo\nthree\r\n"}, {"accent", "cafe\u0301"},
		{"n", " 8 "}, {"huge", "9223372036854775808"}, {"flag", "True"}, {"empty", ""},
		{"twice", "first"}, {"twice", "second"}, {"한글", "이름"},
	}, func(t *testing.T, f *form) {
		assert.Equal(t, "치킨 & 맥주 = 100% + \"좋아요\", }", f.text("title"))
		assert.Equal(t, "one\ntwo\nthree\n", f.text("lines"), "lines end as they do everywhere else")
		assert.Equal(t, "one\r\ntwo\nthree\r\n", f.secret("lines"), "unless the words are secret")
		assert.Equal(t, "café", f.text("accent"), "in the composed form")
		assert.Equal(t, "cafe\u0301", f.secret("accent"), "unless the words are secret")
		assert.EqualValues(t, 8, *f.optInt("n"))
		assert.True(t, *f.optBool("flag"))
		assert.Empty(t, *f.optText("empty"), "given, and empty")
		assert.Equal(t, "second", f.text("twice"), "the last one counts")
		assert.Equal(t, "이름", f.text("한글"))
		assert.Empty(t, f.text("missing"))
		assert.Nil(t, f.optText("missing"))
		assert.Nil(t, f.optInt("missing"))
		assert.Nil(t, f.optBool("missing"))
		assert.NoError(t, f.refuse(fault.Fields{"title": {"a rule"}}), "rules alone are for the use case")

		assert.Nil(t, f.optInt("huge"))
		assert.Nil(t, f.optInt("title"))
		assert.Nil(t, f.optBool("n"))
		err := f.refuse(fault.Fields{"other": {"a rule"}, "n": {"another rule"}})
		assert.Len(t, fault.Of(err).Fields, 4)
		assert.Equal(t, []string{"true 또는 false로 보내 주세요."}, fault.Of(err).Fields["n"], "the type comes before the rules")
		assert.Equal(t, []string{"a rule"}, fault.Of(err).Fields["other"])
	})
}

func TestControls(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		good bool
	}{
		"tabs and lines":  {"a\tb\nc\r\nd", true},
		"NUL":             {"a\x00b", false},
		"bell":            {"\a", false},
		"escape":          {"\x1b[31m", false},
		"delete":          {"\x7f", false},
		"return alone":    {"a\rb", false},
		"return and more": {"a\r\r\nb", false},
		"emoji":           {"👨‍👩‍👧 🇰🇷", true},
		"replacement":     {"\ufffd", true},
	} {
		t.Run(name, func(t *testing.T) {
			everyForm(t, pairs{{"a", tt.text}}, func(t *testing.T, f *form) {
				f.text("a")
				if f.secret("a"); tt.good {
					assert.NoError(t, f.refuse(nil))
				} else {
					assert.Contains(t, fault.Of(f.refuse(nil)).Fields, "a")
				}
			})
		})
	}
}

// encoding/json decodes half a surrogate pair as U+FFFD, so that different passwords
// would be the same.
func TestHalvesOfSurrogatePairs(t *testing.T) {
	for escaped, good := range map[string]bool{
		`a`:                  true,
		`\ud83c\udf57`:       true,
		`\uD83C\uDF57`:       true,
		`\\ud83c`:            true, // a backslash and letters
		`\ufffd`:             true,
		`\ud83c`:             false,
		`\uDF57`:             false,
		`\ud83ca`:            false,
		`\ud83c\n`:           false,
		`\ud83c\\udf57`:      false,
		`\ud83c\u0041`:       false,
		`\ud83c\ud83c\udf57`: false,
		`\udf57\ud83c`:       false,
		`\ud83c\udf57\udf57`: false,
	} {
		f, err := read("application/json", `{"a":"`+escaped+`","n":"`+escaped+`","l":["`+escaped+`"],"other":"\ud83c"}`)
		require.NoError(t, err)
		f.text("a")
		f.optInt("n")
		f.optBool("l")
		assert.Equal(t, good, f.wrong["a"] == nil, escaped)
		assert.Contains(t, f.wrong, "n", escaped)
		assert.Contains(t, f.wrong, "l", escaped)

		f, err = read("application/json", `{"a":"`+escaped+`"}`)
		require.NoError(t, err)
		f.secret("a")
		assert.Equal(t, good, f.refuse(nil) == nil, escaped)
	}
}

func TestTypes(t *testing.T) {
	f, err := read("application/json; charset=utf-8", `{
		"text": "a", "number": 8, "negative": -1, "flag": true, "null": null, "list": ["a"], "object": {"a": 1},
		"float": 8.0, "exponent": 1e3, "numeral": "8", "yes": "yes", "one": 1, "off": "FALSE", "plus": "+8", "hex": "0x8", "blank": ""}`)
	require.NoError(t, err)

	assert.Equal(t, "a", f.text("text"))
	assert.EqualValues(t, 8, *f.optInt("number"))
	assert.EqualValues(t, 8, *f.optInt("numeral"))
	assert.EqualValues(t, -1, *f.optInt("negative"))
	assert.True(t, *f.optBool("flag"))
	assert.False(t, *f.optBool("off"))
	assert.Empty(t, f.text("null"))
	assert.Nil(t, f.optText("null"))
	assert.Nil(t, f.optInt("null"))
	assert.Nil(t, f.optBool("null"))
	require.NoError(t, f.refuse(nil))

	for _, name := range []string{"number", "flag", "list", "object"} {
		assert.Empty(t, f.text(name))
	}
	for _, name := range []string{"float", "exponent", "hex", "blank", "yes"} {
		assert.Nil(t, f.optInt(name), name)
	}
	f.optBool("negative")
	fields := fault.Of(f.refuse(nil)).Fields
	assert.ElementsMatch(t, []string{"number", "flag", "list", "object", "float", "exponent", "hex", "blank", "yes", "negative"}, keys(fields))
}

func keys(fields fault.Fields) (names []string) {
	for name := range fields {
		names = append(names, name)
	}
	return names
}

func TestCommas(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":"b",}`:                    "b",
		"{\"a\":\"b\" , \r\n\t }":       "b",
		`{"list":[1,2,],"a":"b",}`:      "b",
		`{"a":",}",}`:                   ",}",
		`{"a":"\",}",}`:                 `",}`,
		`{"a":"\\",}`:                   `\`,
		`{"a":"one,","b":[{"c":1,},],}`: "one,",
	} {
		f, err := read("application/json", body)
		require.NoError(t, err, body)
		assert.Equal(t, want, f.text("a"))
	}
	for _, body := range []string{
		`{"a":"b",,}`, `{"a":"b"`, `{"a":"b",`, `,{"a":"b"}`, `{"a":"b"},`, `{"a":,}`, `{"a" "b",}`, `{"a":"b,}`, `{"a":"b\`,
	} {
		_, err := read("application/json", body)
		assert.Equal(t, errBody, err, body)
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	multi := "multipart/form-data; boundary=b"
	for name, tt := range map[string]struct {
		contentType, body string
		want              error
	}{
		"no JSON":                    {"application/json", "", errBody},
		"white space":                {"application/json", " ", errBody},
		"broken":                     {"application/json", `{"a":`, errBody},
		"null":                       {"application/json", "null", errBody},
		"a list":                     {"application/json", `[{"a":"b"}]`, errBody},
		"words":                      {"application/json", `"a"`, errBody},
		"a number":                   {"application/json", "1e999", errBody},
		"two values":                 {"application/json", `{"a":"b"}{"a":"c"}`, errBody},
		"something behind":           {"application/json", `{"a":"b"} x`, errBody},
		"a mark in front":            {"application/json", "\ufeff" + `{"a":"b"}`, errBody},
		"very deep":                  {"application/json", strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001), errBody},
		"JSON that is not UTF-8":     {"application/json", "{\"a\":\"\xff\"}", errBody},
		"another charset":            {"application/json; charset=euc-kr", "{\"a\":\"\xc7\xc7\xc0\xda\"}", errBody},
		"a form that is not UTF-8":   {"application/x-www-form-urlencoded", "a=%ff", errBody},
		"a broken form":              {"application/x-www-form-urlencoded", "a=%zz", errBody},
		"a form with semicolons":     {"application/x-www-form-urlencoded", "a=1;b=2", errBody},
		"parts that are not UTF-8":   {multi, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--b--\r\n", errBody},
		"parts without an end":       {multi, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", errBody},
		"parts with nothing behind":  {multi, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b", errBody},
		"parts with more behind":     {multi, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\nx", errBody},
		"parts that end twice":       {multi, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\nx\r\n--b--\r\n", errBody},
		"parts without a boundary":   {"multipart/form-data", "--b\r\n\r\nx\r\n--b--\r\n", errBody},
		"parts of another boundary":  {"multipart/form-data; boundary=c", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n", errBody},
		"no parts":                   {multi, "", errBody},
		"a type without a body":      {"text/plain", "", errMediaType},
		"plain text":                 {"text/plain", "a=b", errMediaType},
		"no type":                    {"", `{"a":"b"}`, errMediaType},
		"XML":                        {"application/xml", "<a/>", errMediaType},
		"a broken type":              {"application/;;", "{}", errMediaType},
		"nearly JSON":                {"application/jsonp", "{}", errMediaType},
		"other parts":                {"multipart/mixed; boundary=b", "--b--", errMediaType},
		"too large":                  {"application/json", `{"a":"` + strings.Repeat("x", maxBody) + `"}`, errBodySize},
		"too large, of another type": {"text/plain", strings.Repeat("x", maxBody+1), errBodySize},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := read(tt.contentType, tt.body)
			assert.Equal(t, tt.want, err)
			assert.Nil(t, f)
		})
	}
}

func TestBodySize(t *testing.T) {
	fill := func(extra int) pairs { return pairs{{"a", strings.Repeat("x", extra)}} }
	for name, encode := range map[string]func(pairs) (string, string){
		"json": pairs.json, "urlencoded": pairs.urlencoded, "multipart": pairs.multipart,
	} {
		_, frame := encode(fill(0))
		contentType, most := encode(fill(maxBody - len(frame)))
		require.Len(t, most, maxBody)
		t.Run(name, func(t *testing.T) {
			for told, body := range map[string]io.Reader{"told": strings.NewReader(most), "not told": onlyReader{strings.NewReader(most)}} {
				r := httptest.NewRequest(http.MethodPost, "/", body)
				r.Header.Set("Content-Type", contentType)
				f, err := readForm(httptest.NewRecorder(), r)
				require.NoError(t, err, told)
				assert.Len(t, f.text("a"), maxBody-len(frame))
			}
			contentType, more := encode(fill(maxBody - len(frame) + 1))
			for told, body := range map[string]io.Reader{"told": strings.NewReader(more), "not told": onlyReader{strings.NewReader(more)}} {
				r := httptest.NewRequest(http.MethodPost, "/", body)
				r.Header.Set("Content-Type", contentType)
				_, err := readForm(httptest.NewRecorder(), r)
				assert.Equal(t, errBodySize, err, told)
			}
		})
	}

	t.Run("is known before a byte is read", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/", broken{})
		r.ContentLength = 20 << 20
		_, err := readForm(httptest.NewRecorder(), r)
		assert.Equal(t, errBodySize, err)
	})
}

type onlyReader struct{ io.Reader } // whose length nobody knows

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

func TestABodyThatBreaksOff(t *testing.T) {
	for _, contentType := range []string{"application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"} {
		r := httptest.NewRequest(http.MethodPost, "/", broken{})
		r.Header.Set("Content-Type", contentType)
		_, err := readForm(httptest.NewRecorder(), r)
		assert.Equal(t, errBody, err)
	}
}

func TestNoBodyIsNoFields(t *testing.T) {
	f, err := read("", "")
	require.NoError(t, err)
	assert.Empty(t, f.text("a"))
	assert.Nil(t, f.optInt("a"))
}

func TestFilesAreIgnored(t *testing.T) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.WriteField("title", "치킨"))
	file, err := w.CreateFormFile("title", "a.png")
	require.NoError(t, err)
	file.Write([]byte("\x89PNG\xff\x00"))
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain"}}) // has no name
	require.NoError(t, err)
	io.WriteString(part, "nothing")
	require.NoError(t, w.Close())
	f, err := read(w.FormDataContentType(), b.String())
	require.NoError(t, err)
	assert.Equal(t, "치킨", f.text("title"))
}

func FuzzForm(f *testing.F) {
	multi := "multipart/form-data; boundary=b"
	for _, contentType := range []string{"", "application/json", "application/x-www-form-urlencoded", multi, "text/plain", "multipart/form-data", ";"} {
		for _, body := range []string{
			"", "{}", `{"a":"b",}`, `{"a":{"b":[1,2,],},"c":null}`, `{"a":"\ud800"}`, "a=b&a=%ff", "[]", `{"a":"\`,
			"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n",
		} {
			f.Add(contentType, body)
		}
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		form, err := read(contentType, body)
		if err != nil {
			refusal, ours := errors.AsType[*refusal](err)
			if !ours || refusal.status != 400 && refusal.status != 413 && refusal.status != 415 {
				t.Fatalf("%q, %q: %v", contentType, body, err)
			}
			if fields := map[string]json.RawMessage(nil); contentType == "application/json" && len(body) <= maxBody &&
				json.Unmarshal([]byte(body), &fields) == nil && fields != nil && strings.ToValidUTF8(body, "") == body {
				t.Fatalf("%q is sound JSON: %v", body, err)
			}
			return
		}
		for name := range form.fields {
			form.text(name)
			form.secret(name)
			form.optText(name)
			form.optInt(name)
			form.optBool(name)
		}
		if err := form.refuse(fault.Fields{"a": {"b"}}); err != nil && fault.Of(err).Kind != fault.Invalid {
			t.Fatal(fmt.Sprint(err))
		}
	})
}
