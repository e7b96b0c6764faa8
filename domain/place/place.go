// Package place knows the regions of Korea and normalises the names of neighbourhoods.
package place

import (
	"regexp"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// ErrNotFound means that no neighbourhood is known at a point, or by a name.
var ErrNotFound = fault.New(fault.NotFound, "place_not_found", "이 위치의 동네를 찾을 수 없어요. 동네를 직접 입력해 주세요.")

// Point is a WGS84 coordinate, in degrees.
type Point struct{ Lat, Lon float64 }

// Place is a neighbourhood, with the current full names of its parts. Sigungu is "" in
// 세종특별자치시, which has none. Dong is "" if unknown.
type Place struct {
	Sido    string // 시도
	Sigungu string // 시군구; both words for a district of a city, as in "성남시 분당구"
	Dong    string // 법정동, 읍 or 면
}

// String returns the parts of the place, separated by spaces.
func (p Place) String() string {
	return strings.Join(strings.Fields(p.Sido+" "+p.Sigungu+" "+p.Dong), " ")
}

// dong matches the names of 법정동, 행정동, 읍 and 면: 역삼동, 역삼1동, 중앙동4가, 세종로, 삼랑진읍. It does not
// match a block of flats (래미안 101동).
var dong = regexp.MustCompile(`^[가-힣]{1,8}([1-9][0-9]?)?(동|로|가|읍|면)([1-9][0-9]?가)?$`)

// IsDong reports whether a word has the form of a dong, an 읍 or a 면.
func IsDong(word string) bool { return dong.MatchString(word) }
