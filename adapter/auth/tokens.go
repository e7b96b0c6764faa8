package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	issuer    = "mealbuddy"
	audience  = "mealbuddy"
	tokenType = "at+jwt" // RFC 9068, section 2.1
	leeway    = 30 * time.Second

	maxTokenBytes = 2048
	maxRead       = 4096 // tokens in each half of the cache
)

// Tokens signs and verifies access tokens: JWTs with HMAC-SHA-256.
type Tokens struct {
	signs  Key
	header string // encoded header of every token
	byID   map[string]Key
	life   time.Duration
	now    func() time.Time
	newID  func() string
	parser *jwt.Parser

	// A cache of verified tokens until they expire, because clients send the same token
	// many times.
	mu           sync.Mutex
	recent, past map[string]port.Access
}

// NewTokens returns Tokens with a lifetime of life, each with its own id. The first key
// signs; tokens signed with the other keys are still valid.
func NewTokens(life time.Duration, now func() time.Time, newID func() string, signs Key, others ...Key) *Tokens {
	byID := map[string]Key{signs.id(): signs}
	for _, k := range others {
		byID[k.id()] = k
	}
	return &Tokens{
		signs:  signs,
		header: encode(fmt.Appendf(nil, `{"alg":"HS256","kid":"%s","typ":"%s"}`, signs.id(), tokenType)),
		byID:   byID,
		life:   life,
		now:    now,
		newID:  newID,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Name}),
			jwt.WithIssuer(issuer),
			jwt.WithAudience(audience),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(leeway),
			jwt.WithTimeFunc(now),
			jwt.WithStrictDecoding(),
		),
	}
}

type claims struct {
	jwt.RegisteredClaims
	SignIn signin.ID `json:"sid"`
}

// Issue implements port.Tokens.
func (t *Tokens) Issue(who user.ID, by signin.ID) (string, error) {
	now := t.now()
	payload, err := json.Marshal(claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        t.newID(),
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{audience},
			Subject:   strconv.FormatInt(int64(who), 10),
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(t.life)),
		},
		SignIn: by,
	})
	if err != nil {
		return "", err
	}
	text := t.header + "." + encode(payload)
	signature, err := jwt.SigningMethodHS256.Sign(text, t.signs[:])
	return text + "." + encode(signature), err
}

func encode(part []byte) string { return base64.RawURLEncoding.EncodeToString(part) }

// Parse implements port.Tokens.
func (t *Tokens) Parse(token string) (port.Access, error) {
	if in, known := t.recall(token); known {
		if t.now().Before(in.Until) {
			return in, nil
		}
		return port.Access{}, user.ErrSignedOut
	}
	in, err := t.read(token)
	if err == nil {
		t.remember(token, in)
	}
	return in, err
}

func (t *Tokens) recall(token string) (port.Access, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	in, known := t.recent[token]
	if !known {
		in, known = t.past[token]
	}
	return in, known
}

// remember caches a token. It drops the older half of the cache once the newer one is
// full.
func (t *Tokens) remember(token string, in port.Access) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.recent) >= maxRead || t.recent == nil {
		t.recent, t.past = make(map[string]port.Access, 16), t.recent
	}
	t.recent[token] = in
}

// read verifies a token. It never takes the algorithm or the key from the token.
func (t *Tokens) read(token string) (port.Access, error) {
	if len(token) > maxTokenBytes || strings.ContainsAny(token, "\r\n") { // base64 ignores line breaks
		return port.Access{}, user.ErrSignedOut
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(token, &c, t.key); err != nil {
		return port.Access{}, user.ErrSignedOut
	}
	who, err := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || who < 1 || c.SignIn < 1 || c.NotBefore == nil || c.IssuedAt == nil {
		return port.Access{}, user.ErrSignedOut
	}
	return port.Access{Who: user.ID(who), SignIn: c.SignIn, Until: c.ExpiresAt.Add(leeway)}, nil
}

var errHeader = errors.New("foreign token header")

func (t *Tokens) key(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	k, known := t.byID[kid]
	if !known || token.Header["typ"] != tokenType || len(token.Header) != 3 { // alg, typ and kid
		return nil, errHeader
	}
	return k[:], nil
}

// Key is a secret of 256 bits that signs tokens.
type Key [32]byte

// id identifies a key without revealing it.
func (k Key) id() string {
	sum := sha256.Sum256(k[:])
	return hex.EncodeToString(sum[:8])
}
