package httpapi

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

func TestWireNames(t *testing.T) {
	for path, want := range map[string]string{
		"seats":                  "target_number",
		"title":                  "title",
		"order.fee_tiers[2].fee": "order.fee_tiers[2].fee",
		"order.seats":            "order.seats", // another field
		"seatsize":               "seatsize",
		"seats_again":            "seats_again",
		"neighborhood.dong":      "address.dong",
		"words[3]":               "q[3]",
		"words[3].of[0]":         "q[3].of[0]",
		"new_password":           "new_password1",
		"new_password_again":     "new_password2",
		"":                       "",
		".":                      ".",
		"[0]":                    "[0]",
	} {
		assert.Equal(t, want, wireName(path), path)
	}
	assert.Equal(t, fault.Fields{"target_number": {"1", "2"}, "title": {"3"}}, onWire(fault.Fields{"seats": {"1", "2"}, "title": {"3"}}))
	assert.Empty(t, onWire(nil))

	names := slices.Sorted(maps.Values(wireNames))
	assert.Equal(t, names, slices.Compact(slices.Clone(names)), "two fields share a name")
	for _, name := range names {
		assert.Equal(t, name, wireName(name), "a name is replaced twice")
	}
}
