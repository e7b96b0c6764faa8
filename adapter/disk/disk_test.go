package disk

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	dir := t.TempDir()
	s, err := Of(dir)
	require.NoError(t, err)
	assert.Positive(t, s.Free)
	assert.Greater(t, s.Size, s.Free)
	if runtime.GOOS == "linux" {
		out, err := exec.CommandContext(t.Context(), "df", "--block-size=1", "--output=used,avail", dir).Output()
		require.NoError(t, err)
		figures := strings.Fields(strings.Split(string(out), "\n")[1])
		used, err := strconv.ParseFloat(figures[0], 64)
		require.NoError(t, err)
		free, err := strconv.ParseFloat(figures[1], 64)
		require.NoError(t, err)
		assert.InDelta(t, free/(used+free), float64(s.Free)/float64(s.Size), 0.02, "as df sees it, with others at work")
	}
	assert.NoError(t, Enough(dir)(t.Context()))

	nowhere := filepath.Join(dir, "nowhere")
	_, err = Of(nowhere)
	assert.ErrorContains(t, err, nowhere)
	assert.Error(t, Enough(nowhere)(t.Context()))
}

func TestEnough(t *testing.T) {
	const tb = 1 << 40
	for _, tt := range []struct {
		free, size uint64
		enough     bool
	}{
		{tb, tb, true}, {tb / 10, tb, true}, {51, 1000, true}, {55, 1000, true}, {50, 1000, false}, {1, 1000, false}, {0, tb, false},
		{0, 0, false},
		{1<<62 + 1, 1 << 63, true}, {1, 1 << 63, false},
	} {
		err := Space{Free: tt.free, Size: tt.size}.enough("data")
		assert.Equal(t, tt.enough, err == nil, "%d of %d: %v", tt.free, tt.size, err)
	}
}
