// Package frozen keeps rules as they were when migrations applied them to stored
// data. The rules of today go on to change; these never do, so that a migration does
// the same to an old database whenever it runs.
package frozen

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Address0002 returns the name that migration 0002 gives to the stored neighbourhood
// address: composed (NFC), with one space between words, and with sido and sigungu by
// their full names of July 2026. An address that would get shorter than 2 or longer
// than 100 characters or 1,000 bytes stays as it is.
func Address0002(address string) string {
	words := strings.Fields(norm.NFC.String(address))
	for len(words) <= 100 {
		place, count := head0002(words)
		named := append(strings.Fields(place), words[count:]...)
		if slices.Equal(named, words) {
			break
		}
		words = named // and again: 세종시 may be said more than twice
	}
	now := strings.Join(words, " ")
	// The rule counted what people see as one character. Where that differs from the
	// code points counted here, no real address comes near the limit.
	if n := utf8.RuneCountInString(now); n < 2 || n > 100 || len(now) > 1000 {
		return address
	}
	return now
}

// head0002 finds the longest beginning of an address that names a place, with or
// without spaces, and tells of how many words it is.
func head0002(words []string) (place string, count int) {
	for n := min(len(words), 4); n > 0; n-- { // as in 경기도 화성시 동탄구 반송동
		if place, ok := names0002()[strings.Join(words[:n], "")]; ok {
			return place, n
		}
	}
	return "", 0
}

// address0002 has a line for each place: its name, and after a tab what it was called,
// without spaces. It was written by domain/place of commit e25e47e.
//
//go:embed address0002.txt
var address0002 string

// names0002 leads from what a place was called to its name.
var names0002 = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(address0002) {
		place, names, _ := strings.Cut(line, "\t")
		for name := range strings.FieldsSeq(names) {
			all[name] = place
		}
	}
	return all
})
