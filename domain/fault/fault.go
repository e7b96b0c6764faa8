// Package fault says why something was refused: in a code for programs, in a
// Korean sentence for people, and in a kind that an edge can translate.
package fault

import (
	"errors"
	"maps"
	"strconv"
	"time"
)

// Kind groups refusals by what the asker can do about them.
type Kind int

const (
	Internal        Kind = iota // our own failure; shown to nobody in detail
	Invalid                     // the input breaks a rule
	Unauthenticated             // not signed in, or no longer
	Forbidden                   // signed in, and not allowed
	NotFound                    // not there, or not to be known
	Conflict                    // against the present state
	Gone                        // was there, and is deleted
	Unavailable                 // cannot be done now; worth another try
	TooMany                     // as much was done as is allowed for now
	Absent                      // this server was set up without it; no trying again helps
)

// Fields holds, for each field that was refused, Korean sentences that say why.
// A field is named by its path in the words of the domain, such as "seats" or
// "order.fee_tiers[2].fee".
type Fields map[string][]string

// Item is the path of an item of list. Indexes count from 0.
func Item(list string, index int) string { return list + "[" + strconv.Itoa(index) + "]" }

// Add notes that field is refused because of why.
func (f Fields) Add(field, why string) { f[field] = append(f[field], why) }

// Merge takes over what other says of fields that f does not speak of yet.
func (f Fields) Merge(other Fields) {
	for field, whys := range other {
		if _, known := f[field]; !known {
			f[field] = whys
		}
	}
}

// Under returns f with each field as a part of parent: "fee" under
// Item("fee_tiers", 2) is "fee_tiers[2].fee".
func (f Fields) Under(parent string) Fields {
	parts := make(Fields, len(f))
	for field, whys := range f {
		parts[parent+"."+field] = whys
	}
	return parts
}

// Err gives one refusal of kind Invalid for all fields, or nil if there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Detail: "입력한 내용을 다시 확인해 주세요.", Fields: maps.Clone(f)}
}

// Error is a refusal. Errors made by New are compared by identity, with errors.Is.
type Error struct {
	Kind   Kind
	Code   string // stable, snake_case; part of the API
	Detail string // one Korean sentence, fit to show to a person
	Fields Fields // only of kind Invalid
}

// New makes a refusal, to be kept in a package variable.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Field makes a refusal that concerns one field of the input.
func Field(field, why string) error {
	return Fields{field: {why}}.Err()
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Wait is a refusal that may be over after For.
type Wait struct {
	Refusal *Error
	For     time.Duration
}

// After makes a Wait.
func After(e *Error, wait time.Duration) error { return &Wait{e, wait} }

func (w *Wait) Error() string { return w.Refusal.Error() }

func (w *Wait) Unwrap() error { return w.Refusal }

var internal = New(Internal, "internal", "서버에 문제가 생겼어요. 잠시 후 다시 시도해 주세요.")

// Of finds the refusal in err. An error that holds none is our own failure, of
// kind Internal.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return internal
}
