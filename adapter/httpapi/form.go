package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// form is the body of a request: the same fields whether they come as JSON, as
// multipart/form-data or urlencoded. It reads each field by the type that is
// wanted and collects those of another type, so that all of them can be
// refused at once. Other fields are ignored.
type form struct {
	fields map[string]json.RawMessage
	wrong  fault.Fields
	read   map[string]any // what the fields say that were asked for
}

// readForm reads the whole body, which must be one value in valid UTF-8.
func readForm(w http.ResponseWriter, r *http.Request) (*form, error) {
	body, err := readAll(w, r)
	if err != nil {
		return nil, err
	}
	fields, err := readFields(r.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	return &form{fields, fault.Fields{}, map[string]any{}}, nil
}

func readFields(contentType string, body []byte) (map[string]json.RawMessage, error) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && mediaType == "multipart/form-data":
		return readParts(body, params["boundary"])
	case len(body) == 0 && contentType == "":
		return nil, nil
	case mediaType == "application/json":
		return readJSON(body)
	case mediaType == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errBody
		}
		fields := map[string]json.RawMessage{}
		for name, all := range values {
			if err := put(fields, name, all[len(all)-1]); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	return nil, errMediaType
}

func readJSON(body []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(body) {
		return nil, errBody
	}
	if !json.Valid(body) {
		body = dropCommas(body)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, errBody
	}
	return fields, nil
}

// dropCommas drops commas before a closing brace or bracket. The product's published
// examples have such commas, and have to work as they are.
func dropCommas(body []byte) []byte {
	kept := make([]byte, 0, len(body))
	quoted := false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\' && i+1 < len(body):
			kept = append(kept, c)
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			rest := bytes.TrimLeft(body[i+1:], " \t\r\n")
			if len(rest) > 0 && (rest[0] == '}' || rest[0] == ']') {
				continue
			}
		}
		kept = append(kept, body[i])
	}
	return kept
}

func readParts(body []byte, boundary string) (map[string]json.RawMessage, error) {
	end := []byte("--" + boundary + "--")
	all, ends := bytes.CutSuffix(bytes.TrimRight(body, " \t\r\n"), end)
	if !ends || bytes.Contains(all, end) {
		return nil, errBody // breaks off, or goes on
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	fields := map[string]json.RawMessage{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF && n > 0 { // a wrapped one says that the body breaks off
			return fields, nil
		}
		if err != nil { // at the first part the boundary is a wrong one
			return nil, errBody
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, errBody
		}
		if part.FileName() != "" {
			continue // no field of the API is a file
		}
		if err := put(fields, part.FormName(), string(value)); err != nil {
			return nil, err
		}
	}
}

func put(fields map[string]json.RawMessage, name, value string) error {
	if !utf8.ValidString(value) {
		return errBody
	}
	raw, err := json.Marshal(value)
	fields[name] = raw
	return err
}

// text reads words in Unicode's composed form, with lines ended by \n. There is
// "" where there is none.
func (f *form) text(name string) string {
	s := text.Normal(f.secret(name))
	f.note(name, s)
	return s
}

// note remembers what a field says that is there.
func (f *form) note(name string, says any) {
	if _, given := f.given(name); given {
		f.read[name] = says
	}
}

// secret reads words exactly as they were typed.
func (f *form) secret(name string) string {
	raw, given := f.given(name)
	if !given {
		return ""
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		f.wrong.Add(name, "글자로 보내 주세요.")
		return ""
	}
	if text.HalfSurrogates(raw) || unfit(s) {
		f.wrong.Add(name, badText)
		return ""
	}
	return s
}

const badText = "쓸 수 없는 문자가 있어요."

// unfit reports whether s is no text of people: not UTF-8, or with controls.
func unfit(s string) bool { return !utf8.ValidString(s) || text.Controls(text.Normal(s)) }

// optText is text that may be left out.
func (f *form) optText(name string) *string {
	if _, given := f.given(name); !given {
		return nil
	}
	s := f.text(name)
	return &s
}

// optInt reads an integer in decimal digits, as a number or as text.
func (f *form) optInt(name string) *int64 {
	s, given := f.scalar(name)
	if !given {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f.wrong.Add(name, "숫자로 입력해 주세요.")
		return nil
	}
	f.note(name, n)
	return &n
}

// optBool reads true or false, as a flag or as text.
func (f *form) optBool(name string) *bool {
	s, given := f.scalar(name)
	if !given {
		return nil
	}
	b, err := strconv.ParseBool(strings.ToLower(s))
	if err != nil {
		f.wrong.Add(name, "true 또는 false로 보내 주세요.")
		return nil
	}
	f.note(name, b)
	return &b
}

// scalar returns a number, a flag or text as it is written.
func (f *form) scalar(name string) (string, bool) {
	raw, given := f.given(name)
	if !given {
		return "", false
	}
	s := string(raw)
	var quoted string
	if json.Unmarshal(raw, &quoted) == nil {
		s = strings.TrimSpace(quoted)
	}
	f.note(name, s)
	return s, true
}

// given finds a field that is there and not null.
func (f *form) given(name string) (json.RawMessage, bool) {
	raw, ok := f.fields[name]
	return raw, ok && string(raw) != "null"
}

// refuse returns an error if a field had the wrong type, together with what the
// domain's rules say of the others.
func (f *form) refuse(rules fault.Fields) error {
	if len(f.wrong) == 0 {
		return nil
	}
	f.wrong.Merge(onWire(rules))
	return f.wrong.Err()
}
