package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Users keeps accounts. Those of withdrawn people are kept and never returned;
// their e-mail address and name are free again.
type Users interface {
	// Get finds an account, or returns user.ErrNotFound.
	Get(ctx context.Context, id user.ID) (*user.User, error)
	// Lock is Get that makes others wait for this account until the Write ends.
	Lock(ctx context.Context, id user.ID) (*user.User, error)
	// ByEmail finds an account by its address in any case, or returns user.ErrNotFound.
	ByEmail(ctx context.Context, email user.Email) (*user.User, error)
	// Taken tells which of the two an account other than except has already, in any case.
	Taken(ctx context.Context, email user.Email, name string, except user.ID) (emailTaken, nameTaken bool, err error)
	// Save keeps an account and returns its id, which a new one gets now. It
	// returns user.ErrEmailTaken or user.ErrNameTaken if another account has it.
	Save(ctx context.Context, u *user.User) (user.ID, error)
}

// AccountAdmin finds accounts for operators, by the rules of Users.
type AccountAdmin interface {
	// Search returns at most limit accounts that have a part in their name or e-mail
	// address, in any case, the newest first.
	Search(ctx context.Context, part string, limit int) ([]user.State, error)
	// ByName finds an account by its name in any case, or returns user.ErrNotFound.
	ByName(ctx context.Context, name string) (*user.User, error)
}

// Person is how somebody is shown to others: a withdrawn one as user.Withdrawn
// and without an e-mail address.
type Person struct {
	ID       user.ID
	Username string
	Email    user.Email // in full; show others Email.Masked
}
