package idempotency_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
)

func TestParseKey(t *testing.T) {
	for _, good := range []string{
		strings.Repeat("a", 16), strings.Repeat("~", 128), "7c1f64a2-0d5c-4a7e-9a44-1f6f6c1a2b3c", `"quoted and !#$"`[:7] + "123456789",
	} {
		key, err := idempotency.ParseKey(good)
		assert.NoError(t, err, "%q", good)
		assert.EqualValues(t, good, key)
	}
	for _, bad := range []string{
		"", strings.Repeat("a", 15), strings.Repeat("a", 129), strings.Repeat("a", 15) + " ", "a b" + strings.Repeat("c", 20),
		strings.Repeat("a", 15) + "\x7f", strings.Repeat("a", 15) + "\x00", strings.Repeat("가", 16),
	} {
		_, err := idempotency.ParseKey(bad)
		assert.ErrorIs(t, err, idempotency.ErrBadKey, "%q", bad)
	}
}
