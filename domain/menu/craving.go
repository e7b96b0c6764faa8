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
	// Served is how many dishes a suggestion has.
	Served = 5
	// DailyQuestions is how many questions a person has in a day of Korea.
	DailyQuestions = 10
	// MaxTurns is how much of a conversation is kept.
	MaxTurns = 10

	maxMessage      = 500 // characters
	maxMessageBytes = 2000
	silence         = 4 * time.Hour
	dayBreak        = 4 // the hour at which the last evening is over
)

// Craving is what a person may want to eat.
type Craving struct {
	At      time.Time
	Weather *Forecast // nil where it is not known
	Turns   []Turn    // what was said before, the oldest first
	Words   string    // what is asked now, "" for anything
}

// Turn is a question of a conversation, and its answer.
type Turn struct {
	Words  string
	Dishes []Dish
}

// Dish is something to eat, and why now.
type Dish struct {
	Name     string
	Category party.Category
	Reason   string
}

// Source says who made a suggestion.
type Source string

// The two that make suggestions.
const (
	OpenAI Source = "openai"
	Pantry Source = "pantry"
)

// Suggestion is Served different dishes.
type Suggestion struct {
	Dishes []Dish
	Source Source
}

// ParseMessage reads a question: 1 to 500 characters once the white space around
// it is gone.
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

// Day names the day of Korea that at lies in.
func Day(at time.Time) string { return at.In(Seoul).Format(time.DateOnly) }

// Tomorrow is the next midnight of Korea after at.
func Tomorrow(at time.Time) time.Time {
	y, m, d := at.In(Seoul).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, Seoul)
}

// Over is when a conversation that was last heard at is over: after four hours of
// silence, or at four in the morning, when the next day of meals begins.
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

// Had lists what was suggested before in the conversation.
func (c Craving) Had() (names []string) {
	for _, t := range c.Turns {
		for _, d := range t.Dishes {
			names = append(names, d.Name)
		}
	}
	return names
}

// Key is equal for names of a dish that differ only in case and white space.
func Key(name string) string { return strings.Join(strings.Fields(text.Fold(name)), "") }

// Meal is a part of the day.
type Meal int

// The parts of a day, in Korea.
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

// air is how it feels outside.
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

// usual is how each month mostly feels.
var usual = [13]air{0, cold, cold, cool, cool, mild, warm, hot, hot, warm, cool, cold, cold}

func (c Craving) air() air {
	if c.Weather != nil && c.Weather.Temperature != nil {
		return airOf(*c.Weather.Temperature)
	}
	return usual[c.At.In(Seoul).Month()]
}

func (c Craving) wet() bool   { return c.Weather != nil && c.Weather.Rain.Wet() }
func (c Craving) snowy() bool { return c.Weather != nil && c.Weather.Rain.Snowy() }

// Scene says the weather, or the season where that is not known, and the part of
// the day in a few words: "비 오는 쌀쌀한 저녁", "가을날 저녁".
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
