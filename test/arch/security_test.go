package arch

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each test that SECURITY.md names is there, and no requirement is named twice.
func TestSecurityNamesTestsThatThereAre(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`([a-z]+(?:/[a-z0-9_]+)+): ((?:Test|Fuzz)[A-Za-z0-9_]+)`").FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(named), 50)
	for _, name := range named {
		source, err := os.ReadFile("../../" + name[1] + "_test.go")
		if assert.NoError(t, err) {
			assert.True(t, strings.Contains(string(source), "\nfunc "+name[2]+"("), name[0])
		}
	}
	rows := regexp.MustCompile(`(?m)^\| ([0-9., –]+) \|`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, rows)
	seen := map[string]bool{}
	for _, row := range rows {
		for _, number := range regexp.MustCompile(`\d+\.\d+\.\d+`).FindAllString(row[1], -1) {
			assert.False(t, seen[number], "%s has two rows", number)
			seen[number] = true
		}
	}
}
