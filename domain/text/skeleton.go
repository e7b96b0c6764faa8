package text

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed confusables.txt
var confusablesFile string

// confusables maps characters to those that they look like.
var confusables = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string, 6500)
	for line := range strings.Lines(confusablesFile) {
		if line[0] == '#' {
			continue
		}
		var like strings.Builder
		codes := strings.Fields(line)
		for _, code := range codes[1:] {
			like.WriteRune(codePoint(code))
		}
		table[codePoint(codes[0])] = like.String()
	}
	return table
})

func codePoint(hex string) rune {
	n, err := strconv.ParseInt(hex, 16, 32)
	if err != nil {
		panic("confusables.txt: " + err.Error())
	}
	return rune(n)
}

// Skeleton returns a key that is the same for texts that look alike, by UTS 39, section 4.
// It is no text for people. Unlike there, Hangul syllables stay whole, or 각가 and 가까 would
// be alike.
func Skeleton(s string) string {
	s = norm.NFC.String(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
	var b strings.Builder
	for _, r := range s {
		if 0xac00 <= r && r <= 0xd7a3 {
			b.WriteRune(r)
			continue
		}
		for _, part := range norm.NFD.String(string(r)) {
			if like, ok := confusables()[part]; ok {
				b.WriteString(like)
			} else {
				b.WriteRune(part)
			}
		}
	}
	return norm.NFC.String(b.String())
}

// ignorable reports whether r is not seen where a font does not know it: controls of the
// text's form, joiners, selectors, fillers.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
