package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Secret is 256 random bits.
type Secret [32]byte

// Digest is the SHA-256 of a secret. Only digests are stored.
type Digest [sha256.Size]byte

// String encodes s in URL-safe base64, as 43 characters. Tickets have this form.
func (s Secret) String() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// ParseSecret parses exactly what String returns.
func ParseSecret(text string) (s Secret, ok bool) {
	return s, parse(s[:], text)
}

// Digest returns the digest of s.
func (s Secret) Digest() Digest { return sha256.Sum256(s[:]) }

const familySize = 16

// Token is a refresh token: 128 random bits that all tokens of a sign-in share, and 256
// of its own. Each token can be used once, and its use returns the next one.
type Token struct {
	bytes [familySize + len(Secret{})]byte
}

// NewToken returns the first token of a sign-in.
func NewToken(family, secret Secret) (t Token) {
	copy(t.bytes[:familySize], family[:])
	copy(t.bytes[familySize:], secret[:])
	return t
}

// String encodes t in URL-safe base64, as 64 characters.
func (t Token) String() string { return base64.RawURLEncoding.EncodeToString(t.bytes[:]) }

// ParseToken parses exactly what String returns.
func ParseToken(text string) (t Token, ok bool) {
	return t, parse(t.bytes[:], text)
}

// Family returns the digest of the part that all tokens of a sign-in share.
func (t Token) Family() Digest { return sha256.Sum256(t.bytes[:familySize]) }

// Digest returns the digest of t.
func (t Token) Digest() Digest { return sha256.Sum256(t.bytes[:]) }

// next derives the token after t with a salt. The same t and salt always give the same
// token; neither of them alone reveals it.
func (t Token) next(salt Secret) Token {
	mac := hmac.New(sha256.New, t.bytes[:])
	mac.Write(salt[:])
	return NewToken(Secret(append(t.bytes[:familySize:familySize], make([]byte, familySize)...)), Secret(mac.Sum(nil)))
}

// parse decodes base64 that is exactly as long as into.
func parse(into []byte, text string) bool {
	if len(text) != base64.RawURLEncoding.EncodedLen(len(into)) {
		return false
	}
	read, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(read) != len(into) { // the decoder skips line breaks
		return false
	}
	copy(into, read)
	return true
}
