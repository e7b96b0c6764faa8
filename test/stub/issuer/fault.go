package issuer

import (
	"net/http"
	"strings"
	"time"
)

// Endpoint is where an issuer is asked: its path.
type Endpoint string

// All that there are.
const (
	Discovery Endpoint = "/.well-known/openid-configuration"
	Authorize Endpoint = "/authorize"
	Token     Endpoint = "/token"
	Keys      Endpoint = "/keys"
	Userinfo  Endpoint = "/userinfo"
)

// Fault is a way to fail or to cheat.
type Fault string

// None is for when all is well.
const None Fault = ""

// What can go wrong at any endpoint.
const (
	Slow      Fault = "slow"      // nothing comes for Patience
	Internal  Fault = "internal"  // 500
	Throttled Fault = "throttled" // 429
	Refused   Fault = "refused"   // 200 with an error that repeats what was asked
	Broken    Fault = "broken"    // half a JSON text
	Page      Fault = "page"      // 200 with HTML, as from a proxy
	Huge      Fault = "huge"      // more than anybody reads
	Elsewhere Fault = "elsewhere" // a redirect
)

// What can be wrong with the tokens.
const (
	NoToken       Fault = "no-token"  // no id_token
	NoAccess      Fault = "no-access" // an empty access_token
	OtherNonce    Fault = "other-nonce"
	NoNonce       Fault = "no-nonce"
	OtherAudience Fault = "other-audience"
	TwoAudiences  Fault = "two-audiences" // and no azp
	OtherParty    Fault = "other-party"   // an azp
	OtherIssuer   Fault = "other-issuer"  // at the other endpoints, too
	NoScheme      Fault = "no-scheme"     // the issuer without https://
	Expired       Fault = "expired"
	Endless       Fault = "endless"     // no exp
	Early         Fault = "early"       // not good before tomorrow
	OtherHash     Fault = "other-hash"  // the at_hash of another access token
	UnknownKey    Fault = "unknown-key" // a kid that is nowhere to be found
	WrongKey      Fault = "wrong-key"   // the right kid, and another key
	Tampered      Fault = "tampered"    // other claims than were signed
	Unsigned      Fault = "unsigned"    // alg: none
	Symmetric     Fault = "symmetric"   // HS256 with the public key
	OtherHasher   Fault = "other-hasher"
	Garbled       Fault = "garbled" // no token at all
	NoSubject     Fault = "no-subject"
	LongSubject   Fault = "long-subject"
	OddSubject    Fault = "odd-subject"
	NoProfile     Fault = "no-profile" // neither name nor e-mail address
	Unverified    Fault = "unverified"
	Mistyped      Fault = "mistyped" // a number for a name
)

// What can be wrong with the answer that a browser brings back, with discovery and
// with the userinfo endpoint.
const (
	Cancelled   Fault = "cancelled"
	Busy        Fault = "busy" // an error that asks to come again
	Odd         Fault = "odd"  // an error that nobody knows
	OtherState  Fault = "other-state"
	NoState     Fault = "no-state"
	TwoStates   Fault = "two-states"
	NoCode      Fault = "no-code"
	TwoCodes    Fault = "two-codes"
	Silent      Fault = "silent" // does not name the issuer; promises no name, at discovery
	Plain       Fault = "plain"  // an endpoint that is not by https
	Weak        Fault = "weak"   // promises algorithms that nobody should take
	OtherPerson Fault = "other-person"
)

// Faults lists what the token endpoint can be told by a secret.
var Faults = []Fault{
	Slow, Internal, Throttled, Refused, Broken, Page, Huge, Elsewhere,
	NoToken, NoAccess, OtherNonce, NoNonce, OtherAudience, TwoAudiences, OtherParty, OtherIssuer, NoScheme, Expired, Endless, Early,
	OtherHash, UnknownKey, WrongKey, Tampered, Unsigned, Symmetric, OtherHasher, Garbled,
	NoSubject, LongSubject, OddSubject, NoProfile, Unverified, Mistyped,
}

// Patience is how long a Slow answer takes.
const Patience = 20 * time.Second

var failures = map[Fault]http.HandlerFunc{
	Slow: func(w http.ResponseWriter, r *http.Request) {
		late := time.NewTimer(Patience)
		defer late.Stop()
		select {
		case <-r.Context().Done():
		case <-late.C:
			refuse(w, http.StatusServiceUnavailable, "server_error", "slow")
		}
	},
	Internal: func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "panic: "+r.Form.Encode(), http.StatusInternalServerError)
	},
	Throttled: func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusTooManyRequests, "invalid_request", "KOE237 "+r.Form.Encode())
	},
	Refused: func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusOK, "invalid_request", "no valid data in session "+r.Form.Encode())
	},
	Broken: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Write([]byte(`{"expires_in":"` + r.Form.Encode()))
	},
	Page: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<!doctype html><title>Please sign in</title>" + r.Form.Encode()))
	},
	Huge: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Write([]byte(`{"filler":"` + strings.Repeat("x", 1<<20) + `"}`))
	},
	Elsewhere: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
}

// lies are the claims that are changed before they are signed.
var lies = map[Fault]func(map[string]any){
	OtherNonce:    func(c map[string]any) { c["nonce"] = "another" },
	NoNonce:       func(c map[string]any) { delete(c, "nonce") },
	OtherAudience: func(c map[string]any) { c["aud"] = "another" },
	TwoAudiences:  func(c map[string]any) { c["aud"] = []any{c["aud"], "another"} },
	OtherParty:    func(c map[string]any) { c["azp"] = "another" },
	OtherIssuer:   func(c map[string]any) { c["iss"] = "https://evil.example" },
	NoScheme:      func(c map[string]any) { _, c["iss"], _ = strings.Cut(c["iss"].(string), "://") },
	Expired:       func(c map[string]any) { c["exp"] = c["iat"].(int64) - 1 },
	Endless:       func(c map[string]any) { delete(c, "exp") },
	Early:         func(c map[string]any) { c["nbf"] = c["iat"].(int64) + 86400 },
	OtherHash:     func(c map[string]any) { c["at_hash"] = strings.Repeat("A", 22) },
	NoSubject:     func(c map[string]any) { delete(c, "sub") },
	LongSubject:   func(c map[string]any) { c["sub"] = strings.Repeat("1", 256) },
	OddSubject:    func(c map[string]any) { c["sub"] = "1001\n1002" },
	Unverified:    func(c map[string]any) { c["email_verified"] = false },
	Mistyped:      func(c map[string]any) { c["name"] = 7 },
}
