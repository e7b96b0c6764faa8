// Package place knows the regions of Korea, and gives every neighbourhood the
// one name that its board goes by.
package place

import (
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// ErrNotFound says that no neighbourhood is known at a point, or by a name.
var ErrNotFound = fault.New(fault.NotFound, "place_not_found", "이 위치의 동네를 찾을 수 없어요. 동네를 직접 입력해 주세요.")

// Point is a point on the ground by WGS84, in degrees.
type Point struct{ Lat, Lon float64 }

// Place is a neighbourhood by its parts, each by its full name of today. Sigungu
// is "" in 세종특별자치시, which has none; Dong is "" where no more is known.
type Place struct {
	Sido    string // 시도
	Sigungu string // 시군구; of a city with districts both words, as in "성남시 분당구"
	Dong    string // 법정동, 읍 or 면
}

// String is the place as an address says it: its parts with a space between.
func (p Place) String() string {
	return strings.Join(strings.Fields(p.Sido+" "+p.Sigungu+" "+p.Dong), " ")
}
