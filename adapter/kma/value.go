package kma

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// missing is what numbers without a value lie beyond, on either side of zero.
const missing = 900

// number reads a value, or gives nil where there is none within the bounds.
func number(s string, least, most float64) *float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(math.Abs(v) < missing && v >= least && v <= most) {
		return nil
	}
	return &v
}

var amounts = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(mm|cm)?(?:~([0-9]+(?:\.[0-9]+)?)(mm|cm)?)?(미만|이상)?$`)

// amount reads how much rain, in mm, or snow, in cm, falls in an hour: "강수없음",
// "1mm 미만", "30.0~50.0mm", "50.0mm 이상", "2.5". It gives nil where nothing is said
// or the words are new.
func amount(s string) *menu.Amount {
	s = strings.Join(strings.Fields(s), "")
	switch s {
	case "", "-", "null", "강수없음", "적설없음":
		return &menu.Amount{}
	}
	m := amounts.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	least := number(m[1], 0, missing)
	if least == nil {
		return nil
	}
	a := menu.Amount{Least: *least, Most: *least}
	switch {
	case m[3] != "":
		most := number(m[3], *least, missing)
		if most == nil || m[5] != "" {
			return nil
		}
		a.Most = *most
	case m[5] == "미만":
		a.Least = 0
	case m[5] == "이상":
		a.Most = math.Inf(1)
	}
	return &a
}

var skies = map[string]menu.Sky{"1": menu.Clear, "3": menu.Cloudy, "4": menu.Overcast}

var rains = map[string]menu.Rain{
	"0": menu.Dry, "1": menu.Raining, "2": menu.Sleet, "3": menu.Snow, "4": menu.Shower,
	"5": menu.Drizzle, "6": menu.DrizzleAndFlurry, "7": menu.Flurry,
}
