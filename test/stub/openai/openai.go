// Package openai is a stub of OpenAI and compatible servers. It answers chat completions
// with menus and can simulate all known errors.
package openai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is an answer other than five valid menus.
type Fault struct {
	Status int
	Header map[string]string
	Body   string
}

func failure(status int, message, kind, param, code string, header ...string) Fault {
	quoted := func(s string) string {
		if s == "" {
			return "null"
		}
		return fmt.Sprintf("%q", s)
	}
	f := Fault{Status: status, Header: map[string]string{"Content-Type": "application/json", "x-request-id": "req_stub"},
		Body: fmt.Sprintf(`{"error":{"message":%q,"type":%s,"param":%s,"code":%s}}`, message, quoted(kind), quoted(param), quoted(code))}
	for i := 0; i+1 < len(header); i += 2 {
		f.Header[header[i]] = header[i+1]
	}
	return f
}

func said(content, finish string) Fault {
	text, _ := json.Marshal(content) // encoding a string cannot fail
	return Fault{200, map[string]string{"Content-Type": "application/json"}, fmt.Sprintf(
		`{"id":"chatcmpl-stub","object":"chat.completion","created":1789363200,"model":"stub","choices":[{"index":0,"finish_reason":%q,"logprobs":null,"message":{"role":"assistant","refusal":null,"content":%s}}],"usage":{"prompt_tokens":120,"completion_tokens":88,"total_tokens":208}}`,
		finish, text)}
}

// reasoned is an answer with text in the field of the model's reasoning.
func reasoned(content, reasoning string) Fault {
	text, _ := json.Marshal(content)      // encoding a string cannot fail
	thought, _ := json.Marshal(reasoning) // nor this
	return Fault{200, map[string]string{"Content-Type": "application/json"}, fmt.Sprintf(
		`{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":%s,"reasoning_content":%s}}]}`, text, thought)}
}

func plain(status int, contentType, body string) Fault {
	return Fault{status, map[string]string{"Content-Type": contentType}, body}
}

// Good is the content of an answer with five valid menus.
const Good = `{"menus":[` +
	`{"name":"김치전","category":"분식","reason":"비 오는 날에 어울려요."},` +
	`{"name":"바지락 칼국수","category":"백반,죽,국수","reason":"쌀쌀한 저녁에 따뜻해요."},` +
	`{"name":"감자탕","category":"찜,탕,찌개","reason":"비 오는 저녁에 든든해요."},` +
	`{"name":"짬뽕","category":"중식","reason":"저녁에 얼큰하게 몸을 데워요."},` +
	`{"name":"쌀국수","category":"아시안","reason":"비 오는 날 부담 없어요."}]}`

// more are further dishes, each with its category.
var more = strings.Fields(`
	콩국수:백반,죽,국수 감자전:분식 두부쌀국수:아시안 토마토파스타:양식 버섯전골:찜,탕,찌개 연어덮밥:돈까스,회,일식
	마르게리타피자:피자 산채비빔밥:백반,죽,국수 나물도시락:도시락 과일컵:카페,디저트 채소볶음면:중식 두부김밥:분식
	병아리콩커리:아시안 고등어구이:고기구이 구운치킨:치킨 보쌈:족발,보쌈 새우버거:패스트푸드 유부우동:돈까스,회,일식
	삼계탕:찜,탕,찌개 물냉면:백반,죽,국수 짜장면:중식 분짜:아시안 닭갈비:고기구이 후라이드치킨:치킨 호박죽:백반,죽,국수
	떡볶이:분식 리코타샐러드:양식 치즈버거:패스트푸드 불고기도시락:도시락 순두부찌개:찜,탕,찌개 회덮밥:돈까스,회,일식
	찐만두:분식 고구마피자:피자 월남쌈:아시안 막국수:백반,죽,국수 탕수육:중식 모둠초밥:돈까스,회,일식 호떡:카페,디저트
	갈비탕:찜,탕,찌개 제육도시락:도시락 팟타이:아시안 잡채:분식 크림파스타:양식 닭죽:백반,죽,국수 양념치킨:치킨`)

// menus returns n of more that are not mentioned in asked.
func menus(n int, asked string) string {
	var all []string
	for _, one := range more {
		name, category, _ := strings.Cut(one, ":")
		if len(all) < n && !strings.Contains(asked, name) {
			all = append(all, fmt.Sprintf(`{"name":%q,"category":%q,"reason":"지금 같은 때에 함께 나누기 좋아요."}`, name, category))
		}
	}
	return `{"menus":[` + strings.Join(all, ",") + `]}`
}

