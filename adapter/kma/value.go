package kma

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// missing is the bound, positive or negative, beyond which a number means no value.
const missing = 900

// number parses a value. It returns nil if the value is missing or out of range.
func number(s string, least, most float64) *float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(math.Abs(v) < missing && v >= least && v <= most) {
		return nil
	}
	return &v
}

var amounts = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(mm|cm)?(?:~([0-9]+(?:\.[0-9]+)?)(mm|cm)?)?(미만|이상)?$`)

// amount parses the precipitation of an hour, in mm of rain or cm of snow: "강수없음", "1mm
// 미만", "30.0~50.0mm", "50.0mm 이상", "2.5". It returns nil for a missing value or an
// unknown form.
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
