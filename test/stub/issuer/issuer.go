// Package issuer is a stub of an OpenID Connect provider. It can simulate all kinds of
// errors and attacks.
package issuer

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Person is an account at the issuer.
type Person struct {
	Subject, Nickname, Name, Email string
	Verified                       any // value of email_verified: true, "true", false; omitted if nil
}

// People are the default accounts of a Stub.
var People = []Person{
	{"1001", "민지", "김민지", "minji@example.com", true},
	{"1002", "하늘", "이하늘", "haneul@example.com", false},
	{"1003", "바다", "박바다", "", nil},
}

// Stub is an http.Handler that acts as the issuer. Its zero value serves People to any
// client.
type Stub struct {
	URL    string           // issuer URL; if empty, http:// and the request's host
	Client string           // the only valid client id; any if empty
	Secret string           // of that client; the name of a fault is also valid and selects that fault
	People []Person         // People if nil; the first one signs in by default
	Ask    bool             // shows a form to choose a person; else redirects at once, unless the request has a "person"
	Basic  bool             // the client authenticates by HTTP Basic instead of in the form
	Lists  []string         // token_endpoint_auth_methods_supported; client_secret_post if nil, left out if empty
	Keeps  bool             // a code is still good after a wrong client
	EC     bool             // signs with ES256 instead of RS256
	Lax    bool             // the token endpoint takes any redirect_uri
	Nested bool             // returns name and e-mail address only from its userinfo endpoint, in Naver's form
	Now    func() time.Time // time.Now if nil

	mu      sync.Mutex
	at      Endpoint
	fault   Fault
	rotated bool
	grants  map[string]grant // by code
	access  map[string]Person
	asked   []Asked
}

// grant is what an authorization code stands for.
type grant struct {
	person                             Person
	client, redirect, nonce, challenge string
}

// Asked is a request.
type Asked struct {
	At     Endpoint
	Values url.Values // of the query or the form
	Header http.Header
}

// Fail makes an endpoint fail from now on.
func (s *Stub) Fail(at Endpoint, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.fault = at, f
}

// Rotate changes the signing key and publishes only the new one.
func (s *Stub) Rotate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotated = !s.rotated
}

// Asked returns the requests to an endpoint.
func (s *Stub) Asked(at Endpoint) (asked []Asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a.At == at {
			asked = append(asked, a)
		}
	}
	return asked
}

func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var base string
	if u, err := url.Parse(s.URL); err == nil {
		base = strings.TrimSuffix(u.Path, "/")
	}
	at := Endpoint(strings.TrimPrefix(r.URL.Path, base))
	serve, known := map[Endpoint]func(http.ResponseWriter, *http.Request, Fault){
		Discovery: s.discover, Authorize: s.authorize, Token: s.token, Keys: s.keys, Userinfo: s.userinfo,
	}[at]
	if !known {
		http.NotFound(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, Asked{at, r.Form, r.Header})
	fault := None
	if s.at == at {
		fault = s.fault
	}
	s.mu.Unlock()
	if named := Fault(secretOf(r)); slices.Contains(Faults, named) {
		fault = named
	}
	if fail, known := failures[fault]; known {
		fail(w, r)
		return
	}
	serve(w, r, fault)
}

func (s *Stub) url(r *http.Request) string { return cmp.Or(s.URL, "http://"+r.Host) }

func (s *Stub) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Stub) people() []Person {
	if s.People == nil {
		return People
	}
	return s.People
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the client may have disconnected
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	respond(w, status, map[string]string{"error": code, "error_description": description, "error_code": "KOE320"})
}

