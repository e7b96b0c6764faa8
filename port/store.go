// Package port holds what the use cases need from outside: interfaces that
// adapters implement, their arguments and their results.
package port

import "context"

// Store keeps everything.
//
// A Write locks rows in this order, so that no two wait for each other: user (then
// that person's sign-ins) → room → order → wallet → agenda, and of one kind in
// ascending order of ids. The room's lock holds its head, its post, its seats and its
// log. A Write touches no more rows than a person or an order has: longer work is done
// by the agenda in slices.
//
// Read gives repositories for single queries; Write runs fn in one transaction, which
// is committed only if fn returns nil. A
// Write may run fn again after a conflict, so fn acts on nothing but its
// Repos and what it assigns anew. Times come back in UTC, cut to microseconds.
type Store interface {
	Read() Repos
	Write(ctx context.Context, fn func(Repos) error) error
}

// Repos are the repositories of a store, all in one transaction or none.
type Repos struct {
	Users      Users
	Parties    Parties
	Boards     Boards
	Log        Log
	Heads      Heads
	Rooms      Rooms
	SignIns    SignIns
	Tickets    Tickets
	Audit      Audit
	Identities Identities

	Agenda      Agenda
	AgendaAdmin AgendaAdmin
	Cleanup     Cleanup
}
