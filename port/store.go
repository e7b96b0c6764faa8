// Package port holds what the use cases need from outside: interfaces that
// adapters implement, their arguments and their results.
package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
)

// Store keeps everything.
//
// A Write locks rows in this order, so that no two wait for each other: idempotency key →
// user (then that person's sign-ins) → room → order → wallet → agenda, and of one kind in
// ascending order of ids. The room's lock holds its head, its post, its seats and its
// log. A Write touches no more rows than a person or an order has: longer work is done
// by the agenda in slices.
//
// Read gives repositories for single queries; Write runs fn in one transaction, which
// is committed only if fn returns nil. A
// Write may run fn again after a conflict, so fn acts on nothing but its
// Repos and what it assigns anew. Times come back in UTC, cut to microseconds.
//
// Say stores one spoken line, by the rules of Log.Say, and returns what refuses it as
// the error. A store may gather lines that come at the same time in one transaction;
// still, each is stored or refused by itself. If ctx ends before the turn of the line
// has come, it stays unsaid. Once a line is committed, and unless it was stored before,
// stored is called with it: for the lines of a room in their order, and for each before
// its Say returns.
type Store interface {
	Read() Repos
	Write(ctx context.Context, fn func(Repos) error) error
	Say(ctx context.Context, e room.Entry, stored func(Line)) (Said, error)
}

// Repos are the repositories of a store, all in one transaction or none. Each area of the
// service has a part of its own.
type Repos struct {
	AccountRepos
	RoomRepos
	ClockRepos
	RequestRepos
}

// AccountRepos keep people, how they sign in, and the record of it.
type AccountRepos struct {
	Users        Users
	AccountAdmin AccountAdmin
	Identities   Identities
	SignIns      SignIns
	Devices      Devices
	Tickets      Tickets
	Audit        Audit
}

// RoomRepos keep rooms, their posts, and what is said in them.
type RoomRepos struct {
	Rooms   Rooms
	Parties Parties
	Boards  Boards
	Log     Log
	Heads   Heads
}

// ClockRepos keep what is done later, and remove what is over.
type ClockRepos struct {
	Agenda      Agenda
	AgendaAdmin AgendaAdmin
	Cleanup     Cleanup
}

// RequestRepos keep what is known of requests themselves.
type RequestRepos struct {
	Answers Answers
}
