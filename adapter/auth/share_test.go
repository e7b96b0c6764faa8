package auth

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShareCodes(t *testing.T) {
	codes := func(keys ...Key) *ShareCodes {
		s, err := NewShareCodes(keys[0], keys[1:]...)
		require.NoError(t, err)
		return s
	}
	old, own := Key{1}, Key{2}
	before, now := codes(old), codes(own, old)
	seen := map[string]bool{}
	for _, id := range []int64{1, 2, 127, 128, 1 << 20, math.MaxInt64} {
		code := now.Code(id)
		assert.Equal(t, code, now.Code(id))
		assert.False(t, seen[code])
		seen[code] = true
		assert.Regexp(t, `^[A-Za-z0-9_-]{18,30}$`, code)
		got, ok := now.ID(code)
		assert.True(t, ok)
		assert.Equal(t, id, got)

		got, ok = now.ID(before.Code(id))
		assert.True(t, ok, "by the key of before")
		assert.Equal(t, id, got)
		_, ok = before.ID(code)
		assert.False(t, ok)

		for i := range code {
			wrong := code[:i] + map[bool]string{true: "A", false: "B"}[code[i] == 'B'] + code[i+1:]
			if wrong == code {
				continue
			}
			_, ok := now.ID(wrong)
			assert.False(t, ok, wrong)
		}
	}
	for _, wrong := range []string{"", "A", "1", "../1", now.Code(1) + "\n", now.Code(1) + "=", now.Code(1)[1:], strings.Repeat("A", 17), strings.Repeat("_", 1000)} {
		_, ok := now.ID(wrong)
		assert.False(t, ok, wrong)
	}
}

func FuzzShareCodes(f *testing.F) {
	s, err := NewShareCodes(Key{1})
	require.NoError(f, err)
	f.Add(s.Code(1))
	f.Fuzz(func(t *testing.T, code string) {
		if id, ok := s.ID(code); ok {
			assert.Equal(t, s.Code(id), code)
		}
	})
}
