package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wireOnly are the names of fields that only the wire has. Names that are plain
// words as well, such as address, are not among them.
var wireOnly = []string{
	"target_number", "join_number", "is_compelete", "is_complete", "is_joined", "is_writer", "chat_id", "chatroom", "모집인원",
	"password1", "password2", "current_password", "new_password1", "new_password2", "target_user_id", "q",
}

// storedData is the one file that may have them: it writes the data of a room's
// log, which clients read as it is stored.
const storedData = "domain/party/event.go"

func TestOnlyTheEdgeKnowsWireNames(t *testing.T) {
	read := 0
	for _, layer := range []string{"domain", "port", "usecase"} {
		require.NoError(t, fs.WalkDir(os.DirFS(root), layer, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || name == storedData {
				return err
			}
			source, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			read++
			assert.Empty(t, wireNames(t, name, string(source)), name)
			return nil
		}))
	}
	assert.NotZero(t, read)
}

// wireNames finds names of wireOnly in the strings and struct tags of a file.
func wireNames(t *testing.T, name, source string) (found []string) {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	require.NoError(t, err)
	for n := range ast.Preorder(file) {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		text, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		text = strings.ReplaceAll(text, "%q", "") // a verb of fmt
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			if slices.Contains(wireOnly, word) {
				found = append(found, word)
			}
		}
	}
	return found
}

func TestWireNames(t *testing.T) {
	assert.Equal(t, []string{"target_number", "chat_id", "password2", "모집인원", "target_number"}, wireNames(t, "bad.go", `package party

		type post struct {
			Seats int `+"`json:\"target_number,omitempty\" db:\"seats\"`"+`
		}

		var chat_id = "posts[2].chat_id"

		func f(wrong fault.Fields) {
			wrong.Add("password2", "why")
			wrong.Add("모집인원", "target_number is too small")
		}
	`))
	assert.Empty(t, wireNames(t, "good.go", `package party

		// A target_number is called seats here.
		var target_number = fault.Field("seats", "모집인원은 2명부터예요.")
		var others = []string{"target_numbers", "my_chat_id", "password"}
	`))
}
