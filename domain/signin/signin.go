// Package signin defines sign-ins, refresh tokens and tickets: what keeps a device
// signed in, and for how long.
package signin

import (
	"encoding/binary"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID identifies a sign-in. It is random, between 1 and 2^52, so that JavaScript can
// represent it.
type ID int64

// NewID makes an id from a secret that is used for nothing else.
func NewID(chance Secret) ID {
	return ID(binary.BigEndian.Uint64(chance[:])>>12) + 1
}

const (
	// Idle is how long an unused sign-in lasts.
	Idle = 14 * 24 * time.Hour
	// Longest is the maximum lifetime of a sign-in.
	Longest = 90 * 24 * time.Hour
	// Grace is how long after the first use of a token the one before it still returns it:
	// two tabs may have refreshed at once.
	Grace = 10 * time.Second
	// Memory is how long an ended sign-in is kept.
	Memory = 90 * 24 * time.Hour
	// Fresh is how long a new sign-in shows as well as a password who somebody is.
	Fresh = 5 * time.Minute
	// Most is the maximum number of live sign-ins of one person.
	Most = 20
)

// Errors about sign-ins.
var (
	// ErrReused means that a token was used twice, so that it may be stolen. To the client
	// it looks the same as being signed out.
	ErrReused   = fault.New(fault.Unauthenticated, "not_signed_in", "로그인이 필요해요.")
	ErrNotFound = fault.New(fault.NotFound, "session_not_found", "이미 로그아웃된 기기예요.")
	ErrAgain    = fault.New(fault.Forbidden, "sign_in_again", "안전을 위해 다시 로그인한 뒤 해 주세요.")
	ErrTooOften = fault.New(fault.TooMany, "too_many_logins", "로그인을 너무 많이 시도했어요. 잠시 후 다시 시도해 주세요.")
)

// Origin describes where a sign-in comes from.
type Origin struct {
	Device  string // shown to the person, like Chrome · Android
	Network string // the network of a household or a company, like 203.0.113.0/24
	Mark    Digest // of the secret that recognises the device; zero if it has none
}

// State is the stored form of a sign-in.
type State struct {
	ID  ID
	Who user.ID
	Origin
	Family    Digest // the part that all its tokens share
	Current   Digest // the current token
	Previous  Digest // the token before Current; zero if there was none
	Salt      Secret // derives the current token from the previous one
	Elder     Digest // the token before Previous; zero if there was none
	ElderSalt Secret // derives the previous token from that
	CreatedAt time.Time
	RotatedAt time.Time // when Current was made, and Previous was first used
	SeenAt    time.Time // when it began or was last refreshed
	Until     time.Time // when it expires
	EndedAt   time.Time // zero unless it was ended early
}

// SignIn keeps one person signed in on one device.
type SignIn struct{ s State }

// Restore returns the sign-in with a stored state. It does not check the state.
func Restore(s State) *SignIn { return &SignIn{s} }

// State returns a copy of the sign-in's state.
func (s *SignIn) State() State { return s.s }

// Open starts a sign-in of who. The device gets the first token.
func Open(id ID, who user.ID, from Origin, first Token, at time.Time) *SignIn {
	s := &SignIn{State{ID: id, Who: who, Origin: from, Family: first.Family(), Current: first.Digest(), CreatedAt: at, RotatedAt: at}}
	s.see(at)
	return s
}

// Live reports whether the sign-in is valid.
func (s State) Live(at time.Time) bool { return s.EndedAt.IsZero() && at.Before(s.Until) }

// Fresh reports whether the person has just signed in.
func (s State) Fresh(at time.Time) bool { return at.Sub(s.CreatedAt) <= Fresh }

// Refresh exchanges the current token for the next one, which it derives with salt. A
// token whose successor has never been used returns it again, however late: the answer was
// lost, or the browser was killed before it had kept it. For Grace after the first use of
// the successor it does so, too. Any other token of the sign-in ends it and returns
// ErrReused. If the sign-in is over, Refresh returns user.ErrSignedOut.
func (s *SignIn) Refresh(t Token, salt Secret, network string, at time.Time) (Token, error) {
	if !s.s.Live(at) {
		return Token{}, user.ErrSignedOut
	}
	switch used := t.Digest(); {
	case used == s.s.Current:
		next := t.next(salt)
		s.s.Elder, s.s.ElderSalt = s.s.Previous, s.s.Salt
		s.s.Previous, s.s.Current, s.s.Salt = used, next.Digest(), salt
		s.s.RotatedAt, s.s.Network = at, network
		s.see(at)
		return next, nil
	case used == s.s.Previous:
		return t.next(s.s.Salt), nil
	case used == s.s.Elder && at.Sub(s.s.RotatedAt) <= Grace:
		return t.next(s.s.ElderSalt), nil
	}
	s.End(at)
	return Token{}, ErrReused
}

func (s *SignIn) see(at time.Time) {
	s.s.SeenAt = at
	s.s.Until = at.Add(Idle)
	if last := s.s.CreatedAt.Add(Longest); last.Before(s.s.Until) {
		s.s.Until = last
	}
}

// End ends the sign-in. It is idempotent.
func (s *SignIn) End(at time.Time) {
	if s.s.EndedAt.IsZero() {
		s.s.EndedAt = at
	}
}

// TicketLife is how long a ticket is valid.
const TicketLife = 30 * time.Second

// Ticket lets a signed-in person open one socket, for a room or a personal one.
type Ticket struct {
	SignIn ID
	Who    user.ID
	Room   party.ID // 0 for a personal socket
	Until  time.Time
}
