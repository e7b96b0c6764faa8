package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The walk of the README, pasted as it stands, ends with what two people said
// in one room.
func TestReadmeWalk(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "## From sign-up to a chat message")
	require.True(t, found)
	walk := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)
	require.Len(t, walk, 2)
	require.Contains(t, walk[1], "BASE=http://localhost:8080\n")

	script := strings.Replace(walk[1], "http://localhost:8080", "http://"+shared.addr, 1)
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script).CombinedOutput()
	require.NoError(t, err, "%s", out)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, 3, "%s", out)
	assert.Regexp(t, `^1 · 민지\d+ 님이 입장했습니다\.$`, lines[0])
	assert.Regexp(t, `^2 하늘\d+ 순살로 할까요\?$`, lines[1])
	assert.Regexp(t, `^3 민지\d+ 네, 좋아요!$`, lines[2])
}
