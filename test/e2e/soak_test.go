package e2e

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// soakEnds is when `make soak` stops injecting faults; MEALBUDDY_SOAK sets the duration.
// It is zero in `make test`.
var soakEnds time.Time

func readSoak() error {
	text := os.Getenv("MEALBUDDY_SOAK")
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("MEALBUDDY_SOAK: %w", err)
	}
	soakEnds = time.Now().Add(d)
	return nil
}

func soaking() bool { return !soakEnds.IsZero() }

// often returns few, or many in `make soak`.
func often(few, many int) int {
	if soaking() {
		return many
	}
	return few
}

// rounds returns how often to inject a fault: few times, or many times in `make soak`,
// but only few once its time is over.
func rounds(few, many int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range often(few, many) {
			if i >= few && time.Now().After(soakEnds) || !yield(i) {
				return
			}
		}
	}
}

// toll counts what the tests of this run have survived.
var toll tally

// A tally counts injected faults and the outcome of messages.
type tally struct {
	mu                        sync.Mutex
	faults                    map[string]int // by kind
	acked                     int64
	lost, doubled, outOfOrder int64
	before, after             weight // of a server, before and after a long chat
	weighed                   bool
}

// survived adds faults that a test has survived.
func (a *tally) survived(kind string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.faults == nil {
		a.faults = map[string]int{}
	}
	a.faults[kind] += n
}

// messages adds the outcome of a chat's messages.
func (a *tally) messages(acked, lost, doubled, outOfOrder int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.acked += acked
	a.lost += lost
	a.doubled += doubled
	a.outOfOrder += outOfOrder
}

// weigh adds the weight of a server before and after a long chat.
func (a *tally) weigh(before, after weight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.before, a.after, a.weighed = before, after, true
}

// print prints a summary.
func (a *tally) print(w io.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintln(w, "\nfaults survived")
	for _, kind := range slices.Sorted(maps.Keys(a.faults)) {
		fmt.Fprintf(w, "%8d  %s\n", a.faults[kind], kind)
	}
	fmt.Fprintln(w, "messages")
	fmt.Fprintf(w, "%8d  acknowledged\n%8d  lost\n%8d  doubled\n%8d  out of order\n", a.acked, a.lost, a.doubled, a.outOfOrder)
	if a.weighed {
		fmt.Fprintln(w, "the server before and after a long chat")
		fmt.Fprintf(w, "%8d  %d goroutines\n", a.before.goroutines, a.after.goroutines)
		fmt.Fprintf(w, "%8.2f  %.2f MB on the heap\n", a.before.heap/1e6, a.after.heap/1e6)
		fmt.Fprintf(w, "%8.1f  %.1f MB resident\n", a.before.resident/1e6, a.after.resident/1e6)
	}
}
