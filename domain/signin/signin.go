// Package signin holds how long somebody stays signed in on a device, and by what.
package signin

import (
	"encoding/binary"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID names a sign-in. IDs are made by chance, above 0 and not above 2^52, so that
// JavaScript can hold them.
type ID int64

// NewID makes an id of a secret that is used for nothing else.
func NewID(chance Secret) ID {
	return ID(binary.BigEndian.Uint64(chance[:])>>12) + 1
}

const (
	// Idle is how long a sign-in lasts that nobody uses.
	Idle = 14 * 24 * time.Hour
	// Longest is how long it lasts at most.
	Longest = 90 * 24 * time.Hour
	// Grace is how long the token before the newest one still gives that one: the
	// answer may have been lost, or two tabs may have asked at once.
	Grace = 10 * time.Second
	// Memory is how long it is remembered once it is over.
	Memory = 90 * 24 * time.Hour
	// Fresh is how long a sign-in does in the place of a password that there is not.
	Fresh = 10 * time.Minute
	// Most is how many sign-ins of one person live at the same time.
	Most = 20
	// touch is how often a use is noted at most.
	touch = time.Hour
)

// What a sign-in may be refused.
var (
	// ErrReused tells the use of a token that was used before: somebody else may have
	// it. To whoever shows it, it is as if signed out.
	ErrReused   = fault.New(fault.Unauthenticated, "not_signed_in", "로그인이 필요해요.")
	ErrNotFound = fault.New(fault.NotFound, "session_not_found", "이미 로그아웃된 기기예요.")
	ErrAgain    = fault.New(fault.Forbidden, "sign_in_again", "안전을 위해 다시 로그인한 뒤 해 주세요.")
	ErrTooOften = fault.New(fault.TooMany, "too_many_logins", "로그인을 너무 많이 시도했어요. 잠시 후 다시 시도해 주세요.")
)

// Origin is where a sign-in comes from.
type Origin struct {
	Device  string // in words for its owner, like Chrome · Android
	Network string // the part of the address that a household or a company shares, like 203.0.113.0/24
	Mark    Digest // of the secret by which the device is known again; zero if it has none
}

// State is what is kept of a sign-in.
type State struct {
	ID  ID
	Who user.ID
	Origin
	Family    Digest // of all its tokens
	Current   Digest // of the newest one
	Previous  Digest // of the one before; zero if there was none
	Salt      Secret // makes the newest one of the one before
	CreatedAt time.Time
	RotatedAt time.Time // when Current was made
	SeenAt    time.Time // when it was last used, give or take an hour
	Until     time.Time // it is over from then on, if not earlier
	EndedAt   time.Time // zero while nobody has ended it
}

// SignIn is one person's being signed in on one device.
type SignIn struct{ s State }

// Restore gives back the sign-in of a stored state. It trusts what it gets.
func Restore(s State) *SignIn { return &SignIn{s} }

// State returns a copy of what is kept of the sign-in.
func (s *SignIn) State() State { return s.s }

// Open signs who in. The first token is for the device.
func Open(id ID, who user.ID, from Origin, first Token, at time.Time) *SignIn {
	s := &SignIn{State{ID: id, Who: who, Origin: from, Family: first.Family(), Current: first.Digest(), CreatedAt: at, RotatedAt: at}}
	s.see(at)
	return s
}

// Live tells whether it holds.
func (s State) Live(at time.Time) bool { return s.EndedAt.IsZero() && at.Before(s.Until) }

// Refresh takes the newest token and gives the next one, made with salt. The token
// before it gives the newest one again for as long as Grace. Any other of its
// tokens ends the sign-in and returns ErrReused; of a sign-in that is over it
// returns user.ErrSignedOut.
func (s *SignIn) Refresh(t Token, salt Secret, network string, at time.Time) (Token, error) {
	if !s.s.Live(at) {
		return Token{}, user.ErrSignedOut
	}
	switch used := t.Digest(); {
	case used == s.s.Current:
		next := t.next(salt)
		s.s.Previous, s.s.Current, s.s.Salt = used, next.Digest(), salt
		s.s.RotatedAt, s.s.Network = at, network
		s.see(at)
		return next, nil
	case used == s.s.Previous && at.Sub(s.s.RotatedAt) <= Grace:
		return t.next(s.s.Salt), nil
	}
	s.End(at)
	return Token{}, ErrReused
}

// Use notes that the sign-in was used, and tells whether that is worth keeping.
func (s *SignIn) Use(at time.Time) bool {
	if !s.s.Live(at) || at.Sub(s.s.SeenAt) < touch {
		return false
	}
	s.see(at)
	return true
}

func (s *SignIn) see(at time.Time) {
	s.s.SeenAt = at
	s.s.Until = at.Add(Idle)
	if last := s.s.CreatedAt.Add(Longest); last.Before(s.s.Until) {
		s.s.Until = last
	}
}

// End ends the sign-in. Ending it twice changes nothing.
func (s *SignIn) End(at time.Time) {
	if s.s.EndedAt.IsZero() {
		s.s.EndedAt = at
	}
}

// TicketLife is how long a ticket is good.
const TicketLife = 30 * time.Second

// Ticket lets somebody who is signed in open one socket: that of a room, or a personal
// one.
type Ticket struct {
	SignIn ID
	Who    user.ID
	Room   party.ID // 0: it is for a personal socket
	Until  time.Time
}
