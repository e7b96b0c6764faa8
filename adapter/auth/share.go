package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// ShareCodes are the codes in links that show something to anybody who has the link. They
// cannot be guessed from ids, and cannot be taken back.
type ShareCodes struct{ keys [][]byte } // the first one makes codes, all of them check

// shareTag is the length of a code's tag, in bytes.
const shareTag = 12

// NewShareCodes derives codes from the keys that sign tokens, and never uses those keys
// themselves. Codes made with the other keys are still valid.
func NewShareCodes(signs Key, others ...Key) (*ShareCodes, error) {
	s := &ShareCodes{}
	for _, k := range append([]Key{signs}, others...) {
		own, err := hkdf.Key(sha256.New, k[:], nil, "mealbuddy share", len(k))
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		s.keys = append(s.keys, own)
	}
	return s, nil
}

// Code returns the code of an id, always the same one, in URL-safe base64.
func (s *ShareCodes) Code(id int64) string {
	raw := binary.AppendUvarint(nil, uint64(id)) // #nosec G115 -- only taken back by ID
	return base64.RawURLEncoding.EncodeToString(append(raw, tag(s.keys[0], raw)...))
}

// ID returns the id that a code was made for.
func (s *ShareCodes) ID(code string) (id int64, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(code)
	if err != nil || len(raw) <= shareTag || strings.ContainsAny(code, "\r\n") { // base64 ignores line breaks
		return 0, false
	}
	plain, sent := raw[:len(raw)-shareTag], raw[len(raw)-shareTag:]
	n, used := binary.Uvarint(plain)
	if used != len(plain) {
		return 0, false
	}
	for _, k := range s.keys {
		if hmac.Equal(sent, tag(k, plain)) {
			return int64(n), true // #nosec G115 -- made by Code
		}
	}
	return 0, false
}

func tag(key, plain []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(plain)
	return mac.Sum(nil)[:shareTag]
}
