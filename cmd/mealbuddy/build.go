package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// version, commit and date are set with -ldflags "-X main.version=0.2.0 …" where Go cannot
// know them: an image is built without the repository.
var version, commit, date string

// build says which program this is.
type build struct {
	version  string // of the release, or of the module, as far as Go knows it
	commit   string // "" where it was not built from a repository
	date     string // of the commit, RFC 3339; "" like commit
	modified bool   // not just what the commit holds
}

func readBuild() build {
	b := build{version: cmp.Or(version, "unknown"), commit: commit, date: date}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.version = cmp.Or(version, info.Main.Version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = cmp.Or(commit, s.Value)
		case "vcs.time":
			b.date = cmp.Or(date, s.Value)
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	words := []string{"mealbuddy", b.version, b.commit, b.date}
	if b.modified {
		words = append(words, "(modified)")
	}
	words = append(words, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}
