package port

import (
	"context"
	"net/url"
)

// Social lets providers, such as Kakao, say who somebody is.
type Social interface {
	// Providers lists those that are set up, always in the same order.
	Providers() []Provider
	// Begin gives the address to send the browser to, and what to remember until it
	// comes back to redirect; or social.ErrNoProvider, or social.ErrAway.
	Begin(ctx context.Context, provider, redirect string) (address string, a Attempt, err error)
	// Finish reads the answer with which the browser has come back: the parameters
	// of its request for redirect. It takes at most some fifteen seconds, and returns
	// social.ErrCancelled if the person has thought better of it, social.ErrAway if
	// the provider does not answer, social.ErrSetup if the provider does not take
	// this service as it is set up, and social.ErrFailed if what it says does not
	// hold, or is no answer to this attempt. An attempt is good for one Finish: forget
	// it, whatever comes of it.
	Finish(ctx context.Context, a Attempt, redirect string, answer url.Values) (Identity, error)
}

// Provider is one that people may sign in with.
type Provider struct {
	ID   string // for addresses and the store: kakao
	Name string // for people: 카카오
}

// Attempt is what has to be remembered while a browser is at a provider. All of
// it but the Provider is secret: others than this browser must not learn it.
type Attempt struct {
	Provider string
	State    string
	Nonce    string
	Verifier string
}

// Identity is what a provider says of a person. Provider and Subject together are
// who it is, for ever; everything else may change, be anything and belong to others
// too, and has to be checked as if the person had typed it.
type Identity struct {
	Provider      string
	Subject       string // at most 255 printable ASCII characters
	Name          string // a nickname where there is one; "" if the provider does not tell
	Email         string // "" if the provider does not tell
	EmailVerified bool   // the provider says that the person can read what is sent there
}
