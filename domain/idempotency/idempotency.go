// Package idempotency describes requests that carry a key, so that one that is sent again
// has its effect once.
package idempotency

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Key is what a client names a request with. It belongs to one person on one route.
type Key string

// Lengths of a Key.
const (
	MinKey = 16
	MaxKey = 128
)

var (
	ErrBadKey = fault.New(fault.Invalid, "invalid_idempotency_key",
		"요청을 구분하는 값이 올바르지 않아요. 새로 고친 뒤 다시 시도해 주세요.")
	// ErrConflict refuses a key that came with other content before.
	ErrConflict = fault.New(fault.Unprocessable, "idempotency_conflict",
		"같은 요청이 다른 내용으로 이미 처리되었어요. 새로 고친 뒤 다시 시도해 주세요.")
	// ErrInProgress refuses a repeat whose first request has not ended.
	ErrInProgress = fault.New(fault.Conflict, "idempotency_in_progress",
		"같은 요청을 아직 처리하고 있어요. 잠시 후 다시 시도해 주세요.")
)

// ParseKey reads a key: MinKey to MaxKey visible characters of ASCII.
func ParseKey(s string) (Key, error) {
	if len(s) < MinKey || len(s) > MaxKey {
		return "", ErrBadKey
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return "", ErrBadKey
		}
	}
	return Key(s), nil
}

// ID tells requests with keys apart.
type ID struct {
	Who   user.ID
	Route string // its method and its pattern
	Key   Key
}

// Content is a digest of what a request says. A repeat has the same.
type Content [32]byte

// Answer is what a request was answered with.
type Answer struct {
	Status int
	Body   []byte
}

// Kept is an answer and what it answers.
type Kept struct {
	Content Content
	Answer
}

// Memory is how long an answer is kept at least, unless it is kept for ever.
const Memory = 24 * time.Hour

// Wait is how long a repeat waits for the first request to end, before ErrInProgress.
const Wait = 2 * time.Second
