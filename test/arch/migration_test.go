package arch

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A migration does the same to an old database whenever it runs, so it depends on no
// rule that may change: of our own packages only on those that are called frozen.
func TestMigrationsDependOnFrozenRules(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, "adapter", "*", "migration", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	packages, err := filepath.Glob(filepath.Join(root, "domain", "*", "frozen", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, packages)
	for _, name := range append(names, packages...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range file.Imports {
			path, err := strconv.Unquote(imported.Path.Value)
			require.NoError(t, err)
			assert.False(t, strings.HasPrefix(path, module+"/") && !strings.HasSuffix(path, "/frozen"), "%s imports %s", name, path)
		}
	}
}
