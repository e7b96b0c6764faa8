// Package kma is a client for the short-term forecast service of the Korea
// Meteorological Administration, which divides Korea into cells of 5 km.
package kma

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/singleflight"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// Defaults of Options.
const (
	URL      = "https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0"
	KeyParam = "serviceKey"
)

const (
	timeout     = 3 * time.Second         // for all requests about a cell
	tryTimeout  = 1700 * time.Millisecond // for one request; leaves time for an older issue, because new issues are sometimes slow
	olderIssues = 2                       // how many older issues to try
	keep        = 3 * time.Hour
	retryDelay  = 15 * time.Second // retry delay after a failure
	lateIssue   = 2 * time.Minute  // retry delay if an issue is not published yet
	cooldown    = time.Minute      // pause after an error that only the operator can fix
	maxCells    = 2000             // about 10 KiB each
)

// Options configure the client.
type Options struct {
	Key      string // as shown by the portal, URL-encoded or not
	URL      string
	KeyParam string // the query parameter for the key
	HTTP     *http.Client
	Now      func() time.Time
	Log      *slog.Logger
}

// Service is a port.Forecaster. It caches the forecast of a cell until a newer one is
// available and coalesces concurrent requests for a cell.
type Service struct {
	client *client
	now    func() time.Time
	log    *slog.Logger
	flight singleflight.Group
	life   context.Context
	end    context.CancelFunc

	mu          sync.Mutex
	cells       map[cell]*record
	pausedUntil time.Time // no requests before this time
	asking      sync.WaitGroup
}

// New returns a service. The caller must close it.
func New(o Options) *Service {
	s := &Service{client: newClient(o), now: o.Now, log: o.Log, cells: map[cell]*record{}}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// Close cancels all requests and waits until they have ended. The service must not be
// used afterwards.
func (s *Service) Close() {
	s.end()
	s.asking.Wait()
}

// record is the cached data of a cell. It is immutable.
type record struct {
	parts [3]part // observed, nearby, village
	until time.Time
	err   error // why there is no newer data, or none at all
}

// part is the newest available issue of an operation. It has no hours if there is none.
type part struct {
	hours  hours
	issue  time.Time
	got    time.Time
	until  time.Time // when to request the next issue
	failed bool      // the last request failed
}

var operations = [3]operation{observed, nearby, village}

var errResting = errors.New("the weather service refused us a moment ago")

// Forecast implements port.Forecaster.
func (s *Service) Forecast(ctx context.Context, at place.Point) (menu.Forecast, error) {
	where, on := cellOf(at)
	if !on {
		return menu.Forecast{}, menu.ErrOffGrid
	}
	if r := s.known(where); r != nil && s.now().Before(r.until) {
		return s.answer(r)
	}
	s.asking.Add(1)
	done := s.flight.DoChan(strconv.Itoa(where.x)+" "+strconv.Itoa(where.y), func() (any, error) {
		if r := s.known(where); r != nil && s.now().Before(r.until) {
			return r, nil
		}
		ctx, cancel := context.WithTimeout(s.life, timeout)
		defer cancel()
		return s.refresh(ctx, where), nil
	})
	select {
	case result := <-done:
		s.asking.Done()
		return s.answer(result.Val.(*record))
	case <-ctx.Done(): // the request continues, because others may use its answer
		go func() { <-done; s.asking.Done() }()
		if r := s.known(where); r != nil {
			if f, err := s.answer(r); err == nil {
				return f, nil
			}
		}
		return menu.Forecast{}, fmt.Errorf("%w (%w)", menu.ErrForecastAway, context.Cause(ctx))
	}
}

func (s *Service) known(where cell) *record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cells[where]
}

// refresh requests all outdated parts of a cell concurrently and caches the result.
func (s *Service) refresh(ctx context.Context, where cell) *record {
	var old record
	if r := s.known(where); r != nil {
		old = *r
	}
	now := s.now()
	s.mu.Lock()
	paused := now.Before(s.pausedUntil)
	s.mu.Unlock()

	r := &record{parts: old.parts}
	errs := make([]error, len(operations))
	var all sync.WaitGroup
	for i, op := range operations {
		p := &r.parts[i]
		if now.Before(p.until) {
			continue
		}
		if paused {
			p.until, p.failed, errs[i] = now.Add(retryDelay), true, errResting
			continue
		}
		all.Go(func() { *p, errs[i] = s.latest(ctx, op, where, *p) })
	}
	all.Wait()

	r.until = now.Add(keep)
	for i := range r.parts {
		p := &r.parts[i]
		if now.Sub(p.got) > operations[i].keep {
			p.hours = nil
		}
		if p.until.Before(r.until) {
			r.until = p.until
		}
	}
	if r.err = errors.Join(errs...); r.err != nil && !paused {
		s.logFailure(r.err)
	}
	s.keep(where, r)
	return r
}

