package rows

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Skeleton returns the key by which a user's name is compared, or nil once the name is free.
func Skeleton(u user.State) *int64 {
	if !u.WithdrawnAt.IsZero() {
		return nil
	}
	digest := user.NameDigest(u.Username)
	return &digest
}

// Person gives the fields of a person as others see them.
func Person(p *port.Person) []any { return []any{&p.ID, &p.Username, &p.Email} }

// User gives the fields of an account.
func User(s *user.State) []any {
	return []any{&s.ID, &s.Email, &s.Username, &s.Neighborhood, &s.PasswordHash, Time{&s.CreatedAt}}
}

// Link gives the fields of an identity.
func Link(l *social.Link) []any {
	return []any{&l.Provider, &l.Subject, &l.Who, Time{&l.LinkedAt}}
}

// Holder is a sign-in beside the account it belongs to.
type Holder struct {
	Who user.State
	By  signin.State
}

// Fields are those of a Holder: of the account first.
func (h *Holder) Fields() []any { return append(User(&h.Who), SignIn(&h.By)...) }

// SignIn gives the fields of a sign-in.
func SignIn(s *signin.State) []any {
	return []any{
		&s.ID, &s.Who, &s.Device, &s.Network, Bits{(*[32]byte)(&s.Mark)},
		Bits{(*[32]byte)(&s.Family)}, Bits{(*[32]byte)(&s.Current)}, Bits{(*[32]byte)(&s.Previous)}, Bits{(*[32]byte)(&s.Salt)},
		Bits{(*[32]byte)(&s.Elder)}, Bits{(*[32]byte)(&s.ElderSalt)},
		Time{&s.CreatedAt}, Time{&s.RotatedAt}, Time{&s.SeenAt}, Time{&s.Until}, Time{&s.EndedAt},
	}
}

type signIn[T any] struct {
	ID        signin.ID `json:"id"`
	Who       user.ID   `json:"user_id"`
	Device    string    `json:"device"`
	Network   string    `json:"network"`
	Mark      *string   `json:"mark"` // this and the next six in hexadecimal
	Family    *string   `json:"family"`
	Newest    *string   `json:"newest"`
	Former    *string   `json:"former"`
	Salt      *string   `json:"salt"`
	Elder     *string   `json:"elder"`
	ElderSalt *string   `json:"elder_salt"`
	CreatedAt *T        `json:"created_at"`
	RotatedAt *T        `json:"rotated_at"`
	SeenAt    *T        `json:"seen_at"`
	Until     *T        `json:"expires_at"`
	EndedAt   *T        `json:"ended_at"`
}

// SignIns gives sign-ins as an argument, with times as the store keeps them.
func SignIns[T any](all []*signin.SignIn, at func(time.Time) *T) JSON {
	rows := make([]signIn[T], len(all))
	for i, one := range all {
		s := one.State()
		rows[i] = signIn[T]{
			s.ID, s.Who, s.Device, s.Network,
			hexadecimal(s.Mark), hexadecimal(s.Family), hexadecimal(s.Current), hexadecimal(s.Previous), hexadecimal(s.Salt),
			hexadecimal(s.Elder), hexadecimal(s.ElderSalt),
			at(s.CreatedAt), at(s.RotatedAt), at(s.SeenAt), at(s.Until), at(s.EndedAt),
		}
	}
	return JSON{rows}
}

// RestoreSignIns gives sign-ins that were read.
func RestoreSignIns(states []signin.State) []*signin.SignIn {
	all := make([]*signin.SignIn, len(states))
	for i, s := range states {
		all[i] = signin.Restore(s)
	}
	return all
}

// Ticket gives the fields of a ticket.
func Ticket(t *signin.Ticket) []any { return []any{&t.SignIn, &t.Who, &t.Room, Time{&t.Until}} }

// Record gives the fields of a record of the audit log.
func Record(r *audit.Record) []any {
	return []any{&r.ID, Time{&r.At}, &r.Kind, &r.Who, &r.SignIn, &r.Of, &r.Room, &r.Network}
}

type event[T any] struct {
	At      *T         `json:"at"`
	Kind    audit.Kind `json:"kind"`
	Who     user.ID    `json:"who_id"`
	SignIn  signin.ID  `json:"sign_in_id"`
	Of      user.ID    `json:"of_id"`
	Room    party.ID   `json:"party_id"`
	Network string     `json:"network"`
}

// Events gives events of the audit log as an argument, with times as the store keeps them.
func Events[T any](all []audit.Event, at func(time.Time) *T) JSON {
	rows := make([]event[T], len(all))
	for i, e := range all {
		rows[i] = event[T]{at(e.At), e.Kind, e.Who, e.SignIn, e.Of, e.Room, e.Network}
	}
	return JSON{rows}
}
