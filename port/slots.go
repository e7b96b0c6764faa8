package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Slots bounds how many sockets of one person are open at the same time, counted over
// all processes. What it knows may be lost; a process then claims anew what it has open.
type Slots interface {
	// Claim takes a slot for each socket of the claims, or renews the ones it has. Where
	// more sockets than Most have one then, the oldest lose theirs. Claim returns the
	// claims with such sockets, and only these in them; they may be those of another
	// process. A slot that is not renewed for a while is free again.
	Claim(ctx context.Context, claims ...Claim) (displaced []Claim, err error)
	// Release gives slots back. Those that are not taken are ignored.
	Release(ctx context.Context, claims ...Claim) error
}

// Claim names sockets of one person that count together.
type Claim struct {
	Who     user.ID
	What    string // what the sockets are open for, such as a room
	Most    int    // how many may be open
	Sockets []SocketID
}

// SocketID identifies a socket among all processes. Older sockets have lower ids.
type SocketID string
