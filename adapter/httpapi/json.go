package httpapi

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// People gives people the form in which others see them.
type People struct {
	FullEmails bool // show e-mail addresses unmasked
}

type personJSON struct {
	ID       user.ID `json:"id"`
	Username string  `json:"username"`
	Email    string  `json:"email"`
}

func (s People) show(p port.Person) personJSON {
	j := personJSON{p.ID, p.Username, string(p.Email)}
	if !s.FullEmails {
		j.Email = p.Email.Masked()
	}
	return j
}

func orNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// toTime writes a time as RFC 3339 in UTC with microseconds.
func toTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
