package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/stub/kma"
	"github.com/Group-buying-service/mealbuddy/test/stub/openai"
)

const (
	weatherPath = "/api/openAPI/weather/"
	menusPath   = "/api/openAPI/foodchoicer/"

	kmaKey    = "aB3+/cD4eF5+gH6/iJ7=="
	openaiKey = "sk-stub-0123456789abcdef"
)

type weather struct {
	Sky         *string   `json:"sky"`
	Rain        *string   `json:"precipitation_type"`
	Amount      *float64  `json:"precipitation"`
	Temperature *float64  `json:"temperature"`
	At          time.Time `json:"forecast_at"`
	Place       string    `json:"place"`
	Source      string    `json:"source"`
	Stale       bool      `json:"stale"`
	Hours       []struct {
		At     time.Time `json:"at"`
		Chance *float64  `json:"precipitation_probability"`
	} `json:"hours"`
}

type suggestion struct {
	Menus []struct {
		Name     string `json:"name"`
		Category string `json:"category"`
		Reason   string `json:"reason"`
	} `json:"menus"`
	Weather   *weather `json:"weather"`
	Source    string   `json:"source"`
	Remaining int      `json:"remaining"`
}

func (s suggestion) names() (names []string) {
	for _, m := range s.Menus {
		names = append(names, m.Name)
	}
	return names
}

// outside are the services of others, and a server that asks them.
type outside struct {
	*server
	kma    *kma.Stub
	openai *openai.Stub
}

func serveWithOutside(t *testing.T, environ ...string) outside {
	t.Helper()
	o := outside{kma: &kma.Stub{Key: kmaKey, Now: time.Now}, openai: &openai.Stub{Key: openaiKey}}
	sky, model := httptest.NewServer(o.kma), httptest.NewServer(o.openai)
	t.Cleanup(sky.Close)
	t.Cleanup(model.Close)
	o.server = serve(t, t.TempDir(), append([]string{
		"MEALBUDDY_KMA_URL=" + sky.URL, "MEALBUDDY_KMA_KEY=" + kmaKey,
		"MEALBUDDY_OPENAI_URL=" + model.URL + "/v1", "MEALBUDDY_OPENAI_KEY=" + openaiKey, "MEALBUDDY_OPENAI_MODEL=stub",
	}, environ...)...)
	return o
}

func (o outside) keepsSecrets(t *testing.T, more ...string) {
	t.Helper()
	said := o.log.said()
	for _, secret := range append(more, kmaKey, kmaKey[:8], openaiKey, "sk-", "37.5", "126.9", "serviceKey") {
		assert.NotContains(t, said, secret)
	}
}

func TestWithoutOutsideServices(t *testing.T) {
	ann, _ := two(t)
	assert.JSONEq(t, `{"weather":false}`, string(stranger(t, shared).get("/api/openAPI/").is(http.StatusOK).body))
	ann.as(t).get(weatherPath).refused(http.StatusServiceUnavailable, "weather_not_configured")
	s := read[suggestion](ann.as(t).get(menusPath).is(http.StatusOK))
	assert.Equal(t, "pantry", s.Source)
	assert.Nil(t, s.Weather)
	s = read[suggestion](ann.as(t).post(menusPath, fields{"message": "안 매운 국물로, 고기는 빼고"}).is(http.StatusOK))
	assert.Len(t, s.Menus, 5)
	ann.as(t).delete(menusPath).is(http.StatusNoContent)

	nobody := stranger(t, shared)
	for _, a := range []answer{
		nobody.get(weatherPath), nobody.get(menusPath), nobody.post(menusPath, fields{"message": "밥"}), nobody.delete(menusPath),
	} {
		a.refused(http.StatusUnauthorized, "not_signed_in")
	}
}

func TestWeather(t *testing.T) {
	o := serveWithOutside(t, "TZ=America/New_York")
	ann := newcomer(t, o.server, "ann") // in 제주시
	assert.JSONEq(t, `{"weather":true}`, string(stranger(t, o.server).get("/api/openAPI/").is(http.StatusOK).body))
	there := read[weather](ann.as(t).get(weatherPath + "?lat=37.5665&lon=126.978").is(http.StatusOK))
	assert.Empty(t, there.Place)
	assert.Equal(t, "kma", there.Source)
	require.NotNil(t, there.Temperature)
	assert.Less(t, time.Since(there.At), 75*time.Minute)
	require.Len(t, there.Hours, 12)
	assert.Less(t, time.Until(there.Hours[0].At), time.Hour+time.Second, "the hours are those of Korea, wherever the server is")
	assert.Positive(t, time.Until(there.Hours[0].At)+time.Second)

	home := read[weather](ann.as(t).get(weatherPath).is(http.StatusOK))
	assert.Equal(t, town, home.Place)
	cells := map[string]bool{}
	for _, call := range o.kma.Calls() {
		cells[strings.Fields(call)[3]] = true
	}
	assert.Len(t, cells, 2)
	assert.True(t, cells["60,127"])
	before := len(o.kma.Calls())
	for range 20 {
		ann.as(t).get(weatherPath + "?lat=37.5661&lon=126.9784").is(http.StatusOK)
	}
	assert.LessOrEqual(t, len(o.kma.Calls())-before, 1, "unless an issue came out just now")

	for query, names := range map[string][]string{
		"?lat=37.5": {"lon"}, "?lon=127": {"lat"}, "?lat=48.85&lon=2.35": {"lat", "lon"}, "?lat=33.0&lon=132.5": {"lat", "lon"},
	} {
		ann.as(t).get(weatherPath + query).invalid(names...)
	}
	for query, names := range map[string][]string{
		"?lat=NaN&lon=127": {"lat"}, "?lat=126.978&lon=37.5665": {"lat"}, "?lat=37.5&lon=Inf": {"lon"}, "?lat=a&lon=b": {"lat", "lon"},
	} {
		ann.as(t).meaning(Request).get(weatherPath + query).invalid(names...)
	}
	require.NoError(t, o.stop())
	o.keepsSecrets(t)
}

