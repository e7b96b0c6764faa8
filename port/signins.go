package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// SignIns keeps where people are signed in. Those that are over are kept for
// signin.Memory, by which devices are known again; see Cleanup.
type SignIns interface {
	// Holder finds a sign-in that holds at that time, and whose it is, or returns
	// user.ErrSignedOut.
	Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error)
	// Lock finds the sign-in that tokens of this family are of, whether or not it
	// holds, and makes others wait for it until the Write ends. It returns
	// user.ErrSignedOut if there is none.
	Lock(ctx context.Context, family signin.Digest) (*signin.SignIn, error)
	// Of lists the sign-ins of who that hold at that time, the last used first.
	Of(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error)
	// LockOf is Of that makes others wait for these sign-ins until the Write ends.
	LockOf(ctx context.Context, who user.ID, at time.Time) ([]*signin.SignIn, error)
	// Save keeps sign-ins of one person.
	Save(ctx context.Context, ss ...*signin.SignIn) error
}

// Devices knows on which devices people have been signed in.
type Devices interface {
	// Known tells whether the account of this e-mail address has been signed in before
	// by the device of this mark, which is not zero.
	Known(ctx context.Context, email user.Email, mark signin.Digest) (bool, error)
}

// Tickets keeps the tickets that have not been used.
type Tickets interface {
	// Save keeps a ticket by its digest.
	Save(ctx context.Context, of signin.Digest, t signin.Ticket) error
	// Take finds a ticket and forgets it, or returns user.ErrSignedOut. It belongs
	// in a Write.
	Take(ctx context.Context, of signin.Digest) (signin.Ticket, error)
}
