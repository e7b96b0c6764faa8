// Package kma is a stub of the KMA's weather service. It uses the official formats and
// can simulate all observed errors.
package kma

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Operations of the service.
const (
	Observed = "getUltraSrtNcst"
	Nearby   = "getUltraSrtFcst"
	Village  = "getVilageFcst"
)

// Fault is an answer with an error, in the form of one of the gateways.
type Fault struct {
	Status int
	Type   string
	Body   string
}

func header(code, text string) Fault {
	return Fault{200, "application/json;charset=UTF-8", `{"response":{"header":{"resultCode":"` + code + `","resultMsg":"` + text + `"}}}`}
}

func envelope(code, text string) Fault {
	return Fault{200, "text/xml;charset=UTF-8", "<OpenAPI_ServiceResponse>\n  <cmmMsgHeader>\n    <errMsg>SERVICE ERROR</errMsg>\n    <returnAuthMsg>" +
		text + "</returnAuthMsg>\n    <returnReasonCode>" + code + "</returnReasonCode>\n  </cmmMsgHeader>\n</OpenAPI_ServiceResponse>\n"}
}

func xmlHeader(code, text string) Fault {
	return Fault{200, "application/xml;charset=UTF-8", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` +
		"\n<response><header><resultCode>" + code + "</resultCode><resultMsg>" + text + "</resultMsg></header></response>"}
}

func plain(status int, text string) Fault { return Fault{status, "text/plain", text} }

// Faults maps names to faults. A key with such a name selects the fault; the key slow
// delays the answer forever.
var Faults = map[string]Fault{
	"application-error": header("01", "APPLICATION_ERROR"),
	"database-error":    header("02", "DB_ERROR"),
	"no-data":           header("03", "NO_DATA"),
	"upstream-down":     header("04", "HTTP_ERROR"),
	"service-time-out":  header("05", "SERVICETIME_OUT"),
	"too-old":           header("10", "최근 3일 간의 자료만 제공합니다."),
	"missing-parameter": header("11", "NO_MANDATORY_REQUEST_PARAMETERS_ERROR"),
	"unknown":           header("99", "UNKNOWN_ERROR"),

	"xml-no-data":      xmlHeader("03", "NO_DATA"),
	"xml-one-digit":    xmlHeader(" 3 ", "NO_DATA"),
	"xml-quota":        xmlHeader("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"),
	"xml-unregistered": xmlHeader("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"),
	"xml-database":     xmlHeader("02", "DB_ERROR"),
	"xml-empty-code":   xmlHeader("", ""),
	"xml-empty-items": {200, "application/xml", "<response><header><resultCode>00</resultCode><resultMsg>NORMAL_SERVICE</resultMsg></header>" +
		"<body><dataType>XML</dataType><items/><totalCount>0</totalCount></body></response>"},
	"xml-half": {200, "application/xml", "<response><header><resultCode>00</resultCode></header><body><items><item><baseDate>2026"},

	"no-service":   envelope("12", "NO_OPENAPI_SERVICE_ERROR"),
	"denied":       envelope("20", "SERVICE_ACCESS_DENIED_ERROR"),
	"disabled":     envelope("21", "TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR"),
	"quota":        envelope("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"),
	"unregistered": envelope("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"),
	"expired":      envelope("31", "DEADLINE_HAS_EXPIRED_ERROR"),
	"wrong-ip":     envelope("32", "UNREGISTERED_IP_ERROR"),
	"unsigned":     envelope("33", "UNSIGNED_CALL_ERROR"),

	"gateway-401":          plain(401, "Unauthorized"),
	"gateway-401-as-200":   plain(200, "Unauthorized"),
	"gateway-403":          plain(403, "Forbidden"),
	"gateway-404":          plain(404, "API not found"),
	"gateway-rate":         plain(429, "API rate limit exceeded"),
	"gateway-quota":        plain(429, "API token quota exceeded"),
	"gateway-quota-as-200": plain(200, "API token quota exceeded"),
	"gateway-forwarding":   plain(502, "Error forwarding request to backend server"),
	"gateway-receiving":    plain(200, "Error receiving response from backend server"),
	"gateway-unexpected":   plain(500, "Unexpected error"),
	"blocked":              {400, "text/html", "<html><head><title>Request Blocked</title></head><body>The request is blocked.</body></html>"},
	"page":                 {200, "text/html", "<!DOCTYPE html><html><body><p>점검 중입니다.<br></body></html>"},
	"nothing":              {200, "application/json", ""},
	"half":                 {200, "application/json", `{"response":{"header":{"resultCode":"00","resultMsg":"NORMAL_SERVICE"},"body":{"dataType":"JSON","items":{"item":[{"baseDate":"2026`},
	"empty-items":          {200, "application/json", `{"response":{"header":{"resultCode":"00","resultMsg":"NORMAL_SERVICE"},"body":{"dataType":"JSON","items":"","pageNo":1,"numOfRows":10,"totalCount":0}}}`},

	"hub-401": {401, "application/json", `{"result":{"status":401,"message":"유효한 인증키가 아닙니다."}}`},
	"hub-403": {403, "application/json", `{"result":{"status":403,"message":"활용신청이 필요한 API 입니다. 활용신청 후 다시 시도해 주십시오."}}`},
}

// Behaviour says how an operation answers. The zero value is correct behaviour.
type Behaviour struct {
	Fault   string            // a name in Faults
	Delay   time.Duration     // before the answer
	Cut     bool              // the connection breaks during the answer
	Late    time.Duration     // publishes issues later than usual
	Page    int               // maximum page size; 0 means no limit
	Shuffle bool              // rows in random order, with an unknown category
	Numbers bool              // numbers instead of strings, and the reverse
	Values  map[string]string // by category, replacing those of Weather
}

// Stub is an http.Handler that acts as the service. Key is its only valid key, not
// URL-encoded.
type Stub struct {
	Key string
	Now func() time.Time

	mu      sync.Mutex
	how     map[string]Behaviour
	calls   []string
	now     int
	most    int
	waiting chan struct{} // closed by the let that Hold returns
}

// Do sets the behaviour of the given operations, or of all if none is given.
func (s *Stub) Do(b Behaviour, operations ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(operations) == 0 {
		operations = []string{Observed, Nearby, Village}
	}
	how := map[string]Behaviour{}
	for name, old := range s.how {
		how[name] = old
	}
	for _, name := range operations {
		how[name] = b
	}
	s.how = how
}

// Calls lists the requests so far, as "operation date time x,y page".
func (s *Stub) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

// Forget empties Calls.
func (s *Stub) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.most = nil, 0
}

// Most returns the maximum number of concurrent requests.
func (s *Stub) Most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Hold blocks all requests until let is called.
func (s *Stub) Hold() (let func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.waiting = gate
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.waiting = nil
		s.mu.Unlock()
		close(gate)
	})
}

func (s *Stub) begin(op string, call string) (Behaviour, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	s.now++
	s.most = max(s.most, s.now)
	return s.how[op], s.waiting
}

func (s *Stub) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
}

var korea = time.FixedZone("KST", 9*60*60)

// ServeHTTP answers at any path that ends in an operation.
func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	q := r.URL.Query()
	b, gate := s.begin(op, fmt.Sprintf("%s %s %s %s,%s %s", op, q.Get("base_date"), q.Get("base_time"), q.Get("nx"), q.Get("ny"), q.Get("pageNo")))
	defer s.end()
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
			return
		}
	}
	if q.Get("serviceKey") == "slow" {
		b.Delay = time.Minute
	}
	if b.Delay > 0 {
		select {
		case <-time.After(b.Delay):
		case <-r.Context().Done():
			return
		}
	}
	key := q.Get("serviceKey") + q.Get("authKey")
	if b.Fault == "" {
		b.Fault = key
	}
	f, fault := Faults[b.Fault]
	switch {
	case fault:
	case r.UserAgent() == "":
		f = Faults["blocked"]
	case key != s.Key:
		f = Faults["unregistered"]
	default:
		f = s.answer(op, q.Get, b)
	}
	w.Header().Set("Content-Type", f.Type)
	if b.Cut {
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Body)))
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body[:len(f.Body)/2])
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(f.Status)
	io.WriteString(w, f.Body)
}

