// Package kakao is a client for Kakao Local, which converts between points and
// addresses. Locations are personal data: the package never logs points or addresses,
// and sends points rounded.
package kakao

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Source names this adapter as the source of an answer.
const Source = "kakao"

const (
	// Timeout for a request with its retry. A caller that needs a point then requests the
	// weather there, and has about three seconds for both.
	timeout       = 3 * time.Second
	pointPatience = 1500 * time.Millisecond

	maxAnswer = 256 << 10 // bytes
)

// perDay stays below Kakao's daily quota of an app (100,000), spread over the day.
var perDay = port.Limit{Burst: 300, Per: 5 * time.Minute}

var (
	errBudget = errors.New("asked too much already")
	errBroken = errors.New("an answer that makes no sense")
)

// Service configures the client.
type Service struct {
	Client *http.Client // must not follow redirects
	URL    string       // such as https://dapi.kakao.com
	Key    string       // the REST API key of the app
	Quota  port.Quota   // limits the requests of all processes that share it
	Now    func() time.Time
	Log    *slog.Logger
}

// Local is a port.Places. Its errors, except place.ErrNotFound, mean that Kakao is
// temporarily unavailable.
type Local struct {
	s       Service
	refused *gobreaker.CircuitBreaker[any] // open while only the operator can fix it
	failing *gobreaker.CircuitBreaker[any] // open while Kakao fails
	names   *cache[place.Point, place.Place]
	points  *cache[string, place.Point]
}

// New returns a Local. It sends no request yet.
func New(s Service) *Local {
	return &Local{
		s: s,
		refused: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
			Timeout:      5 * time.Minute,
			ReadyToTrip:  func(gobreaker.Counts) bool { return true },
			IsSuccessful: func(err error) bool { return !needsOperator(err) },
		}),
		failing: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
			Timeout:      30 * time.Second,
			ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			IsSuccessful: func(err error) bool { return err == nil || clientError(err) },
		}),
		names:  newCache[place.Point, place.Place](10_000, 24*time.Hour, s.Now),
		points: newCache[string, place.Point](10_000, 24*time.Hour, s.Now),
	}
}

// Near implements port.Places. Dong is the 법정동, which boards use, or "" if Kakao only
// knows an 행정동.
func (l *Local) Near(ctx context.Context, at place.Point) (port.Nearby, error) {
	at = at.Rounded()
	p, err := l.names.get(at, func() (place.Place, error) {
		var answer struct {
			Documents []struct {
				Type word `json:"region_type"`
				region
			} `json:"documents"`
		}
		err := l.get(ctx, timeout, "/v2/local/geo/coord2regioncode.json", url.Values{
			"x": {strconv.FormatFloat(at.Lon, 'f', 3, 64)},
			"y": {strconv.FormatFloat(at.Lat, 'f', 3, 64)},
		}, &answer)
		if err != nil {
			return place.Place{}, fmt.Errorf("name a point: %w", err)
		}
		if len(answer.Documents) == 0 {
			return place.Place{}, place.ErrNotFound
		}
		var best place.Place
		for _, d := range answer.Documents {
			switch p := d.place(); {
			case d.Type == "B" && p.Sido != "":
				return p, nil
			case d.Type == "H":
				best = place.Place{Sido: p.Sido, Sigungu: p.Sigungu}
			}
		}
		if best.Sido == "" {
			return place.Place{}, fmt.Errorf("name a point: %w", errBroken)
		}
		return best, nil
	})
	if err != nil {
		return port.Nearby{}, err
	}
	return port.Nearby{Place: p, Source: Source}, nil
}

// Point implements port.Places. It sends only the part of the neighbourhood up to its
// dong, if it can be parsed.
func (l *Local) Point(ctx context.Context, where user.Neighborhood) (place.Point, error) {
	wanted, parsed := place.Parse(string(where))
	query := wanted.String()
	if !parsed {
		query = place.Normalise(string(where))
	}
	return l.points.get(query, func() (place.Point, error) {
		var answer struct {
			Meta struct {
				Total number `json:"total_count"`
			} `json:"meta"`
			Documents []found `json:"documents"`
		}
		if err := l.get(ctx, pointPatience, "/v2/local/search/address.json", url.Values{"query": {query}}, &answer); err != nil {
			return place.Point{}, fmt.Errorf("find a neighbourhood: %w", err)
		}
		var one *found
		for i, d := range answer.Documents {
			switch p := d.place(); {
			case parsed && p.Sido == wanted.Sido && p.Sigungu == wanted.Sigungu && (p.Dong == wanted.Dong || d.hasDong(wanted.Dong)):
				return d.point()
			case !parsed && one == nil:
				one = &answer.Documents[i]
			case !parsed && one.place() != p:
				return place.Point{}, place.ErrNotFound // the name is ambiguous
			}
		}
		if one == nil || int(answer.Meta.Total) > len(answer.Documents) {
			return place.Point{}, place.ErrNotFound
		}
		return one.point()
	})
}

// region is a region in Kakao's answers. The sido may have its short or its full name.
type region struct {
	Sido    word `json:"region_1depth_name"`
	Sigungu word `json:"region_2depth_name"`
	Dong    word `json:"region_3depth_name"`
}

