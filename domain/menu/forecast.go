// Package menu holds what the weather is, and what to eat in it: the words of the
// weather, a table of dishes, and the rules by which a few of them are chosen.
package menu

import (
	"math"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// What may be refused.
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

// Seoul is the time of Korea, which has no summer time. It needs no table of
// zones from the machine.
var Seoul = time.FixedZone("KST", 9*60*60)

// Forecast is the weather of one place. What is not known is nil, or of the
// unknown kind.
type Forecast struct {
	At          time.Time // the time that all but Hours speaks of
	Sky         Sky
	Rain        Rain
	Amount      *Amount  // of rain in an hour
	Temperature *float64 // °C
	Humidity    *float64 // %
	Wind        *float64 // m/s
	Hours       []Hour   // what comes, the next first; at most HoursAhead
	Place       string   // whose weather it is; "" where the name is not known
	StaleSince  time.Time
}

// HoursAhead is how far a Forecast looks.
const HoursAhead = 12

// Stale tells whether this is an older answer, kept since StaleSince because
// nobody gives a newer one.
func (f Forecast) Stale() bool { return !f.StaleSince.IsZero() }

// Hour is the weather of one hour to come.
type Hour struct {
	At          time.Time
	Temperature *float64 // °C
	Sky         Sky
	Rain        Rain
	Amount      *Amount
	Chance      *float64 // of rain or snow, %
}

// Sky is how much of it is covered.
type Sky int

// The three skies that the KMA knows.
const (
	SkyUnknown Sky = iota
	Clear
	Cloudy
	Overcast
)

// String is the KMA's word, "" for an unknown sky.
func (s Sky) String() string { return word([]string{"", "맑음", "구름많음", "흐림"}, int(s)) }

// Rain is what falls, if anything.
type Rain int

// What the KMA tells apart.
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

// String is the KMA's word, "" where it is unknown.
func (r Rain) String() string {
	return word([]string{"", "없음", "비", "비/눈", "눈", "소나기", "빗방울", "빗방울눈날림", "눈날림"}, int(r))
}

// Wet tells whether it rains, with snow in it or not.
func (r Rain) Wet() bool {
	return r == Raining || r == Sleet || r == Shower || r == Drizzle || r == DrizzleAndFlurry
}

// Snowy tells whether it snows and does not rain.
func (r Rain) Snowy() bool { return r == Snow || r == Flurry }

func word(words []string, i int) string {
	if i < 0 || i >= len(words) {
		return ""
	}
	return words[i]
}

// Amount is how much falls in an hour: in mm, in cm if it is snow. It lies from
// Least to Most, which is infinite where only the least is known.
type Amount struct{ Least, Most float64 }

// Value is one number for the amount: the least of it, and half of what is
// under a bound.
func (a Amount) Value() float64 {
	if a.Least == 0 && !math.IsInf(a.Most, 1) {
		return a.Most / 2
	}
	return a.Least
}

// String says the amount in mm.
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
