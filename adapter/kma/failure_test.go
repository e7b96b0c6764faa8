package kma

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	stub "github.com/Group-buying-service/mealbuddy/test/stub/kma"
)

func TestOneOperationAway(t *testing.T) {
	away := stub.Behaviour{Fault: "gateway-unexpected"}

	o := open(t, kst(14, 20))
	o.Do(away, stub.Observed)
	f := o.ask(seoul)
	assert.True(t, kst(14, 0).Equal(f.At), "the nearest forecast speaks for the present")
	assert.InDelta(t, 14, *f.Temperature, 0)
	assert.False(t, f.Stale())

	o = open(t, kst(14, 20))
	o.Do(away, stub.Nearby)
	f = o.ask(seoul)
	assert.Equal(t, menu.Clear, f.Sky, "by the village's forecast")
	assert.Len(t, f.Hours, menu.HoursAhead)

	o = open(t, kst(14, 20))
	o.Do(away, stub.Village)
	f = o.ask(seoul)
	assert.Len(t, f.Hours, 5, "the nearest forecast looks six hours ahead of 14:00")

	o = open(t, kst(14, 20))
	o.Do(away, stub.Observed, stub.Nearby)
	f = o.ask(seoul)
	assert.True(t, kst(15, 0).Equal(f.At))
	assert.NotNil(t, f.Temperature)
}

func TestNothingButFaults(t *testing.T) {
	for name := range stub.Faults {
		t.Run(name, func(t *testing.T) {
			o := open(t, kst(14, 20))
			o.Do(stub.Behaviour{Fault: name})
			o.away()
			assert.LessOrEqual(t, len(o.asked()), 3*(olderIssues+1))
			o.away()
			assert.Empty(t, o.asked(), "what failed a moment ago is not asked again")
			o.Do(stub.Behaviour{})
			o.pass(cooldown + retryDelay)
			if _, err := o.Forecast(t.Context(), seoul); err != nil {
				assert.ErrorContains(t, err, "circuit breaker is open") // it uses the real clock
			}
		})
	}
}

func TestAnOlderAnswerIsBetterThanNone(t *testing.T) {
	o := open(t, kst(14, 20))
	o.ask(seoul)
	o.Do(stub.Behaviour{Fault: "gateway-forwarding"})
	o.pass(55 * time.Minute) // 15:15
	f := o.ask(seoul)
	assert.True(t, f.Stale())
	assert.True(t, kst(14, 20).Equal(f.StaleSince))
	assert.True(t, kst(14, 0).Equal(f.At))
	assert.True(t, kst(16, 0).Equal(f.Hours[0].At), "hours that have gone are not ahead")
	o.pass(2 * time.Hour)
	assert.True(t, o.ask(seoul).Stale())
	o.pass(10 * time.Minute) // 3:05 after it came
	o.away()

	o.Do(stub.Behaviour{})
	o.pass(time.Hour)
	if f, err := o.Forecast(t.Context(), seoul); err == nil {
		assert.False(t, f.Stale())
	} else {
		assert.ErrorContains(t, err, "circuit breaker is open")
	}
}

func TestBrokenConnections(t *testing.T) {
	o := open(t, kst(14, 20))
	o.Do(stub.Behaviour{Cut: true})
	o.away()
	o = open(t, kst(14, 20))
	o.server.Close()
	err := o.away()
	assert.NotContains(t, err.Error(), "getUltraSrtNcst?")
}

func TestASlowServiceIsNotWaitedFor(t *testing.T) {
	o := open(t, kst(14, 20))
	o.Do(stub.Behaviour{Delay: time.Minute})
	began := time.Now()
	o.away()
	assert.Less(t, time.Since(began), timeout+time.Second/2)
	assert.Equal(t, []string{
		"getUltraSrtFcst 27 1230", "getUltraSrtFcst 27 1330", "getUltraSrtNcst 27 1300", "getUltraSrtNcst 27 1400",
		"getVilageFcst 27 1100", "getVilageFcst 27 1400",
	}, o.asked(), "what is slow may be the newest issue alone")
	assert.Contains(t, o.log.String(), "deadline exceeded", "why there was no time for an older issue")
}

