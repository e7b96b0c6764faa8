package kma

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	maxAnswer     = 256 << 10 // bytes
	maxPages      = 8
	maxConcurrent = 8 // concurrent requests
)

// client requests one issue of one operation.
type client struct {
	base, param, key string
	http             *http.Client
	slots            chan struct{} // limits concurrent requests
	breaker          *gobreaker.CircuitBreaker[page]
}

// errHurried means that a request waited too long for a slot to have enough time for an
// answer.
var errHurried = errors.New("no time left to ask")

type page struct {
	rows  []row
	total int
}

func newClient(o Options) *client {
	key := o.Key
	if strings.Contains(key, "%") { // the portal also shows the key URL-encoded
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
	}
	caller := *o.HTTP
	caller.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{
		base: strings.TrimRight(o.URL, "/"), param: o.KeyParam, key: key,
		http:  &caller,
		slots: make(chan struct{}, maxConcurrent),
		breaker: gobreaker.NewCircuitBreaker[page](gobreaker.Settings{
			Name:        "kma",
			MaxRequests: 3,
			Timeout:     20 * time.Second,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 6 },
			// An issue that is not published yet is not a failure of the service.
			IsSuccessful: func(err error) bool {
				r, answered := errors.AsType[*refusal](err)
				return err == nil || answered && r.means == older
			},
			OnStateChange: func(_ string, from, to gobreaker.State) {
				o.Log.Warn("asking the weather service", "was", from.String(), "is", to.String())
			},
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, errHurried) },
		}),
	}
}

// all requests all useful rows of an issue, page by page.
func (c *client) all(ctx context.Context, op operation, at cell, issue time.Time) (rows []row, err error) {
	for n := 1; n <= maxPages; n++ {
		p, err := c.page(ctx, op, at, issue, n)
		if err != nil {
			return nil, err
		}
		rows = append(rows, p.rows...)
		if len(p.rows) == 0 || len(rows) >= p.total || beyond(p.rows, issue) {
			break
		}
	}
	if len(rows) == 0 {
		return nil, refused("03", http.StatusOK)
	}
	return rows, nil
}

// beyond reports whether the rows are sorted by time and have passed the useful period.
func beyond(rows []row, issue time.Time) bool {
	byTime := func(a, b row) int { return strings.Compare(a.clock(), b.clock()) }
	return slices.IsSortedFunc(rows, byTime) && rows[len(rows)-1].clock() > issue.Add(reach).Format(clockLayout)
}

func (c *client) page(ctx context.Context, op operation, at cell, issue time.Time, n int) (page, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return page{}, errHurried
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(whole, tryTimeout)
	defer cancel()
	began := time.Now()
	return c.breaker.Execute(func() (page, error) {
		query := url.Values{
			c.param:     {c.key},
			"dataType":  {"JSON"},
			"pageNo":    {strconv.Itoa(n)},
			"numOfRows": {strconv.Itoa(op.rows)},
			"base_date": {issue.Format("20060102")},
			"base_time": {issue.Format("1504")},
			"nx":        {strconv.Itoa(at.x)},
			"ny":        {strconv.Itoa(at.y)},
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/"+op.name+"?"+query.Encode(), nil)
		if err != nil {
			return page{}, errors.New("the address of the weather service is none") // err contains the URL with the key
		}
		hurried := func(err error) error {
			if whole.Err() != nil && errors.Is(err, context.DeadlineExceeded) && time.Since(began) < tryTimeout*9/10 {
				return errHurried
			}
			return withoutURL(err)
		}
		res, err := c.http.Do(r)
		if err != nil {
			return page{}, hurried(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
		switch {
		case err != nil:
			return page{}, fmt.Errorf("read the weather: %w", hurried(err))
		case len(body) > maxAnswer:
			return page{}, fmt.Errorf("the weather is longer than %d bytes", maxAnswer)
		}
		rows, total, err := read(body, res.StatusCode)
		return page{rows, total}, err
	})
}

// withoutURL removes the URL, which contains the key, from an error.
func withoutURL(err error) error {
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("ask for the weather: %w", addressed.Err)
	}
	return err
}
