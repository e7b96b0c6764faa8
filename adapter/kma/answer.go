package kma

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// refusal is an answer without data.
type refusal struct {
	code   string // of the service: "03", "30", …; "" where it gives none
	status int    // of HTTP
	means  meaning
}

// meaning is what to do about a refusal.
type meaning int

const (
	later meaning = iota // the service is not well
	older                // this issue is not out; the one before may be
	never                // the operator has to do something
)

func (r *refusal) Error() string {
	return fmt.Sprintf("the weather service answers code %q with status %d", r.code, r.status)
}

// meanings are those of the codes of the service that are not about its health.
// Its texts change and say nothing more.
var meanings = map[string]meaning{
	"01": older, "03": older, "04": older,
	"10": never, "11": never, "12": never, "20": never, "21": never, "22": never,
	"30": never, "31": never, "32": never, "33": never,
}

func refused(code string, status int) *refusal {
	if n, err := strconv.Atoi(code); err == nil {
		code = fmt.Sprintf("%02d", n)
	}
	return &refusal{code, status, meanings[code]}
}

// loose is a value of JSON that may be text or a number.
type loose string

func (l *loose) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	*l = loose(s)
	return nil
}

// row is one value, and what it is of.
type row struct {
	Category loose `json:"category"`
	BaseDate loose `json:"baseDate"`
	BaseTime loose `json:"baseTime"`
	FcstDate loose `json:"fcstDate"`
	FcstTime loose `json:"fcstTime"`
	Forecast loose `json:"fcstValue"`
	Observed loose `json:"obsrValue"`
}

const clockLayout = "200601021504"

// clock is the time that a row is of, in Korea.
func (r row) clock() string {
	date, clock := r.FcstDate, r.FcstTime
	if r.Observed != "" {
		date, clock = r.BaseDate, r.BaseTime
	}
	return string(date) + strings.Repeat("0", max(0, 4-len(clock))) + string(clock) // 0100 may come as a number
}

// read understands an answer of any of the gateways that the service has or had:
// some say in JSON what is wrong, some in XML although JSON was asked for, some in
// a few plain words. Neither the status nor the content type tells which.
func read(body []byte, status int) (rows []row, total int, err error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil, 0, &refusal{"", status, later}
	case body[0] == '{':
		return readJSON(body, status)
	case body[0] == '<':
		return nil, 0, readXML(body, status)
	}
	return nil, 0, readWords(string(body), status)
}

func readJSON(body []byte, status int) ([]row, int, error) {
	var answer struct {
		Response *struct {
			Header struct {
				Code loose `json:"resultCode"`
			} `json:"header"`
			Body struct {
				Items json.RawMessage `json:"items"`
				Total loose           `json:"totalCount"`
			} `json:"body"`
		} `json:"response"`
		Result struct {
			Status loose `json:"status"`
		} `json:"result"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, 0, fmt.Errorf("read the weather: %w", err)
	}
	if answer.Response == nil { // the other gateway
		if n, err := strconv.Atoi(string(answer.Result.Status)); err == nil {
			status = n
		}
		return nil, 0, byStatus(status)
	}
	if code := string(answer.Response.Header.Code); strings.Trim(code, "0") != "" || code == "" {
		return nil, 0, refused(code, status)
	}
	rows, err := readItems(answer.Response.Body.Items)
	if err != nil {
		return nil, 0, fmt.Errorf("read the weather: %w", err)
	}
	total, err := strconv.Atoi(string(answer.Response.Body.Total))
	if err != nil {
		total = len(rows)
	}
	return rows, total, nil
}

// readItems reads a list, a single item, or the empty text that stands for none.
func readItems(raw json.RawMessage) ([]row, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return nil, nil
	}
	var items struct {
		Item json.RawMessage `json:"item"`
	}
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, err
	}
	item := bytes.TrimSpace(items.Item)
	if len(item) > 0 && item[0] == '{' {
		item = bytes.Join([][]byte{[]byte("["), item, []byte("]")}, nil)
	}
	if len(item) == 0 || item[0] != '[' {
		return nil, nil
	}
	var rows []row
	return rows, json.Unmarshal(item, &rows)
}

func readXML(body []byte, status int) error {
	var envelope struct {
		XMLName xml.Name `xml:"OpenAPI_ServiceResponse"`
		Code    string   `xml:"cmmMsgHeader>returnReasonCode"`
	}
	if xml.Unmarshal(body, &envelope) == nil && envelope.Code != "" {
		return refused(strings.TrimSpace(envelope.Code), status)
	}
	return byStatus(status) // a page for people
}

func readWords(words string, status int) error {
	for said, code := range map[string]string{
		"Unauthorized":             "30",
		"Forbidden":                "20",
		"API not found":            "12",
		"API token quota exceeded": "22",
	} {
		if strings.HasPrefix(words, said) {
			return refused(code, status)
		}
	}
	return byStatus(status)
}

func byStatus(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return &refusal{"", status, never}
	}
	return &refusal{"", status, later}
}

// slot is the weather of one hour, as far as one operation knows it.
type slot struct {
	at                                  time.Time
	temperature, humidity, wind, chance *float64
	sky                                 menu.Sky
	rain                                menu.Rain
	amount                              *menu.Amount
}

// hours are slots by the time that they are of, in seconds since 1970.
type hours map[int64]slot

// from is the first of three hours from at on.
func (h hours) from(at time.Time) (slot, bool) {
	for n := range time.Duration(3) {
		if s, ok := h[at.Add(n*time.Hour).Unix()]; ok {
			return s, true
		}
	}
	return slot{}, false
}

func (h hours) last() (s slot, ok bool) {
	for _, other := range h {
		if !ok || other.at.After(s.at) {
			s, ok = other, true
		}
	}
	return s, ok
}

// reach is how far rows are of use: later ones come in other steps, and their
// amounts are codes.
const reach = 24 * time.Hour

// slots groups rows, in whatever order they come, by their hours from issue on.
// What is missing or not known stays empty.
func slots(rows []row, issue time.Time) hours {
	all := hours{}
	for _, r := range rows {
		at, err := time.ParseInLocation(clockLayout, r.clock(), menu.Seoul)
		if err != nil || at.Before(issue.Add(-time.Hour)) || at.After(issue.Add(reach)) {
			continue
		}
		value := strings.TrimSpace(string(r.Forecast + r.Observed)) // there is but one
		s := all[at.Unix()]
		s.at = at
		switch r.Category {
		case "T1H", "TMP":
			s.temperature = number(value, -90, 60)
		case "REH":
			s.humidity = number(value, 0, 100)
		case "WSD":
			s.wind = number(value, 0, missing)
		case "POP":
			s.chance = number(value, 0, 100)
		case "SKY":
			s.sky = skies[value]
		case "PTY":
			s.rain = rains[value]
		case "RN1", "PCP":
			s.amount = amount(value)
		default:
			continue
		}
		all[at.Unix()] = s
	}
	return all
}