func TestWhoeverLeavesDoesNotSpoilItForOthers(t *testing.T) {
	o := open(t, kst(14, 20))
	let := o.Hold()
	hasty, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := o.Forecast(hasty, seoul)
		gone <- err
	}()
	require.Eventually(t, func() bool { return len(o.Calls()) == 3 }, timeout, time.Millisecond)
	leave()
	assert.ErrorIs(t, <-gone, menu.ErrForecastAway)
	let()
	o.ask(seoul)
	assert.Len(t, o.asked(), 3)
}

func TestCloseEndsWhatIsAsked(t *testing.T) {
	o := open(t, kst(14, 20))
	defer o.Hold()()
	gone := make(chan error)
	go func() {
		_, err := o.Forecast(context.Background(), seoul)
		gone <- err
	}()
	require.Eventually(t, func() bool { return len(o.Calls()) == 3 }, timeout, time.Millisecond)
	o.Close()
	assert.ErrorIs(t, <-gone, menu.ErrForecastAway)
}

func TestADeadServiceIsLeftAlone(t *testing.T) {
	o := open(t, kst(14, 20))
	o.Do(stub.Behaviour{Fault: "gateway-unexpected"})
	for x := range 20 {
		_, err := o.Forecast(t.Context(), cell{50 + x, 100}.middle())
		assert.ErrorIs(t, err, menu.ErrForecastAway)
	}
	assert.LessOrEqual(t, len(o.asked()), 8, "the breaker opens after six")
	assert.Contains(t, o.log.String(), "is=open")
}

func TestARefusedKeyIsGivenARest(t *testing.T) {
	o := open(t, kst(14, 20), func(o *Options) { o.Key = "another" })
	o.away()
	o.asked()
	_, err := o.Forecast(t.Context(), cell{98, 76}.middle())
	assert.ErrorIs(t, err, menu.ErrForecastAway)
	assert.Empty(t, o.asked())
	assert.Contains(t, o.log.String(), "see to the key")
	assert.NotContains(t, o.log.String(), "another")
}

func TestKeysInEitherForm(t *testing.T) {
	for _, form := range []string{key, url.PathEscape(key), url.QueryEscape(key)} {
		o := open(t, kst(14, 20), func(o *Options) { o.Key = form })
		o.ask(seoul)
	}
	o := open(t, kst(14, 20), func(o *Options) { o.KeyParam = "authKey" })
	o.ask(seoul)
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
	o := open(t, kst(14, 20), func(o *Options) { o.URL = endless.URL })
	assert.ErrorContains(t, o.away(), "longer than")
}

func TestNoRedirectIsFollowed(t *testing.T) {
	var led bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led = true }))
	defer elsewhere.Close()
	lead := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer lead.Close()
	o := open(t, kst(14, 20), func(o *Options) { o.URL = lead.URL })
	o.away()
	assert.False(t, led)
}

func TestPointsOffTheGridAreRefused(t *testing.T) {
	o := open(t, kst(14, 20))
	_, err := o.Forecast(t.Context(), place.Point{Lat: 48.85, Lon: 2.35})
	assert.ErrorIs(t, err, menu.ErrOffGrid)
	assert.Empty(t, o.asked())
}

func TestMemoryIsBounded(t *testing.T) {
	o := open(t, kst(14, 20))
	for i := range maxCells + 10 {
		o.keep(cell{1 + i%width, 1 + i/width}, &record{until: o.clock()})
	}
	assert.Len(t, o.cells, maxCells)
	o.pass(keep + time.Second)
	o.keep(cell{149, 253}, &record{until: o.clock()})
	assert.Len(t, o.cells, 1, "what is of no use goes first")
}
