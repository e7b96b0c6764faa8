// Package audit defines the audit log of security-relevant actions. The log is
// append-only and contains no secrets, names or messages.
package audit

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Kind is the type of action. It is stored as this text.
type Kind string

// The kinds of actions.
const (
	Registered      Kind = "registered"
	SignedIn        Kind = "signed_in"        // with a password or a provider
	SignInFailed    Kind = "sign_in_failed"   // wrong password or unknown account; Who is 0 for the latter
	ConfirmFailed   Kind = "confirm_failed"   // wrong password of somebody signed in, to change what needs it
	SignInLimited   Kind = "sign_in_limited"  // refused unchecked after too many failures
	SignedOut       Kind = "signed_out"       // from the same device, or from another device of the same person
	Reused          Kind = "token_reused"     // a refresh token was used twice; its sign-in has ended
	PasswordChanged Kind = "password_changed" // all other sign-ins have ended
	Withdrawn       Kind = "withdrawn"
	Linked          Kind = "linked"   // a provider was added as a way to sign in
	Unlinked        Kind = "unlinked" // a provider was removed
	Banned          Kind = "banned"   // Of was banned from Room
	RoomDeleted     Kind = "room_deleted"
	PostDeleted     Kind = "post_deleted"
	PostHidden      Kind = "post_hidden"     // by an operator, as PostShown
	PostShown       Kind = "post_shown"      // again
	PasswordReset   Kind = "password_reset"  // by an operator; all sign-ins have ended
	AccountsListed  Kind = "accounts_listed" // an operator looked for accounts
	AccountShown    Kind = "account_shown"   // to an operator
	EmailShown      Kind = "email_shown"     // the same, with the whole address
)

// Kinds are all of them.
var Kinds = []Kind{
	Registered, SignedIn, SignInFailed, ConfirmFailed, SignInLimited, SignedOut, Reused, PasswordChanged, Withdrawn, Linked, Unlinked,
	Banned, RoomDeleted, PostDeleted, PostHidden, PostShown, PasswordReset, AccountsListed, AccountShown, EmailShown,
}

// Event is one action. What an operator did at the machine that serves names nobody who did
// it, and whose account it was about in Of.
type Event struct {
	At      time.Time
	Kind    Kind
	Who     user.ID   // who did it; 0 if unknown
	SignIn  signin.ID // the sign-in that was used or that the event is about; 0 if none
	Of      user.ID   // who was affected; 0 if nobody else
	Room    party.ID  // 0 if none
	Network string    // the client's network; "" if unknown
}

// Record is a stored Event.
type Record struct {
	ID int64 // increasing
	Event
}

// Filter picks records. A zero field picks all.
type Filter struct {
	Since time.Time
	About user.ID // who did it, or was affected
	Kind  Kind
}
