package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Seal closes things so that only those who have a key can make or read them.
type Seal struct{ ciphers []cipher.AEAD } // the first closes, all open

// NewSeal makes a seal of the keys that sign tokens, of which it does not use any
// itself. The first key closes; what the others have closed can still be opened.
func NewSeal(closes Key, others ...Key) (*Seal, error) {
	s := &Seal{}
	for _, k := range append([]Key{closes}, others...) {
		own, err := hkdf.Key(sha256.New, k[:], nil, "mealbuddy seal", len(k))
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		block, err := aes.NewCipher(own)
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		s.ciphers = append(s.ciphers, aead)
	}
	return s, nil
}

// Close seals text for a purpose, in URL-safe base64.
func (s *Seal) Close(purpose string, text []byte) string {
	return base64.RawURLEncoding.EncodeToString(s.ciphers[0].Seal(nil, nil, text, []byte(purpose))) // #nosec G407 -- the cipher makes a nonce itself
}

// Open reads what Close has sealed for the same purpose, and nothing else.
func (s *Seal) Open(purpose, sealed string) (text []byte, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || strings.ContainsAny(sealed, "\r\n") { // which base64 overlooks
		return nil, false
	}
	for _, c := range s.ciphers {
		if text, err := c.Open(nil, nil, raw, []byte(purpose)); err == nil {
			return text, true
		}
	}
	return nil, false
}
