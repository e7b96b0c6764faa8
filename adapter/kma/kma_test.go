package kma

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	stub "github.com/Group-buying-service/mealbuddy/test/stub/kma"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// key contains all characters that need escaping in a URL.
const key = "aB3+/cD4eF5+gH6/iJ7=="

var seoul = place.Point{Lat: 37.5665, Lon: 126.9780}

// office is the weather service, a client and its clock.
type office struct {
	*testing.T
	*stub.Stub
	*Service
	server *httptest.Server
	log    *bytes.Buffer

	mu sync.Mutex
	at time.Time
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.at
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = o.at.Add(d)
}

func kst(hour, minute int) time.Time {
	return time.Date(2026, 11, 27, hour, minute, 0, 0, menu.Seoul).UTC()
}

func open(t *testing.T, at time.Time, with ...func(*Options)) *office {
	t.Helper()
	o := &office{T: t, log: &bytes.Buffer{}, at: at}
	o.Stub = &stub.Stub{Key: key, Now: o.clock}
	o.server = httptest.NewServer(o.Stub)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	options := Options{
		Key: key, KeyParam: KeyParam, URL: o.server.URL + "/1360000/VilageFcstInfoService_2.0",
		HTTP: client, Now: o.clock, Log: slog.New(slog.NewTextHandler(o.log, nil)),
	}
	for _, change := range with {
		change(&options)
	}
	o.Service = New(options)
	t.Cleanup(func() {
		o.Close()
		client.CloseIdleConnections()
		o.server.Close()
		o.secret(o.log.String())
	})
	return o
}

// secret checks that words do not contain the key in any form.
func (o *office) secret(words string) {
	o.Helper()
	for _, form := range []string{key, url.QueryEscape(key), url.PathEscape(key), "serviceKey", key[:8]} {
		assert.NotContains(o, words, form)
	}
}

func (o *office) ask(at place.Point) menu.Forecast {
	o.Helper()
	f, err := o.Forecast(o.Context(), at)
	require.NoError(o, err)
	return f
}

func (o *office) away() error {
	o.Helper()
	_, err := o.Forecast(o.Context(), seoul)
	require.ErrorIs(o, err, menu.ErrForecastAway)
	o.secret(err.Error())
	return err
}

// asked returns the issues that were requested since the last call.
func (o *office) asked() (calls []string) {
	for _, c := range o.Calls() {
		f := strings.Fields(c)
		calls = append(calls, f[0]+" "+f[1][6:]+" "+f[2])
	}
	o.Forget()
	slices.Sort(calls)
	return calls
}

func TestForecast(t *testing.T) {
	o := open(t, kst(14, 20))
	f := o.ask(seoul)
	assert.True(t, kst(14, 0).Equal(f.At), f.At)
	assert.Equal(t, menu.Clear, f.Sky)
	assert.Equal(t, menu.Dry, f.Rain)
	assert.Equal(t, &menu.Amount{}, f.Amount)
	assert.InDelta(t, 14, *f.Temperature, 0)
	assert.InDelta(t, 64, *f.Humidity, 0)
	assert.InDelta(t, 1.4, *f.Wind, 0)
	assert.False(t, f.Stale())
	require.Len(t, f.Hours, menu.HoursAhead)
	for i, h := range f.Hours {
		assert.True(t, kst(15+i, 0).Equal(h.At))
		assert.NotNil(t, h.Temperature)
		assert.NotNil(t, h.Chance)
	}
	assert.Equal(t, menu.Raining, f.Hours[2].Rain)
	assert.Equal(t, "2.5mm", f.Hours[2].Amount.String())
	assert.InDelta(t, 80, *f.Hours[2].Chance, 0)
	assert.Equal(t, menu.Clear, f.Hours[11].Sky, "beyond the first six hours it is the other forecast that speaks")
	assert.Equal(t, []string{"getUltraSrtFcst 27 1330", "getUltraSrtNcst 27 1400", "getVilageFcst 27 1400"}, o.asked())
}

