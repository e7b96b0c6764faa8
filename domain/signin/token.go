package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Secret is 256 random bits.
type Secret [32]byte

// Digest is the SHA-256 of a secret, which is all that is kept of it.
type Digest [sha256.Size]byte

// String writes s as a ticket, in URL-safe base64: 43 characters.
func (s Secret) String() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// ParseSecret reads what String wrote, and nothing else.
func ParseSecret(text string) (s Secret, ok bool) {
	return s, parse(s[:], text)
}

// Digest returns what is kept of s.
func (s Secret) Digest() Digest { return sha256.Sum256(s[:]) }

const familySize = 16

// Token is what keeps somebody signed in: 128 random bits that name the sign-in to
// whoever has had one of its tokens, and 256 that are of this token alone. A
// token is good for one use, which gives the next.
type Token struct {
	bytes [familySize + len(Secret{})]byte
}

// NewToken makes the first token of a sign-in.
func NewToken(family, secret Secret) (t Token) {
	copy(t.bytes[:familySize], family[:])
	copy(t.bytes[familySize:], secret[:])
	return t
}

// String writes t in URL-safe base64: 64 characters.
func (t Token) String() string { return base64.RawURLEncoding.EncodeToString(t.bytes[:]) }

// ParseToken reads what String wrote, and nothing else.
func ParseToken(text string) (t Token, ok bool) {
	return t, parse(t.bytes[:], text)
}

// Family returns what is kept of the part that all tokens of a sign-in share.
func (t Token) Family() Digest { return sha256.Sum256(t.bytes[:familySize]) }

// Digest returns what is kept of t.
func (t Token) Digest() Digest { return sha256.Sum256(t.bytes[:]) }

// next makes the successor of t that goes with a salt. Whoever has t and asks the
// sign-in once more gets the same one; who has only t, or only the salt, cannot
// make it.
func (t Token) next(salt Secret) Token {
	mac := hmac.New(sha256.New, t.bytes[:])
	mac.Write(salt[:])
	return NewToken(Secret(append(t.bytes[:familySize:familySize], make([]byte, familySize)...)), Secret(mac.Sum(nil)))
}

// parse fills into from base64 that is exactly as long.
func parse(into []byte, text string) bool {
	if len(text) != base64.RawURLEncoding.EncodedLen(len(into)) {
		return false
	}
	read, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(read) != len(into) { // line breaks are overlooked by the decoder
		return false
	}
	copy(into, read)
	return true
}
