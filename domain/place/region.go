package place

import (
	"math"
	"slices"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// A sido has sigungu, and short names besides its full one.
type sido struct {
	name    string
	aliases []string
	sigungu []sigungu
}

func (s sido) names() []string { return append([]string{s.name}, s.aliases...) }

// A sigungu has a name; it is "" for the one of 세종특별자치시.
type sigungu struct {
	name string
	at   Point
}

// known reports whether p has a current sigungu or needs none.
func known(p Place) bool {
	for _, s := range sidos {
		for _, g := range s.sigungu {
			if s.name == p.Sido && g.name == p.Sigungu {
				return true
			}
		}
	}
	return false
}

// Locate returns the point of the official neighbourhood that an address names, or else
// of its sigungu. If the address only names a city with districts, or a sigungu that was
// divided, it returns the centre of the parts.
func Locate(address string) (Point, bool) {
	address = Normalise(address)
	if p, ok := Parse(address); ok {
		if at, ok := Official(p); ok {
			return at, true
		}
	}
	p, count := head(strings.Fields(address))
	if count == 0 {
		return Point{}, false
	}
	var sum Point
	n := 0.0
	for _, s := range sidos {
		for _, g := range s.sigungu {
			if s.name != p.Sido {
				continue
			}
			if g.name == p.Sigungu || p.Sigungu != "" && strings.HasPrefix(g.name, p.Sigungu+" ") ||
				slices.Contains(formerly(Place{Sido: s.name, Sigungu: g.name}), p.Sigungu) {
				sum.Lat += g.at.Lat
				sum.Lon += g.at.Lon
				n++
			}
		}
	}
	if n == 0 {
		return Point{}, false
	}
	return Point{sum.Lat / n, sum.Lon / n}, true
}

// kilometres returns the great-circle distance by the haversine formula, which is within
// 0.5 % of the true distance.
func (p Point) kilometres(to Point) float64 {
	const radius, radian = 6371.0, math.Pi / 180
	sin := func(degrees float64) float64 { s := math.Sin(degrees * radian / 2); return s * s }
	h := sin(to.Lat-p.Lat) + math.Cos(p.Lat*radian)*math.Cos(to.Lat*radian)*sin(to.Lon-p.Lon)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// Rounded rounds the point to three decimals, or 110 m: precise enough to find the dong,
// but not the house.
func (p Point) Rounded() Point {
	return Point{math.Round(p.Lat*1000) / 1000, math.Round(p.Lon*1000) / 1000}
}

// Check reports coordinates out of range as errors of the fields lat and lon.
func (p Point) Check() error {
	wrong := fault.Fields{}
	if !(math.Abs(p.Lat) <= 90) { // also catches NaN
		wrong.Add("lat", "위도는 -90부터 90까지의 숫자로 보내 주세요.")
	}
	if !(math.Abs(p.Lon) <= 180) {
		wrong.Add("lon", "경도는 -180부터 180까지의 숫자로 보내 주세요.")
	}
	return wrong.Err()
}

// formerly lists the former sigungu of the same sido that p was or belonged to.
func formerly(p Place) (all []string) {
	for _, then := range past {
		same := then.sido == p.Sido && then.now.Sigungu == p.Sigungu
		if same && (p.Dong == "" || then.dongs == "" || slices.Contains(strings.Fields(then.dongs), p.Dong)) {
			all = append(all, then.sigungu)
		}
	}
	return all
}

// searched returns the names to search a sido by, including shared ones.
func (s sido) searched() []string {
	all := s.names()
	for _, shared := range sharedNames {
		if shared.sido == s.name {
			all = append(all, shared.names...)
		}
	}
	return all
}
