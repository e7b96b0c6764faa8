// Package arch holds the shape of the code to what was agreed: what may import
// what, small ports, stores that are twins, features that stand alone.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/Group-buying-service/mealbuddy"
	root   = "../.."
)

// What packages import directly says it all: what domain reaches through
// others of domain, these import directly.
func TestImports(t *testing.T) {
	type pkg struct {
		ImportPath, Dir string
		Standard        bool
		Imports         []string
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Dir,Standard,Imports", "./...")
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	require.NoError(t, err)
	var ours []pkg
	standard := map[string]bool{}
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := in.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		standard[p.ImportPath] = p.Standard
		if p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/") {
			ours = append(ours, p)
		}
	}
	require.NotEmpty(t, ours)
	for _, p := range ours {
		for _, dir := range []string{p.Dir, filepath.Dir(p.Dir)} {
			_, err := os.ReadDir(dir) // what go list reads is not seen by the cache of go test
			require.NoError(t, err)
		}
		for _, to := range p.Imports {
			segments := p.ImportPath == module+"/domain/text" && to == "github.com/rivo/uniseg"
			assert.True(t, segments || mayImport(layer(p.ImportPath, false), layer(to, standard[to])), "%s imports %s", p.ImportPath, to)
		}
	}
}

// make test runs the tests of domain without the race detector.
func TestDomainStartsNoGoroutine(t *testing.T) {
	files := 0
	err := filepath.WalkDir(filepath.Join(root, "domain"), func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for n := range ast.Preorder(file) {
			switch n := n.(type) {
			case *ast.GoStmt:
				assert.Fail(t, "go statement", name)
			case *ast.SelectorExpr: // of a WaitGroup, an errgroup or a test
				assert.NotContains(t, []string{"Go", "Parallel", "AfterFunc", "RunParallel"}, n.Sel.Name, name)
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.NotZero(t, files)
}

// layer says where a package belongs: "std", "x/text", "testify" or "outside" if
// it is not ours, else the part of the module, such as "domain" or "adapter/ws".
func layer(importPath string, standard bool) string {
	rest, ours := strings.CutPrefix(importPath, module)
	parts := strings.Split(rest, "/")
	switch {
	case standard:
		return "std"
	case strings.HasPrefix(importPath+"/", "golang.org/x/text/"):
		return "x/text"
	case strings.HasPrefix(importPath+"/", "github.com/stretchr/testify/"):
		return "testify"
	case !ours || parts[0] != "":
		return "outside"
	case len(parts) == 1:
		return "root"
	case len(parts) > 2 && (parts[1] == "adapter" || parts[1] == "test"):
		return parts[1] + "/" + parts[2]
	}
	return parts[1]
}

// mayImport is the dependency rule.
func mayImport(from, to string) bool {
	if to == "std" || to == from {
		return true
	}
	part, name, _ := strings.Cut(from, "/")
	switch part {
	case "domain":
		return to == "x/text" // where Unicode itself is the rule: names, addresses
	case "port":
		return to == "domain"
	case "usecase":
		return to == "domain" || to == "port"
	case "adapter":
		drives := name == "httpapi" || name == "ws" || name == "clock"
		stores := name == "sqlite" || name == "postgres"
		return to == "domain" || to == "port" || name != "rows" && (to == "outside" || to == "x/text") ||
			to == "usecase" && drives || to == "adapter/rows" && stores
	case "test":
		far := name == "container" || name == "e2e" || name == "load"
		return to == "domain" || to == "port" || to == "testify" ||
			far && (to == "outside" || to == "root" || strings.HasPrefix(to, "test/"))
	case "cmd":
		return true
	}
	return false // root, and folders that nobody has agreed on
}

func TestMayImport(t *testing.T) {
	const yes, no = true, false
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{module + "/domain/party", module + "/domain/user", yes},
		{module + "/domain/party", "time", yes},
		{module + "/domain/party", module + "/port", no},
		{module + "/domain/place", "golang.org/x/text/unicode/norm", yes},
		{module + "/domain/place", "golang.org/x/crypto/argon2", no},
		{module + "/domain/party", "github.com/rivo/uniseg", no},
		{module + "/port", module + "/domain/user", yes},
		{module + "/port", module + "/usecase", no},
		{module + "/usecase", module + "/port", yes},
		{module + "/usecase", module + "/adapter/sqlite", no},
		{module + "/usecase", "github.com/google/uuid", no},
		{module + "/adapter/httpapi", "golang.org/x/text/unicode/norm", yes},
		{module + "/test/stub", module + "/test/stub/kakao", yes},
		{module + "/test/stub/kakao", module + "/adapter/kakao", no},
		{module + "/adapter/sqlite", "modernc.org/sqlite", yes},
		{module + "/adapter/sqlite", module + "/adapter/sqlite/migration", yes},
		{module + "/adapter/sqlite", module + "/adapter/postgres", no},
		{module + "/adapter/sqlite", module + "/usecase", no},
		{module + "/adapter/sqlite", module + "/adapter/rows", yes},
		{module + "/adapter/postgres", module + "/adapter/rows", yes},
		{module + "/adapter/redis", module + "/adapter/rows", no},
		{module + "/adapter/rows", module + "/domain/party", yes},
		{module + "/adapter/rows", module + "/adapter/sqlite", no},
		{module + "/adapter/rows", "github.com/jackc/pgx/v5", no},
		{module + "/adapter/httpapi", module + "/usecase", yes},
		{module + "/adapter/clock", module + "/usecase", yes},
		{module + "/adapter/httpapi", module + "/adapter/ws", no},
		{module + "/adapter/httpapi", module + "/test/contract", no},
		{module + "/adapter/httpapi", module + "/cmd/mealbuddy", no},
		{module + "/test/contract", "github.com/stretchr/testify/assert", yes},
		{module + "/test/contract", "github.com/jackc/pgx/v5", no},
		{module + "/test/contract", module + "/adapter/sqlite", no},
		{module + "/test/e2e", "github.com/getkin/kin-openapi/openapi3", yes},
		{module + "/test/e2e", module + "/adapter/sqlite", no},
		{module + "/cmd/mealbuddy", module + "/adapter/sqlite", yes},
		{module + "/util", module + "/domain/user", no},
		{module + "/adapter/sqlite", module + "er/thing", yes}, // another module
	} {
		assert.Equal(t, tt.want, mayImport(layer(tt.from, false), layer(tt.to, tt.to == "time")), "%s imports %s", tt.from, tt.to)
	}
}

const maxMethods = 5

func TestPorts(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, "port", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	sources := map[string]string{}
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			sources[name] = string(src)
		}
	}
	assert.Empty(t, wrongPorts(t, sources))
}

