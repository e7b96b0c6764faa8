package httpapi

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sky is a Forecaster that says one thing, where it says anything.
type sky struct {
	says menu.Forecast
	err  error
}

func (s sky) Forecast(_ context.Context, at place.Point) (menu.Forecast, error) {
	if at.Lat < 30 {
		return menu.Forecast{}, menu.ErrOffGrid
	}
	return s.says, s.err
}

func TestGetWeather(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	get := func(query string) *answer { return s.ask(ann, "GET", "/api/openAPI/weather/"+query, "") }
	get("").refused(http.StatusServiceUnavailable, "weather_not_configured")
	assert.NotContains(t, s.log.String(), "WARN", "how a server is set up is no event of each request")

	celsius, percent := -2.5, 80.0
	says := menu.Forecast{
		At: noon, Sky: menu.Overcast, Rain: menu.Snow, Amount: &menu.Amount{Most: 1}, Temperature: &celsius,
		StaleSince: noon.Add(time.Minute),
		Hours:      []menu.Hour{{At: noon.Add(time.Hour), Chance: &percent, Amount: &menu.Amount{Least: 50, Most: math.Inf(1)}}},
	}
	s.cooks(func(c *usecase.MenusConfig) { c.Forecaster = sky{says: says} })
	want := object{
		"sky": "흐림", "precipitation_type": "눈", "precipitation": 0.5, "precipitation_text": "1mm 미만", "temperature": -2.5,
		"humidity": nil, "wind_speed": nil, "forecast_at": "2026-11-22T12:00:00.123456Z", "place": jongno, "source": "kma",
		"stale": true, "stale_since": "2026-11-22T12:01:00.123456Z",
		"hours": []object{{
			"at": "2026-11-22T13:00:00.123456Z", "temperature": nil, "sky": nil, "precipitation_type": nil,
			"precipitation": 50, "precipitation_text": "50mm 이상", "precipitation_probability": 80,
		}},
	}
	get("").is(http.StatusOK, want)
	get("?lat=&lon=").is(http.StatusOK, want)
	delete(want, "place")
	get("?lat=37.5&lon=127").is(http.StatusOK, want)

	for query, fields := range map[string][]string{
		"?lat=37.5":            {"lon"},
		"?lon=127":             {"lat"},
		"?lat=NaN&lon=127":     {"lat"},
		"?lat=37.5&lon=Inf":    {"lon"},
		"?lat=x&lon=y":         {"lat", "lon"},
		"?lat=126.97&lon=37.5": {"lat"},
		"?lat=1e400&lon=127":   {"lat"},
		"?lat=20&lon=127":      {"lat", "lon"}, // off the grid
	} {
		assert.ElementsMatch(t, fields, get(query).refused(http.StatusBadRequest, "invalid"), query)
	}

	s.cooks(func(c *usecase.MenusConfig) { c.Forecaster = sky{err: menu.ErrForecastAway} })
	get("").refused(http.StatusServiceUnavailable, "weather_unavailable")
	assert.Equal(t, "1", get("").Header().Get("Retry-After"))
}

func TestMenus(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	const path = "/api/openAPI/foodchoicer/"
	got := s.ask(ann, "GET", path, "").json(http.StatusOK)
	assert.Len(t, got["menus"], 5)
	assert.Nil(t, got["weather"])
	assert.Equal(t, "pantry", got["source"])
	assert.InDelta(t, 9, got["remaining"], 0)

	for contentType, body := range map[string]string{
		"application/x-www-form-urlencoded": "message=%EB%B0%A5&lat=37.5&lon=127.0",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n밥\r\n--x--\r\n",
		"application/json":                  `{"message": "밥", "lat": 37.5, "lon": "127"}`,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "token "+ann.token)
		r.Header.Set("Content-Type", contentType)
		assert.Len(t, s.send(r).json(http.StatusOK)["menus"], 5, contentType)
	}
	got = s.ask(ann, "GET", path, "").json(http.StatusOK)
	assert.InDelta(t, 5, got["remaining"], 0)

	for body, fields := range map[string][]string{
		`{}`:                                    {"message"},
		`{"message": " "}`:                      {"message"},
		`{"message": 7}`:                        {"message"},
		`{"message": "밥\u0007"}`:                {"message"},
		`{"message": "밥\ud800"}`:                {"message"},
		`{"message": "밥", "lat": 37.5}`:         {"lon"},
		`{"message": "밥", "lat": [], "lon": 1}`: {"lat"},
		`{"lat": true, "lon": {}}`:              {"message", "lat", "lon"},
		`{"message": "` + strings.Repeat("밥", 501) + `", "lat": "NaN", "lon": 127}`: {"message", "lat"},
	} {
		assert.ElementsMatch(t, fields, s.ask(ann, "POST", path, body).refused(http.StatusBadRequest, "invalid"), body)
	}
	assert.Equal(t, []string{"lon"}, s.ask(ann, "GET", path+"?lat=37.5", "").refused(http.StatusBadRequest, "invalid"))
	s.ask(ann, "DELETE", path, "").empty(http.StatusNoContent)

	for range 5 {
		s.ask(ann, "GET", path, "").json(http.StatusOK)
	}
	over := s.ask(ann, "POST", path, `{"message": "밥"}`)
	over.refused(http.StatusTooManyRequests, "menu_quota")
	assert.Equal(t, "10800", over.Header().Get("Retry-After"), "three hours until midnight in Korea, and a fraction of a second less")
}

// A language model may think for longer than other requests may take.
func TestMenusHaveTimeOfTheirOwn(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	ask := func(path string) (left time.Duration) {
		s.cooks(func(c *usecase.MenusConfig) {
			c.Pantry = cook(func(ctx context.Context) {
				end, _ := ctx.Deadline()
				left = time.Until(end)
			})
		})
		s.ask(ann, "GET", path, "").json(http.StatusOK)
		return left
	}
	left := ask("/api/openAPI/foodchoicer/")
	assert.Greater(t, left, deadline)
	assert.Less(t, left, 20*time.Second)
}

// cook is a Chef that looks at its context.
type cook func(ctx context.Context)

func (c cook) Suggest(ctx context.Context, craving menu.Craving) (menu.Suggestion, error) {
	c(ctx)
	return menu.Suggestion{Dishes: menu.Suggest(craving, func() float64 { return 0 }), Source: menu.Pantry}, nil
}
