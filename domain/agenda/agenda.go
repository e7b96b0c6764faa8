// Package agenda holds what an item of the clock is: something that the program
// does later, by itself.
package agenda

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of an item, in bytes.
const (
	MaxKind    = 60
	MaxKey     = 200
	MaxData    = 4096
	MaxFailure = 500
)

// Tries is how often an item is claimed at most. An item that is still not done
// then is set aside: it is kept for an operator to look at, and is not claimed
// again.
const Tries = 10

// Why an item is refused.
var (
	ErrInvalid     = errors.New("not an item of the agenda")
	ErrNotSetAside = errors.New("no such item is set aside")
)

// Kind says what is to be done. It is stored as this text. A kind starts with a
// letter a–z; the letters a–z, digits, "_" and "." may follow.
type Kind string

// Item is one thing to be done. The store keeps one item of each kind and key.
type Item struct {
	Kind Kind
	// Key says to what it is to be done, such as the id of a room; "" if the kind
	// needs none. It consists of ASCII letters, digits and "._:/-", and starts with a
	// letter or a digit.
	Key string
	// DueAt is when it is to be done. If it is zero when the item is put, the item is
	// due In from then on, by the clock of the store.
	DueAt time.Time
	In    time.Duration
	// Data is JSON for the handler, or nil.
	Data json.RawMessage
	// UnlessWaiting keeps a Put from moving an item that waits: one that is neither
	// claimed nor set aside.
	UnlessWaiting bool

	// The store fills in what follows.

	ID       int64  // of the row
	Version  int64  // goes up with each Put and Claim; Done and Later must match it
	Attempts int    // how often it was claimed since it was put
	Failure  string // why the newest of the attempts that have failed did; "" if none has
	// ClaimedAt is the store's time when the item was claimed. A handler uses it as
	// the present, since the clock of the node may lag behind: an item would then seem
	// not to be due yet.
	ClaimedAt time.Time
	// ClaimedUntil is when the lease ends. Others may claim the item from then on.
	ClaimedUntil time.Time
}

// Check returns an error that wraps ErrInvalid if i can't be put.
func (i Item) Check() error {
	switch {
	case !i.Kind.valid():
		return fmt.Errorf("%w: kind %q", ErrInvalid, i.Kind)
	case !validKey(i.Key):
		return fmt.Errorf("%w: key %q of %s", ErrInvalid, i.Key, i.Kind)
	case i.In < 0, i.In > 0 && !i.DueAt.IsZero():
		return fmt.Errorf("%w: due time of %s", ErrInvalid, i.Kind)
	case len(i.Data) > MaxData, len(i.Data) > 0 && !(utf8.Valid(i.Data) && json.Valid(i.Data)):
		return fmt.Errorf("%w: data of %s", ErrInvalid, i.Kind)
	}
	return nil
}

// Prepare gets items ready for a Put: those that move what is there, and those that
// keep what waits. Of several items of one kind and key the last one counts. Both lists
// are sorted by kind and key, so that everybody locks rows in the same order. It
// returns ErrInvalid if an item can't be put.
func Prepare(items []Item) (moving, keeping []Item, err error) {
	type name struct {
		kind Kind
		key  string
	}
	last := make(map[name]Item, len(items))
	for _, i := range items {
		if err := i.Check(); err != nil {
			return nil, nil, err
		}
		last[name{i.Kind, i.Key}] = i
	}
	for _, i := range slices.SortedFunc(maps.Values(last), func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	}) {
		if i.UnlessWaiting {
			keeping = append(keeping, i)
		} else {
			moving = append(moving, i)
		}
	}
	return moving, keeping, nil
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

func (k Kind) valid() bool {
	return k != "" && len(k) <= MaxKind && strings.Contains(lower, string(k[0])) && only(string(k), lower+digits+"_.")
}

func validKey(key string) bool {
	return key == "" || len(key) <= MaxKey && only(key[:1], lower+upper+digits) && only(key, lower+upper+digits+"._:/-")
}

// only tells whether text has no other characters than these.
func only(text, these string) bool { return strings.Trim(text, these) == "" }

// Backoff is how long an item waits after its nth attempt has failed: 5 s at first,
// then twice as long each time, at most an hour.
func Backoff(attempts int) time.Duration {
	const first, longest = 5 * time.Second, time.Hour
	wait := first
	for range attempts - 1 {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	return wait
}

// Failure gives the words of an error as they are kept: one line of valid UTF-8, cut
// to MaxFailure.
func Failure(words string) string {
	words = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(words, "?"))), " ")
	return strings.ToValidUTF8(words[:min(len(words), MaxFailure)], "") // without half a character at the end
}

// printable makes a space of a control character.
func printable(r rune) rune {
	if r < ' ' || r == '\u007f' {
		return ' '
	}
	return r
}