func TestIssuesAroundMidnight(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want []string
	}{
		{kst(0, 5), []string{"getUltraSrtFcst 26 2330", "getUltraSrtNcst 26 2300", "getVilageFcst 26 2300"}},
		{kst(2, 5), []string{"getUltraSrtFcst 27 0130", "getUltraSrtNcst 27 0100", "getVilageFcst 26 2300"}},
		{kst(23, 59), []string{"getUltraSrtFcst 27 2330", "getUltraSrtNcst 27 2300", "getVilageFcst 27 2300"}},
	} {
		o := open(t, tt.at)
		f := o.ask(seoul)
		assert.Equal(t, tt.want, o.asked())
		require.Len(t, f.Hours, menu.HoursAhead)
		next := tt.at.Truncate(time.Hour).Add(time.Hour)
		assert.True(t, next.Equal(f.Hours[0].At), "%s at %s", f.Hours[0].At, tt.at)
	}
}

func TestAnswersAreKeptUntilTheNextIssue(t *testing.T) {
	o := open(t, kst(14, 20))
	o.ask(seoul)
	o.asked()
	o.pass(24 * time.Minute) // 14:44
	o.ask(place.Point{Lat: 37.57, Lon: 126.98})
	assert.Empty(t, o.asked(), "the same cell")
	o.pass(2 * time.Minute)
	o.ask(seoul)
	assert.Equal(t, []string{"getUltraSrtFcst 27 1430"}, o.asked())
	o.pass(25 * time.Minute)
	f := o.ask(seoul)
	assert.Equal(t, []string{"getUltraSrtNcst 27 1500"}, o.asked())
	assert.True(t, kst(15, 0).Equal(f.At))
	o.ask(place.Point{Lat: 35.1796, Lon: 129.0756})
	assert.Len(t, o.asked(), 3, "another cell")
}

func TestACrowdMakesOneRoundOfCalls(t *testing.T) {
	o := open(t, kst(14, 20))
	let := o.Hold()
	var crowd sync.WaitGroup
	for range 1000 {
		crowd.Go(func() {
			f, err := o.Forecast(t.Context(), seoul)
			assert.NoError(t, err)
			assert.NotNil(t, f.Temperature)
		})
	}
	require.Eventually(t, func() bool { return len(o.Calls()) == 3 }, timeout, time.Millisecond)
	let()
	crowd.Wait()
	assert.Len(t, o.asked(), 3)
}

func TestManyCellsDoNotStampede(t *testing.T) {
	o := open(t, kst(14, 20))
	var answered atomic.Int64
	for range 2 {
		var crowd sync.WaitGroup
		for x := range 50 {
			for range 4 {
				crowd.Go(func() {
					f, err := o.Forecast(t.Context(), cell{50 + x, 100}.middle())
					if err != nil { // on a slow machine
						assert.ErrorContains(t, err, errHurried.Error())
						return
					}
					assert.NotNil(t, f.Temperature)
					answered.Add(1)
				})
			}
		}
		crowd.Wait()
		assert.LessOrEqual(t, o.Most(), maxConcurrent)
		o.pass(time.Hour)
	}
	assert.Positive(t, answered.Load())
	// The village forecast is valid for both rounds. Without coalescing there would be a
	// thousand requests; a slow machine requests an older issue for some.
	assert.LessOrEqual(t, len(o.Calls()), 300)
}

func TestLateIssues(t *testing.T) {
	o := open(t, kst(14, 20))
	o.Do(stub.Behaviour{Late: time.Hour})
	f := o.ask(seoul)
	assert.True(t, kst(13, 0).Equal(f.At))
	assert.False(t, f.Stale(), "it is the newest there is")
	assert.Equal(t, []string{
		"getUltraSrtFcst 27 1230", "getUltraSrtFcst 27 1330", "getUltraSrtNcst 27 1300", "getUltraSrtNcst 27 1400",
		"getVilageFcst 27 1100", "getVilageFcst 27 1400",
	}, o.asked())
	require.Len(t, f.Hours, menu.HoursAhead)
	o.pass(time.Minute)
	o.ask(seoul)
	assert.Empty(t, o.asked(), "not again at once")
	o.Do(stub.Behaviour{})
	o.pass(2 * time.Minute)
	f = o.ask(seoul)
	assert.True(t, kst(14, 0).Equal(f.At))
	assert.Len(t, o.asked(), 3)

	o = open(t, kst(14, 20))
	o.Do(stub.Behaviour{Late: 9 * time.Hour})
	o.away()
	assert.Len(t, o.asked(), 3*(olderIssues+1), "two steps back, and no more")
}

