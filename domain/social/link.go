package social

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Link is a person's account at a provider, which they can sign in with.
type Link struct {
	Provider string
	Subject  string // identifies the person at the provider
	Who      user.ID
	LinkedAt time.Time
}

// Unlink returns an error if the person, who has all these links, must keep the one to
// provider.
func Unlink(all []Link, provider string, hasPassword bool) error {
	found := false
	for _, l := range all {
		found = found || l.Provider == provider
	}
	switch {
	case !found:
		return ErrNotLinked
	case len(all) == 1 && !hasPassword:
		return ErrLastWay
	}
	return nil
}
