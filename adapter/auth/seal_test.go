package auth

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSeal(t *testing.T) {
	newSeal := func(closes Key, others ...Key) *Seal {
		s, err := NewSeal(closes, others...)
		require.NoError(t, err)
		return s
	}
	former, both, other := newSeal(Key{1}), newSeal(Key{2}, Key{1}), newSeal(Key{3})
	text := []byte(`{"nickname":"하늘"}`)
	sealed := former.Close("purpose", text)
	assert.NotContains(t, sealed, "nickname")
	assert.NotEqual(t, sealed, former.Close("purpose", text), "twice is not the same")

	for name, s := range map[string]*Seal{"its own key": former, "a key that follows": both} {
		got, ok := s.Open("purpose", sealed)
		assert.True(t, ok, name)
		assert.Equal(t, text, got, name)
	}
	got, ok := newSeal(Key{2}).Open("purpose", both.Close("purpose", text))
	assert.True(t, ok, "the first key closes")
	assert.Equal(t, text, got)

	flip := func(at int) string {
		b := []byte(sealed)
		b[at] = map[bool]byte{true: 'B', false: 'A'}[b[at] == 'A']
		return string(b)
	}
	for name, c := range map[string]struct {
		by              *Seal
		purpose, sealed string
	}{
		"another key":      {other, "purpose", sealed},
		"another purpose":  {former, "other", sealed},
		"nothing":          {former, "purpose", ""},
		"too short":        {former, "purpose", sealed[:20]},
		"cut":              {former, "purpose", sealed[:len(sealed)-4]},
		"a changed nonce":  {former, "purpose", flip(2)},
		"a changed text":   {former, "purpose", flip(len(sealed) / 2)},
		"no base64":        {former, "purpose", sealed + "!"},
		"a line break":     {former, "purpose", sealed[:8] + "\n" + sealed[8:]},
		"far too long":     {former, "purpose", strings.Repeat("A", 1<<16)},
		"somebody's guess": {former, "purpose", "eyJuaWNrbmFtZSI6Iu2VmOuKmCJ9"},
	} {
		got, ok := c.by.Open(c.purpose, c.sealed)
		assert.False(t, ok, name)
		assert.Nil(t, got, name)
	}
}
