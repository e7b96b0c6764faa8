package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Identities keeps which accounts can be signed in to by way of which providers.
// An identity is of one account, and an account has one at each provider.
type Identities interface {
	// Owner finds whose an identity is, or returns user.ErrNotFound.
	Owner(ctx context.Context, provider, subject string) (user.ID, error)
	// Of lists those of who, in the order in which they were linked.
	Of(ctx context.Context, who user.ID) ([]social.Link, error)
	// Link keeps a link. It returns social.ErrTaken if the identity is of another
	// account, or the account has another one at that provider; to keep the same
	// link twice changes nothing.
	Link(ctx context.Context, l social.Link) error
	// Unlink gives up the links of who with these providers, or all if none is given.
	Unlink(ctx context.Context, who user.ID, providers ...string) error
}
