package template

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachFolderIsACopyOfOne(t *testing.T) {
	var first string
	folder := Folder(func(dir string) error {
		assert.Empty(t, first, "it is filled once")
		first = dir
		return os.WriteFile(filepath.Join(dir, "a"), []byte("at first"), 0o600)
	})
	for range 2 {
		file := filepath.Join(folder(t), "a")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "at first", string(text))
		require.NoError(t, os.WriteFile(file, []byte("changed"), 0o600))
	}
	assert.NoDirExists(t, first)
}

func TestAFolderThatCannotBeFilled(t *testing.T) {
	full := errors.New("the disk is full")
	var dir string
	_, err := contents(func(d string) error { dir = d; return full })
	assert.ErrorIs(t, err, full)
	assert.NoDirExists(t, dir)
}
