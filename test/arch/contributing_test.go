package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of changes names files and folders that exist. A file without a folder may be
// in any package.
func TestContributingNamesPathsThatExist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(text), "| I want to add |")
	table, _, _ = strings.Cut(table, "\n\n")
	paths := regexp.MustCompile("`([\\w.]*/[\\w./]*|\\w+\\.(?:go|md|json|yaml))[`<]").FindAllStringSubmatch(table, -1)
	require.Greater(t, len(paths), 20)
	for _, m := range paths {
		here, _ := filepath.Glob(filepath.Join(root, m[1]))
		below, _ := filepath.Glob(filepath.Join(root, "*", "*", m[1]))
		assert.NotEmpty(t, append(here, below...), m[1])
	}
}
