package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// key signs tokens.
type key [32]byte

func (k key) text() string { return base64.StdEncoding.EncodeToString(k[:]) }

// id is how tokens call the key.
func (k key) id() string {
	sum := sha256.Sum256(k[:])
	return hex.EncodeToString(sum[:8])
}

// The shared server signs with the first, and still takes the second.
var ownKey, formerKey, foreignKey = key([]byte("an e2e test signs with this one.")), key([]byte("an e2e test signed with this one")), key([]byte("nobody has ever seen this one!!!"))

// forged is a token for somebody that is sound but for what change does to it.
func forged(t testing.TB, who person, k key, change func(header map[string]any, claims jwt.MapClaims)) string {
	t.Helper()
	token, _, err := jwt.NewParser().ParseUnverified(who.Token, jwt.MapClaims{})
	require.NoError(t, err)
	claims := token.Claims.(jwt.MapClaims)
	again := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	again.Header = token.Header
	again.Header["kid"] = k.id()
	if change != nil {
		change(again.Header, claims)
	}
	if alg, _ := again.Header["alg"].(string); jwt.GetSigningMethod(alg) != nil {
		again.Method = jwt.GetSigningMethod(alg)
	}
	var with any = k[:]
	switch again.Method.(type) {
	case *jwt.SigningMethodHMAC:
	case *jwt.SigningMethodRSA:
		with, err = rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
	default:
		with = jwt.UnsafeAllowNoneSignatureType
	}
	text, err := again.SignedString(with)
	require.NoError(t, err)
	return text
}

func TestTokensThatAreGood(t *testing.T) {
	ann, _ := two(t)
	for name, header := range map[string]string{
		"as published":      "token " + ann.Token,
		"Token":             "Token " + ann.Token,
		"TOKEN":             "TOKEN " + ann.Token,
		"Bearer":            "Bearer " + ann.Token,
		"bearer":            "bearer " + ann.Token,
		"of the former key": "token " + forged(t, ann, formerKey, nil),
		"made here":         "token " + forged(t, ann, ownKey, nil),
		"a few seconds over": "token " + forged(t, ann, ownKey, func(_ map[string]any, c jwt.MapClaims) {
			c["exp"] = time.Now().Add(-5 * time.Second).Unix()
		}),
	} {
		t.Run(name, func(t *testing.T) {
			stranger(t, shared).with("Authorization", header).get("/api/user/current/").is(http.StatusOK)
		})
	}
}

