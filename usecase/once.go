package usecase

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Once gives a request with an idempotency key its effect once, however often it is sent.
//
// The answer is kept in the transaction of the effect: Changes claims the key first in it,
// and keeps the answer last. So the answer has to be known there, which is what the last
// argument of use cases that create something is for.
type Once struct {
	store port.Store

	mu      sync.Mutex
	running map[idempotency.ID]*run
}

// run is a request that runs in this process.
type run struct {
	over chan struct{} // closed when it has ended
	busy bool          // it ended since another process has the key
}

// NewOnce makes a Once.
func NewOnce(store port.Store) *Once {
	return &Once{store: store, running: map[idempotency.ID]*run{}}
}

// Request is one that may be sent again.
type Request struct {
	idempotency.ID
	Forever bool // the answer is kept for ever
	// Content digests what the request says. It is called once that is known.
	Content func() idempotency.Content
	// Answer returns what the request is answered with. It is called once that is known.
	Answer func() idempotency.Answer
}

var (
	errTwice   = errors.New("a request with an idempotency key makes more than one change")
	errNotKept = errors.New("a request with an idempotency key succeeds without a change that keeps its answer")
)

// Do runs act, which makes one change with the context that it is given, unless the
// request has succeeded before. Then it returns the first answer, with repeated. It waits
// for a request with the same ID that runs, and returns idempotency.ErrInProgress if that
// takes longer than idempotency.Wait. Where act fails, nothing is kept.
func (u *Once) Do(ctx context.Context, r Request, act func(context.Context) error) (first idempotency.Answer, repeated bool, err error) {
	mine, err := u.begin(ctx, r.ID)
	if err != nil {
		return idempotency.Answer{}, false, err
	}
	defer func() { u.end(r.ID, mine, errors.Is(err, idempotency.ErrInProgress)) }()
	once := &keyed{Request: r}
	err = act(context.WithValue(ctx, keyedInContext{}, once))
	if again, ok := errors.AsType[answered](err); ok {
		return again.Answer, true, nil
	}
	if err == nil && !once.kept {
		err = fmt.Errorf("%s: %w", r.Route, errNotKept)
	}
	return idempotency.Answer{}, false, err
}

// begin waits until no request with this id runs in this process, and makes others wait
// until end.
func (u *Once) begin(ctx context.Context, id idempotency.ID) (mine *run, err error) {
	patience := time.NewTimer(idempotency.Wait)
	defer patience.Stop()
	for {
		before, mine := u.enter(id)
		if before == nil {
			return mine, nil
		}
		select {
		case <-before.over:
			if before.busy {
				return nil, idempotency.ErrInProgress // it has waited as well
			}
		case <-patience.C:
			return nil, idempotency.ErrInProgress
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// enter returns the request that runs, or registers a new one.
func (u *Once) enter(id idempotency.ID) (before, mine *run) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if before, busy := u.running[id]; busy {
		return before, nil
	}
	mine = &run{over: make(chan struct{})}
	u.running[id] = mine
	return nil, mine
}

func (u *Once) end(id idempotency.ID, mine *run, busy bool) {
	u.mu.Lock()
	delete(u.running, id)
	u.mu.Unlock()
	mine.busy = busy
	close(mine.over)
}

// Withdraw handles a Withdrawal: the answers go with the account.
func (u *Once) Withdraw(ctx context.Context, item agenda.Item) error {
	who, _, err := parseWithdrawal(item.Key)
	if err != nil {
		return err
	}
	for {
		var n int
		err := u.store.Write(ctx, func(r port.Repos) (err error) {
			n, err = r.Answers.Forget(ctx, who, sweepSlice)
			return err
		})
		if err != nil || n < sweepSlice {
			return err
		}
	}
}

// keyed is a Request on its way through a change. A nil one has no key.
type keyed struct {
	Request
	content idempotency.Content
	begun   bool // its change
	kept    bool // if the Write does not fail
}

type keyedInContext struct{}

func keyedOf(ctx context.Context) *keyed {
	once, _ := ctx.Value(keyedInContext{}).(*keyed)
	return once
}

// begin comes before the Write.
func (a *keyed) begin() error {
	switch {
	case a == nil:
		return nil
	case a.begun:
		return fmt.Errorf("%s: %w", a.Route, errTwice)
	}
	a.begun = true
	return nil
}

// answered is the error of a change that a request has made before.
type answered struct{ idempotency.Answer }

func (answered) Error() string { return "the request has been answered before" }

// claim comes first in the Write of a change. It returns answered if there is an answer.
func (a *keyed) claim(ctx context.Context, r port.Repos, now time.Time) error {
	if a == nil {
		return nil
	}
	a.content = a.Content()
	before, found, err := r.Answers.Claim(ctx, a.ID, now)
	switch {
	case err != nil:
		return err
	case !found:
		return nil
	case before.Content != a.content:
		return idempotency.ErrConflict
	}
	return answered{before.Answer}
}

// keep comes last in the Write.
func (a *keyed) keep(ctx context.Context, r port.Repos, now time.Time) error {
	if a == nil {
		return nil
	}
	answer := a.Answer()
	var until time.Time
	if !a.Forever {
		until = now.Add(idempotency.Memory)
	}
	a.kept = true
	return r.Answers.Keep(ctx, a.ID, idempotency.Kept{Content: a.content, Answer: answer}, now, until)
}
