package httpapi

import (
	"net/http"
	"net/url"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// menus are weather and menus, and which of them there are.
type menus struct{ menus *usecase.Menus }

func (m *menus) routes() []route {
	const cooking = 22 * time.Second // a language model may take 20
	return []route{
		open("GET", "/api/openAPI/", m.listServices, limit{publicReads, perNetwork}),
		signedIn("GET", "/api/openAPI/weather/", m.getWeather),
		signedIn("GET", "/api/openAPI/foodchoicer/", m.suggest).within(cooking),
		signedIn("POST", "/api/openAPI/foodchoicer/", m.ask).within(cooking),
		signedIn("DELETE", "/api/openAPI/foodchoicer/", m.forget),
	}
}

type weatherJSON struct {
	fallJSON
	Humidity   *float64   `json:"humidity"`
	Wind       *float64   `json:"wind_speed"`
	At         string     `json:"forecast_at"`
	Place      string     `json:"place,omitempty"`
	Source     string     `json:"source"`
	Stale      bool       `json:"stale"`
	StaleSince *string    `json:"stale_since"`
	Hours      []hourJSON `json:"hours"`
}

type hourJSON struct {
	At string `json:"at"`
	fallJSON
	Chance *float64 `json:"precipitation_probability"`
}

type fallJSON struct {
	Temperature *float64 `json:"temperature"`
	Sky         *string  `json:"sky"`
	Rain        *string  `json:"precipitation_type"`
	Amount      *float64 `json:"precipitation"`
	AmountText  *string  `json:"precipitation_text"`
}

func toFallJSON(celsius *float64, sky menu.Sky, rain menu.Rain, amount *menu.Amount) fallJSON {
	j := fallJSON{Temperature: celsius, Sky: orNull(sky.String()), Rain: orNull(rain.String())}
	if amount != nil {
		value, text := amount.Value(), amount.String()
		j.Amount, j.AmountText = &value, &text
	}
	return j
}

func toWeatherJSON(f menu.Forecast) weatherJSON {
	j := weatherJSON{
		fallJSON: toFallJSON(f.Temperature, f.Sky, f.Rain, f.Amount),
		Humidity: f.Humidity, Wind: f.Wind, At: toTime(f.At), Place: f.Place, Source: "kma",
		Stale: f.Stale(), Hours: make([]hourJSON, len(f.Hours)),
	}
	if f.Stale() {
		since := toTime(f.StaleSince)
		j.StaleSince = &since
	}
	for i, h := range f.Hours {
		j.Hours[i] = hourJSON{toTime(h.At), toFallJSON(h.Temperature, h.Sky, h.Rain, h.Amount), h.Chance}
	}
	return j
}

type suggestionJSON struct {
	Menus     []dishJSON   `json:"menus"`
	Weather   *weatherJSON `json:"weather"`
	Source    menu.Source  `json:"source"`
	Remaining int          `json:"remaining"`
}

type dishJSON struct {
	Name     string         `json:"name"`
	Category party.Category `json:"category"`
	Reason   string         `json:"reason"`
}

func respondSuggested(w http.ResponseWriter, s usecase.Suggested) error {
	j := suggestionJSON{Menus: make([]dishJSON, len(s.Dishes)), Source: s.Source, Remaining: s.Remaining}
	for i, d := range s.Dishes {
		j.Menus[i] = dishJSON(d)
	}
	if s.Weather != nil {
		weather := toWeatherJSON(*s.Weather)
		j.Weather = &weather
	}
	return respond(w, http.StatusOK, j)
}

// optPoint reads a point. lat and lon may both be left out, but not one of them.
func optPoint(lat, lon string) (*place.Point, error) {
	if lat == "" && lon == "" {
		return nil, nil
	}
	at, err := toPoint(url.Values{"lat": {lat}, "lon": {lon}})
	return &at, err
}

type servicesJSON struct {
	Weather bool `json:"weather"`
}

// listServices tells which services are set up, so that the app need not try.
func (m *menus) listServices(w http.ResponseWriter, _ *http.Request) error {
	return respond(w, http.StatusOK, servicesJSON{Weather: m.menus.HasWeather()})
}

func (m *menus) getWeather(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	at, err := optPoint(r.URL.Query().Get("lat"), r.URL.Query().Get("lon"))
	if err != nil {
		return err
	}
	f, err := m.menus.Weather(r.Context(), me.State, at)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, toWeatherJSON(f))
}

func (m *menus) suggest(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	at, err := optPoint(r.URL.Query().Get("lat"), r.URL.Query().Get("lon"))
	if err != nil {
		return err
	}
	s, err := m.menus.Suggest(r.Context(), me.State, at)
	if err != nil {
		return err
	}
	return respondSuggested(w, s)
}

func (m *menus) ask(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	message := f.text("message")
	lat, _ := f.scalar("lat")
	lon, _ := f.scalar("lon")
	at, err := optPoint(lat, lon)
	f.wrong.Merge(fault.Of(err).Fields)
	_, err = menu.ParseMessage(message)
	f.wrong.Merge(fault.Of(err).Fields)
	if err := f.refuse(nil); err != nil {
		return err
	}
	s, err := m.menus.Ask(r.Context(), me.State, message, at)
	if err != nil {
		return err
	}
	return respondSuggested(w, s)
}

func (m *menus) forget(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	if err := m.menus.Forget(r.Context(), me.State); err != nil {
		return err
	}
	return done(w)
}
