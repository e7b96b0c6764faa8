// Package fault defines errors that clients see: with a code for programs, a Korean
// sentence for people, and a kind that adapters translate to a status.
package fault

import (
	"errors"
	"maps"
	"strconv"
	"time"
)

// Kind groups errors by what the client can do about them.
type Kind int

const (
	Internal        Kind = iota // a failure of the server; details are logged only
	Invalid                     // the input breaks a rule
	Unauthenticated             // not signed in, or not any more
	Forbidden                   // signed in, but not allowed
	NotFound                    // does not exist, or its existence is hidden
	Conflict                    // conflicts with the current state
	Gone                        // existed, but is deleted
	Unprocessable               // valid, but not what an earlier request with its key said
	Unavailable                 // temporarily impossible; retrying may help
	TooMany                     // a rate limit is reached
	Absent                      // this server is configured without it; retrying does not help
)

// Fields maps each invalid field to Korean sentences that say what is wrong. Fields are
// named by their paths in the domain, such as "seats" or "order.fee_tiers[2].fee".
type Fields map[string][]string

// Item returns the path of an item of list. Indexes start at 0.
func Item(list string, index int) string { return list + "[" + strconv.Itoa(index) + "]" }

// Add adds a sentence about field.
func (f Fields) Add(field, why string) { f[field] = append(f[field], why) }

// Merge adds the fields of other that f does not have yet.
func (f Fields) Merge(other Fields) {
	for field, whys := range other {
		if _, known := f[field]; !known {
			f[field] = whys
		}
	}
}

// Under returns f with each field nested in parent: "fee" under Item("fee_tiers", 2)
// becomes "fee_tiers[2].fee".
func (f Fields) Under(parent string) Fields {
	parts := make(Fields, len(f))
	for field, whys := range f {
		parts[parent+"."+field] = whys
	}
	return parts
}

// Err returns one error of kind Invalid for all fields, or nil if there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Detail: "입력한 내용을 다시 확인해 주세요.", Fields: maps.Clone(f)}
}

// Error is an error that clients may see. errors.Is compares errors made by New by
// identity.
type Error struct {
	Kind   Kind
	Code   string // stable, snake_case; part of the API
	Detail string // one Korean sentence for people
	Fields Fields // only for kind Invalid
}

// New returns an error that is meant for a package variable.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Field returns an error about one field of the input.
func Field(field, why string) error {
	return Fields{field: {why}}.Err()
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Wait is an error that may be gone after For.
type Wait struct {
	Refusal *Error
	For     time.Duration
}

// After returns a Wait.
func After(e *Error, wait time.Duration) error { return &Wait{e, wait} }

func (w *Wait) Error() string { return w.Refusal.Error() }

func (w *Wait) Unwrap() error { return w.Refusal }

var internal = New(Internal, "internal", "서버에 문제가 생겼어요. 잠시 후 다시 시도해 주세요.")

// Of returns the Error in err. If there is none, it returns an error of kind Internal.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return internal
}
