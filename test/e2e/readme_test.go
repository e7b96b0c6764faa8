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

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// What documents show in blocks marked sh works, pasted as it stands: the walk of the
// README ends with what two people said in one room.
func TestTheWalkOfTheReadme(t *testing.T) {
	for _, file := range []string{"README.md", "README.ko.md"} {
		t.Run(file, func(t *testing.T) {
			lines := paste(t, file)
			require.Len(t, lines, 3)
			assert.Regexp(t, `^1 · 민지\d+ 님이 입장했습니다\.$`, lines[0])
			assert.Regexp(t, `^2 하늘\d+ 순살로 할까요\?$`, lines[1])
			assert.Regexp(t, `^3 민지\d+ 네, 좋아요!$`, lines[2])
		})
	}
}

func TestTheWalkForIntegrators(t *testing.T) {
	assert.Regexp(t, `^서울특별시 강남구 역삼동
떡볶이 같이 시켜요
2
1
다솜\d+ 님이 입장했습니다\.
Idempotency-Replayed: true
invalid$`, strings.Join(paste(t, "docs/api.md"), "\n"))
}

// paste runs the shell blocks of a document in one shell, and returns what they print.
func paste(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	require.NoError(t, err)
	var script strings.Builder
	script.WriteString("set -e\n")
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		script.WriteString(block[1])
	}
	const base = "http://localhost:8080"
	require.Contains(t, script.String(), base)
	shell := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(script.String(), base, "http://"+shared.addr))
	shell.Dir = t.TempDir() // cookies
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(out), "\r", "")), "\n")
}