func TestTokensThatAreNotGood(t *testing.T) {
	ann, bob := two(t)
	party := ann.opens(t, 2)
	type claims = jwt.MapClaims
	header := func(name string, value any) string {
		return forged(t, ann, ownKey, func(h map[string]any, _ claims) { h[name] = value })
	}
	claim := func(name string, value any) string {
		return forged(t, ann, ownKey, func(_ map[string]any, c claims) { c[name] = value })
	}
	without := func(name string) string {
		return forged(t, ann, ownKey, func(h map[string]any, c claims) {
			delete(h, name)
			delete(c, name)
		})
	}
	part := strings.Split(ann.Token, ".")
	other := strings.Split(bob.Token, ".")
	now := time.Now()
	unsigned := func(alg string) string {
		head, err := json.Marshal(map[string]any{"alg": alg, "typ": "at+jwt", "kid": ownKey.id()})
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(head) + "." + part[1] + "."
	}
	flipped := func(s string, at int) string {
		b := []byte(s)
		if b[at]++; !isBase64(b[at]) {
			b[at] = 'A'
		}
		return string(b)
	}
	padded := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte(" "), 1200))
	tokens := map[string]string{
		"garbage":                     "garbage",
		"dots":                        "..",
		"two parts":                   part[0] + "." + part[1],
		"four parts":                  ann.Token + "." + part[2],
		"no signature":                part[0] + "." + part[1] + ".",
		"a cut signature":             part[0] + "." + part[1] + "." + part[2][:20],
		"a signature with a bit more": ann.Token + "A",
		"a flipped signature":         part[0] + "." + part[1] + "." + flipped(part[2], 5),
		"its spare bits flipped":      part[0] + "." + part[1] + "." + spare(part[2]),
		"flipped claims":              part[0] + "." + flipped(part[1], 30) + "." + part[2],
		"a flipped header":            flipped(part[0], 12) + "." + part[1] + "." + part[2],
		"somebody else's claims":      part[0] + "." + other[1] + "." + part[2],
		"somebody else's signature":   part[0] + "." + part[1] + "." + other[2],
		"a padded part":               part[0] + "." + part[1] + "=." + part[2],
		"a line break":                part[0] + "." + part[1] + ".\n" + part[2],
		"far too long":                part[0] + "." + part[1] + padded + "." + part[2],
		"alg none":                    header("alg", "none"),
		"alg none, unsigned":          unsigned("none"),
		"alg None":                    unsigned("None"),
		"alg NONE":                    unsigned("NONE"),
		"no alg":                      unsigned(""),
		"alg HS384":                   header("alg", "HS384"),
		"alg HS512":                   header("alg", "HS512"),
		"alg RS256":                   header("alg", "RS256"),
		"a foreign key":               forged(t, ann, foreignKey, nil),
		"a foreign key by our name":   forged(t, ann, foreignKey, func(h map[string]any, _ claims) { h["kid"] = ownKey.id() }),
		"the key's other name":        header("kid", formerKey.id()),
		"a key by path":               header("kid", "../../../dev/null"),
		"a key that is a number":      header("kid", 1),
		"no kid":                      without("kid"),
		"no typ":                      without("typ"),
		"another typ":                 header("typ", "JWT"),
		"a key brought along":         header("jwk", map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(foreignKey[:])}),
		"a key from elsewhere":        header("jku", "https://evil.example/keys"),
		"crit":                        header("crit", []string{"exp"}),
		"expired":                     claim("exp", now.Add(-time.Minute).Unix()),
		"expired long ago":            claim("exp", 1),
		"no exp":                      without("exp"),
		"an exp of text":              claim("exp", "tomorrow"),
		"not valid yet":               claim("nbf", now.Add(time.Hour).Unix()),
		"no nbf":                      without("nbf"),
		"from the future":             claim("iat", now.Add(time.Hour).Unix()),
		"no iat":                      without("iat"),
		"of another issuer":           claim("iss", "somebody"),
		"no issuer":                   without("iss"),
		"for another audience":        claim("aud", "somebody"),
		"no audience":                 without("aud"),
		"no subject":                  without("sub"),
		"subject 0":                   claim("sub", "0"),
		"a negative subject":          claim("sub", "-1"),
		"a subject of words":          claim("sub", "admin"),
		"a subject that is a number":  claim("sub", 1),
		"a subject nobody is":         claim("sub", "4611686018427387904"),
		"a sign-in nobody has":        claim("sid", 1),
		"somebody else's sign-in":     claim("sid", bob.signIn(t)),
		"sign-in 0":                   claim("sid", 0),
		"a negative sign-in":          claim("sid", -1),
		"a sign-in of text":           claim("sid", "1"),
		"no sign-in":                  without("sid"),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(token, "\n") { // which no header can have
				stranger(t, shared).with("Authorization", "token "+token).get("/api/user/current/").refused(http.StatusUnauthorized, "not_signed_in")
				stranger(t, shared).with("Authorization", "token "+token).post("/api/post/write/", draft(2)).refused(http.StatusUnauthorized, "not_signed_in")
			}
			_, a := handshake(t, shared, party.socket(), url.Values{"token": {token}}, nil)
			a.refused(http.StatusUnauthorized, "not_signed_in")
		})
	}
	for _, header := range []string{
		"", "token", "token ", "token  ", ann.Token, "Basic " + ann.Token, "token:" + ann.Token, "token=" + ann.Token, "Token\t" + ann.Token,
		"JWT " + ann.Token, "token " + ann.Token + " " + ann.Token, "token " + ann.Token + ",x", "token \"" + ann.Token + "\"",
	} {
		stranger(t, shared).with("Authorization", header).get("/api/user/current/").refused(http.StatusUnauthorized, "not_signed_in")
	}
	stranger(t, shared).meaning(Request).get("/api/user/current/?token="+ann.Token).refused(http.StatusUnauthorized, "not_signed_in")
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// spare changes the last character of a signature in the bits that hold nothing.
func spare(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(signature) - 1
	return signature[:last] + string(alphabet[strings.IndexByte(alphabet, signature[last])^1])
}
