package openai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// failure is an error answer of the service. It has no message, because the message
// about a wrong key repeats part of the key.
type failure struct {
	status     int
	kind, code string
	request    string        // the service's request id
	wait       time.Duration // the delay that the service asks for
}

func (f *failure) Error() string {
	return fmt.Sprintf("the language model answers with status %d, type %q, code %q, request %q", f.status, f.kind, f.code, f.request)
}

// Is reports whether the form of JSON may be the reason. Servers refuse one that they do
// not support in any words, and with any of these.
func (f *failure) Is(target error) bool {
	return target == errFormless && slices.Contains([]int{
		http.StatusOK, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType,
		http.StatusInternalServerError, http.StatusNotImplemented,
	}, f.status)
}

// exhausted are the codes of 429 answers that waiting does not fix.
var exhausted = []string{
	"insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
	"project_spend_limit_exceeded", "organization_usage_limit_exceeded",
}

func (f *failure) paidUp() bool {
	return !slices.Contains(exhausted, f.code) && !slices.Contains(exhausted, f.kind)
}

// temporary reports whether the error is temporary.
func (f *failure) temporary() bool {
	return f.status >= http.StatusInternalServerError && f.status != http.StatusNotImplemented || f.status == http.StatusTooManyRequests && f.paidUp()
}

// needsOperator reports whether only the operator can fix the error.
func (f *failure) needsOperator() bool {
	switch f.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return f.status == http.StatusTooManyRequests && !f.paidUp()
}

// failed parses an error in any of the forms that servers use.
func failed(status int, header http.Header, body []byte) *failure {
	f := &failure{status: status, request: plain(header.Get("X-Request-Id")), wait: waitOf(header)}
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var details struct {
		Type string          `json:"type"`
		Code json.RawMessage `json:"code"` // string, number or null
	}
	if json.Unmarshal(body, &answer) != nil {
		return f // an HTML page
	}
	if len(answer.Error) == 0 {
		answer.Error = body // some servers do not wrap the error
	}
	if json.Unmarshal(answer.Error, &details) != nil { // some are only a text
		return f
	}
	f.kind, f.code = plain(details.Type), plain(strings.Trim(string(details.Code), `"`))
	return f
}

var odd = regexp.MustCompile(`[^a-zA-Z0-9_.-]`)

// plain makes a string from the service safe for a log.
func plain(s string) string { return odd.ReplaceAllString(s[:min(len(s), 64)], "") }

// waitOf parses the delay that the service asks for.
func waitOf(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e7 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	if s, err := strconv.ParseFloat(h.Get("Retry-After"), 64); err == nil && s > 0 && s < 1e5 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(0, time.Until(at))
	}
	if h.Get("Retry-After") != "" {
		return 0
	}
	for _, of := range []string{"Requests", "Tokens"} {
		if h.Get("X-Ratelimit-Remaining-"+of) != "0" {
			continue
		}
		if d, err := time.ParseDuration(h.Get("X-Ratelimit-Reset-" + of)); err == nil && d > 0 {
			return d
		}
	}
	return 0
}
