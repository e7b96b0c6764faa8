package signin_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

// odd are texts that are almost valid.
func odd(text string) map[string]string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	all := map[string]string{
		"nothing":          "",
		"white space":      strings.Repeat(" ", len(text)),
		"one less":         text[1:],
		"one more":         text + "A",
		"padding":          text + "=",
		"space around":     " " + text + " ",
		"space in it":      text[:3] + " " + text[4:],
		"a line break":     text[:len(text)-1] + "\n",
		"line breaks":      "\r\n" + text[2:],
		"the other base64": strings.Repeat("+", len(text)-1) + "/",
		"dots":             strings.Repeat(".", len(text)),
		"NUL":              "\x00" + text[1:],
		"a wide letter":    "가" + text[3:],
		"too much":         strings.Repeat("A", 1<<16),
		"a JWT":            "eyJhbGciOiJub25lIn0.e30.",
	}
	// The last of 43 characters has two unused bits.
	if last := strings.IndexByte(alphabet, text[len(text)-1]); len(text)%4 == 3 {
		all["spare bits"] = text[:len(text)-1] + string(alphabet[last^1])
	}
	return all
}

func TestTokens(t *testing.T) {
	for _, token := range []signin.Token{first, signin.NewToken(secret(0), secret(0)), signin.NewToken(secret(255), secret(254))} {
		text := token.String()
		assert.Len(t, text, 64)
		got, ok := signin.ParseToken(text)
		require.True(t, ok)
		assert.Equal(t, token, got)
	}
	for name, text := range odd(first.String()) {
		_, ok := signin.ParseToken(text)
		assert.False(t, ok, name)
	}
	_, ok := signin.ParseToken(secret(1).String())
	assert.False(t, ok, "a ticket is no token")

	other := signin.NewToken(secret(1), secret(3))
	assert.Equal(t, first.Family(), other.Family())
	assert.NotEqual(t, first.Digest(), other.Digest())
	assert.NotEqual(t, first.Family(), signin.NewToken(secret(2), secret(2)).Family())
}

func TestSecrets(t *testing.T) {
	for n := range byte(8) {
		text := secret(n * 31).String()
		assert.Len(t, text, 43)
		got, ok := signin.ParseSecret(text)
		require.True(t, ok)
		assert.Equal(t, secret(n*31), got)
	}
	for name, text := range odd(secret(5).String()) {
		_, ok := signin.ParseSecret(text)
		assert.False(t, ok, name)
	}
	_, ok := signin.ParseSecret(first.String())
	assert.False(t, ok, "a token is no ticket")
	assert.NotEqual(t, secret(1).Digest(), secret(2).Digest())
	assert.NotEqual(t, signin.Digest(secret(1)), secret(1).Digest(), "what is kept is not what is good for something")
}

// FuzzParseToken checks that only texts from String are accepted as tokens and tickets.
func FuzzParseToken(f *testing.F) {
	f.Add(first.String())
	f.Add(secret(5).String())
	for _, text := range odd(first.String()) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, isToken := signin.ParseToken(text)
		if isToken && token.String() != text {
			t.Errorf("%q is a token that is written %q", text, token)
		}
		ticket, isTicket := signin.ParseSecret(text)
		if isTicket && ticket.String() != text {
			t.Errorf("%q is a ticket that is written %q", text, ticket)
		}
		if isToken && isTicket {
			t.Errorf("%q is both", text)
		}
	})
}
