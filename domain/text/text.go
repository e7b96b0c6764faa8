// Package text measures and checks text that people write.
//
// It expects valid UTF-8 in NFC. The adapters that read requests normalise it.
package text

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	brailleBlank       = '\u2800' // Unicode calls it a symbol, but it looks empty
)

// Len counts the user-perceived characters of s, the extended grapheme clusters of
// UAX #29: an accented letter, a syllable spelt in jamo, a flag or an emoji family
// counts as one.
func Len(s string) int { return uniseg.GraphemeClusterCount(s) }

// Line trims s and replaces each run of white space inside it with one space.
func Line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Visible reports whether s has at least one visible character.
func Visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != brailleBlank &&
			!unicode.In(r, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
	})
}

// Disguised reports whether s contains characters that can make it look like another
// text: controls, direction marks and invisible characters. The joiners that emoji and
// some scripts need are allowed.
func Disguised(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !joiner(r) && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r))
	})
}

// Controls reports whether s contains control characters other than tab and newline.
func Controls(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// Plain removes the invisible characters that Disguised allows: joiners, tags and
// variation selectors.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if joiner(r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, s)
}

func joiner(r rune) bool {
	return r == zeroWidthJoiner || r == zeroWidthNonJoiner || 0xe0020 <= r && r <= 0xe007f
}

// Fold returns a key that is equal for texts that differ only in case, in any script.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
