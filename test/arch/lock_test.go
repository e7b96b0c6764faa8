package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lockOf says which step of the order of locks a repository with a Lock belongs to. A
// new one belongs into the comment of port.Store, and here.
var lockOf = map[string]string{
	"Users":   "user",
	"SignIns": "sign-ins",
	"Parties": "room",
}

// How usecase keeps to that order is checked as it runs, by the tests there.
func TestEveryLockHasItsPlaceInTheOrder(t *testing.T) {
	store, err := os.ReadFile(filepath.Join(root, "port", "store.go"))
	require.NoError(t, err)
	comment, _, _ := strings.Cut(string(store), "type Store interface")
	order := regexp.MustCompile(`\s*\n// `).ReplaceAllString(comment, " ")
	assert.Contains(t, order, "user (then that person's sign-ins) → room → order → wallet → agenda")

	names, err := filepath.Glob(filepath.Join(root, "port", "*.go"))
	require.NoError(t, err)
	locks := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for n := range ast.Preorder(file) {
			spec, _ := n.(*ast.TypeSpec)
			if spec == nil {
				continue
			}
			i, _ := spec.Type.(*ast.InterfaceType)
			if i == nil {
				continue
			}
			for _, m := range i.Methods.List {
				if len(m.Names) > 0 && strings.HasPrefix(m.Names[0].Name, "Lock") {
					locks[spec.Name.Name] = true
					assert.Contains(t, order, lockOf[spec.Name.Name])
				}
			}
		}
	}
	for name := range lockOf {
		assert.True(t, locks[name], "%s locks nothing any more", name)
	}
	for name := range locks {
		assert.NotEmpty(t, lockOf[name], "%s has no place in the order", name)
	}
}

// What belongs to a room is changed in one way: see usecase.Changes.
func TestOnlyChangesLockRooms(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, "usecase", "*.go"))
	require.NoError(t, err)
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		code, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, call := range []string{".Parties.Lock(", ".Parties.Save", ".Parties.Open(", ".Rooms.Open(", ".Log.Append("} {
			if n := strings.Count(string(code), call); n > 0 {
				assert.Equal(t, "change.go", filepath.Base(name), "%s calls %s", name, call)
				found += n
			}
		}
	}
	assert.Equal(t, 5, found)
}
