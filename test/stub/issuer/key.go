package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync"
)

// pair is created on first use, because generating keys takes time.
var pair = sync.OnceValue(func() (both [2]*rsa.PrivateKey) {
	for i := range both {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		both[i] = key
	}
	return both
})

// curve is the key of a Stub that signs with ES256.
var curve = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func (s *Stub) alg() string {
	if s.EC {
		return "ES256"
	}
	return "RS256"
}

// kids are the ids of the keys in pair.
var kids = [2]string{"first", "second"}

// current is the index of the key that signs. The other one is not published.
func (s *Stub) current() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rotated {
		return 1
	}
	return 0
}

func (s *Stub) keys(w http.ResponseWriter, _ *http.Request, _ Fault) {
	if s.EC {
		x, y := point(curve())
		respond(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
			"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": kids[0], "x": x, "y": y,
		}}})
		return
	}
	i := s.current()
	key := pair()[i]
	respond(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kids[i],
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}})
}

// sign returns a signed token. A fault makes it one of many invalid tokens.
func (s *Stub) sign(claims map[string]any, f Fault) string {
	if f == Garbled {
		return "not.a token"
	}
	if s.EC && f == None {
		signed := segment(map[string]any{"alg": "ES256", "kid": kids[0], "typ": "JWT"}) + "." + segment(claims)
		r, v, err := ecdsa.Sign(rand.Reader, curve(), digest(crypto.SHA256, signed))
		if err != nil {
			panic(err)
		}
		return signed + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...))
	}
	i := s.current()
	key, kid, alg, hash := pair()[i], kids[i], "RS256", crypto.SHA256
	switch f {
	case UnknownKey:
		key, kid = pair()[1-i], kids[1-i]
	case WrongKey:
		key = pair()[1-i]
	case Unsigned:
		alg = "none"
	case Symmetric:
		alg = "HS256"
	case OtherHasher:
		alg, hash = "RS512", crypto.SHA512
	}
	signed := segment(map[string]any{"alg": alg, "kid": kid, "typ": "JWT"}) + "." + segment(claims)
	var signature []byte
	switch f {
	case Unsigned:
	case Symmetric:
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			panic(err)
		}
		mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
		mac.Write([]byte(signed))
		signature = mac.Sum(nil)
	default:
		var err error
		if signature, err = rsa.SignPKCS1v15(nil, key, hash, digest(hash, signed)); err != nil {
			panic(err)
		}
	}
	if f == Tampered {
		claims["sub"] = "1002"
		head, _, _ := strings.Cut(signed, ".")
		signed = head + "." + segment(claims)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// point returns the coordinates of a public key, as a JWK has them.
func point(key *ecdsa.PrivateKey) (x, y string) {
	raw, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[1:33]), base64.RawURLEncoding.EncodeToString(raw[33:])
}

func digest(hash crypto.Hash, text string) []byte {
	if hash == crypto.SHA512 {
		sum := sha512.Sum512([]byte(text))
		return sum[:]
	}
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func segment(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
