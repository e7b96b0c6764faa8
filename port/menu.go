package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Forecaster knows the weather.
type Forecaster interface {
	// Forecast gives the weather at a point within some three seconds, an older one
	// marked as such where there is no new one. It returns menu.ErrOffGrid where
	// there is never any, and else wraps menu.ErrForecastAway.
	Forecast(ctx context.Context, at place.Point) (menu.Forecast, error)
}

// Chef chooses what to eat.
type Chef interface {
	// Suggest gives menu.Served different dishes that were not had in the
	// conversation, or an error, within the time that ctx has.
	Suggest(ctx context.Context, c menu.Craving) (menu.Suggestion, error)
}

// Conversations remembers what a Chef was asked. It is a comfort, and may forget
// at any time.
type Conversations interface {
	// Turns gives the last menu.MaxTurns turns, the oldest first.
	Turns(ctx context.Context, who user.ID) ([]menu.Turn, error)
	// Add keeps one more turn, and all of the conversation until a time.
	Add(ctx context.Context, who user.ID, t menu.Turn, until time.Time) error
	Forget(ctx context.Context, who user.ID) error
}
