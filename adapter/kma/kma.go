// Package kma asks the Korea Meteorological Administration for the weather: its
// short-term forecast service, by cells of 5 km.
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

// What is used unless Options say otherwise.
const (
	URL      = "https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0"
	KeyParam = "serviceKey"
)

const (
	patience  = 3 * time.Second         // for all questions about a cell
	oneTry    = 1700 * time.Millisecond // leaves some for an older issue: new ones are now and then slow
	steps     = 2                       // issues to go back
	keep      = 3 * time.Hour
	soon      = 15 * time.Second // until what failed is asked again
	lateIssue = 2 * time.Minute  // until an issue that was not out is asked again
	rest      = time.Minute      // after a refusal that only the operator can mend
	maxCells  = 2000             // of some 10 KiB
)

// Options say how the service is reached.
type Options struct {
	Key      string // as the portal shows it, encoded or not
	URL      string
	KeyParam string // the name of the parameter that the key goes in
	HTTP     *http.Client
	Now      func() time.Time
	Log      *slog.Logger
}

// Service is a port.Forecaster. What it was told about a cell it keeps until
// there is something newer, so that it asks the same thing once, however many
// want to know.
type Service struct {
	client *client
	now    func() time.Time
	log    *slog.Logger
	flight singleflight.Group
	life   context.Context
	end    context.CancelFunc

	mu      sync.Mutex
	cells   map[cell]*record
	resting time.Time // until when nothing is asked
	asking  sync.WaitGroup
}

// New makes a service, which its maker closes.
func New(o Options) *Service {
	s := &Service{client: newClient(o), now: o.Now, log: o.Log, cells: map[cell]*record{}}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// Close gives up what is being asked and waits until that has ended. Nobody may ask
// any more.
func (s *Service) Close() {
	s.end()
	s.asking.Wait()
}

// record is what is known of a cell. It does not change once it is there.
type record struct {
	parts [3]part // observed, nearby, village
	until time.Time
	err   error // why there is nothing newer, or nothing at all
}

// part is the newest issue of an operation that could be had. Without hours there
// is none.
type part struct {
	hours  hours
	issue  time.Time
	got    time.Time
	until  time.Time // when to ask again
	failed bool      // when it was to be asked again
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
		ctx, cancel := context.WithTimeout(s.life, patience)
		defer cancel()
		return s.refresh(ctx, where), nil
	})
	select {
	case result := <-done:
		s.asking.Done()
		return s.answer(result.Val.(*record))
	case <-ctx.Done(): // the question goes on: its answer is for all who come later
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

// refresh asks for what is due of a cell, all of it at once, and keeps what comes.
func (s *Service) refresh(ctx context.Context, where cell) *record {
	var old record
	if r := s.known(where); r != nil {
		old = *r
	}
	now := s.now()
	s.mu.Lock()
	resting := now.Before(s.resting)
	s.mu.Unlock()

	r := &record{parts: old.parts}
	errs := make([]error, len(operations))
	var all sync.WaitGroup
	for i, op := range operations {
		p := &r.parts[i]
		if now.Before(p.until) {
			continue
		}
		if resting {
			p.until, p.failed, errs[i] = now.Add(soon), true, errResting
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
	if r.err = errors.Join(errs...); r.err != nil && !resting {
		s.complain(r.err)
	}
	s.keep(where, r)
	return r
}

// latest asks for the newest issue, and for an older one if that is not out.
func (s *Service) latest(ctx context.Context, op operation, where cell, old part) (part, error) {
	now := s.now()
	issue := op.newest(now)
	var failure error
	for step := 0; step <= steps; step, issue = step+1, op.before(issue) {
		if len(old.hours) > 0 && !issue.After(old.issue) { // what is here already
			old.got, old.until, old.failed = now, now.Add(lateIssue), false // still the newest
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
		if failure == nil || !errors.Is(err, errHurried) { // else it is what took the time that tells
			failure = fmt.Errorf("%s of %s: %w", op.name, issue.Format("15:04"), err)
		}
		r, answered := errors.AsType[*refusal](err)
		if answered && r.means != older || !answered && !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			break
		}
	}
	old.until, old.failed = now.Add(soon), true
	return old, failure
}

// complain logs a failure, and rests if only the operator can mend it.
func (s *Service) complain(err error) {
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, context.Canceled) {
		return // told when it opened, or on the way out
	}
	if r, answered := errors.AsType[*refusal](err); answered && r.means == never {
		s.mu.Lock()
		s.resting = s.now().Add(rest)
		s.mu.Unlock()
		s.log.Warn("the weather service refuses us; see to the key and its permissions", "code", r.code, "status", r.status, "err", err)
		return
	}
	s.log.Warn("the weather service does not answer", "err", err)
}

// keep remembers a record. Where there is no more room it forgets those that are
// of no use any more, and else any.
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

// answer makes a forecast of what is known: the present from what was observed
// and from the nearest forecast of the sky; without an observation from forecasts
// alone.
func (s *Service) answer(r *record) (menu.Forecast, error) {
	now := s.now().In(menu.Seoul)
	hour := now.Truncate(time.Hour) // Korea is whole hours from UTC
	obs, near, far := r.parts[0], r.parts[1], r.parts[2]
	for i, p := range []*part{&obs, &near, &far} {
		if now.Sub(p.got) > operations[i].keep {
			p.hours = nil
		}
	}
	nearest, coming := near.hours.from(hour)
	farther, later := far.hours.from(hour)
	later = later && now.Sub(far.got) <= keep // older ones only look ahead
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
		return menu.Forecast{}, fmt.Errorf("%w (%w)", fault.After(menu.ErrForecastAway, soon), r.err)
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

// first gives the first value that is one.
func first[T comparable](values ...T) (none T) {
	for _, v := range values {
		if v != none {
			return v
		}
	}
	return none
}