type item struct {
	BaseDate string `json:"baseDate"`
	BaseTime string `json:"baseTime"`
	Category string `json:"category"`
	FcstDate string `json:"fcstDate,omitempty"`
	FcstTime string `json:"fcstTime,omitempty"`
	Forecast any    `json:"fcstValue,omitempty"`
	X        any    `json:"nx"`
	Y        any    `json:"ny"`
	Observed any    `json:"obsrValue,omitempty"`
}

// answer returns the rows of an issue, or an error.
func (s *Stub) answer(op string, param func(string) string, b Behaviour) Fault {
	number := func(name string, most int) int {
		n, err := strconv.Atoi(param(name))
		if err != nil || n < 1 || n > most {
			return 0
		}
		return n
	}
	x, y := number("nx", 149), number("ny", 253)
	issue, err := time.ParseInLocation("20060102 1504", param("base_date")+" "+param("base_time"), korea)
	if err != nil || x == 0 || y == 0 {
		return Faults["missing-parameter"]
	}
	lag, old := 10*time.Minute, 24*time.Hour
	switch {
	case op == Observed && issue.Minute() == 0:
	case op == Nearby && issue.Minute() == 30:
		lag = 15 * time.Minute
	case op == Village && issue.Minute() == 0 && issue.Hour()%3 == 2:
		old = 3 * 24 * time.Hour
	case op == Observed || op == Nearby || op == Village:
		return Faults["no-data"]
	default:
		return Faults["gateway-404"]
	}
	switch now := s.Now(); {
	case now.Before(issue.Add(lag + b.Late)):
		return Faults["no-data"]
	case now.Sub(issue) > old:
		return Faults["too-old"]
	}

	rows := s.rows(op, issue, x, y, b)
	size, n := number("numOfRows", 10000), number("pageNo", 10000)
	if size == 0 {
		size = 10
	}
	if b.Page > 0 {
		size = min(size, b.Page)
	}
	n = max(n, 1)
	from, to := min(len(rows), (n-1)*size), min(len(rows), n*size)
	total := any(len(rows))
	if b.Numbers {
		total = strconv.Itoa(len(rows))
	}
	body, err := json.Marshal(map[string]any{"response": map[string]any{
		"header": map[string]any{"resultCode": "00", "resultMsg": "NORMAL_SERVICE"},
		"body": map[string]any{
			"dataType": "JSON", "items": map[string]any{"item": rows[from:to]},
			"pageNo": n, "numOfRows": size, "totalCount": total,
		},
	}})
	if err != nil {
		return Fault{500, "text/plain", err.Error()}
	}
	return Fault{200, "application/json;charset=UTF-8", string(body)}
}

