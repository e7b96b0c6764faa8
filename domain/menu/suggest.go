package menu

import (
	"math/bits"
	"slices"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

// Suggest chooses Served dishes for a craving, by the person's wishes, the weather, the
// season and the time of day, in this order, and from several categories. chance returns
// random numbers in [0, 1), so that suggestions vary.
//
// It never suggests a dish that violates a diet. It repeats a dish in a conversation
// only after all others are used up, but before a dish of a refused taste.
func Suggest(c Craving, chance func() float64) []Dish {
	w := wishesOf(c)
	had := map[string]bool{}
	for _, name := range c.Had() {
		had[Key(name)] = true
	}
	breakfast := mealAt(c.At) == Breakfast
	fits := []func(e entry) bool{ // from strict to loose
		func(e entry) bool {
			return w.taste(e) && !had[keys[e.name]] && !(breakfast && e.tags&heavy != 0)
		},
		func(e entry) bool { return w.taste(e) && !(breakfast && e.tags&heavy != 0) },
		w.taste,
		func(entry) bool { return true },
	}
	type offer struct {
		entry
		score float64
	}
	var offers []offer
	for _, e := range table {
		offers = append(offers, offer{e, w.score(e) + c.score(e) + luck*chance()})
	}
	var served []entry
	for _, fit := range fits {
		for len(served) < Served {
			best := -1
			var most float64
			for i, o := range offers {
				if o.name == "" || !w.diet(o.entry) || !fit(o.entry) {
					continue
				}
				if s := o.score - w.crowding(served, o.category); best < 0 || s > most {
					best, most = i, s
				}
			}
			if best < 0 {
				break
			}
			served = append(served, offers[best].entry)
			offers[best].entry = entry{}
		}
	}
	dishes := make([]Dish, len(served))
	for i, e := range served {
		dishes[i] = Dish{e.name, e.category, c.Scene() + ", " + e.line}
	}
	return dishes
}

// Allows returns a function that reports whether a dish, if it is in the table, was not
// refused in the conversation.
func (c Craving) Allows() func(name string) bool {
	w := wishesOf(c)
	return func(name string) bool {
		i := slices.IndexFunc(table, func(e entry) bool { return keys[e.name] == Key(name) })
		return i < 0 || w.diet(table[i]) && w.taste(table[i])
	}
}

// Weights of the score.
const (
	luck       = 2.5
	perWish    = 20
	perDish    = 90
	perKind    = 60
	perWeather = 4
	perHour    = 3
	perSeason  = 2
	perCrowd   = 3
)

// crowding is the penalty for a dish whose category has been served: smaller if the
// person has wishes, and none if they want that category.
func (w wishes) crowding(served []entry, of party.Category) (loss float64) {
	if slices.Contains(w.wanted, of) {
		return 0
	}
	next := float64(perCrowd)
	if w.want != 0 {
		next /= 2
	}
	for _, e := range served {
		if e.category == of {
			loss += next
			next *= 2
		}
	}
	return loss
}

func (w wishes) score(e entry) (score float64) {
	met := e.tags & w.want
	if met&meat != 0 { // any of them satisfies the wish
		met = met&^meat | pork
	}
	score = perWish * float64(bits.OnesCount64(uint64(met)))
	if slices.Contains(w.wanted, e.category) {
		score += 2 * perWish
	}
	switch {
	case slices.Contains(w.dishes, keys[e.name]):
		score += perDish
	case slices.ContainsFunc(w.dishes, e.is):
		score += perKind
	}
	return score
}

// season is one of the four seasons.
type season int

var (
	// indexed by month, from 1
	seasonOf = [13]season{0, 3, 3, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3}
	seasons  = [4]tags{spring, summer, autumn, winter}
)

func (s season) String() string {
	return word([]string{"봄날", "여름날", "가을날", "겨울날"}, int(s))
}

// score says how well a dish suits the weather, the season and the time of day.
func (c Craving) score(e entry) (score float64) {
	has := func(t tags) float64 {
		if e.tags&t != 0 {
			return 1
		}
		return 0
	}
	switch c.air() {
	case freezing:
		score += perWeather*(has(warming)+has(soup)) - 4*perWeather*has(chilled)
	case cold:
		score += perWeather*has(warming) + perWeather/2*has(soup) - 3*perWeather*has(chilled)
	case cool:
		score += perWeather/2*has(warming) - perWeather*has(chilled)
	case warm:
		score += perWeather/2*has(chilled) - perWeather/2*has(warming)
	case hot:
		score += 2 * perWeather * has(chilled)
		if e.tags&summer == 0 { // except for dishes that are eaten against the heat
			score -= 2 * perWeather * has(warming)
		}
	}
	if c.wet() {
		score += 1.5 * perWeather * has(rainy)
	}
	if c.snowy() {
		score += 1.5 * perWeather * has(snowy)
	}
	switch now := seasons[seasonOf[c.At.In(Seoul).Month()]]; {
	case e.tags&now != 0:
		score += perSeason
	case e.tags&seasonal != 0:
		score -= 10 * perSeason
	case e.tags&(spring|summer|autumn|winter) != 0 && c.Weather == nil:
		score -= perSeason
	}
	switch mealAt(c.At) {
	case Breakfast:
		score += 2*perHour*has(morning) + perHour/3*has(light) - perHour*has(drinks)
	case Lunch:
		score += perHour*has(noon) - perHour*(has(drinks)+has(sweet))
	case Afternoon:
		score += perHour * has(teatime)
	case Dinner:
		score += perHour*has(evening) - perHour*has(sweet)
	case Night, SmallHours:
		score += 2 * perHour * has(late)
	}
	return score
}
