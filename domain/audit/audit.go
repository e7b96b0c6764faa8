// Package audit holds what is on record of deeds that matter for security. It is
// only ever added to, and has no secrets, no names and no words of a talk.
package audit

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Kind is what was done. It is stored as this text.
type Kind string

// The kinds of deeds.
const (
	Registered      Kind = "registered"       // an account was made
	SignedIn        Kind = "signed_in"        // by a password or a provider
	SignInFailed    Kind = "sign_in_failed"   // wrong password or unknown account; Who is 0 if there is none
	SignInLimited   Kind = "sign_in_limited"  // not even looked at, after too many failures
	SignedOut       Kind = "signed_out"       // by its own device, or by another of the same person
	Reused          Kind = "token_reused"     // a refresh token was used again; its sign-in has ended
	PasswordChanged Kind = "password_changed" // every other sign-in has ended
	Withdrawn       Kind = "withdrawn"
	Linked          Kind = "linked"   // a provider became a way to sign in
	Unlinked        Kind = "unlinked" // and is none any more
	Banned          Kind = "banned"   // Of was put out of Room for good
	RoomDeleted     Kind = "room_deleted"
	PostDeleted     Kind = "post_deleted"
)

// Event is one deed.
type Event struct {
	At      time.Time
	Kind    Kind
	Who     user.ID   // who did it; 0 if that is not known
	SignIn  signin.ID // by which sign-in, or which one it is about; 0 if none
	Of      user.ID   // whom it was done to; 0 if nobody else
	Room    party.ID  // 0 if it is about none
	Network string    // where it came from; "" if that is not known
}

// Record is an Event as it was stored.
type Record struct {
	ID int64 // counts up
	Event
}
