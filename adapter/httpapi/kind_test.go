package httpapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestNoKindDoublesAFieldOfAMessage(t *testing.T) {
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[messageJSON]()) {
		fields = append(fields, f.Tag.Get("json"))
	}
	assert.ElementsMatch(t, fields, messageFields)
	for _, name := range messageFields {
		assert.NotContains(t, party.Sentences, room.Kind(name))
		_, message := Messages{}.Frame(port.Line{Entry: room.Entry{Kind: room.Kind(name), Data: []byte(`{"a":1}`)}})
		text, err := json.Marshal(message)
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(string(text), `"`+name+`":`), string(text))
	}
}
