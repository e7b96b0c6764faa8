package httpapi

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
)

// The examples of openapi.yaml say what the server says.
func TestExamplesOfRefusals(t *testing.T) {
	said := map[string]string{}
	for _, e := range []*refusal{
		ErrCrossOrigin, ErrUpgrade, errBody, errNoPath, errMethod, errBodySize, errBodySlow, errHost, errURLSize, errMediaType, errPanic, errNotReady,
	} {
		said[e.code] = e.detail
	}
	said[errTooOften.Code] = errTooOften.Detail
	examples := regexp.MustCompile(`(?m)^ +detail: (.*)\n +code: (\w+)$`).FindAllStringSubmatch(string(mealbuddy.OpenAPI), -1)
	require.Greater(t, len(examples), 20)
	for _, e := range examples {
		if detail, known := said[e[2]]; known {
			assert.Equal(t, detail, e[1], e[2])
		}
	}
	assert.Regexp(t, `after:\n +- 올바른 숫자가 아니에요\.`, string(mealbuddy.OpenAPI))
}
