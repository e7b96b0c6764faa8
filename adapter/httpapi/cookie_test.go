package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

func FuzzKeptToken(f *testing.F) {
	whole := signin.NewToken(signin.Secret{1}, signin.Secret{2}).String()
	f.Add("mealbuddy_sign_in="+whole, false)
	f.Add("__Secure-mealbuddy_sign_in="+whole+"; mealbuddy_sign_in=x", true)
	f.Add(`a=b; mealbuddy_sign_in="`+whole+`"`, false)
	f.Add("mealbuddy_sign_in="+whole[1:]+"\n; =; ;;", false)
	f.Fuzz(func(t *testing.T, header string, secure bool) {
		r := httptest.NewRequest("POST", "/api/user/refresh/", nil)
		r.Header = http.Header{"Cookie": {header}}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, &caller{secure: secure}))
		token, ok := keptToken(r)
		switch {
		case !ok && token != signin.Token{}:
			t.Fatalf("%q keeps nobody, and gives a token", header)
		case ok && !strings.Contains(header, token.String()):
			t.Fatalf("%q has no %s", header, token)
		case ok && secure && !strings.Contains(header, "__Secure-"):
			t.Fatalf("%q is taken where only https may set it", header)
		}
		// It is written as it is read.
		if !ok {
			return
		}
		w := httptest.NewRecorder()
		keepSignedIn(w, r, &token)
		again := httptest.NewRequest("POST", "/api/user/refresh/", nil).WithContext(r.Context())
		for _, c := range w.Result().Cookies() {
			again.AddCookie(c)
		}
		if same, ok := keptToken(again); !ok || same != token {
			t.Fatalf("%q is written so that it is not read", header)
		}
	})
}
