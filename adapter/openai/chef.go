// Package openai gets menu suggestions from a language model, at OpenAI or any server
// with a compatible API.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// URL is the base URL of OpenAI's API.
const URL = "https://api.openai.com/v1"

const (
	timeout       = 20 * time.Second // for a suggestion, including the retry
	queueTimeout  = 2 * time.Second  // for a free slot
	maxWait       = 4 * time.Second  // maximum delay before the retry, whatever the service asks for
	cooldown      = time.Minute      // pause after an error that only the operator can fix
	maxConcurrent = 8                // concurrent requests
	maxAnswer     = 256 << 10        // bytes
)

// Options configure a Chef.
type Options struct {
	Key   string // "" for a server without authentication
	URL   string
	Model string
	HTTP  *http.Client
	Now   func() time.Time
	Log   *slog.Logger
}

// Chef is a port.Chef.
type Chef struct {
	Options
	turns       chan struct{}
	breaker     *gobreaker.CircuitBreaker[[]menu.Dish]
	form        atomic.Int32 // index of the form to request: the last one that worked, or the first
	pausedUntil atomic.Int64 // no requests before this Unix time
	life        context.Context
	end         context.CancelFunc
}

// forms are the ways to request JSON, best first. Not every server supports all of them.
var forms = []any{
	map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "menu_list", "strict": true, "schema": schema}},
	map[string]any{"type": "json_object"},
	nil,
}

// New returns a Chef.
func New(o Options) *Chef {
	client := *o.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.HTTP, o.URL = &client, strings.TrimRight(o.URL, "/")
	life, end := context.WithCancel(context.Background())
	return &Chef{
		life: life, end: end,
		Options: o,
		turns:   make(chan struct{}, maxConcurrent),
		breaker: gobreaker.NewCircuitBreaker[[]menu.Dish](gobreaker.Settings{
			Name:    "openai",
			Timeout: 30 * time.Second,
			OnStateChange: func(_ string, from, to gobreaker.State) {
				o.Log.Warn("asking the language model", "was", from.String(), "is", to.String())
			},
			IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, errDeclined) },
			IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}
}

// Close cancels all requests and refuses new ones. Callers that wait for a suggestion
// get an error, so that they can use another Chef.
func (c *Chef) Close() { c.end() }

var (
	errDeclined = errors.New("the model declines to answer")
	errCrowded  = errors.New("too many ask the language model")
	errResting  = errors.New("the language model refused us a moment ago")
)

// Suggest implements port.Chef. It retries once after a temporary error.
func (c *Chef) Suggest(ctx context.Context, craving menu.Craving) (menu.Suggestion, error) {
	if c.Now().Unix() < c.pausedUntil.Load() {
		return menu.Suggestion{}, errResting
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	enough := time.NewTimer(queueTimeout)
	defer enough.Stop()
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-enough.C:
		return menu.Suggestion{}, errCrowded
	case <-ctx.Done():
		return menu.Suggestion{}, ctx.Err()
	}

	dishes, err := c.breaker.Execute(func() ([]menu.Dish, error) { return c.ask(ctx, craving) })
	if wait, again := retryable(err); again && pause(ctx, wait) {
		dishes, err = c.breaker.Execute(func() ([]menu.Dish, error) { return c.ask(ctx, craving) })
	}
	if err != nil {
		c.logFailure(err)
		return menu.Suggestion{}, err
	}
	return menu.Suggestion{Dishes: dishes, Source: menu.OpenAI}, nil
}

// pause waits, if ctx leaves enough time for the delay and another request.
func pause(ctx context.Context, wait time.Duration) bool {
	const least = time.Second
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) < wait+least {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func retryable(err error) (wait time.Duration, again bool) {
	f, answered := errors.AsType[*failure](err)
	if err == nil || errors.Is(err, errDeclined) || errors.Is(err, errFormless) && !answered || errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return 0, false
	}
	wait = 100*time.Millisecond + rand.N(400*time.Millisecond) // #nosec G404 -- spreads load, guards nothing
	if answered {
		if f.wait > 0 {
			wait = f.wait
		}
		return wait, f.temporary() && wait <= maxWait
	}
	return wait, true
}

// logFailure logs an error. If only the operator can fix it, it pauses all requests.
func (c *Chef) logFailure(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, gobreaker.ErrOpenState) {
		return // the client has disconnected, or it was logged when the circuit opened
	}
	if f, answered := errors.AsType[*failure](err); answered && f.needsOperator() {
		c.pausedUntil.Store(c.Now().Add(cooldown).Unix())
		c.Log.Warn("the language model refuses us; see to the key, the model and what is paid for", "err", err)
		return
	}
	c.Log.Warn("the language model does not answer", "err", err)
}

// ask requests a suggestion. After an answer without the list, or a refusal that the
// form of JSON may have caused, it requests the next form, each of them once.
func (c *Chef) ask(ctx context.Context, craving menu.Craving) ([]menu.Dish, error) {
	var err error
	for range forms {
		form := c.form.Load()
		var list []entry
		if list, err = c.complete(ctx, craving, forms[form]); err == nil {
			return dishes(list, craving)
		}
		if !errors.Is(err, errFormless) {
			return nil, err
		}
		c.form.CompareAndSwap(form, (form+1)%int32(len(forms))) // #nosec G115 -- three
		if f, answered := errors.AsType[*failure](err); answered && f.temporary() {
			return nil, err // there is a retry, with the next form
		}
	}
	return nil, err
}

// complete requests a chat completion and returns the list in it.
func (c *Chef) complete(ctx context.Context, craving menu.Craving, form any) ([]entry, error) {
	body, err := request(c.Model, craving, form)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address of the language model is none")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if c.Key != "" {
		r.Header.Set("Authorization", "Bearer "+c.Key)
	}
	res, err := c.HTTP.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the language model: %w", withoutURL(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the language model: %w", withoutURL(err))
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("the language model says more than %d bytes", maxAnswer)
	case res.StatusCode != http.StatusOK:
		return nil, failed(res.StatusCode, res.Header, answer)
	}
	return completion(res.Header, answer)
}

// withoutURL removes the URL from an error.
func withoutURL(err error) error {
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		return addressed.Err
	}
	return err
}

// errFormless means that there is no list, which another form of JSON may change.
var errFormless = errors.New("no list of menus")

func formless(why string) error { return fmt.Errorf("%s: %w", why, errFormless) }

// completion returns the list in an answer. Some servers put it in the field for the
// model's reasoning, and leave the content empty.
func completion(header http.Header, answer []byte) ([]entry, error) {
	var said struct {
		Error   json.RawMessage `json:"error"`
		Choices []struct {
			Finish  string `json:"finish_reason"`
			Message struct {
				Content   string `json:"content"`
				Reasoning string `json:"reasoning_content"`
				Thought   string `json:"reasoning"`
				Refusal   string `json:"refusal"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return nil, formless("the language model answers with something other than JSON")
	}
	if len(said.Error) > 0 && string(said.Error) != "null" {
		return nil, failed(http.StatusOK, header, answer)
	}
	if len(said.Choices) == 0 {
		return nil, formless("the language model gives no choice")
	}
	first := said.Choices[0]
	if first.Message.Refusal != "" || first.Finish == "content_filter" {
		return nil, errDeclined
	}
	for _, text := range []string{first.Message.Content, first.Message.Reasoning, first.Message.Thought} {
		if list := menus(text); len(list) > 0 {
			return list, nil
		}
	}
	if first.Finish == "length" {
		return nil, formless("the language model was cut short")
	}
	return nil, formless("the language model answers in words, or not at all")
}
