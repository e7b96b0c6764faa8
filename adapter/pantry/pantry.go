// Package pantry suggests menus from the table in domain/menu. It needs no key and no
// network, and cannot fail.
package pantry

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// Chef is a port.Chef.
type Chef struct {
	Chance func() float64 // random numbers in [0, 1); must be safe for concurrent use
}

// Suggest implements port.Chef.
func (c Chef) Suggest(_ context.Context, craving menu.Craving) (menu.Suggestion, error) {
	return menu.Suggestion{Dishes: menu.Suggest(craving, c.Chance), Source: menu.Pantry}, nil
}
