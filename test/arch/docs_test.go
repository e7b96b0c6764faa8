package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|src="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	code    = regexp.MustCompile("(?s)```.*?```")
	target  = regexp.MustCompile("`make ([\\w-]+)")
	marks   = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchor is what a heading is linked to by.
func anchor(heading string) string {
	return strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

func documents(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "*.md").Output()
	require.NoError(t, err)
	files := strings.Fields(string(out))
	require.Greater(t, len(files), 8)
	return files
}

// Links of documents lead to files and headings that there are.
func TestLinksOfDocuments(t *testing.T) {
	headings := func(file string) []string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var all []string
		for _, m := range heading.FindAllSubmatch(code.ReplaceAll(text, nil), -1) {
			all = append(all, anchor(string(m[1])))
		}
		return all
	}
	for _, file := range documents(t) {
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		for _, m := range link.FindAllSubmatch(code.ReplaceAll(text, nil), -1) {
			to := string(m[1]) + string(m[2])
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			path, part, _ := strings.Cut(to, "#")
			at := filepath.Join(root, file)
			if path != "" {
				at = filepath.Join(filepath.Dir(at), path)
			}
			if _, err := os.Stat(at); !assert.NoError(t, err, "%s links to %s", file, to) || part == "" {
				continue
			}
			assert.Contains(t, headings(at), part, "%s links to %s", file, to)
		}
	}
}

// Documents name targets of make that there are.
func TestDocumentsNameTargetsOfMake(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, file := range documents(t) {
		if file == "CHANGELOG.md" {
			continue // it tells of older ones as well
		}
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		for _, m := range target.FindAllSubmatch(text, -1) {
			assert.Regexp(t, `(?m)^`+string(m[1])+`:`, string(makefile), file)
		}
	}
}

// The first page is short.
func TestTheReadmeIsShort(t *testing.T) {
	for _, file := range []string{"README.md", "README.ko.md"} {
		info, err := os.Stat(filepath.Join(root, file))
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(6<<10), file)
	}
}
