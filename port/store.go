// Package port holds what the use cases need from outside: interfaces that
// adapters implement, their arguments and their results.
package port

import "context"

// Store keeps everything. Read gives repositories for single queries; Write
// runs fn in one transaction, which is committed only if fn returns nil. A
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
}
