package menu

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

const (
	// Served is the number of dishes in a suggestion.
	Served = 5
	// DailyQuestions is the number of questions per person and day, Korean time.
	DailyQuestions = 10
	// MaxTurns is the number of turns of a conversation that are kept.
	MaxTurns = 10

	maxMessage      = 500 // characters
	maxMessageBytes = 2000
	silence         = 4 * time.Hour
	dayBreak        = 4 // hour when the evening counts as over
)

// Craving is the input for a suggestion.
type Craving struct {
	At      time.Time
	Weather *Forecast // nil if unknown
	Turns   []Turn    // earlier turns, oldest first
	Words   string    // the current question; "" for any dish
}

// Turn is a question in a conversation, with its answer.
type Turn struct {
	Words  string
	Dishes []Dish
}

// Dish is a suggested dish, with a reason.
type Dish struct {
	Name     string
	Category party.Category
	Reason   string
}

// Source says what made a suggestion.
type Source string

// The sources of suggestions.
const (
	OpenAI Source = "openai"
	Pantry Source = "pantry"
)

// Suggestion has Served different dishes.
type Suggestion struct {
	Dishes []Dish
	Source Source
}

// ParseMessage parses a question of 1 to 500 characters after trimming.
func ParseMessage(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case !text.Visible(s):
		return "", ErrMessageMissing
	case text.Len(s) > maxMessage || len(s) > maxMessageBytes:
		return "", ErrMessageLong
	}
	return s, nil
}

// Day returns the date of at in Korea.
func Day(at time.Time) string { return at.In(Seoul).Format(time.DateOnly) }

// Tomorrow returns the next midnight in Korea after at.
func Tomorrow(at time.Time) time.Time {
	y, m, d := at.In(Seoul).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, Seoul)
}

// Over returns when a conversation with a last turn at at expires: after four hours, or
// at four in the morning if that is earlier.
func Over(at time.Time) time.Time {
	y, m, d := at.In(Seoul).Date()
	end := time.Date(y, m, d, dayBreak, 0, 0, 0, Seoul)
	if !end.After(at) {
		end = end.AddDate(0, 0, 1)
	}
	if quiet := at.Add(silence); quiet.Before(end) {
		return quiet
	}
	return end
}

// Had lists the dishes that the conversation has suggested.
func (c Craving) Had() (names []string) {
	for _, t := range c.Turns {
		for _, d := range t.Dishes {
			names = append(names, d.Name)
		}
	}
	return names
}

// Key is the same for dish names that differ only in case and white space.
func Key(name string) string { return strings.Join(strings.Fields(text.Fold(name)), "") }

// Meal is a time of day.
type Meal int

// The times of day, in Korea.
const (
	SmallHours Meal = iota // until 5
	Breakfast              // until 11
	Lunch                  // until 14
	Afternoon              // until 17
	Dinner                 // until 21
	Night
)

func mealAt(at time.Time) Meal {
	switch h := at.In(Seoul).Hour(); {
	case h < 5:
		return SmallHours
	case h < 11:
		return Breakfast
	case h < 14:
		return Lunch
	case h < 17:
		return Afternoon
	case h < 21:
		return Dinner
	}
	return Night
}

func (m Meal) String() string {
	return word([]string{"새벽", "아침", "점심", "오후", "저녁", "밤"}, int(m))
}

// air is the perceived temperature.
type air int

const (
	freezing air = iota // below 0 °C
	cold                // below 9
	cool                // below 17
	mild                // below 24
	warm                // below 28
	hot
)

func airOf(celsius float64) air {
	switch {
	case celsius < 0:
		return freezing
	case celsius < 9:
		return cold
	case celsius < 17:
		return cool
	case celsius < 24:
		return mild
	case celsius < 28:
		return warm
	}
	return hot
}

// usual is the typical air of each month.
var usual = [13]air{0, cold, cold, cool, cool, mild, warm, hot, hot, warm, cool, cold, cold}

func (c Craving) air() air {
	if c.Weather != nil && c.Weather.Temperature != nil {
		return airOf(*c.Weather.Temperature)
	}
	return usual[c.At.In(Seoul).Month()]
}

func (c Craving) wet() bool   { return c.Weather != nil && c.Weather.Rain.Wet() }
func (c Craving) snowy() bool { return c.Weather != nil && c.Weather.Rain.Snowy() }

// Scene describes the weather, or the season if that is unknown, and the time of day: "비
// 오는 쌀쌀한 저녁", "가을날 저녁".
func (c Craving) Scene() string {
	var words []string
	switch {
	case c.snowy():
		words = append(words, "눈 오는")
	case c.Weather != nil && c.Weather.Rain == Sleet:
		words = append(words, "진눈깨비 내리는")
	case c.Weather != nil && c.Weather.Rain == Shower:
		words = append(words, "소나기 내리는")
	case c.wet():
		words = append(words, "비 오는")
	}
	if c.Weather != nil && c.Weather.Temperature != nil {
		t := math.Round(*c.Weather.Temperature)
		switch air := c.air(); {
		case air == freezing && t < 0:
			words = append(words, fmt.Sprintf("영하 %.0f도의", -t))
		case air == hot:
			words = append(words, fmt.Sprintf("%.0f도의 더운", t))
		case len(words) == 0 || air <= cool:
			words = append(words, word([]string{"추운", "추운", "쌀쌀한", "선선한", "따뜻한"}, int(air)))
		}
	}
	if len(words) == 0 {
		words = append(words, seasonOf[c.At.In(Seoul).Month()].String())
	}
	return strings.Join(append(words, mealAt(c.At).String()), " ")
}
