package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// refusal is an error of HTTP itself, before any use case is called.
type refusal struct {
	status       int
	code, detail string
}

func (e *refusal) Error() string { return e.code + ": " + e.detail }

// Errors for the handlers of sockets to return.
var (
	ErrCrossOrigin = &refusal{http.StatusForbidden, "cross_origin", "다른 사이트에서 보낸 요청은 받을 수 없어요."}
	ErrUpgrade     = &refusal{http.StatusUpgradeRequired, "upgrade_required", "웹소켓으로 연결해 주세요."}
)

var (
	errBody = &refusal{http.StatusBadRequest, "malformed_body", "요청 내용을 읽을 수 없어요."}
	// What net/http refuses to read: see Listen.
	errRequest     = &refusal{http.StatusBadRequest, "malformed_request", "요청을 읽을 수 없어요."}
	errHeaderSize  = &refusal{http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", "요청에 붙은 정보가 너무 커요."}
	errUnsupported = &refusal{http.StatusNotImplemented, "unsupported_request", "받을 수 없는 방식의 요청이에요."}

	errNoPath    = &refusal{http.StatusNotFound, "not_found", "없는 주소예요."}
	errMethod    = &refusal{http.StatusMethodNotAllowed, "method_not_allowed", "이 주소에서는 할 수 없는 요청이에요."}
	errBodySize  = &refusal{http.StatusRequestEntityTooLarge, "body_too_large", "한 번에 보낼 수 있는 크기를 넘었어요."}
	errBodySlow  = &refusal{http.StatusRequestTimeout, "body_too_slow", "보내는 데 너무 오래 걸렸어요. 연결을 확인하고 다시 시도해 주세요."}
	errHost      = &refusal{http.StatusMisdirectedRequest, "wrong_host", "여기에서 찾을 수 없는 사이트예요. 주소를 다시 확인해 주세요."}
	errURLSize   = &refusal{http.StatusRequestURITooLong, "url_too_long", "주소가 너무 길어요."}
	errMediaType = &refusal{http.StatusUnsupportedMediaType, "unsupported_media_type", "JSON이나 폼으로 보내 주세요."}
	errPanic     = &refusal{http.StatusInternalServerError, "internal", "서버에 문제가 생겼어요. 잠시 후 다시 시도해 주세요."}
	errSlow      = &refusal{http.StatusServiceUnavailable, "busy", "지금 요청이 많아요. 잠시 후 다시 시도해 주세요."}
)

var statusOf = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.Unprocessable:   http.StatusUnprocessableEntity,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Absent:          http.StatusServiceUnavailable,
}

// problem is the body of every refusal, as RFC 9457 has it.
type problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	Code      string       `json:"code"`
	RequestID string       `json:"request_id"`
	Errors    fault.Fields `json:"errors,omitempty"`

	// Suggestions are values that may be meant, by the name of a field in Errors.
	Suggestions map[string][]string `json:"suggestions,omitempty"`

	Failed []string `json:"failed,omitempty"`
}

// refuse writes err as application/problem+json, or as a page where a browser asks for
// one. An internal error is logged in full, and the client is not told what it was.
func (b *base) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if cause := context.Cause(r.Context()); errors.Is(err, context.Canceled) && cause != nil {
		return // the client disconnected
	}
	if errors.Is(err, context.DeadlineExceeded) && fault.Of(err).Kind == fault.Internal { // not a fault with a code of its own
		b.log.WarnContext(r.Context(), "request took too long", "request", requestID(r.Context()), "route", r.Pattern, "err", err)
		err = errSlow
	}
	e, ours := errors.AsType[*refusal](err)
	p := problem{Type: "about:blank", RequestID: requestID(r.Context())}
	if ours {
		p.Status, p.Code, p.Detail = e.status, e.code, e.detail
	} else {
		f := fault.Of(err)
		b.report(r, err)
		p.Status, p.Code, p.Detail, p.Errors = statusOf[f.Kind], f.Code, f.Detail, onWire(f.Fields)
	}
	if s, ok := errors.AsType[suggestion](err); ok {
		p.Suggestions = s.values
	}
	if n, ok := errors.AsType[notReady](err); ok {
		p.Failed = n.failed
	}
	p.Title = http.StatusText(p.Status)
	if rec, ok := w.(*recorder); ok {
		rec.code = p.Code
	}

	h := w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="mealbuddy"`)
	case http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "1")
		}
	case http.StatusUpgradeRequired:
		h.Set("Upgrade", "websocket")
	case http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close")
	}
	if wait, told := errors.AsType[*fault.Wait](err); told {
		h.Set("Retry-After", strconv.Itoa(max(1, seconds(wait.For))))
	}
	if wantsPage(r) {
		sendRefusedPage(w, p.Status, p.Detail)
		return
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the client disconnected
}

// report logs err, if it is a fault of ours.
func (b *base) report(r *http.Request, err error) {
	level, words := slog.LevelError, "request failed"
	switch fault.Of(err).Kind {
	case fault.Internal:
	case fault.Unavailable:
		level, words = slog.LevelWarn, "request not served"
	default:
		return
	}
	b.log.Log(r.Context(), level, words, "request", requestID(r.Context()), "route", r.Pattern, "err", err)
}

// respond writes v as JSON.
func respond(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return send(w, status, body)
}

// send writes JSON.
func send(w http.ResponseWriter, status int, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // or net/http sends a long one in chunks
	w.WriteHeader(status)
	w.Write(body) // the client disconnected
	return nil
}

func done(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// A suggestion is an error about fields, with values that may be meant.
type suggestion struct {
	error
	values map[string][]string // by the field's name on the wire
}

func (s suggestion) Unwrap() error { return s.error }

// suggesting adds to an error about a neighbourhood those that address may mean.
func suggesting(err error, address *string) error {
	if _, wrong := onWire(fault.Of(err).Fields)["address"]; !wrong || address == nil {
		return err
	}
	names := user.SuggestNeighborhoods(*address)
	if len(names) == 0 {
		return err
	}
	return suggestion{err, map[string][]string{"address": names}}
}
