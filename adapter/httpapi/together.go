package httpapi

import (
	"context"
	"errors"
	"sync"
	"time"
)

// together answers the same question once for all who ask it at the same time.
// Nobody gets an answer that was looked up before they asked: whoever comes while
// one is looked up waits for the next, and shares it with all who come until it is
// begun. So however many ask, each question is looked up once at a time.
// (golang.org/x/sync/singleflight lets them join what was begun before they came.)
type together[Question comparable, Answer any] struct {
	mu   sync.Mutex
	next map[Question]*asked[Answer] // of each question that is being looked up, the time after
}

// asked is a look-up that has not begun; nil if nobody waits for one.
type asked[Answer any] struct {
	turn   chan struct{} // for the one who came first, and looks it up
	done   chan struct{} // for the others
	answer Answer
	err    error
}

// errNoAnswer is what those get whose look-up panicked.
var errNoAnswer = errors.New("what others asked for as well was not looked up")

// askWait is how long a look-up for several people may take.
const askWait = 5 * time.Second

// ask gives what look finds. The answer belongs to all who get it, so nobody may
// change it. Whose context ends while somebody else looks gets no answer; who looks
// for others does so to the end.
func (t *together[Question, Answer]) ask(ctx context.Context, q Question, look func(context.Context) (Answer, error)) (Answer, error) {
	t.mu.Lock()
	next, looking := t.next[q]
	switch {
	case !looking: // nobody to share with
		if t.next == nil {
			t.next = map[Question]*asked[Answer]{}
		}
		t.next[q] = nil
		t.mu.Unlock()
		defer t.pass(q)
		return look(ctx)
	case next == nil:
		next = &asked[Answer]{turn: make(chan struct{}), done: make(chan struct{}), err: errNoAnswer}
		t.next[q] = next
		t.mu.Unlock()
		<-next.turn // which comes soon: a look-up takes bounded time
		defer t.pass(q)
		defer close(next.done)
		shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWait) // the others do not hang on who asks for them
		defer cancel()
		next.answer, next.err = look(shared)
	default:
		t.mu.Unlock()
		select {
		case <-next.done:
		case <-ctx.Done():
			var none Answer
			return none, context.Cause(ctx)
		}
	}
	return next.answer, next.err
}

// pass lets those look who have come meanwhile.
func (t *together[Question, Answer]) pass(q Question) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if next := t.next[q]; next != nil {
		t.next[q] = nil
		close(next.turn)
		return
	}
	delete(t.next, q)
}
