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

// soakEnds is until when `make soak` brings faults about, by MEALBUDDY_SOAK, which
// says for how long. It is zero in `make test`.
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

// often is how much there is of something: little here, much in `make soak`.
func often(few, many int) int {
	if soaking() {
		return many
	}
	return few
}

// rounds are how often a fault strikes: a few times here; many times in `make soak`,
// but after its time not more than here.
func rounds(few, many int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range often(few, many) {
			if i >= few && time.Now().After(soakEnds) || !yield(i) {
				return
			}
		}
	}
}

// toll counts what the tests of this run have lived through.
var toll tally

// A tally counts faults that were lived through, and what became of messages.
type tally struct {
	mu                        sync.Mutex
	faults                    map[string]int // by kind
	acked                     int64
	lost, doubled, outOfOrder int64
	before, after             weight // of a server, around a long chat
	weighed                   bool
}

// survived adds faults that a test has lived through.
func (a *tally) survived(kind string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.faults == nil {
		a.faults = map[string]int{}
	}
	a.faults[kind] += n
}

// messages adds what became of those of a chat.
func (a *tally) messages(acked, lost, doubled, outOfOrder int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.acked += acked
	a.lost += lost
	a.doubled += doubled
	a.outOfOrder += outOfOrder
}

// weigh adds how heavy a server was before and after a long chat.
func (a *tally) weigh(before, after weight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.before, a.after, a.weighed = before, after, true
}

// print sums up.
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