// latest requests the newest issue, or an older one if that is not published yet.
func (s *Service) latest(ctx context.Context, op operation, where cell, old part) (part, error) {
	now := s.now()
	issue := op.newest(now)
	var failure error
	for step := 0; step <= olderIssues; step, issue = step+1, op.before(issue) {
		if len(old.hours) > 0 && !issue.After(old.issue) { // already cached
			old.got, old.until, old.failed = now, now.Add(lateIssue), false // it is still the newest
			return old, nil
		}
		rows, err := s.client.all(ctx, op, where, issue)
		if err == nil {
			p := part{hours: slots(rows, issue), issue: issue, got: now, until: op.next(issue)}
			if step > 0 || !p.until.After(now) {
				p.until = now.Add(lateIssue)
			}
			return p, nil
		}
		if failure == nil || !errors.Is(err, errHurried) { // else keep the error of the slow request
			failure = fmt.Errorf("%s of %s: %w", op.name, issue.Format("15:04"), err)
		}
		r, answered := errors.AsType[*refusal](err)
		if answered && r.means != older || !answered && !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			break
		}
	}
	old.until, old.failed = now.Add(retryDelay), true
	return old, failure
}

// logFailure logs an error. If only the operator can fix it, it pauses all requests.
func (s *Service) logFailure(err error) {
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, context.Canceled) {
		return // already logged when the circuit opened, or the service is closing
	}
	if r, answered := errors.AsType[*refusal](err); answered && r.means == never {
		s.mu.Lock()
		s.pausedUntil = s.now().Add(cooldown)
		s.mu.Unlock()
		s.log.Warn("the weather service refuses us; see to the key and its permissions", "code", r.code, "status", r.status, "err", err)
		return
	}
	s.log.Warn("the weather service does not answer", "err", err)
}

// keep caches a record. If the cache is full, it evicts expired records, or else any.
func (s *Service) keep(where cell, r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.cells[where]; !known && len(s.cells) >= maxCells {
		now := s.now()
		for c, old := range s.cells {
			if now.Sub(old.until) > keep {
				delete(s.cells, c)
			}
		}
		for c := range s.cells {
			if len(s.cells) < maxCells {
				break
			}
			delete(s.cells, c)
		}
	}
	s.cells[where] = r
}

// answer makes a forecast from a record. The present comes from the observation and the
// nearest forecast of the sky, or without an observation from forecasts alone.
func (s *Service) answer(r *record) (menu.Forecast, error) {
	now := s.now().In(menu.Seoul)
	hour := now.Truncate(time.Hour) // Korea's offset from UTC is whole hours
	obs, near, far := r.parts[0], r.parts[1], r.parts[2]
	for i, p := range []*part{&obs, &near, &far} {
		if now.Sub(p.got) > operations[i].keep {
			p.hours = nil
		}
	}
	nearest, coming := near.hours.from(hour)
	farther, later := far.hours.from(hour)
	later = later && now.Sub(far.got) <= keep // an older part provides only the following hours
	var present slot
	var from part
	switch last, seen := obs.hours.last(); {
	case seen && (!obs.failed || !coming || near.failed):
		present, from = last, obs
	case coming:
		present, from = nearest, near
	case later:
		present, from = farther, far
	default:
		return menu.Forecast{}, fmt.Errorf("%w (%w)", fault.After(menu.ErrForecastAway, retryDelay), r.err)
	}
	f := menu.Forecast{
		At: present.at, Sky: present.sky, Rain: present.rain, Amount: present.amount,
		Temperature: present.temperature, Humidity: present.humidity, Wind: present.wind,
	}
	if from.failed {
		f.StaleSince = from.got
	}
	if f.Sky == menu.SkyUnknown {
		f.Sky = first(nearest.sky, farther.sky)
	}
	for h := time.Duration(1); h <= menu.HoursAhead; h++ {
		at := hour.Add(h * time.Hour)
		n, some := near.hours[at.Unix()]
		v, more := far.hours[at.Unix()]
		if !some && !more {
			continue
		}
		f.Hours = append(f.Hours, menu.Hour{
			At:          at,
			Temperature: first(n.temperature, v.temperature),
			Sky:         first(n.sky, v.sky),
			Rain:        first(n.rain, v.rain),
			Amount:      first(n.amount, v.amount),
			Chance:      first(n.chance, v.chance),
		})
	}
	return f, nil
}

// first returns the first non-zero value.
func first[T comparable](values ...T) (none T) {
	for _, v := range values {
		if v != none {
			return v
		}
	}
	return none
}
