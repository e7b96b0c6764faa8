package social

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Link lets somebody sign in by what a provider says.
type Link struct {
	Provider string
	Subject  string // who it is at the provider
	Who      user.ID
	LinkedAt time.Time
}

// Unlink returns why one of these links, all that somebody has, cannot be given up.
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
