// Package text measures and checks text that people write.
//
// It expects valid UTF-8 in NFC with lines ended by \n. The adapters that read requests
// make it so with Normal.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'

	// BrailleBlank is a symbol to Unicode, but looks like a space.
	BrailleBlank = '\u2800'
)

// Normal returns s in NFC, with lines ended by \n.
func Normal(s string) string { return norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")) }

// Len counts the user-perceived characters of s, the extended grapheme clusters of
// UAX #29: an accented letter, a syllable spelt in jamo, a flag or an emoji family
// counts as one.
func Len(s string) int { return uniseg.GraphemeClusterCount(s) }

// Line trims s and replaces each run of white space inside it with one space.
func Line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Visible reports whether s has at least one visible character.
func Visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != BrailleBlank &&
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

// Hidden reports whether s is Disguised, or has another character that is not seen, except
// where an emoji needs it.
func Hidden(s string) bool {
	for clusters := uniseg.NewGraphemes(s); clusters.Next(); {
		cluster := clusters.Runes()
		emoji := !unicode.In(cluster[0], unicode.L, unicode.M)
		for i, r := range cluster {
			switch {
			case emoji && r == '\ufe0f',
				emoji && r == zeroWidthJoiner && i+1 < len(cluster) && !unicode.Is(unicode.M, cluster[i+1]),
				cluster[0] == '🏴' && joiner(r) && r > zeroWidthJoiner:
			case ignorable(r), r == BrailleBlank, Disguised(string(r)):
				return true
			}
		}
	}
	return false
}

// Turned reports whether s has invisible characters that show what follows them in another
// order, as from right to left.
func Turned(s string) bool { return strings.ContainsAny(s, "\u061c\u200f\u202b\u202d\u202e\u2067") }

// maxMarks is how many marks a letter can have: more make it grow over other text.
const maxMarks = 4

// Stacked reports whether a letter of s has more than maxMarks combining marks.
func Stacked(s string) bool {
	marks := 0
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				return true
			}
		case !ignorable(r):
			marks = 0
		}
	}
	return false
}

// Controls reports whether s contains control characters other than tab and newline.
func Controls(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// HalfSurrogates reports whether JSON has an escape for half of a surrogate pair, which
// stands for no character. encoding/json decodes it as U+FFFD, and so makes different
// texts the same.
func HalfSurrogates(json []byte) bool {
	for i := 0; i < len(json); i++ {
		if json[i] != '\\' {
			continue
		}
		first := escaped(json[i:])
		switch {
		case !utf16.IsSurrogate(first):
			i++ // skips what is escaped, which may be a backslash
		case utf16.DecodeRune(first, escaped(json[i+6:])) == unicode.ReplacementChar:
			return true
		default:
			i += 11
		}
	}
	return false
}

// escaped returns the code unit of the \u escape that JSON begins with, or 0 if there is
// none.
func escaped(json []byte) rune {
	if len(json) < 6 || json[0] != '\\' || json[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(json[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(unit)
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
