// Package menu defines the weather forecast and menu suggestions: the table of dishes
// and the rules that choose from it.
package menu

import (
	"math"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// Errors about the weather and menus.
var (
	ErrNoForecast     = fault.New(fault.Absent, "weather_not_configured", "이 서버에는 날씨가 준비되어 있지 않아요.")
	ErrForecastAway   = fault.New(fault.Unavailable, "weather_unavailable", "지금은 날씨를 알 수 없어요. 잠시 후 다시 시도해 주세요.")
	ErrQuota          = fault.New(fault.TooMany, "menu_quota", "오늘 받을 수 있는 추천을 다 썼어요. 내일 다시 물어봐 주세요.")
	ErrNoPlace        = badPoint("동네의 위치를 몰라요. 위도와 경도를 함께 보내 주세요.")
	ErrOffGrid        = badPoint("날씨를 알 수 있는 곳이 아니에요.")
	ErrMessageMissing = fault.Field("message", "무엇을 먹고 싶은지 적어 주세요.")
	ErrMessageLong    = fault.Field("message", "500자까지 쓸 수 있어요.")
)

func badPoint(why string) error {
	return fault.Fields{"lat": {why}, "lon": {why}}.Err()
}

// Seoul is Korea's time zone, which has no daylight saving time. It does not depend on
// the machine's time zone database.
var Seoul = time.FixedZone("KST", 9*60*60)

// Forecast is the weather at a place. Unknown values are nil or of the unknown kind.
type Forecast struct {
	At          time.Time // the time of all fields except Hours
	Sky         Sky
	Rain        Rain
	Amount      *Amount  // of rain or snow in an hour
	Temperature *float64 // °C
	Humidity    *float64 // %
	Wind        *float64 // m/s
	Hours       []Hour   // the following hours, in order; at most HoursAhead
	Place       string   // name of the place; "" if unknown
	StaleSince  time.Time
}

// HoursAhead is the maximum number of Hours in a Forecast.
const HoursAhead = 12

// Stale reports whether this is an old answer because no newer one has been available
// since StaleSince.
func (f Forecast) Stale() bool { return !f.StaleSince.IsZero() }

// Hour is the forecast for one hour.
type Hour struct {
	At          time.Time
	Temperature *float64 // °C
	Sky         Sky
	Rain        Rain
	Amount      *Amount
	Chance      *float64 // of rain or snow, %
}

// Sky is the cloud cover.
type Sky int

// The KMA's three sky conditions.
const (
	SkyUnknown Sky = iota
	Clear
	Cloudy
	Overcast
)

// String returns the KMA's word, or "" if unknown.
func (s Sky) String() string { return word([]string{"", "맑음", "구름많음", "흐림"}, int(s)) }

// Rain is the type of precipitation.
type Rain int

// The KMA's precipitation types.
const (
	RainUnknown Rain = iota
	Dry
	Raining
	Sleet
	Snow
	Shower
	Drizzle
	DrizzleAndFlurry
	Flurry
)

// String returns the KMA's word, or "" if unknown.
func (r Rain) String() string {
	return word([]string{"", "없음", "비", "비/눈", "눈", "소나기", "빗방울", "빗방울눈날림", "눈날림"}, int(r))
}

// Wet reports whether it rains, with or without snow.
func (r Rain) Wet() bool {
	return r == Raining || r == Sleet || r == Shower || r == Drizzle || r == DrizzleAndFlurry
}

// Snowy reports whether it snows without rain.
func (r Rain) Snowy() bool { return r == Snow || r == Flurry }

func word(words []string, i int) string {
	if i < 0 || i >= len(words) {
		return ""
	}
	return words[i]
}

// Amount is the precipitation of an hour, in mm of rain or cm of snow. It is between
// Least and Most, which is infinite if only a minimum is known.
type Amount struct{ Least, Most float64 }

// Value returns Amount as one number: Least, or half of Most if only a maximum is known.
func (a Amount) Value() float64 {
	if a.Least == 0 && !math.IsInf(a.Most, 1) {
		return a.Most / 2
	}
	return a.Least
}

// String returns the amount in mm.
func (a Amount) String() string {
	mm := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case a.Most == 0:
		return "강수없음"
	case a.Least == a.Most:
		return mm(a.Least) + "mm"
	case math.IsInf(a.Most, 1):
		return mm(a.Least) + "mm 이상"
	case a.Least == 0:
		return mm(a.Most) + "mm 미만"
	}
	return mm(a.Least) + "~" + mm(a.Most) + "mm"
}
