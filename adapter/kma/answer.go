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

// refusal is an answer with an error instead of data.
type refusal struct {
	code   string // the service's code: "03", "30", …; "" if it gives none
	status int    // the HTTP status
	means  meaning
}

// meaning says how to handle a refusal.
type meaning int

const (
	later meaning = iota // the service is unavailable
	older                // this issue is not published; the previous one may be
	never                // only the operator can fix it
)

func (r *refusal) Error() string {
	return fmt.Sprintf("the weather service answers code %q with status %d", r.code, r.status)
}

// meanings lists the service's codes that do not mean an outage. The texts of errors
// vary and add nothing.
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

// loose is a JSON string or number.
type loose string

func (l *loose) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	*l = loose(s)
	return nil
}

// row is one value with its category and time.
type row struct {
	Category loose `json:"category" xml:"category"`
	BaseDate loose `json:"baseDate" xml:"baseDate"`
	BaseTime loose `json:"baseTime" xml:"baseTime"`
	FcstDate loose `json:"fcstDate" xml:"fcstDate"`
	FcstTime loose `json:"fcstTime" xml:"fcstTime"`
	Forecast loose `json:"fcstValue" xml:"fcstValue"`
	Observed loose `json:"obsrValue" xml:"obsrValue"`
}

const clockLayout = "200601021504"

// clock is the row's time, in Korea.
func (r row) clock() string {
	date, clock := r.FcstDate, r.FcstTime
	if r.Observed != "" {
		date, clock = r.BaseDate, r.BaseTime
	}
	return string(date) + strings.Repeat("0", max(0, 4-len(clock))) + string(clock) // 0100 may be sent as a number
}

// read parses an answer of any of the service's gateways, past and present. Some report
// errors in JSON, some in XML although JSON was requested, and some in plain text.
// Neither the status nor the content type tells which.
func read(body []byte, status int) (rows []row, total int, err error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil, 0, &refusal{"", status, later}
	case body[0] == '{':
		return readJSON(body, status)
	case body[0] == '<':
		return readXML(body, status)
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
	if err := result(string(answer.Response.Header.Code), status); err != nil {
		return nil, 0, err
	}
	rows, err := readItems(answer.Response.Body.Items)
	if err != nil {
		return nil, 0, fmt.Errorf("read the weather: %w", err)
	}
	return rows, count(string(answer.Response.Body.Total), rows), nil
}

// result returns a refusal unless the service's code means success.
func result(code string, status int) error {
	if code = strings.TrimSpace(code); strings.Trim(code, "0") != "" || code == "" {
		return refused(code, status)
	}
	return nil
}

// count parses the number of all rows, of which these are a page.
func count(total string, rows []row) int {
	if n, err := strconv.Atoi(strings.TrimSpace(total)); err == nil {
		return n
	}
	return len(rows)
}

// readItems parses a list, a single item, or the empty string that stands for an empty
// list.
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

// readXML parses the envelope of the old gateway, which holds only errors, and the one
// that is like that of JSON.
func readXML(body []byte, status int) ([]row, int, error) {
	var answer struct {
		XMLName xml.Name
		Reason  string `xml:"cmmMsgHeader>returnReasonCode"`
		Code    string `xml:"header>resultCode"`
		Items   []row  `xml:"body>items>item"`
		Total   string `xml:"body>totalCount"`
	}
	err := xml.Unmarshal(body, &answer)
	switch {
	case answer.XMLName.Local == "response" && err != nil:
		return nil, 0, fmt.Errorf("read the weather: %w", err)
	case answer.XMLName.Local == "response":
		if err := result(answer.Code, status); err != nil {
			return nil, 0, err
		}
		return answer.Items, count(answer.Total, answer.Items), nil
	case answer.XMLName.Local == "OpenAPI_ServiceResponse" && err == nil && answer.Reason != "":
		return nil, 0, refused(strings.TrimSpace(answer.Reason), status)
	}
	return nil, 0, byStatus(status) // an HTML page
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

// slot is the weather of one hour, as known from one operation.
type slot struct {
	at                                  time.Time
	temperature, humidity, wind, chance *float64
	sky                                 menu.Sky
	rain                                menu.Rain
	amount                              *menu.Amount
}

// hours maps Unix times, in seconds, to slots.
type hours map[int64]slot

// from returns the first of the three slots from at on.
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

// reach limits the rows that are used. Later rows have other intervals, and codes
// instead of amounts.
const reach = 24 * time.Hour

// slots groups rows, in any order, by their hours from issue on. Missing and unknown
// values stay empty.
func slots(rows []row, issue time.Time) hours {
	all := hours{}
	for _, r := range rows {
		at, err := time.ParseInLocation(clockLayout, r.clock(), menu.Seoul)
		if err != nil || at.Before(issue.Add(-time.Hour)) || at.After(issue.Add(reach)) {
			continue
		}
		value := strings.TrimSpace(string(r.Forecast + r.Observed)) // only one of them is set
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