// Faults maps names to faults. A key with such a name selects the fault; the key slow
// delays the answer forever.
var Faults = map[string]Fault{
	// These contain five valid menus.
	"fenced":   said("다음과 같이 추천해요.\n```json\n"+Good+"\n```\n맛있게 드세요!", "stop"),
	"thinking": said("<think>비가 오니까 {국물}이 좋겠다.\n[1] 전?</think>\n\n"+Good, "stop"),
	"six":      said(menus(6, ""), "stop"),
	"spaced":   said(strings.NewReplacer("죽,국수", "죽, 국수", "찜,탕,찌개", "찜, 탕, 찌개").Replace(Good), "stop"),
	"cheerful": said(strings.NewReplacer("어울려요.", "어울려요~ 🌧️", "따뜻해요.", "따뜻해요~!").Replace(Good), "stop"),
	"reasoned": reasoned("", "<think>비가 온다.</think>"+Good),
	"bare":     said(strings.TrimSuffix(strings.TrimPrefix(Good, `{"menus":`), "}"), "stop"),

	"refusal":        {200, nil, `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","refusal":"I can't help with that.","content":null}}]}`},
	"length":         said(Good[:200], "length"),
	"content-filter": said("", "content_filter"),
	"no-choices":     {200, nil, `{"id":"chatcmpl-stub","object":"chat.completion","choices":[]}`},
	"no-content":     {200, nil, `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":null,"reasoning_content":"음…"}}]}`},
	"four":           said(menus(4, ""), "stop"),
	"twice":          said(strings.ReplaceAll(Good, "감자탕", "김 치 전"), "stop"),
	"foreign":        said(strings.ReplaceAll(Good, `"중식"`, `"프랑스식"`), "stop"),
	"english":        said(`{"menus":[`+strings.TrimSuffix(strings.Repeat(`{"name":"Pizza","category":"피자","reason":"Great for a rainy day."},`, 5), ",")+`]}`, "stop"),
	"long":           said(strings.ReplaceAll(Good, "짬뽕", strings.Repeat("짬뽕", 40)), "stop"),
	"broken":         said(`{"menus":[{"name":"김치전","category":`, "stop"),
	"words":          said("오늘은 김치전 어때요?", "stop"),
	"page":           plain(200, "text/html", "<!DOCTYPE html><html><body>Sign in to the proxy</body></html>"),
	"empty":          plain(200, "application/json", ""),
	"error-as-200":   plain(200, "application/json", `{"error":{"message":"no model loaded","type":"server_error","code":null}}`),

	"bad-request":     failure(400, "Invalid value.", "invalid_request_error", "messages", ""),
	"context-length":  failure(400, "This model's maximum context length is 4096 tokens.", "invalid_request_error", "messages", "context_length_exceeded"),
	"wrong-key":       failure(401, "Incorrect API key provided: sk-st***********tkey. You can find your API key at https://platform.openai.com/account/api-keys.", "invalid_request_error", "", "invalid_api_key"),
	"region":          failure(403, "Country, region, or territory not supported", "request_forbidden", "", "unsupported_country_region_territory"),
	"no-model":        failure(404, "The model `stub` does not exist or you do not have access to it.", "invalid_request_error", "", "model_not_found"),
	"rate":            failure(429, "Rate limit reached for requests", "requests", "", "rate_limit_exceeded", "retry-after-ms", "40"),
	"rate-long":       failure(429, "Rate limit reached for requests", "requests", "", "rate_limit_exceeded", "Retry-After", "60", "x-ratelimit-reset-requests", "6m0s"),
	"slow-down":       failure(429, "Slow down", "requests", "", "slow_down", "Retry-After", "0"),
	"quota":           failure(429, "You exceeded your current quota.", "insufficient_quota", "", "insufficient_quota"),
	"credit":          failure(429, "No credit.", "billing_error", "", "credit_balance_exhausted"),
	"spend-limit":     failure(429, "Limit.", "billing_error", "", "organization_spend_limit_exceeded"),
	"server-error":    failure(500, "The server had an error.", "server_error", "", "server_error"),
	"bad-gateway":     plain(502, "text/html", "<html><head><title>502 Bad Gateway</title></head></html>"),
	"overloaded":      failure(503, "Overloaded", "server_error", "", "server_is_overloaded"),
	"number-code":     plain(400, "application/json", `{"error":{"code":400,"message":"bad request","type":"invalid_request_error"}}`),
	"loading":         plain(503, "application/json", `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`),
	"error-as-text":   plain(404, "application/json", `{"error":"model \"stub\" not found, try pulling it first"}`),
	"no-schema":       failure(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "invalid_request_error", "response_format", ""),
	"no-schema-text":  plain(400, "application/json", `{"error":"response_format of type json_schema is not supported"}`),
	"no-schema-empty": reasoned("", "음, 비가 오니까 {국물}이 좋겠다."),
	"no-schema-null":  {200, nil, `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":null}}]}`},
	"no-schema-words": said("오늘은 김치전 어때요?", "stop"),
	"no-schema-list":  said(`{"recommendations":[]}`, "stop"),
	"no-schema-cut":   said(`{"menus":[`+strings.Repeat(" ", 500), "length"),
	"no-schema-bare":  plain(400, "application/json", `{"object":"error","message":"guided decoding of json_schema is off","type":"BadRequestError","param":null,"code":400}`),
	"no-schema-other": failure(400, "Invalid value.", "invalid_request_error", "", ""),
	"no-schema-422":   plain(422, "application/json", `{"detail":[{"loc":["body","response_format"],"msg":"Extra inputs are not permitted"}]}`),
	"no-schema-500":   plain(500, "text/plain", "Internal Server Error"),
	"no-schema-501":   plain(501, "application/json", `{"error":"not implemented"}`),
	"no-schema-local": plain(400, "application/json", `{"error":{"code":400,"message":"Either \"json_schema\" or \"grammar\" can be specified","type":"invalid_request_error"}}`),
}

