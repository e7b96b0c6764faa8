package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	stub "github.com/Group-buying-service/mealbuddy/test/stub/openai"
)

func TestFaults(t *testing.T) {
	tries := map[string]int{ // number of requests; 1 for all other faults
		// The list is good or bad, or the service is away: it is asked again.
		"four": 2, "twice": 2, "foreign": 2, "english": 2, "long": 2,
		"rate": 2, "slow-down": 2, "server-error": 2, "bad-gateway": 2, "overloaded": 2, "loading": 2,
		// There is no list: each form is tried once.
		"length": 3, "no-choices": 3, "no-content": 3, "broken": 3, "words": 3, "page": 3, "empty": 3, "error-as-200": 3,
		"bad-request": 3, "context-length": 3, "number-code": 3,
	}
	for name := range stub.Faults {
		if slices.Contains(stub.Helpful, name) || strings.HasPrefix(name, "no-schema") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			k := open(t)
			k.Fail(name)
			_, err := k.suggest(menu.Craving{Words: "비밀 요청"})
			require.Error(t, err)
			assert.Len(t, k.Requests(), max(1, tries[name]), "%v", err)
			assert.Contains(t, k.log.String(), "language model")
		})
	}
}

func TestAFaultThatPasses(t *testing.T) {
	for _, name := range []string{"rate", "overloaded", "four", "broken"} {
		k := open(t)
		k.Fail(name, "")
		_, err := k.suggest(menu.Craving{})
		assert.NoError(t, err, name)
		assert.Len(t, k.Requests(), 2)
	}
}

func (k *kitchen) formats() (all []string) {
	for _, r := range k.Requests() {
		all = append(all, r.Format)
	}
	return all
}

// Whatever a server says to a form that it does not support, the next one is tried, and
// what worked is what is asked from then on.
func TestServersThatDoNotKnowAForm(t *testing.T) {
	for name := range stub.Faults {
		if !strings.HasPrefix(name, "no-schema") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			k := open(t)
			k.Fail(name)
			for range 3 {
				_, err := k.suggest(menu.Craving{})
				require.NoError(t, err)
			}
			assert.Equal(t, []string{"json_schema", "json_object", "json_object", "json_object"}, k.formats())
		})
	}
}

// A form that worked once may stop working, such as after a change of the model.
func TestAFormThatWorksNoMore(t *testing.T) {
	k := open(t)
	k.Fail("words", "", "words", "words", "")
	for range 3 {
		_, err := k.suggest(menu.Craving{})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"json_schema", "json_object", "json_object", "", "json_schema", "json_schema"}, k.formats())
}

func TestServersThatKnowNoForm(t *testing.T) {
	k := open(t)
	k.form.Store(1)
	k.Fail("no-schema")
	none := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked map[string]any
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&asked))
		if asked["response_format"] != nil {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"response_format.type must be text"}}`)
			return
		}
		content, err := json.Marshal(stub.Good)
		assert.NoError(t, err)
		fmt.Fprintf(w, `{"choices":[{"finish_reason":"stop","message":{"content":%s}}]}`, content)
	}))
	defer none.Close()
	k = open(t, func(o *Options) { o.URL = none.URL })
	_, err := k.suggest(menu.Craving{})
	assert.NoError(t, err)
}

func TestAnEmptyKeySendsNoHeader(t *testing.T) {
	k := open(t, func(o *Options) { o.Key = "" })
	k.Stub.Key = ""
	_, err := k.suggest(menu.Craving{})
	require.NoError(t, err)
	assert.Empty(t, k.Requests()[0].Authorization)
}

func TestARefusedKeyIsGivenARest(t *testing.T) {
	for _, name := range []string{"wrong-key", "quota", "no-model", "region", "spend-limit", "credit"} {
		k := open(t)
		k.Fail(name)
		_, err := k.suggest(menu.Craving{})
		require.Error(t, err)
		_, err = k.suggest(menu.Craving{})
		require.ErrorIs(t, err, errResting, name)
		assert.Len(t, k.Requests(), 1)
		assert.Contains(t, k.log.String(), "see to the key")
		k.Fail("")
		k.mu.Lock()
		k.at = k.at.Add(cooldown + time.Second)
		k.mu.Unlock()
		_, err = k.suggest(menu.Craving{})
		assert.NoError(t, err)
	}
}

func TestADeadServiceIsLeftAlone(t *testing.T) {
	k := open(t)
	k.Fail("bad-request")
	for range 10 {
		_, err := k.suggest(menu.Craving{})
		require.Error(t, err)
	}
	_, err := k.suggest(menu.Craving{})
	require.ErrorIs(t, err, gobreaker.ErrOpenState)
	assert.LessOrEqual(t, len(k.Requests()), 6*len(forms))
}

func TestWhoDeclinesIsWell(t *testing.T) {
	k := open(t)
	k.Fail("refusal")
	for range 10 {
		_, err := k.suggest(menu.Craving{})
		require.ErrorIs(t, err, errDeclined)
	}
	assert.Len(t, k.Requests(), 10, "one try each")
}

func TestASlowServiceIsNotWaitedFor(t *testing.T) {
	k := open(t)
	k.Delay(time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := k.Suggest(ctx, menu.Craving{At: evening})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(began), 2*time.Second)
	assert.Len(t, k.Requests(), 1)
}

func TestCloseEndsWhatIsAsked(t *testing.T) {
	k := open(t)
	k.Delay(time.Minute)
	gone := make(chan error)
	go func() {
		_, err := k.Suggest(context.Background(), menu.Craving{At: evening})
		gone <- err
	}()
	require.Eventually(t, func() bool { return len(k.Requests()) == 1 }, timeout, time.Millisecond)
	k.Close()
	require.ErrorIs(t, <-gone, context.Canceled)
	_, err := k.suggest(menu.Craving{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestThereIsTimeForASecondTryOrThereIsNone(t *testing.T) {
	k := open(t)
	k.Fail("rate-long") // asks for a delay of a minute
	began := time.Now()
	_, err := k.suggest(menu.Craving{})
	require.Error(t, err)
	assert.Less(t, time.Since(began), maxWait)
	assert.Len(t, k.Requests(), 1)
}

func TestFewAskAtOnce(t *testing.T) {
	k := open(t)
	k.Delay(30 * time.Millisecond)
	var crowd sync.WaitGroup
	for range 4 * maxConcurrent {
		crowd.Go(func() {
			_, err := k.Suggest(t.Context(), menu.Craving{At: evening})
			if err != nil {
				assert.ErrorIs(t, err, errCrowded)
			}
		})
	}
	crowd.Wait()
	assert.LessOrEqual(t, k.Most(), maxConcurrent)
	assert.GreaterOrEqual(t, len(k.Requests()), maxConcurrent)
}

func TestBrokenConnections(t *testing.T) {
	k := open(t)
	k.Cut()
	_, err := k.suggest(menu.Craving{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), k.server.URL)
	k = open(t)
	k.server.Close()
	_, err = k.suggest(menu.Craving{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "/v1")
}

func TestAnswersWithoutEnd(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := fmt.Fprint(w, strings.Repeat(" ", 1<<16)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	k := open(t, func(o *Options) { o.URL = endless.URL })
	_, err := k.suggest(menu.Craving{})
	assert.ErrorContains(t, err, "more than")
}

func TestNoRedirectIsFollowed(t *testing.T) {
	var led bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led = true }))
	defer elsewhere.Close()
	lead := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer lead.Close()
	k := open(t, func(o *Options) { o.URL = lead.URL })
	_, err := k.suggest(menu.Craving{})
	require.Error(t, err)
	assert.False(t, led)
}
