// Package agenda defines the items of the agenda: tasks that the program runs later, in
// the background.
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

// Tries is the maximum number of times that an item is claimed. If the last attempt
// fails too, the item is set aside: it is kept for an operator and is not claimed again.
const Tries = 10

// Errors about items.
var (
	ErrInvalid     = errors.New("not an item of the agenda")
	ErrNotSetAside = errors.New("no such item is set aside")
)

// Kind is the type of task, and is stored as this text. It starts with a letter a–z,
// followed by letters a–z, digits, "_" and ".".
type Kind string

// Item is one task. The store keeps at most one item of each kind and key.
type Item struct {
	Kind Kind
	// Key identifies the object of the task, such as the id of a room; "" if the kind
	// needs none. It consists of ASCII letters, digits and "._:/-", and starts with a
	// letter or a digit.
	Key string
	// DueAt is when the task is due. If it is zero on Put, the item is due after In, by
	// the clock of the store.
	DueAt time.Time
	In    time.Duration
	// Data is JSON for the handler, or nil.
	Data json.RawMessage
	// UnlessWaiting makes a Put leave an existing item alone if it is waiting, that is
	// neither claimed nor set aside.
	UnlessWaiting bool

	// The store sets the following fields.

	ID       int64  // of the row
	Version  int64  // incremented by each Put and Claim; Done and Later must match it
	Attempts int    // number of claims since the item was put
	Failure  string // error of the last failed attempt; "" if none has failed
	// ClaimedAt is the store's time when the item was claimed. Handlers use it as the
	// current time: by a slow clock of the node, the item might not seem due yet.
	ClaimedAt time.Time
	// ClaimedUntil is the end of the lease. After it, other nodes may claim the item.
	ClaimedUntil time.Time
}

// Check returns an error that wraps ErrInvalid if i is not valid.
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

// Prepare checks items for a Put and splits them: moving ones replace an existing item,
// keeping ones leave a waiting item alone. Of several items with the same kind and key,
// only the last counts. Both lists are sorted by kind and key, so that all transactions
// lock rows in the same order.
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

// only reports whether text consists only of these characters.
func only(text, these string) bool { return strings.Trim(text, these) == "" }

// Backoff is the delay after the nth failed attempt: 5 s at first, then doubled each
// time, up to an hour.
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

// Failure returns an error message in the form that is stored: one line of valid UTF-8
// of at most MaxFailure bytes.
func Failure(words string) string {
	words = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(words, "?"))), " ")
	return strings.ToValidUTF8(words[:min(len(words), MaxFailure)], "") // drop a truncated character at the end
}

// printable replaces control characters with spaces.
func printable(r rune) rune {
	if r < ' ' || r == '\u007f' {
		return ' '
	}
	return r
}