// Helpful lists the faults from which a client can extract five menus.
var Helpful = []string{"fenced", "thinking", "six", "bare", "reasoned", "spaced", "cheerful"}

// Request is a received request.
type Request struct {
	Authorization string
	Body          string
	Format        string // the type of response_format
}

// Stub is an http.Handler that acts as the service. If Key is set, it accepts no other.
type Stub struct {
	Key string

	mu      sync.Mutex
	faults  []string // of the next answers; the last one repeats
	content string
	delay   time.Duration
	cut     bool
	got     []Request
	now     int
	most    int
}

// Fail sets the faults of the next answers; the last one repeats. An empty name is a
// correct answer.
func (s *Stub) Fail(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = names
}

// Say sets the content of the model's answers.
func (s *Stub) Say(content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content = content
}

// Delay delays each answer.
func (s *Stub) Delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Cut breaks each connection during its answer.
func (s *Stub) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// Requests returns the received requests.
func (s *Stub) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.got...)
}

// Most returns the maximum number of concurrent requests.
func (s *Stub) Most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

func (s *Stub) begin(r Request) (fault Fault, delay time.Duration, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, r)
	s.now++
	s.most = max(s.most, s.now)
	name := strings.TrimPrefix(r.Authorization, "Bearer ")
	if len(s.faults) > 0 {
		name = s.faults[0]
		s.faults = s.faults[min(1, len(s.faults)-1):]
	}
	delay = s.delay
	if name == "slow" {
		delay = time.Minute
	}
	fault, failing := Faults[name]
	switch {
	case strings.HasPrefix(name, "no-schema") && r.Format != "json_schema":
		failing = false
	case !failing && s.Key != "" && r.Authorization != "Bearer "+s.Key:
		return Faults["wrong-key"], delay, s.cut
	}
	if !failing {
		fault = said(s.good(r.Body), "stop")
	}
	return fault, delay, s.cut
}

// good returns menus that are new in the conversation.
func (s *Stub) good(asked string) string {
	if s.content != "" {
		return s.content
	}
	if strings.Contains(asked, "감자탕") {
		return menus(15, asked)
	}
	return Good
}

// ServeHTTP answers POST at any path that ends in /chat/completions.
func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	var asked struct {
		Format struct {
			Type string `json:"type"`
		} `json:"response_format"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		http.Error(w, `{"error":"no JSON"}`, http.StatusBadRequest)
		return
	}
	fault, delay, cut := s.begin(Request{r.Header.Get("Authorization"), string(body), asked.Format.Type})
	defer func() {
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
	}
	for name, value := range fault.Header {
		w.Header().Set(name, value)
	}
	if cut {
		w.Header().Set("Content-Length", fmt.Sprint(len(fault.Body)))
		w.WriteHeader(fault.Status)
		io.WriteString(w, fault.Body[:len(fault.Body)/2])
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(fault.Status)
	io.WriteString(w, fault.Body)
}
