package signin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// FuzzSignIn reads bytes as events of a sign-in and checks invariants that must hold in
// any order: there is one current token; the previous one returns it again, and the one
// before that the previous one, for Grace; any other token ends the sign-in; an ended
// sign-in stays ended.
func FuzzSignIn(f *testing.F) {
	f.Add([]byte{0, 0, 0})
	f.Add([]byte{0, 1, 0x30, 1, 0x81, 0})
	f.Add([]byte{0, 0x3f, 0x42, 2, 0})
	f.Add([]byte{0xbf, 0xbf, 0xbf, 0xbf, 0, 0xc0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		in, at := open(), noon
		tokens := []signin.Token{first} // all tokens so far, the current one last
		over := false
		rotated := noon
		for step, b := range script {
			n := int(b & 0x3f)
			switch b >> 6 {
			case 1: // seconds pass
				at = at.Add(time.Duration(n) * time.Second)
				continue
			case 2: // days pass
				at = at.Add(time.Duration(n) * 12 * time.Hour)
				continue
			case 3:
				in.End(at)
				over = true
				continue
			}
			over = over || !in.State().Live(at)
			back := min(n, len(tokens)-1)
			token := tokens[len(tokens)-1-back]
			got, err := in.Refresh(token, secret(byte(step)), away, at)
			switch {
			case over:
				if !errors.Is(err, user.ErrSignedOut) {
					t.Fatalf("step %d: %v, of what is over", step, err)
				}
			case back == 0:
				if err != nil || got == token {
					t.Fatalf("step %d: the newest token gives %v", step, err)
				}
				tokens, rotated = append(tokens, got), at
			case back == 1 || back == 2 && at.Sub(rotated) <= signin.Grace:
				if err != nil || got != tokens[len(tokens)-back] {
					t.Fatalf("step %d: the token %d before gives %v", step, back, err)
				}
			default:
				if !errors.Is(err, signin.ErrReused) {
					t.Fatalf("step %d: a former token gives %v", step, err)
				}
				over = true
			}
			if over && in.State().Live(at) {
				t.Fatalf("step %d: back to life", step)
			}
			if s := in.State(); s.Current != tokens[len(tokens)-1].Digest() {
				t.Fatalf("step %d: another token is the newest", step)
			} else if s.Until.After(noon.Add(signin.Longest)) {
				t.Fatalf("step %d: until %s", step, s.Until)
			}
		}
	})
}
