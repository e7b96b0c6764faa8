// Package e2e tests the built program from outside and validates every answer against
// openapi.yaml.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Witness is an http.RoundTripper that validates every exchange against an API
// description. An exchange that the description does not cover fails.
type Witness struct {
	base   http.RoundTripper
	doc    *openapi3.T
	router routers.Router
	shapes map[string]*jsonschema.Schema // of answers without an operation: problems and frames

	mu  sync.Mutex
	met map[string]bool // "operation status", and codes of refusals
}

// NewWitness returns a Witness that sends requests through base.
func NewWitness(document []byte, base http.RoundTripper) (*Witness, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check description: %w", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("read paths: %w", err)
	}
	w := &Witness{base: base, doc: doc, router: router, shapes: map[string]*jsonschema.Schema{}, met: map[string]bool{}}
	return w, w.compile(doc)
}

// compile caches the most used schemas.
func (w *Witness) compile(doc *openapi3.T) error {
	text, err := doc.MarshalJSON()
	if err != nil {
		return fmt.Errorf("read schemas: %w", err)
	}
	resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read schemas: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", resource); err != nil {
		return fmt.Errorf("read schemas: %w", err)
	}
	for name := range doc.Components.Schemas {
		if w.shapes[name], err = compiler.Compile("openapi.json#/components/schemas/" + name); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
	}
	return nil
}

// A Breach is an intended deviation from the description.
type Breach int

const (
	None       Breach = iota
	Request           // the description does not allow the request
	Unexpected        // likewise, and the answer is the operation's default one
	Elsewhere         // the description has no such operation
)

type breachKey struct{}

// Breaching marks the requests of ctx.
func Breaching(ctx context.Context, b Breach) context.Context {
	return context.WithValue(ctx, breachKey{}, b)
}

// RoundTrip implements http.RoundTripper. Its errors describe violations.
func (w *Witness) RoundTrip(r *http.Request) (*http.Response, error) {
	breach, _ := r.Context().Value(breachKey{}).(Breach)
	var body []byte
	if breach == None && r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the answer to %s %s: %w", r.Method, r.URL.Path, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	asked := r.Clone(r.Context())
	asked.Body = io.NopCloser(bytes.NewReader(body))
	if err := w.Judge(asked, resp, answer); err != nil {
		return nil, fmt.Errorf("%s %s was answered with %d against openapi.yaml: %w\nrequest: %.500s\nanswer: %.2000s",
			r.Method, r.URL.Path, resp.StatusCode, err, body, answer)
	}
	return resp, nil
}

// Judge validates one exchange and records the status of its operation.
func (w *Witness) Judge(r *http.Request, resp *http.Response, answer []byte) error {
	breach, _ := r.Context().Value(breachKey{}).(Breach)
	if err := w.promised(resp, answer); err != nil {
		return err
	}
	route, params, err := w.router.FindRoute(r)
	switch {
	case err != nil && breach == Elsewhere:
		return nil
	case err != nil:
		return err
	case breach == Elsewhere && resp.StatusCode != http.StatusPermanentRedirect:
		return fmt.Errorf("the description knows this operation: %s", route.Operation.OperationID)
	}

	asked := &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: params,
		Route:      route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
			SkipSettingDefaults:   true,
		},
	}
	if breach == None {
		if err := openapi3filter.ValidateRequest(r.Context(), asked); err != nil {
			return fmt.Errorf("the request: %w", err)
		}
	}
	documented := route.Operation.Responses.Status(resp.StatusCode)
	switch {
	case documented == nil && breach != Unexpected:
		return fmt.Errorf("%s has no status %d", route.Operation.OperationID, resp.StatusCode)
	case documented != nil && len(documented.Value.Content) == 0 && len(answer) > 0:
		return fmt.Errorf("a body where none belongs")
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked,
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Body:                   io.NopCloser(bytes.NewReader(answer)),
		Options:                asked.Options,
	})
	if err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	w.meet(route.Operation.OperationID + " " + strconv.Itoa(resp.StatusCode))
	return nil
}

