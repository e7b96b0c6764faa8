package auth

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func keyOf(b byte) (k Key) {
	for i := range k {
		k[i] = b
	}
	return k
}

func TestParseKey(t *testing.T) {
	k := keyOf('k')
	text := base64.StdEncoding.EncodeToString(k[:])
	for _, s := range []string{text, " " + text + "\n"} {
		got, err := ParseKey(s)
		require.NoError(t, err)
		assert.Equal(t, k, got)
	}

	short, long := k[:31], append(k[:], 'k')
	zero := make([]byte, 32)
	for name, s := range map[string]string{
		"empty":        "",
		"words":        "secret secret secret secret secret!",
		"a byte short": base64.StdEncoding.EncodeToString(short),
		"a byte long":  base64.StdEncoding.EncodeToString(long),
		"not padded":   strings.TrimRight(text, "="),
		"all zero":     base64.StdEncoding.EncodeToString(zero),
		"hexadecimal":  strings.Repeat("6b", 32),
		"two":          text + text,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseKey(s)
			assert.Equal(t, ErrKey, err, "which says nothing of what it was given")
			assert.Zero(t, got)
		})
	}
}

func TestOwnKey(t *testing.T) {
	t.Run("is made once and kept for its owner alone", func(t *testing.T) {
		dir := t.TempDir()
		k, made, err := OwnKey(dir)
		require.NoError(t, err)
		assert.True(t, made)
		assert.NotZero(t, k)

		again, made, err := OwnKey(dir)
		require.NoError(t, err)
		assert.False(t, made)
		assert.Equal(t, k, again)

		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1, "nothing else is left behind")
		info, err := files[0].Info()
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			assert.Equal(t, os.FileMode(0o600), info.Mode())
		}
	})

	t.Run("differs from folder to folder", func(t *testing.T) {
		a, _, err := OwnKey(t.TempDir())
		require.NoError(t, err)
		b, _, err := OwnKey(t.TempDir())
		require.NoError(t, err)
		assert.NotEqual(t, a, b)
	})

	t.Run("that is broken is neither used, replaced nor told", func(t *testing.T) {
		for name, content := range map[string]string{
			"empty": "", "cut": "c2VjcmV0c2VjcmV0", "words": "hunter2hunter2",
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, keyFile)
				require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
				k, made, err := OwnKey(dir)
				require.ErrorIs(t, err, ErrKey)
				assert.ErrorContains(t, err, path)
				if content != "" {
					assert.NotContains(t, err.Error(), content)
				}
				assert.Zero(t, k)
				assert.False(t, made)
				left, err := os.ReadFile(path)
				require.NoError(t, err)
				assert.Equal(t, content, string(left))
			})
		}
	})

	t.Run("that cannot be read or kept is an error", func(t *testing.T) {
		_, _, err := OwnKey(filepath.Join(t.TempDir(), "not there"))
		require.ErrorIs(t, err, os.ErrNotExist)

		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, keyFile), 0o700))
		_, made, err := OwnKey(dir)
		require.Error(t, err)
		assert.False(t, made)
	})

	t.Run("is kept whole or not at all", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, keyFile)
		require.NoError(t, os.Mkdir(path, 0o700)) // it cannot be replaced by a file
		require.Error(t, keep(path, []byte("x")))
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, files, 1)
	})
}

func TestFingerprint(t *testing.T) {
	one, two := Key{1}, Key{2}
	assert.Equal(t, one.Fingerprint(), Key{1}.Fingerprint())
	assert.NotEqual(t, one.Fingerprint(), two.Fingerprint())
	assert.Len(t, one.Fingerprint(), 16)
}
