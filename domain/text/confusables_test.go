package text_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/mtibben/confusables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/Group-buying-service/mealbuddy/domain/text"
)

var update = flag.Bool("update", false, "write confusables.txt anew")

// confusables.txt is generated: go test ./domain/text -run Confusables -update
func TestConfusablesAreThoseOfUTS39(t *testing.T) {
	const name, header = "confusables.txt", `# The confusable characters of UTS 39, Unicode 13.0.0, as github.com/mtibben/confusables has them,
# and letters of another width. Of Hangul, only single jamo. confusables_test.go writes this file.
# © 2020 Unicode®, Inc. Terms of use: https://www.unicode.org/terms_of_use.html
# A character, and those that it looks like.
`
	jamo := representatives()
	var table strings.Builder
	table.WriteString(header)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		if r == unicode.ReplacementChar || norm.NFD.String(s) != s {
			continue // what it is decomposed into is looked up
		}
		like := confusables.Skeleton(width.Fold.String(s)) // UTS 39 has but some of the wide letters
		if unicode.Is(unicode.Hangul, r) && unicode.IsLetter(r) {
			like = s
		}
		like = strings.Map(func(r rune) rune {
			if one, ok := jamo[r]; ok {
				return one
			}
			return r
		}, norm.NFC.String(like))
		if like != s {
			fmt.Fprintf(&table, "%X %X\n", r, []rune(like))
		}
	}
	generated := strings.NewReplacer("[", "", "]", "").Replace(table.String())
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(generated), 0o644))
	}
	kept, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.True(t, generated == string(kept), "confusables.txt is not what -update writes")
}

// representatives maps single jamo, half as wide or for use in a syllable, to those that
// keyboards have, which look the same.
func representatives() map[rune]rune {
	shape := func(r rune) string {
		return confusables.Skeleton(norm.NFKC.String(string(r)))
	}
	typed := map[string]rune{}
	for r := rune(0x3131); r <= 0x318e; r++ {
		if _, known := typed[shape(r)]; !known {
			typed[shape(r)] = r
		}
	}
	of := map[rune]rune{}
	for _, block := range [][2]rune{{0x1100, 0x11ff}, {0x3131, 0x318e}, {0xa960, 0xa97c}, {0xd7b0, 0xd7fb}, {0xffa1, 0xffdc}} {
		for r := block[0]; r <= block[1]; r++ {
			if one, ok := typed[shape(r)]; ok && one != r {
				of[r] = one
			}
		}
	}
	return of
}

func TestSkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"paypal", "pаypаl", "𝔭𝒶𝓎𝕡𝕒ℓ", "ｐａｙｐａｌ", "ｐaｙpａl", "pay\u200dpal", "pay\u00adpal", "pay\ufe0fpal"},
		{"Ian", "lan", "1an", "|an", "Іan"},
		{"modern", "modem"},
		{"café", "cafe\u0301", "cafе\u0301"},
		{"운영자", "\u110b\u116e\u11ab영자", "우\u200c\u11ab영자", "운\u200b영자"},
		{"ㄱㅋ", "\u1100\u110f", "\u11a8\uffbb", "ᄀㅋ"},
		{"ㄲㄲ ㅐ", "\u1101\u1101 \u1162", "\uffa2\uffa2 \uffc3"},
		{"(주)", "㈜"},
		{"O", "0", "О", "Ο"},
	} {
		for _, s := range same[1:] {
			assert.Equal(t, text.Skeleton(same[0]), text.Skeleton(s), "%q and %q", same[0], s)
		}
	}
	for _, other := range [][2]string{
		{"", "a"}, {"a", "b"}, {"a", "A"}, {"가", "ㄱㅏ"}, {"각가", "가까"}, {"왜", "오애"}, {"의", "으이"}, {"으", "ㅡ"}, {"김치", "김지"}, {"e", "é"}, {"a b", "ab"},
	} {
		assert.NotEqual(t, text.Skeleton(other[0]), text.Skeleton(other[1]), "%q and %q", other[0], other[1])
	}
}

func TestNoTwoSyllablesShareASkeleton(t *testing.T) {
	for r := rune(0xac00); r <= 0xd7a3; r++ {
		require.Equal(t, string(r), text.Skeleton(string(r)))
		require.Equal(t, string(r), text.Skeleton(norm.NFD.String(string(r))))
	}
}

func FuzzSkeleton(f *testing.F) {
	f.Add("pаypаl", "운영자")
	f.Add("\u1100\u3131\u1161", "㈜\u0301")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = norm.NFC.String(strings.ToValidUTF8(a, "")), norm.NFC.String(strings.ToValidUTF8(b, ""))
		s := text.Skeleton(a)
		assert.Equal(t, s, text.Skeleton(s), "of a skeleton: %+q", a)
		assert.Equal(t, s, text.Skeleton(norm.NFD.String(a)), "decomposed: %+q", a)
		assert.Equal(t, text.Skeleton(a+"\n"+b), s+"\n"+text.Skeleton(b), "%+q and %+q", a, b)
	})
}
