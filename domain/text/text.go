// Package text measures and checks what people write.
//
// Text reaches the domain as valid UTF-8 in Unicode's composed form (NFC);
// the edge that reads it sees to that.
package text

import (
	"strings"
	"unicode"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	brailleBlank       = '\u2800' // a symbol to Unicode, and empty
)

// Len counts the characters of s as people count them: an accented letter, a
// syllable spelt in jamo, a flag or a family of emoji is one. It follows the
// extended grapheme clusters of UAX #29, with two simplifications that the
// standard library's tables ask for: any symbol after a zero-width joiner joins
// the symbol before it, and Indic conjuncts count by their letters.
func Len(s string) int {
	n := 0
	prev, flags := other, 0
	pictograph, joined := false, false // behind a symbol and what extends it; and behind a joiner after that
	for _, r := range s {
		c := classOf(r)
		if n == 0 || !joins(prev, c, flags, joined && c == symbol) {
			n++
			flags = 0
		}
		joined = pictograph && r == zeroWidthJoiner
		pictograph = c == symbol || pictograph && c == extend && r != zeroWidthJoiner
		if c == flag {
			flags++
		}
		prev = c
	}
	return n
}

type class int

const (
	other class = iota
	cr
	lf
	control
	extend
	spacing
	prepend
	symbol
	flag
	leadJamo
	vowelJamo
	tailJamo
	openSyllable   // 가: may take a tail
	closedSyllable // 각
)

// joins tells whether there is no boundary between two neighbours.
func joins(prev, next class, flags int, pictographs bool) bool {
	switch {
	case prev == cr:
		return next == lf
	case prev == lf || prev == control || next == cr || next == lf || next == control:
		return false
	case next == extend || next == spacing || prev == prepend || pictographs:
		return true
	case next == flag:
		return prev == flag && flags%2 == 1
	case prev == leadJamo:
		return next == leadJamo || next == vowelJamo || next == openSyllable || next == closedSyllable
	case prev == vowelJamo || prev == openSyllable:
		return next == vowelJamo || next == tailJamo
	case prev == tailJamo || prev == closedSyllable:
		return next == tailJamo
	}
	return false
}

func classOf(r rune) class {
	switch {
	case r == '\r':
		return cr
	case r == '\n':
		return lf
	case r < 0x20 || 0x7f <= r && r < 0xa0:
		return control
	case r < 0x300 && r != '©' && r != '®' && r != '\u00ad':
		return other
	case r == zeroWidthJoiner || r == zeroWidthNonJoiner || 0x1f3fb <= r && r <= 0x1f3ff || 0xe0020 <= r && r <= 0xe007f:
		return extend // emoji skin tones and the tags of regional flags among them
	case 0x1f1e6 <= r && r <= 0x1f1ff:
		return flag
	case 0x1100 <= r && r <= 0x115f || 0xa960 <= r && r <= 0xa97c:
		return leadJamo
	case 0x1160 <= r && r <= 0x11a7 || 0xd7b0 <= r && r <= 0xd7c6:
		return vowelJamo
	case 0x11a8 <= r && r <= 0x11ff || 0xd7cb <= r && r <= 0xd7fb:
		return tailJamo
	case 0xac00 <= r && r <= 0xd7a3:
		if (r-0xac00)%28 == 0 {
			return openSyllable
		}
		return closedSyllable
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Other_Grapheme_Extend):
		return extend
	case unicode.In(r, unicode.Prepended_Concatenation_Mark, leading):
		return prepend
	case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.IsLetter(r):
		return control
	case unicode.Is(unicode.Mc, r) && !unicode.Is(standing, r) || r == 'ำ' || r == 'ຳ':
		return spacing
	case unicode.In(r, unicode.So, unicode.Sm) || r == '‼' || r == '⁉' || r == '〰' || r == '〽' || r == 'ℹ',
		0x1f000 <= r && r <= 0x1fffd && !unicode.IsNumber(r): // blocks of symbols, some yet to come
		return symbol
	}
	return other
}

// UAX #29 lists these one by one, and so does no table of the standard library.
var (
	// leading are letters that are drawn upon the next one.
	leading = &unicode.RangeTable{
		R16: []unicode.Range16{{0x0d4e, 0x0d4e, 1}},
		R32: []unicode.Range32{
			{0x111c2, 0x111c3, 1}, {0x1193f, 0x11941, 2}, {0x11a3a, 0x11a3a, 1},
			{0x11a84, 0x11a89, 1}, {0x11d46, 0x11d46, 1}, {0x11f02, 0x11f02, 1},
		},
	}
	// standing are spacing marks, mostly Burmese, that count for themselves.
	standing = &unicode.RangeTable{
		R16: []unicode.Range16{
			{0x102b, 0x102c, 1}, {0x1038, 0x1038, 1}, {0x1062, 0x1064, 1}, {0x1067, 0x106d, 1},
			{0x1083, 0x1083, 1}, {0x1087, 0x108c, 1}, {0x108f, 0x108f, 1}, {0x109a, 0x109c, 1},
			{0x1a61, 0x1a63, 2}, {0x1a64, 0x1a64, 1}, {0xaa7b, 0xaa7d, 2},
		},
		R32: []unicode.Range32{{0x11720, 0x11721, 1}},
	}
)

// Line tidies text of a single line: white space at both ends goes, and each
// run of it inside becomes one space.
func Line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Visible tells whether s shows anything at all.
func Visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != brailleBlank &&
			!unicode.In(r, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
	})
}

// Disguised tells whether s holds characters that are not seen themselves and
// change how the rest is read: controls, direction marks and invisible ones
// other than the joiners that emoji and some scripts need.
func Disguised(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !joiner(r) && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r))
	})
}

// Controls tells whether s holds control characters other than tabs and line ends.
func Controls(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// Plain leaves out the unseen characters that Disguised lets pass: joiners, tags
// and the selectors that choose between two looks of one character.
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

// Fold gives a key that is equal for texts that differ only in case, in any script.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