func (s *Stub) discover(w http.ResponseWriter, r *http.Request, f Fault) {
	base := strings.TrimSuffix(s.url(r), "/")
	said := map[string]any{
		"issuer":                                         s.url(r),
		"authorization_endpoint":                         base + string(Authorize),
		"token_endpoint":                                 base + string(Token),
		"jwks_uri":                                       base + string(Keys),
		"userinfo_endpoint":                              base + string(Userinfo),
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{s.alg()},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          s.Lists,
		"authorization_response_iss_parameter_supported": true,
	}
	switch {
	case s.Lists == nil:
		said["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	case len(s.Lists) == 0:
		delete(said, "token_endpoint_auth_methods_supported")
	}
	switch f {
	case OtherIssuer:
		said["issuer"] = "https://evil.example"
	case Plain:
		said["token_endpoint"] = "http://evil.example/token"
	case Weak:
		said["id_token_signing_alg_values_supported"] = []string{"none", "HS256", "RS512"}
	case Silent:
		said["authorization_response_iss_parameter_supported"] = false
	}
	respond(w, http.StatusOK, said)
}

var form = template.Must(template.New("").Parse(`<!doctype html>
<html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>로그인</title>
<h1>누구로 로그인할까요?</h1>
<form>{{range $name, $value := .Values}}<input type="hidden" name="{{$name}}" value="{{$value}}">{{end}}
{{range .People}}<p><button name="person" value="{{.Subject}}">{{.Nickname}}</button></p>
{{end}}<p><button name="person" value="cancel">취소</button></p>
</form></html>
`))

// authorize redirects the browser with a code for the chosen person.
func (s *Stub) authorize(w http.ResponseWriter, r *http.Request, f Fault) {
	q := r.URL.Query()
	redirect, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case err != nil || redirect.Host == "" || redirect.Fragment != "":
		http.Error(w, "KOE006: the redirect URI is not registered", http.StatusBadRequest)
		return
	case q.Get("client_id") == "" || s.Client != "" && q.Get("client_id") != s.Client:
		http.Error(w, "KOE101: no such client", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}, "iss": {s.url(r)}}
	person, found := s.choose(q)
	switch {
	case q.Get("response_type") != "code", q.Get("code_challenge_method") != "S256", len(q.Get("code_challenge")) != 43,
		q.Get("state") == "", q.Get("nonce") == "", !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		answer.Set("error", "invalid_request")
	case f == Cancelled, q.Get("person") == "cancel":
		answer.Set("error", "access_denied")
		answer.Set("error_description", "User denied access")
	case f == Busy:
		answer.Set("error", "temporarily_unavailable")
	case f == Unfit:
		answer.Set("error", "unauthorized_client")
	case f == Odd:
		answer.Set("error", "an error with a code in it: "+q.Get("nonce"))
	case s.Ask && !q.Has("person"):
		one := map[string]string{}
		for name := range q {
			one[name] = q.Get(name)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		form.Execute(w, map[string]any{"Values": one, "People": s.people()}) // the client may have disconnected
		return
	case !found:
		http.Error(w, "nobody of that subject", http.StatusBadRequest)
		return
	default:
		code := rand.Text()
		s.mu.Lock()
		if s.grants == nil {
			s.grants, s.access = map[string]grant{}, map[string]Person{}
		}
		s.grants[code] = grant{person, q.Get("client_id"), q.Get("redirect_uri"), q.Get("nonce"), q.Get("code_challenge")}
		s.mu.Unlock()
		answer.Set("code", code)
	}
	switch f {
	case OtherState:
		answer.Set("state", rand.Text())
	case NoState:
		answer.Del("state")
	case TwoStates:
		answer.Add("state", rand.Text())
	case OtherIssuer:
		answer.Set("iss", "https://evil.example")
	case Silent:
		answer.Del("iss")
	case NoCode:
		answer.Del("code")
	case TwoCodes:
		answer.Add("code", rand.Text())
	}
	sent := redirect.Query()
	maps.Copy(sent, answer)
	redirect.RawQuery = sent.Encode()
	http.Redirect(w, r, redirect.String(), http.StatusFound)
}

func (s *Stub) choose(q url.Values) (Person, bool) {
	for _, p := range s.people() {
		if !q.Has("person") || q.Get("person") == p.Subject {
			return p, true
		}
	}
	return Person{}, false
}

// secretOf returns the client secret of a request, wherever it is.
func secretOf(r *http.Request) string {
	if _, secret, basic := r.BasicAuth(); basic {
		secret, _ = url.QueryUnescape(secret)
		return secret
	}
	return r.PostForm.Get("client_secret")
}

// knows reports whether a request is from the client id, in the way that it has to say so.
func (s *Stub) knows(r *http.Request, id string) bool {
	named, _, basic := r.BasicAuth()
	named, _ = url.QueryUnescape(named)
	if !basic {
		named = r.PostForm.Get("client_id")
	}
	secret := secretOf(r)
	right := s.Secret == "" || basic == s.Basic && (same(secret, s.Secret) || slices.Contains(Faults, Fault(secret)))
	return right && named == id
}

// token uses up a code, even if the rest of the request is wrong.
func (s *Stub) token(w http.ResponseWriter, r *http.Request, f Fault) {
	code := r.PostForm.Get("code")
	s.mu.Lock()
	g, good := s.grants[code]
	known := s.knows(r, cmp.Or(s.Client, g.client))
	if known || !s.Keeps {
		delete(s.grants, code)
	}
	s.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case r.Method != http.MethodPost || r.PostForm.Get("grant_type") != "authorization_code":
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "not a code")
	case !known && (good || s.Keeps):
		refuse(w, http.StatusUnauthorized, "invalid_client", "bad client credentials "+secretOf(r))
	case !good:
		refuse(w, http.StatusBadRequest, "invalid_grant", "authorization code not found for code="+code)
	case !s.Lax && r.PostForm.Get("redirect_uri") != g.redirect, r.PostForm.Get("state") == "",
		!same(base64.RawURLEncoding.EncodeToString(challenge[:]), g.challenge):
		refuse(w, http.StatusBadRequest, "invalid_grant", "redirect_uri, state or code_verifier mismatch for code="+code)
	default:
		access := rand.Text()
		s.mu.Lock()
		s.access[access] = g.person
		s.mu.Unlock()
		answer := map[string]any{"token_type": "bearer", "access_token": access, "expires_in": 21599, "scope": "openid"}
		if f != NoToken {
			answer["id_token"] = s.sign(s.claims(r, g, access, f), f)
		}
		if f == NoAccess {
			answer["access_token"] = ""
		}
		respond(w, http.StatusOK, answer)
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// claims returns the claims of an id_token.
func (s *Stub) claims(r *http.Request, g grant, access string, f Fault) map[string]any {
	hash := sha256.Sum256([]byte(access))
	c := map[string]any{
		"iss": s.url(r), "aud": g.client, "sub": g.person.Subject, "nonce": g.nonce,
		"iat": s.now().Unix(), "exp": s.now().Add(6 * time.Hour).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(hash[:len(hash)/2]),
	}
	if !s.Nested && f != NoProfile {
		maps.Copy(c, g.person.profile())
	}
	if change, known := lies[f]; known {
		change(c)
	}
	return c
}

// profile returns the claims about p that are not empty.
func (p Person) profile() map[string]any {
	told := map[string]any{"nickname": p.Nickname, "name": p.Name, "email": p.Email}
	maps.DeleteFunc(told, func(_ string, v any) bool { return v == "" })
	if p.Verified != nil {
		told["email_verified"] = p.Verified
	}
	return told
}

func (s *Stub) userinfo(w http.ResponseWriter, r *http.Request, f Fault) {
	access, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	person, known := s.access[access]
	s.mu.Unlock()
	switch {
	case !known:
		respond(w, http.StatusUnauthorized, map[string]string{"resultcode": "024", "message": "Authentication failed for " + access})
	case s.Nested:
		told := person.profile()
		told["id"] = fmt.Sprintf("naver-%s", person.Subject)
		respond(w, http.StatusOK, map[string]any{"resultcode": "00", "message": "success", "response": told})
	default:
		told := person.profile()
		told["sub"] = person.Subject
		if f == OtherPerson {
			told["sub"] = "1002"
		}
		respond(w, http.StatusOK, told)
	}
}
