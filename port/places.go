package port

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Places knows what lies where. Points are personal: what implements it logs
// none and passes none on but rounded.
type Places interface {
	// Near names the neighbourhood that a point lies in, or as much of it as is
	// known, and returns place.ErrNotFound where nobody lives.
	Near(ctx context.Context, at place.Point) (Nearby, error)
	// Point finds a point in the middle of a neighbourhood, or of its sigungu, good
	// to a few kilometres. It returns place.ErrNotFound for one that nobody knows,
	// and for a name that several go by.
	Point(ctx context.Context, where user.Neighborhood) (place.Point, error)
}

// Nearby is what is known of a point.
type Nearby struct {
	place.Place
	Source string // who says so
}
