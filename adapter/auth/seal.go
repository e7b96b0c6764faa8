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

// Seal encrypts and authenticates data, so that only holders of a key can create or read
// it.
type Seal struct{ ciphers []cipher.AEAD } // the first one seals, all of them open

// NewSeal derives a seal from the keys that sign tokens, and never uses those keys
// themselves. The first key seals; data sealed with the other keys can still be opened.
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

// Close seals text for a purpose and returns URL-safe base64.
func (s *Seal) Close(purpose string, text []byte) string {
	return base64.RawURLEncoding.EncodeToString(s.ciphers[0].Seal(nil, nil, text, []byte(purpose))) // #nosec G407 -- the cipher makes a nonce itself
}

// Open opens data that Close has sealed for the same purpose, and rejects everything
// else.
func (s *Seal) Open(purpose, sealed string) (text []byte, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || strings.ContainsAny(sealed, "\r\n") { // base64 ignores line breaks
		return nil, false
	}
	for _, c := range s.ciphers {
		if text, err := c.Open(nil, nil, raw, []byte(purpose)); err == nil {
			return text, true
		}
	}
	return nil, false
}