// A village forecast is the newest one for hours, so its age does not matter while the
// next one is late.
func TestALateIssueDoesNotTakeAwayTheOneBefore(t *testing.T) {
	o := open(t, kst(5, 10))
	require.Len(t, o.ask(seoul).Hours, menu.HoursAhead)
	o.Do(stub.Behaviour{Late: 30 * time.Minute}, stub.Village)
	for range 8 {
		o.pass(25 * time.Minute) // to 8:30
		f := o.ask(seoul)
		assert.Len(t, f.Hours, menu.HoursAhead, "at %s", o.clock().In(menu.Seoul).Format("15:04"))
		assert.False(t, f.Stale())
	}
}

func TestTheHoursAheadOutliveTheServiceToo(t *testing.T) {
	o := open(t, kst(7, 50))
	o.ask(seoul)
	o.pass(20 * time.Minute) // of 05:00, and the next one can be had
	o.Do(stub.Behaviour{Fault: "gateway-forwarding"})
	assert.Len(t, o.ask(seoul).Hours, menu.HoursAhead)

	o = open(t, kst(5, 10))
	o.ask(seoul)
	o.pass(2*time.Hour + 55*time.Minute) // all but the village's forecast are of 7:00 and 7:30
	o.ask(seoul)
	o.Do(stub.Behaviour{Fault: "gateway-forwarding"})
	o.pass(10 * time.Minute) // 8:15
	assert.Len(t, o.ask(seoul).Hours, menu.HoursAhead, "three hours after it came, and minutes after it could be replaced")
}

func TestPages(t *testing.T) {
	o := open(t, kst(14, 20))
	whole := o.ask(seoul)
	o = open(t, kst(14, 20))
	o.Do(stub.Behaviour{Page: 25}, stub.Nearby)
	o.Do(stub.Behaviour{Page: 100}, stub.Village)
	assert.Equal(t, whole, o.ask(seoul))
	assert.Greater(t, len(o.asked()), 5)
}

func TestOddAnswers(t *testing.T) {
	o := open(t, kst(14, 20))
	whole := o.ask(seoul)
	for _, b := range []stub.Behaviour{{Shuffle: true}, {Numbers: true}} {
		o := open(t, kst(14, 20))
		o.Do(b)
		assert.Equal(t, whole, o.ask(seoul), "%+v", b)
	}
}

func TestMissingValuesAreNone(t *testing.T) {
	o := open(t, kst(14, 20))
	o.Do(stub.Behaviour{Values: map[string]string{
		"T1H": "-998.9", "REH": "-999", "WSD": "900", "PTY": "-998.9", "RN1": "-998.9", "SKY": "2", "TMP": "999", "POP": "-99", "PCP": "소나기?",
	}})
	f := o.ask(seoul)
	assert.Equal(t, menu.Forecast{At: f.At, Hours: f.Hours}, f)
	for _, h := range f.Hours {
		assert.Equal(t, menu.Hour{At: h.At}, h)
	}
}

func TestEveryKindOfRainAndSky(t *testing.T) {
	for code, rain := range rains {
		o := open(t, kst(14, 20))
		o.Do(stub.Behaviour{Values: map[string]string{"PTY": code}})
		f := o.ask(seoul)
		assert.Equal(t, rain, f.Rain)
		assert.Equal(t, rain, f.Hours[0].Rain)
	}
	for code, sky := range skies {
		o := open(t, kst(14, 20))
		o.Do(stub.Behaviour{Values: map[string]string{"SKY": code}})
		assert.Equal(t, sky, o.ask(seoul).Sky)
	}
}

// The same against the real service, if a key is set.
func TestRealService(t *testing.T) {
	own := os.Getenv("MEALBUDDY_TEST_KMA_KEY")
	if own == "" {
		t.Skip("set MEALBUDDY_TEST_KMA_KEY to ask the real weather service")
	}
	s := New(Options{Key: own, KeyParam: KeyParam, URL: URL, HTTP: &http.Client{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	defer s.Close()
	f, err := s.Forecast(t.Context(), seoul)
	require.NoError(t, err)
	assert.NotNil(t, f.Temperature)
	assert.NotEmpty(t, f.Sky.String())
	assert.NotEmpty(t, f.Hours)
	assert.False(t, errors.Is(err, menu.ErrForecastAway))
}
