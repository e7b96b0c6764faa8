package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set with -ldflags "-X main.version=v1.2.3" where Go cannot know it: an
// image is built without the repository.
var version string

// build says which program this is.
type build struct {
	version  string // of the module, as far as Go knows it
	revision string // "" where it was not built from a repository
	modified bool   // not just what the revision holds
}

func readBuild() build {
	b := build{version: cmp.Or(version, "unknown")}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.version = cmp.Or(version, info.Main.Version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	text := "mealbuddy " + b.version
	if b.revision != "" {
		text += " " + b.revision
	}
	if b.modified {
		text += " (modified)"
	}
	return fmt.Sprintf("%s %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