// wrongPorts finds function bodies, and interfaces of too many methods, in the
// files of a package.
func wrongPorts(t *testing.T, sources map[string]string) (wrong []string) {
	interfaces := map[string]*ast.InterfaceType{}
	for name, src := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		require.NoError(t, err)
		for n := range ast.Preorder(file) {
			switch n := n.(type) {
			case *ast.BlockStmt: // the outermost of a function, or one inside
				wrong = append(wrong, name+": a function body")
			case *ast.TypeSpec:
				if i, ok := n.Type.(*ast.InterfaceType); ok {
					interfaces[n.Name.Name] = i
				}
			}
		}
	}
	for name, i := range interfaces {
		if n := methods(i, interfaces); n > maxMethods {
			wrong = append(wrong, fmt.Sprintf("%s has %d methods", name, n))
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// methods counts the methods of an interface, with those of the ones it embeds.
// One from elsewhere counts as a method.
func methods(i *ast.InterfaceType, all map[string]*ast.InterfaceType) (n int) {
	for _, m := range i.Methods.List {
		id, _ := m.Type.(*ast.Ident)
		switch {
		case id != nil && all[id.Name] != nil:
			n += methods(all[id.Name], all)
		default:
			n += max(len(m.Names), 1)
		}
	}
	return n
}

func TestWrongPorts(t *testing.T) {
	assert.Empty(t, wrongPorts(t, map[string]string{
		"good.go": `package port; type A interface { B; C(); D() }; type B interface { E(); F(); G() }; type S struct { f func() }`,
	}))
	assert.Equal(t, []string{"A has 6 methods", "body.go: a function body", "literal.go: a function body"}, wrongPorts(t, map[string]string{
		"big.go":     `package port; type A interface { B; C(); D(); H() }`,
		"part.go":    `package port; type B interface { E(); F(); G() }`,
		"body.go":    `package port; func f() {}`,
		"literal.go": `package port; var f = func() {}`,
	}))
}

// ofOneStore are the files that only one of the two stores needs, with the reason.
var ofOneStore = map[string]string{
	"sqlite/backup.go":        "PostgreSQL brings pg_dump",
	"postgres/session.go":     "a file has no sessions",
	"postgres/transaction.go": "database/sql has one",
}

// The stores are twins: what one keeps in a file, the other keeps in a file of that name.
func TestTwinStores(t *testing.T) {
	sqlite, postgres := storeFiles(t, "sqlite"), storeFiles(t, "postgres")
	require.NotEmpty(t, sqlite)
	assert.Equal(t, sqlite, postgres)
	for name := range ofOneStore {
		assert.FileExists(t, filepath.Join(root, "adapter", filepath.FromSlash(name)))
	}
}

// storeFiles lists what a store is made of, except for ofOneStore.
func storeFiles(t *testing.T, store string) (names []string) {
	dir := os.DirFS(filepath.Join(root, "adapter", store))
	err := fs.WalkDir(dir, ".", func(name string, _ fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ofOneStore[path.Join(store, name)] != "":
			return nil
		case path.Ext(name) == ".sql" || path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go"):
			names = append(names, name)
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(names)
	return names
}

func TestFeatures(t *testing.T) {
	src := os.DirFS(filepath.Join(root, "adapter", "web", "src"))
	err := fs.WalkDir(src, "features", func(name string, _ fs.DirEntry, err error) error {
		switch {
		case name == "features" && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll
		case err != nil:
			return err
		case path.Ext(name) == ".ts" || path.Ext(name) == ".tsx":
			code, err := fs.ReadFile(src, name)
			if err != nil {
				return err
			}
			assert.Empty(t, strangers(name, string(code)), name)
		}
		return nil
	})
	require.NoError(t, err)
}

var imported = regexp.MustCompile(`(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']`)

// strangers finds the imports of a file of a feature that lead into another
// one. name is the path of the file below src.
func strangers(name, code string) (found []string) {
	feature := strings.Split(name, "/")[1]
	for _, m := range imported.FindAllStringSubmatch(code, -1) {
		to := m[1]
		if strings.HasPrefix(to, ".") {
			to = path.Join(path.Dir(name), to)
		}
		_, other, ok := strings.Cut("/"+to, "/features/")
		if other, _, _ = strings.Cut(other, "/"); ok && other != feature {
			found = append(found, m[1])
		}
	}
	return found
}

func TestStrangers(t *testing.T) {
	assert.Equal(t, []string{"../talk/talk", "../../features/menu/queries", "@/features/talk", "../account/Profile"}, strangers("features/party/JoinBox.tsx", `
		import { useState } from "react";
		import { ok } from "../../api/client";
		import { partyQuery } from "./queries";
		import * as own from "../party/queries";
		import { talk } from "../talk/talk";
		import type {
			Menu,
		} from '../../features/menu/queries';
		export * from "@/features/talk";
		const Profile = lazy(() => import("../account/Profile"));
	`))
}

var (
	testNamed = regexp.MustCompile("`(Test[A-Z]\\w*)`")
	testMade  = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
)

// What is said of how promises are tested names tests that there are.
func TestPromisesNameTests(t *testing.T) {
	promises, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	require.NoError(t, err)
	made := map[string]bool{}
	for _, dir := range []string{"adapter", "cmd", "domain", "test", "usecase"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() == "node_modules":
				return fs.SkipDir
			case !strings.HasSuffix(name, "_test.go"):
				return nil
			}
			code, err := os.ReadFile(name)
			for _, m := range testMade.FindAllSubmatch(code, -1) {
				made[string(m[1])] = true
			}
			return err
		}))
	}
	named := testNamed.FindAllSubmatch(promises, -1)
	assert.NotEmpty(t, named)
	for _, m := range named {
		assert.True(t, made[string(m[1])], "there is no %s", m[1])
	}
}
