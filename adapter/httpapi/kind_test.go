package httpapi

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/room"
)

// The data of an entry stands beside the fields of a message under the name of its kind.
func TestNoKindIsNamedLikeAFieldOfAMessage(t *testing.T) {
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[messageJSON]()) {
		fields = append(fields, f.Tag.Get("json"))
	}
	assert.ElementsMatch(t, fields, room.FixedFields)
}
