// Package template spares the tests of a package the migrations of their stores: one
// folder is made by them, and each test has a copy.
package template

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Folder returns a function that returns a new folder with what fill has put into its
// folder. It calls fill once, in the first test.
func Folder(fill func(dir string) error) func(t testing.TB) string {
	filled := sync.OnceValues(func() (map[string][]byte, error) { return contents(fill) })
	return func(t testing.TB) string {
		t.Helper()
		files, err := filled()
		require.NoError(t, err)
		dir := t.TempDir()
		for name, text := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
		}
		return dir
	}
}

// contents returns the files that fill creates, by their names.
func contents(fill func(dir string) error) (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "mealbuddy-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := fill(dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}
