package signin_test

import (
	"testing"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

func FuzzParseToken(f *testing.F) {
	f.Add(signin.NewToken(signin.Secret{1}, signin.Secret{2}).String())
	f.Add(signin.Secret{3}.String())
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	f.Fuzz(func(t *testing.T, text string) {
		token, ok := signin.ParseToken(text)
		switch {
		case ok && token.String() != text:
			t.Fatalf("%q is read, and written %q", text, token)
		case !ok && token != signin.Token{}:
			t.Fatalf("%q is no token, and gives one", text)
		}
		secret, ok := signin.ParseSecret(text)
		switch {
		case ok && secret.String() != text:
			t.Fatalf("%q is read, and written %q", text, secret)
		case !ok && secret != signin.Secret{}:
			t.Fatalf("%q is no secret, and gives one", text)
		}
	})
}