// place returns the region with current names. It leaves unknown names as they are.
func (r region) place() place.Place {
	p, ok := place.Parse(string(r.Sido + " " + r.Sigungu + " " + r.Dong))
	if !ok {
		return place.Place{Sido: place.Normalise(string(r.Sido)), Sigungu: string(r.Sigungu), Dong: string(r.Dong)}
	}
	return p
}

// found is the result of an address search.
type found struct {
	Address *struct {
		region
		Dong word `json:"region_3depth_h_name"` // the 행정동
	} `json:"address"`
	Road *region `json:"road_address"`
	X    number  `json:"x"`
	Y    number  `json:"y"`
}

func (f found) place() place.Place {
	switch {
	case f.Address != nil:
		return f.Address.place()
	case f.Road != nil:
		return f.Road.place()
	}
	return place.Place{}
}

// hasDong reports whether the 행정동 has this name.
func (f found) hasDong(name string) bool { return f.Address != nil && string(f.Address.Dong) == name }

func (f found) point() (place.Point, error) {
	at := place.Point{Lat: float64(f.Y), Lon: float64(f.X)}
	if _, km := place.Nearest(at); at.Check() != nil || km > 300 {
		return place.Point{}, fmt.Errorf("find a neighbourhood: %w", errBroken)
	}
	return at, nil
}

// get sends a request and decodes the answer into v, unless a circuit is open. It
// continues if the caller gives up, because others may wait for the same answer.
func (l *Local) get(ctx context.Context, timeout time.Duration, path string, query url.Values, v any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	allowed, err := l.s.Quota.Take(ctx, Source, perDay, 1)
	if err != nil {
		return fmt.Errorf("count questions: %w", err)
	}
	if !allowed.OK {
		return errBudget
	}
	_, err = l.refused.Execute(func() (any, error) {
		return l.failing.Execute(func() (any, error) {
			err := l.try(ctx, path, query, v)
			if retryable(ctx, err) {
				err = l.try(ctx, path, query, v)
			}
			return nil, err
		})
	})
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
	case needsOperator(err):
		l.s.Log.ErrorContext(ctx, "kakao refuses to answer; see the app's settings at developers.kakao.com", "err", err)
	case err != nil:
		l.s.Log.WarnContext(ctx, "kakao does not answer", "err", err)
	}
	return err
}

func (l *Local) try(ctx context.Context, path string, query url.Values, v any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.s.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		return errors.New("make a request") // err contains the URL
	}
	r.Header.Set("Authorization", "KakaoAK "+l.s.Key)
	r.Header.Set("Accept", "application/json")
	res, err := l.s.Client.Do(r)
	if err != nil {
		if named, ok := errors.AsType[*url.Error](err); ok {
			err = named.Err // without the URL, which contains the point
		}
		return &incomplete{err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &incomplete{err}
	case len(body) > maxAnswer:
		return fmt.Errorf("%w: longer than %d bytes", errBroken, maxAnswer)
	case res.StatusCode != http.StatusOK:
		return l.refusal(res.StatusCode, body)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return errBroken // err may quote the answer
	}
	return nil
}

// incomplete means that no complete answer arrived.
type incomplete struct{ error }

func (e *incomplete) Unwrap() error { return e.error }

// refusal is an answer with a status other than 200.
type refusal struct {
	status        int
	kind, message string
}

func (e *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s %s", e.status, e.kind, e.message))
}

// refusal parses both forms of Kakao's errors. It keeps a message only if the operator
// needs it, and removes the key that some messages repeat.
func (l *Local) refusal(status int, body []byte) *refusal {
	var told struct {
		Type    word `json:"errorType"`
		Message word `json:"message"`
		Code    word `json:"code"`
		Msg     word `json:"msg"`
	}
	_ = json.Unmarshal(body, &told) // a proxy may answer with anything
	e := &refusal{status: status, kind: l.scrub(cmp.Or(told.Type, told.Code))}
	if needsOperator(e) {
		e.message = l.scrub(cmp.Or(told.Message, told.Msg))
	}
	return e
}

// scrub removes the key and limits the length for a log line.
func (l *Local) scrub(w word) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(string(w), l.s.Key, "…"), "")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

// needsOperator reports whether only the operator can fix err: a wrong key, or a Kakao
// product that is not enabled.
func needsOperator(err error) bool {
	e, ok := errors.AsType[*refusal](err)
	return ok && (e.status == http.StatusUnauthorized || e.status == http.StatusForbidden)
}

// clientError reports whether our request was at fault, not Kakao.
func clientError(err error) bool {
	e, ok := errors.AsType[*refusal](err)
	return ok && e.status == http.StatusBadRequest
}

// retryable reports whether an immediate retry may succeed.
func retryable(ctx context.Context, err error) bool {
	if _, ok := errors.AsType[*incomplete](err); ok {
		return ctx.Err() == nil
	}
	e, ok := errors.AsType[*refusal](err)
	return ok && e.status >= 500
}

// word decodes a string, or a number in its place.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9') {
		*w = word(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(w))
}

// number decodes a number, or a string that contains one.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	var w word
	if err := w.UnmarshalJSON(b); err != nil || w == "" {
		return err
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(string(w)), 64)
	*n = number(f)
	return err
}
