package audit

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKindsAreAllOfThem(t *testing.T) {
	source, err := os.ReadFile("audit.go")
	require.NoError(t, err)
	var declared []Kind
	for _, found := range regexp.MustCompile(`(?m)^\t\w+ +Kind += "(\w+)"`).FindAllSubmatch(source, -1) {
		declared = append(declared, Kind(found[1]))
	}
	assert.Equal(t, declared, Kinds)
}
