package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// MaxSuggestions bounds what a search returns.
	MaxSuggestions = 10

	maxSearch = 100 // characters

	// In kilometres: how far the largest 면 reaches from its office; and how far away the
	// last island is, beyond which no service need be asked.
	reach    = 25
	farthest = 200
)

// Table is the source of answers from the built-in table.
const Table = "table"

// Regions helps people to name where they live. It is a port.Places that falls back on
// the built-in table where others have no answer.
type Regions struct {
	others port.Places // nil if there are none
}

// NewRegions makes the use cases of places. others may be nil.
func NewRegions(others port.Places) *Regions { return &Regions{others} }

// Search suggests sido, sigungu and official neighbourhoods for the beginning of a name.
func (u *Regions) Search(words string) ([]place.Place, error) {
	switch words = text.Line(words); {
	case words == "":
		return nil, fault.Field("words", "찾을 동네를 입력해 주세요.")
	case text.Len(words) > maxSearch:
		return nil, fault.Field("words", "동네는 100자까지 찾을 수 있어요.")
	}
	return place.Search(words, MaxSuggestions), nil
}

// Near implements port.Places: it names the neighbourhood of a point. By the table that is
// the one with the nearest office, which at a border may be the next one.
func (u *Regions) Near(ctx context.Context, at place.Point) (port.Nearby, error) {
	if err := at.Check(); err != nil {
		return port.Nearby{}, err
	}
	nearest, km := place.Nearest(at)
	if km > farthest {
		return port.Nearby{}, place.ErrNotFound
	}
	if u.others != nil {
		there, err := u.others.Near(ctx, at)
		if err == nil {
			return there, nil
		}
		if ended := ctx.Err(); ended != nil {
			return port.Nearby{}, ended
		}
	}
	if km > reach {
		return port.Nearby{}, place.ErrNotFound
	}
	return port.Nearby{Place: nearest, Source: Table}, nil
}

// Point implements port.Places.
func (u *Regions) Point(ctx context.Context, where user.Neighborhood) (place.Point, error) {
	p, named := place.Parse(string(where))
	if at, ok := place.Official(p); named && ok {
		return at, nil
	}
	if u.others != nil && (!named || p.Dong != "") { // the table has all there is to say of a sigungu
		at, err := u.others.Point(ctx, where)
		if err == nil {
			return at, nil
		}
		if ended := ctx.Err(); ended != nil {
			return place.Point{}, ended
		}
	}
	if at, ok := place.Locate(string(where)); ok {
		return at, nil
	}
	return place.Point{}, place.ErrNotFound
}