// promised validates the parts that all responses share.
func (w *Witness) promised(resp *http.Response, answer []byte) error {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := resp.Header.Get(name); got != want {
			return fmt.Errorf("header %s is %q", name, got)
		}
	}
	id := resp.Header.Get("X-Request-Id")
	if id == "" {
		return fmt.Errorf("no header X-Request-Id")
	}
	if resp.StatusCode < http.StatusBadRequest || resp.Request != nil && resp.Request.Method == http.MethodHead {
		return nil
	}
	if t := resp.Header.Get("Content-Type"); t != "application/problem+json" {
		return fmt.Errorf("a refusal of the type %q", t)
	}
	if err := w.visit("Problem", answer); err != nil {
		return err
	}
	var p problem
	if err := json.Unmarshal(answer, &p); err != nil {
		return err
	}
	switch {
	case p.RequestID != id:
		return fmt.Errorf("request_id %q, header %q", p.RequestID, id)
	case p.Status != resp.StatusCode:
		return fmt.Errorf("status %d in the body", p.Status)
	case (p.Code == "invalid") != (len(p.Errors) > 0):
		return fmt.Errorf("code %s with errors %v", p.Code, p.Errors)
	}
	w.meet(p.Code)
	return nil
}

// problem is an error in its wire format.
type problem struct {
	Status    int                 `json:"status"`
	Detail    string              `json:"detail"`
	Code      string              `json:"code"`
	RequestID string              `json:"request_id"`
	Errors    map[string][]string `json:"errors"`
}

// frameSchemas maps the types of frames to schemas. Other types that begin with "chat."
// are a SocketEntry.
var frameSchemas = map[string]string{
	"chat.message":    "SocketMessage",
	"chat.user.join":  "SocketJoin",
	"chat.user.leave": "SocketLeave",
	"chat.post":       "SocketPost",
	"error":           "SocketError",
	"chat.resync":     "SocketResync",
}

// JudgeFrame validates a frame from a socket: as any frame, and as one of its type.
func (w *Witness) JudgeFrame(text []byte) error {
	var frame struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(text, &frame)
	if err == nil {
		schema, known := frameSchemas[frame.Type]
		if !known && strings.HasPrefix(frame.Type, "chat.") {
			schema = "SocketEntry"
		}
		err = w.visit(schema, text)
	}
	if err == nil {
		err = w.visit("SocketFrame", text)
	}
	if err != nil {
		return fmt.Errorf("frame %.2000s: %w", text, err)
	}
	return nil
}

func (w *Witness) visit(schema string, text []byte) error {
	shape := w.shapes[schema]
	if shape == nil {
		return fmt.Errorf("no schema %q", schema)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return shape.Validate(value)
}

func (w *Witness) meet(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met[what] = true
}

// JudgeProblem validates a refusal that was read without an http.Client.
func (w *Witness) JudgeProblem(resp *http.Response) (p problem, err error) {
	answer, err := io.ReadAll(resp.Body)
	if err == nil {
		err = w.promised(resp, answer)
	}
	if err == nil {
		err = json.Unmarshal(answer, &p)
	}
	return p, err
}

// unmeetable are the codes that nobody can bring about from outside at will: for a fault
// of the program, more work than it can take at once, and a commit that is cut off in the
// middle. The packages that tell them test them.
var unmeetable = []string{"internal", "busy", "unknown_outcome"}

// Unmet lists every operation and status, and every code of a refusal, of the
// description without a test.
func (w *Witness) Unmet() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var unmet []string
	for path, item := range w.doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if status != "default" && !w.met[op.OperationID+" "+status] {
					unmet = append(unmet, strings.Join([]string{method, path, op.OperationID, status}, " "))
				}
			}
		}
	}
	for _, code := range w.doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		if code, _ := code.(string); !w.met[code] && !slices.Contains(unmeetable, code) {
			unmet = append(unmet, "code "+code)
		}
	}
	slices.Sort(unmet)
	return unmet
}
