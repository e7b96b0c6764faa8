package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Passwords hashes passwords. Hashing is slow on purpose; both methods return a
// fault of kind Unavailable if too many wait for it.
type Passwords interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify tells whether hash is of password, and whether it should be made
	// anew by today's parameters. An empty hash takes as long and matches no password.
	Verify(ctx context.Context, hash, password string) (ok, stale bool, err error)
}

// Tokens makes and reads the tokens by which a signed-in person is known.
type Tokens interface {
	Issue(who user.ID, by signin.ID) (string, error)
	// Parse reads a token that Issue made and that is still valid, or returns
	// user.ErrSignedOut.
	Parse(token string) (Access, error)
}

// Access is what a token says. Only the store knows if its sign-in still holds.
type Access struct {
	Who    user.ID
	SignIn signin.ID
	Until  time.Time // zero: as long as the sign-in holds
}
