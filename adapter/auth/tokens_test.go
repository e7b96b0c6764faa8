package auth

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var _ port.Tokens = (*Tokens)(nil)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(when time.Time) func() time.Time { return func() time.Time { return when } }

const life = 15 * time.Minute

func TestTokens(t *testing.T) {
	now := noon.Add(123456 * time.Microsecond)
	tokens := NewTokens(life, func() time.Time { return now }, one, keyOf('a'))
	token, err := tokens.Issue(7, 3)
	require.NoError(t, err)

	t.Run("say who signed in, and until when", func(t *testing.T) {
		in, err := tokens.Parse(token)
		require.NoError(t, err)
		assert.Equal(t, user.ID(7), in.Who)
		assert.EqualValues(t, 3, in.SignIn)
		assert.True(t, noon.Add(life+leeway).Equal(in.Until), in.Until)
	})

	t.Run("are JWTs that name a key without telling it", func(t *testing.T) {
		parts := strings.Split(token, ".")
		require.Len(t, parts, 3)
		assert.Equal(t, map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": keyOf('a').id()}, decoded(t, parts[0]))
		assert.Equal(t, map[string]any{
			"jti": "one", "iss": "mealbuddy", "aud": []any{"mealbuddy"}, "sub": "7", "sid": 3.0,
			"iat": float64(noon.Unix()), "nbf": float64(noon.Unix()), "exp": float64(noon.Add(life).Unix()),
		}, decoded(t, parts[1]))
		secret := keyOf('a')
		assert.NotContains(t, token, base64.RawURLEncoding.EncodeToString(secret[:]))
	})

	t.Run("last for a leeway more than their life", func(t *testing.T) {
		for when, good := range map[time.Time]bool{
			noon.Add(-leeway):                          true, // a slow clock
			noon.Add(-leeway - time.Second):            false,
			noon.Add(life):                             true,
			noon.Add(life + leeway - time.Millisecond): true,
			noon.Add(life + leeway):                    false,
			noon.Add(24 * time.Hour):                   false,
		} {
			_, err := NewTokens(life, at(when), one, keyOf('a')).Parse(token)
			if good {
				assert.NoError(t, err, when)
			} else {
				assert.Equal(t, user.ErrSignedOut, err, when)
			}
		}
	})

	t.Run("of the second key are good, and it signs none", func(t *testing.T) {
		both := NewTokens(life, at(noon), one, keyOf('b'), keyOf('a'))
		in, err := both.Parse(token)
		require.NoError(t, err)
		assert.Equal(t, user.ID(7), in.Who)

		fresh, err := both.Issue(7, 3)
		require.NoError(t, err)
		_, err = tokens.Parse(fresh)
		assert.Equal(t, user.ErrSignedOut, err)
		_, err = NewTokens(life, at(noon), one, keyOf('b')).Parse(fresh)
		assert.NoError(t, err)
	})
}

func decoded(t *testing.T, part string) (m map[string]any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	return m
}

type object = map[string]any

// with returns o with changes; nil removes a member.
func with(o, changes object) object {
	o = maps.Clone(o)
	maps.Copy(o, changes)
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	return o
}

func encoded(v any) string {
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		text = string(raw)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// signed returns a token with any header and claims, and a valid HMAC.
func signed(h crypto.Hash, key, header, claims any) string {
	secret := key.(Key)
	text := encoded(header) + "." + encoded(claims)
	mac := hmac.New(h.New, secret[:])
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestTokensThatWereReadBefore(t *testing.T) {
	now := noon
	tokens := NewTokens(life, func() time.Time { return now }, one, keyOf('a'))
	token, err := tokens.Issue(7, 3)
	require.NoError(t, err)
	first, err := tokens.Parse(token)
	require.NoError(t, err)

	t.Run("are the same again, and end when they are over", func(t *testing.T) {
		for when, good := range map[time.Time]bool{
			noon.Add(time.Minute):                      true,
			noon.Add(life + leeway - time.Millisecond): true,
			noon.Add(life + leeway):                    false,
		} {
			now = when
			again, err := tokens.Parse(token)
			if good {
				require.NoError(t, err)
				assert.Equal(t, first, again)
			} else {
				assert.ErrorIs(t, err, user.ErrSignedOut)
			}
		}
		now = noon
	})

	t.Run("let no other pass", func(t *testing.T) {
		for _, forged := range []string{token + " ", token[:len(token)-1], strings.ToUpper(token), " " + token} {
			_, err := tokens.Parse(forged)
			assert.ErrorIs(t, err, user.ErrSignedOut, forged)
		}
	})

	t.Run("are forgotten, the oldest first", func(t *testing.T) {
		for i := range 3 * maxRead {
			token, err := tokens.Issue(user.ID(i+1), 1)
			require.NoError(t, err)
			in, err := tokens.Parse(token)
			require.NoError(t, err)
			assert.Equal(t, user.ID(i+1), in.Who)
			require.LessOrEqual(t, len(tokens.recent)+len(tokens.past), 2*maxRead)
		}
		_, known := tokens.recall(token)
		assert.False(t, known)
		again, err := tokens.Parse(token)
		require.NoError(t, err)
		assert.Equal(t, first, again)
	})
}

func TestForgedTokens(t *testing.T) {
	ours, foreign := keyOf('a'), keyOf('f')
	tokens := NewTokens(life, at(noon), one, ours)
	header := object{"alg": "HS256", "typ": "at+jwt", "kid": ours.id()}
	claims := object{
		"jti": "one", "iss": "mealbuddy", "aud": []string{"mealbuddy"}, "sub": "7", "sid": 1,
		"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(life).Unix(),
	}
	good := signed(crypto.SHA256, ours, header, claims)
	in, err := tokens.Parse(good)
	require.NoError(t, err, "else the table proves nothing")
	require.Equal(t, user.ID(7), in.Who)

	heads := func(changes object) string { return signed(crypto.SHA256, ours, with(header, changes), claims) }
	claiming := func(changes object) string { return signed(crypto.SHA256, ours, header, with(claims, changes)) }
	parts := strings.Split(good, ".")
	h, c, s := parts[0], parts[1], parts[2]
	seconds := func(d time.Duration) int64 { return noon.Add(d).Unix() }

	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	byRSA := encoded(with(header, object{"alg": "RS256"})) + "." + c
	sum := sha256.Sum256([]byte(byRSA))
	rs, err := rsa.SignPKCS1v15(rand.Reader, pair, crypto.SHA256, sum[:])
	require.NoError(t, err)

	tests := []struct{ name, token string }{
		{"alg none, no signature", encoded(with(header, object{"alg": "none"})) + "." + c + "."},
		{"alg none, our signature", encoded(with(header, object{"alg": "none"})) + "." + c + "." + s},
		{"alg None", encoded(with(header, object{"alg": "None"})) + "." + c + "."},
		{"alg NONE, signed", heads(object{"alg": "NONE"})},
		{"alg hs256", heads(object{"alg": "hs256"})},
		{"alg HS384", signed(crypto.SHA384, ours, with(header, object{"alg": "HS384"}), claims)},
		{"alg HS512", signed(crypto.SHA512, ours, with(header, object{"alg": "HS512"}), claims)},
		{"alg RS256", byRSA + "." + base64.RawURLEncoding.EncodeToString(rs)},
		{"alg RS256, signed by HMAC", heads(object{"alg": "RS256"})},
		{"alg ES256", heads(object{"alg": "ES256"})},
		{"alg missing", heads(object{"alg": nil})},
		{"alg empty", heads(object{"alg": ""})},
		{"alg a number", heads(object{"alg": 256})},
		{"alg a list", heads(object{"alg": []string{"HS256"}})},

		{"foreign key", signed(crypto.SHA256, foreign, header, claims)},
		{"foreign key under its own kid", signed(crypto.SHA256, foreign, with(header, object{"kid": foreign.id()}), claims)},
		{"empty key", signed(crypto.SHA256, Key{}, header, claims)},
		{"kid of another key", heads(object{"kid": foreign.id()})},
		{"kid unknown", heads(object{"kid": "../../dev/null"})},
		{"kid empty", heads(object{"kid": ""})},
		{"kid missing", heads(object{"kid": nil})},
		{"kid a number", heads(object{"kid": 1})},
		{"kid null", signed(crypto.SHA256, ours, `{"alg":"HS256","typ":"at+jwt","kid":null}`, claims)},

		{"jku beside", heads(object{"jku": "https://evil.example/jwks"})},
		{"jwk beside", heads(object{"jwk": object{"kty": "oct", "k": encoded(string(foreign[:]))}})},
		{"x5u beside", heads(object{"x5u": "https://evil.example/x"})},
		{"x5c beside", heads(object{"x5c": []string{"MII"}})},
		{"crit beside", heads(object{"crit": []string{"exp"}})},
		{"b64 beside", heads(object{"b64": false})},
		{"crit instead of typ", heads(object{"typ": nil, "crit": []string{"exp"}})},

		{"typ JWT", heads(object{"typ": "JWT"})},
		{"typ of a refresh token", heads(object{"typ": "rt+jwt"})},
		{"typ missing", heads(object{"typ": nil})},
		{"typ a number", heads(object{"typ": 1})},

		{"iss foreign", claiming(object{"iss": "evil"})},
		{"iss missing", claiming(object{"iss": nil})},
		{"iss a list", claiming(object{"iss": []string{"mealbuddy"}})},
		{"aud foreign", claiming(object{"aud": "evil"})},
		{"aud missing", claiming(object{"aud": nil})},
		{"aud empty", claiming(object{"aud": []string{}})},
		{"aud a number", claiming(object{"aud": 1})},
		{"exp missing", claiming(object{"exp": nil})},
		{"exp over, beyond leeway", claiming(object{"exp": seconds(-leeway)})},
		{"exp long over", claiming(object{"exp": 0})},
		{"exp words", claiming(object{"exp": "tomorrow"})},
		{"exp before all time", claiming(object{"exp": math.MinInt64})},
		{"nbf missing", claiming(object{"nbf": nil})},
		{"nbf to come", claiming(object{"nbf": seconds(leeway + time.Second)})},
		{"iat missing", claiming(object{"iat": nil})},
		{"iat to come", claiming(object{"iat": seconds(leeway + time.Second)})},
		{"sub missing", claiming(object{"sub": nil})},
		{"sub empty", claiming(object{"sub": ""})},
		{"sub 0", claiming(object{"sub": "0"})},
		{"sub -1", claiming(object{"sub": "-1"})},
		{"sub words", claiming(object{"sub": "ann"})},
		{"sub 2^63", claiming(object{"sub": "9223372036854775808"})},
		{"sub with space", claiming(object{"sub": " 7"})},
		{"sub a fraction", claiming(object{"sub": "7.0"})},
		{"sub a number", claiming(object{"sub": 7})},
		{"sid words", claiming(object{"sid": "1"})},
		{"sid a fraction", claiming(object{"sid": 1.5})},
		{"sid nothing", claiming(object{"sid": 0})},
		{"sid below nothing", claiming(object{"sid": -1})},
		{"sid null", claiming(object{"sid": nil})},
		{"claims null", signed(crypto.SHA256, ours, header, "null")},
		{"claims a list", signed(crypto.SHA256, ours, header, "[]")},
		{"claims empty", signed(crypto.SHA256, ours, header, "{}")},
		{"claims not JSON", signed(crypto.SHA256, ours, header, "{")},
		{"claims twice", signed(crypto.SHA256, ours, header, "{}{}")},
		{"header null", signed(crypto.SHA256, ours, "null", claims)},
		{"header not JSON", signed(crypto.SHA256, ours, "alg", claims)},

		{"payload tampered with", h + "." + encoded(with(claims, object{"sub": "8"})) + "." + s},
		{"header tampered with", encoded(with(header, object{"kid": foreign.id()})) + "." + c + "." + s},
		{"signature tampered with", h + "." + c + "." + flip(s, 0)},
		{"signature with odd bits in the end", h + "." + c + "." + loosen(s)},
		{"signature of something else", h + "." + c + "." + strings.Split(claiming(object{"sub": "8"}), ".")[2]},
		{"signature missing", h + "." + c + "."},
		{"signature cut", good[:len(good)-2]},
		{"signature cut to a byte", h + "." + c + "." + s[:2]},
		{"signature in hexadecimal", h + "." + c + "." + fmt.Sprintf("%x", s)},
		{"no signature part", h + "." + c},
		{"one part", h},
		{"four parts", good + "." + s},
		{"parts in another order", c + "." + h + "." + s},
		{"empty", ""},
		{"two dots", ".."},
		{"dots", "....."},
		{"white space", "   "},
		{"white space in front", " " + good},
		{"white space behind", good + "\n"},
		{"a line inside", h + "." + c[:8] + "\n" + c[8:] + "." + s},
		{"padding", h + "=." + c + "." + s},
		{"padded signature", good + "="},
		{"standard alphabet", h + "." + c + "." + "+/" + s[2:]},
		{"very long", strings.Repeat("a", 1<<20)},
		{"long, else sound", claiming(object{"more": strings.Repeat("x", maxTokenBytes)})},
		{"with its scheme", "Bearer " + good},
		{"binary", "\x00\xff\xfe.\x00.\x00"},
		{"Hangul", "토큰.토큰.토큰"},
	}
	require.Greater(t, len(tests), 40)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, err := tokens.Parse(tt.token)
			assert.Equal(t, user.ErrSignedOut, err)
			assert.Zero(t, in)
		})
	}
}

// flip changes a character.
func flip(s string, i int) string {
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

// loosen changes the unused bits of the last character.
func loosen(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + string(alphabet[last^1])
}

func FuzzParse(f *testing.F) {
	key := keyOf('a')
	tokens := NewTokens(life, at(noon), one, key)
	good, err := tokens.Issue(7, 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add("..")
	f.Add(good[:len(good)-1])
	f.Add(encoded(`{"alg":"none"}`) + "." + encoded(`{"sub":"1"}`) + ".")
	f.Fuzz(func(t *testing.T, token string) {
		in, err := tokens.Parse(token)
		if token == good {
			return
		}
		if err != user.ErrSignedOut || in != (port.Access{}) { // any other result is a bug
			t.Fatalf("%q: %v, %v", token, in, err)
		}
	})
}

func one() string { return "one" }
