package issuer

import (
	"net/http"
	"strings"
	"time"
)

// Endpoint is the path of an endpoint.
type Endpoint string

// All endpoints.
const (
	Discovery Endpoint = "/.well-known/openid-configuration"
	Authorize Endpoint = "/authorize"
	Token     Endpoint = "/token"
	Keys      Endpoint = "/keys"
	Userinfo  Endpoint = "/userinfo"
)

// Fault is an error or an attack that the issuer can simulate.
type Fault string

// None means correct behaviour.
const None Fault = ""

// Faults of any endpoint.
const (
	Slow      Fault = "slow"      // no answer before Patience is over
	Internal  Fault = "internal"  // 500
	Throttled Fault = "throttled" // 429
	Refused   Fault = "refused"   // 200 with an error that repeats the request
	Broken    Fault = "broken"    // truncated JSON
	Page      Fault = "page"      // 200 with HTML, as from a proxy
	Huge      Fault = "huge"      // larger than any client accepts
	Elsewhere Fault = "elsewhere" // a redirect
)

// Faults of tokens.
const (
	NoToken       Fault = "no-token"  // no id_token
	NoAccess      Fault = "no-access" // an empty access_token
	OtherNonce    Fault = "other-nonce"
	NoNonce       Fault = "no-nonce"
	OtherAudience Fault = "other-audience"
	TwoAudiences  Fault = "two-audiences" // without azp
	OtherParty    Fault = "other-party"   // wrong azp
	OtherIssuer   Fault = "other-issuer"  // also at other endpoints
	NoScheme      Fault = "no-scheme"     // the issuer without https://
	Expired       Fault = "expired"
	Endless       Fault = "endless"     // no exp
	Early         Fault = "early"       // not valid before tomorrow
	OtherHash     Fault = "other-hash"  // at_hash of another access token
	UnknownKey    Fault = "unknown-key" // a kid that is not published
	WrongKey      Fault = "wrong-key"   // the right kid, but another key
	Tampered      Fault = "tampered"    // changed after signing
	Unsigned      Fault = "unsigned"    // alg: none
	Symmetric     Fault = "symmetric"   // HS256 with the public key
	OtherHasher   Fault = "other-hasher"
	Garbled       Fault = "garbled" // not a token
	NoSubject     Fault = "no-subject"
	LongSubject   Fault = "long-subject"
	OddSubject    Fault = "odd-subject"
	NoProfile     Fault = "no-profile" // neither name nor e-mail address
	Unverified    Fault = "unverified"
	Mistyped      Fault = "mistyped" // a number as the name
)

// Faults of the authorization response, discovery and the userinfo endpoint.
const (
	Cancelled   Fault = "cancelled"
	Busy        Fault = "busy"  // an error that asks for a retry
	Odd         Fault = "odd"   // an unknown error
	Unfit       Fault = "unfit" // an error that only the operator can fix
	OtherState  Fault = "other-state"
	NoState     Fault = "no-state"
	TwoStates   Fault = "two-states"
	NoCode      Fault = "no-code"
	TwoCodes    Fault = "two-codes"
	Silent      Fault = "silent" // iss is missing; at discovery, is not promised
	Plain       Fault = "plain"  // an endpoint without https
	Weak        Fault = "weak"   // offers insecure algorithms
	OtherPerson Fault = "other-person"
)

// Faults lists the faults that a client secret can select at the token endpoint.
var Faults = []Fault{
	Slow, Internal, Throttled, Refused, Broken, Page, Huge, Elsewhere,
	NoToken, NoAccess, OtherNonce, NoNonce, OtherAudience, TwoAudiences, OtherParty, OtherIssuer, NoScheme, Expired, Endless, Early,
	OtherHash, UnknownKey, WrongKey, Tampered, Unsigned, Symmetric, OtherHasher, Garbled,
	NoSubject, LongSubject, OddSubject, NoProfile, Unverified, Mistyped,
}

// Patience is the delay of a Slow answer.
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

// lies changes claims before they are signed.
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
