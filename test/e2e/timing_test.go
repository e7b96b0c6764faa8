package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whether there is an account can be learned neither from what a refused login says
// nor from how long it takes.
func TestALoginTellsNobodyWhoHasAnAccount(t *testing.T) {
	on := serve(t, t.TempDir())
	ann, gone := newcomer(t, on, "ann"), newcomer(t, on, "gone")
	gone.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	kinds := []string{"known", "unknown", "withdrawn"}
	emails := map[string]string{"known": ann.Email, "unknown": "nobody@newcomer.test", "withdrawn": gone.Email}
	times := map[string][]time.Duration{}
	var same []byte
	for try := range 42 {
		for i := range kinds { // each of them first as often as the others
			kind := kinds[(try+i)%len(kinds)]
			began := time.Now()
			a := login(t, on, emails[kind], "wrong-word-1")
			took := time.Since(began)
			p := a.refused(http.StatusUnauthorized, "invalid_credentials")
			said := bytes.ReplaceAll(a.body, []byte(p.RequestID), nil)
			if same == nil {
				same = said
			}
			require.Equal(t, string(same), string(said), kind)
			if try >= 2 { // by then everything has been used once
				times[kind] = append(times[kind], took)
			}
		}
	}
	middle := map[string]time.Duration{}
	for kind, all := range times {
		slices.Sort(all)
		middle[kind] = all[len(all)/2]
	}
	t.Logf("medians of %d: %v", len(times["known"]), middle)
	for _, kind := range kinds[1:] {
		ratio := middle[kind].Seconds() / middle["known"].Seconds()
		assert.Greater(t, ratio, 0.67, kind)
		assert.Less(t, ratio, 1.5, kind)
	}
}
