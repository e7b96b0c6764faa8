// Package frozen keeps old versions of rules that migrations applied to stored data. The
// current rules may change; these must not, so that a migration always gives the same
// result.
package frozen

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Address0002 returns the name that migration 0002 gives to a stored address: in NFC,
// with single spaces, and with the full names of sido and sigungu of July 2026. An
// address whose name would have fewer than 2 or more than 100 characters, or more than
// 1,000 bytes, stays as it is.
func Address0002(address string) string {
	words := strings.Fields(norm.NFC.String(address))
	for len(words) <= 100 {
		place, count := head0002(words)
		named := append(strings.Fields(place), words[count:]...)
		if slices.Equal(named, words) {
			break
		}
		words = named // repeat, because 세종시 may occur more than twice
	}
	now := strings.Join(words, " ")
	// The rule counted user-perceived characters. Code points give the same result for
	// real addresses, which are far from the limit.
	if n := utf8.RuneCountInString(now); n < 2 || n > 100 || len(now) > 1000 {
		return address
	}
	return now
}

// head0002 finds the longest prefix of an address that names a place, with or without
// spaces, and returns the number of its words.
func head0002(words []string) (place string, count int) {
	for n := min(len(words), 4); n > 0; n-- { // as in 경기도 화성시 동탄구 반송동
		if place, ok := names0002()[strings.Join(words[:n], "")]; ok {
			return place, n
		}
	}
	return "", 0
}

// address0002 has a line for each place: its name, a tab, and its former name without
// spaces. Commit e25e47e's domain/place wrote it.
//
//go:embed address0002.txt
var address0002 string

// names0002 maps former names of a place to its name.
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