// Weather is the stub's weather at every place, by category.
func Weather(at time.Time) map[string]string {
	h := at.In(korea).Hour()
	rain := h >= 17 && h < 21
	v := map[string]string{
		"T": strconv.FormatFloat(12+float64((h+18)%24)/4, 'f', 1, 64), "REH": strconv.Itoa(50 + h), "WSD": "1.4",
		"UUU": "-1.2", "VVV": "-0.7", "VEC": "59", "SKY": "1", "PTY": "0", "RAIN": "강수없음", "POP": "10", "LGT": "0",
		"WAV": "0", "SNO": "적설없음", "RN1": "0",
	}
	if rain {
		v["SKY"], v["PTY"], v["RAIN"], v["POP"], v["RN1"] = "4", "1", "2.5mm", "80", "2.5"
	}
	return v
}

func (s *Stub) rows(op string, issue time.Time, x, y int, b Behaviour) (rows []item) {
	hours := map[time.Time]map[string]string{}
	value := func(at time.Time, category string) string {
		v := hours[at]
		if v == nil {
			v = Weather(at)
			hours[at] = v
		}
		if set, ok := b.Values[category]; ok {
			return set
		}
		switch category {
		case "T1H", "TMP":
			return v["T"]
		case "RN1", "PCP":
			if op == Observed {
				return v["RN1"]
			}
			return v["RAIN"]
		}
		return v[category]
	}
	add := func(at time.Time, category, text string) {
		it := item{BaseDate: issue.Format("20060102"), BaseTime: issue.Format("1504"), Category: category, X: x, Y: y}
		var v any = text
		if n, err := strconv.ParseFloat(text, 64); b.Numbers && err == nil {
			v, it.X, it.Y = n, strconv.Itoa(x), strconv.Itoa(y)
		}
		if op == Observed {
			it.Observed = v
		} else {
			it.FcstDate, it.FcstTime, it.Forecast = at.Format("20060102"), at.Format("1504"), v
		}
		rows = append(rows, it)
	}
	switch op {
	case Observed:
		for _, c := range strings.Fields("PTY REH RN1 T1H UUU VEC VVV WSD") {
			add(issue, c, value(issue, c))
		}
	case Nearby: // sorted by category, then by time
		for _, c := range strings.Fields("LGT PTY RN1 SKY T1H REH UUU VVV VEC WSD") {
			for h := range 6 {
				at := issue.Add(30*time.Minute + time.Duration(h)*time.Hour)
				add(at, c, value(at, c))
			}
		}
	case Village: // sorted by time, then by category
		days := 4
		if issue.Hour() >= 17 {
			days = 5
		}
		end := time.Date(issue.Year(), issue.Month(), issue.Day()+days, 0, 0, 0, 0, korea)
		for at := issue.Add(time.Hour); at.Before(end); {
			far := at.Sub(issue) > 60*time.Hour
			for _, c := range strings.Fields("TMP UUU VVV VEC WSD SKY PTY POP WAV PCP REH SNO") {
				v := value(at, c)
				if far && (c == "PCP" || c == "SNO" || c == "WSD") {
					v = "1" // a code, not an amount
				}
				add(at, c, v)
			}
			if at.Hour() == 6 {
				add(at, "TMN", "11.0")
			}
			if at.Hour() == 15 {
				add(at, "TMX", "18.0")
			}
			at = at.Add(time.Hour)
			if far {
				at = at.Add(2 * time.Hour)
			}
		}
	}
	if b.Shuffle {
		add(issue.Add(time.Hour), "XYZ", "42")
		rand.New(rand.NewPCG(4, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	return rows
}