func TestWeatherThatIsAway(t *testing.T) {
	o := serveWithOutside(t)
	ann := newcomer(t, o.server, "ann")
	o.kma.Do(kma.Behaviour{Delay: time.Minute})
	began := time.Now()
	a := ann.as(t).get(weatherPath)
	a.refused(http.StatusServiceUnavailable, "weather_unavailable")
	assert.NotEmpty(t, a.header.Get("Retry-After"))
	assert.Less(t, time.Since(began), 4*time.Second, "it waits three seconds")
	began = time.Now()
	ann.opens(t, 2)
	assert.Less(t, time.Since(began), 2*time.Second, "nothing else is slower for it")

	for i, fault := range []string{"gateway-unexpected", "page", "unregistered", "half"} {
		o.kma.Do(kma.Behaviour{Fault: fault})
		at := fmt.Sprintf("?lat=%f&lon=127.0", 35.0+float64(i))
		ann.as(t).get(weatherPath+at).refused(http.StatusServiceUnavailable, "weather_unavailable")
		assert.Nil(t, read[suggestion](ann.as(t).get(menusPath+at).is(http.StatusOK)).Weather)
	}
	require.NoError(t, o.stop())
	o.keepsSecrets(t)
}

func TestMenus(t *testing.T) {
	o := serveWithOutside(t)
	ann := newcomer(t, o.server, "ann")
	first := read[suggestion](ann.as(t).get(menusPath + "?lat=37.5665&lon=126.978").is(http.StatusOK))
	assert.Equal(t, "openai", first.Source)
	assert.Equal(t, 9, first.Remaining)
	require.NotNil(t, first.Weather)
	require.Len(t, first.Menus, 5)

	next := read[suggestion](ann.as(t).do(http.MethodPost, menusPath, asMultipart(fields{"message": "비밀 요청", "lat": "37.5665", "lon": "126.978"})).is(http.StatusOK))
	for _, name := range first.names() {
		assert.NotContains(t, next.names(), name)
	}
	asked := o.openai.Requests()[1].Body
	assert.Contains(t, asked, "비밀 요청")
	assert.Contains(t, asked, first.names()[0])
	for _, personal := range []string{ann.Email, `\"ann\"`, "37.5", "126.9", "용담이동"} {
		assert.NotContains(t, asked, personal)
	}

	o.openai.Fail("wrong-key")
	s := read[suggestion](ann.as(t).do(http.MethodPost, menusPath, asURLEncoded(fields{"message": "안 매운 국물로, 고기는 빼고"})).is(http.StatusOK))
	assert.Equal(t, "pantry", s.Source)
	assert.Equal(t, 7, s.Remaining)
	assert.Len(t, s.Menus, 5)

	ann.as(t).get(menusPath + "?lat=37.5").invalid("lon")
	ann.as(t).get(menusPath+"?lat=48.85&lon=2.35").invalid("lat", "lon")
	ann.as(t).meaning(Request).post(menusPath, fields{"message": "", "lat": "x", "lon": 127}).invalid("message", "lat")
	ann.as(t).post(menusPath, fields{"message": strings.Repeat("밥", 501)}).invalid("message")

	ann.as(t).delete(menusPath).is(http.StatusNoContent)
	for left := 6; left >= 0; left-- {
		assert.Equal(t, left, read[suggestion](ann.as(t).get(menusPath).is(http.StatusOK)).Remaining)
	}
	for _, over := range []answer{ann.as(t).get(menusPath), ann.as(t).post(menusPath, fields{"message": "밥"})} {
		over.refused(http.StatusTooManyRequests, "menu_quota")
		wait, err := time.ParseDuration(over.header.Get("Retry-After") + "s")
		require.NoError(t, err)
		now := time.Now()
		y, m, d := now.In(time.FixedZone("KST", 9*60*60)).Date()
		midnight := time.Date(y, m, d+1, 0, 0, 0, 0, time.FixedZone("KST", 9*60*60))
		assert.InDelta(t, midnight.Sub(now), wait, float64(2*time.Second))
	}
	require.NoError(t, o.stop())
	o.keepsSecrets(t, "비밀 요청", "안 매운", first.names()[0])
}

func TestALanguageModelDoesNotHoldUpTheEnd(t *testing.T) {
	o := serveWithOutside(t)
	ann := newcomer(t, o.server, "ann")
	o.openai.Delay(time.Minute)
	answered := make(chan answer, 1)
	go func() {
		a, err := ann.as(t).try(http.MethodGet, menusPath, nothing)
		assert.NoError(t, err)
		answered <- a
	}()
	require.Eventually(t, func() bool { return len(o.openai.Requests()) == 1 }, patience, 5*time.Millisecond)
	began := time.Now()
	require.NoError(t, o.stop())
	assert.Less(t, time.Since(began), 8*time.Second, "it does not wait for the model")
	assert.Equal(t, "pantry", read[suggestion]((<-answered).is(http.StatusOK)).Source)
}

func TestALanguageModelThatThinksTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes twenty seconds")
	}
	t.Parallel()
	o := serveWithOutside(t)
	ann := newcomer(t, o.server, "ann")
	o.openai.Delay(time.Minute)
	began := time.Now()
	s := read[suggestion](ann.as(t).get(menusPath).is(http.StatusOK))
	assert.Less(t, time.Since(began), 20*time.Second+time.Second/2, "it waits twenty seconds")
	assert.Equal(t, "pantry", s.Source)
}
