// Package pantry chooses menus from the table of domain/menu: with no key, no
// network and no way to fail.
package pantry

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// Chef is a port.Chef.
type Chef struct {
	Chance func() float64 // from 0 to below 1; safe for several goroutines
}

// Suggest implements port.Chef.
func (c Chef) Suggest(_ context.Context, craving menu.Craving) (menu.Suggestion, error) {
	return menu.Suggestion{Dishes: menu.Suggest(craving, c.Chance), Source: menu.Pantry}, nil
}
