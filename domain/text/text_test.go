package text_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/text"
)

func TestLenCountsWhatPeopleSeeAsOneCharacter(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want int
	}{
		{"nothing", "", 0},
		{"ascii", "test1234", 8},
		{"syllables", "안녕하세요", 5},
		{"a syllable spelt in jamo", "\u1112\u1161\u11ab", 1},
		{"syllables spelt in jamo", "\u1112\u1161\u11ab\u1100\u1173\u11af", 2},
		{"an open syllable and its tail", "가\u11a8", 1},
		{"a closed syllable and another tail", "각\u11a8", 1},
		{"a closed syllable takes no vowel", "각\u1161", 2},
		{"two leads, as old Korean has them", "\u1100\u1100\u1161", 1},
		{"extended jamo of old Korean", "\ua960\ud7b0\ud7cb", 1},
		{"jamo that stand for themselves", "ㅋㅋㅋ", 3},
		{"a lead after a tail", "\u11a8\u1100", 2},
		{"a family", "👨\u200d👩\u200d👧\u200d👦", 1},
		{"two families", "👨\u200d👩\u200d👧👨\u200d👩\u200d👧", 2},
		{"a couple with a heart and skin tones", "👩🏻\u200d❤\ufe0f\u200d💋\u200d👨🏿", 1},
		{"skin tones", "👍🏻👍🏿", 2},
		{"a skin tone alone", "🏻", 1},
		{"a joiner that joins letters to nothing", "a\u200d☕", 2},
		{"a symbol joins nothing without a joiner", "☕☕", 2},
		{"two joiners in a row", "☕\u200d\u200d☕", 2},
		{"a mark behind the joiner", "☕\u200d\u0301☕", 2},
		{"a spacing mark before the joiner", "☕\u0903\u200d☕", 2},
		{"a tone before the joiner", "☕🏻\u200d☕", 1},
		{"an arrow is no emoji and does not join", "☕\u200d→", 2},
		{"an emoji of a later Unicode", "🏃\u200d\U0001fae9", 1},
		{"the letter that is an emoji", "ℹ\ufe0f\u200dℹ\ufe0f", 1},
		{"a flag", "🇰🇷", 1},
		{"two flags", "🇰🇷🇯🇵", 2},
		{"a flag and a half", "🇰🇷🇯", 2},
		{"half a flag", "🇰", 1},
		{"halves that a letter parts", "🇰a🇷", 3},
		{"half a flag, a letter and a flag", "🇰a🇷🇯", 3},
		{"halves that a joiner parts", "🇰\u200d🇷", 2},
		{"the flag of England", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1},
		{"a keycap", "1\ufe0f\u20e3", 1},
		{"keycaps", "#\ufe0f\u20e3*\ufe0f\u20e3", 2},
		{"a heart as text and as emoji", "❤\ufe0e❤\ufe0f", 2},
		{"signs of trade", "©\ufe0f®\ufe0f™\ufe0f", 3},
		{"an accent", "e\u0301", 1},
		{"an accent on nothing", "\u0301", 1},
		{"zalgo", "z" + strings.Repeat("\u0301\u0323", 40) + "a", 2},
		{"an encircled letter", "a\u20dd", 1},
		{"line ends", "a\r\nb", 3},
		{"line ends the wrong way round", "\n\r", 2},
		{"an accent takes no line end", "\r\n\u0301", 2},
		{"controls", "\x00\u0301\x7f\u0085", 4},
		{"a soft hyphen", "a\u00adb", 3},
		{"a direction mark", "a\u202eb", 3},
		{"an ignorable that is not assigned", "a\u2065\u0301", 3},
		{"a line separator", "a\u2028\u0301", 3},
		{"non-joiner", "می\u200cخواهم", 7},
		{"Thai", "น้ำ", 1},
		{"Lao", "ນຳ", 1},
		{"Devanagari", "हिन्दी", 3},
		{"Tamil", "நி", 1},
		{"Burmese spacing marks stand for themselves", "ကား", 3},
		{"a letter that is drawn upon the next", "\u0d4eക", 1},
		{"a sign that leads numbers", "\u0600١", 1},
		{"a sign that leads a flag", "\u0600🇰🇷🇯", 2},
		{"a sign that leads a line end", "\u0600\n", 2},
		{"Arabic", "مَرْحَبًا", 5},
		{"Hangul filler", "\u3164a", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, text.Len(tt.in))
		})
	}
}

func TestEveryCharacterOfUnicodeCountsAsOne(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if n := text.Len(string(r)); n != 1 {
			assert.Failf(t, "wrong length", "%+q counts as %d", r, n)
		}
	}
}

// alphabet is what FuzzLen builds texts from. It has a character of every class that
// UAX #29 distinguishes.
var alphabet = []rune("aZ1#* é가각힣ㅋ漢あ☕👨👩👧❤💋🏴👍™©®‼→ℹ" + "ำຳนកိाிार" +
	"\r\n\t\x00\u0085\u00ad\u0301\u0323\u0308\u034f\u0600\u0604\u0903\u0d4e\u102b\u1038" +
	"\u1100\u1112\ua960\u1161\u1160\ud7b0\u11a8\u11ab\ud7cb\u200b\u200c\u200d\u200d\u200d" +
	"\u202e\u2028\u2065\u20e3\u3164\ufe0e\ufe0f\ufe0f" +
	"\U0001f1f0\U0001f1f7\U0001f1f7\U0001f3fb\U0001f3ff\U0001fae9\U000e0001\U000e0067\U000e007f\U00011720")

func FuzzLen(f *testing.F) {
	for i := range alphabet {
		f.Add([]byte{byte(i), byte(i + 1), byte(i + 2), byte(i)}, []byte{byte(i + 3), byte(i)})
	}
	spell := func(keys []byte) string {
		var b strings.Builder
		for _, k := range keys {
			b.WriteRune(alphabet[int(k)%len(alphabet)])
		}
		return b.String()
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		a, b := spell(one), spell(two)
		assert.LessOrEqualf(t, text.Len(a), utf8.RuneCountInString(a), "%+q", a)
		assert.Equalf(t, a != "", text.Len(a) > 0, "%+q", a)
		joined := text.Len(a + b)
		assert.LessOrEqualf(t, joined, text.Len(a)+text.Len(b), "%+q and %+q", a, b)
		assert.GreaterOrEqualf(t, joined, text.Len(a), "%+q and %+q", a, b)
		assert.Equalf(t, text.Len(a)+1+text.Len(b), text.Len(a+"\u2028"+b), "%+q, a line end, %+q", a, b)
	})
}

func TestLineTidiesWhiteSpace(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"only white space", " \t\n\u3000", ""},
		{"tidy already", "치킨 두 마리", "치킨 두 마리"},
		{"both ends", "  치킨\n", "치킨"},
		{"runs inside", "치킨 \r\n\t 두\u00a0\u3000마리", "치킨 두 마리"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, text.Line(tt.in)) })
	}
}

func TestVisible(t *testing.T) {
	tests := []struct {
		name, in string
		want     bool
	}{
		{"nothing", "", false},
		{"a letter", "a", true},
		{"a letter among the invisible", "\u200b a \u3164", true},
		{"an emoji", "👨\u200d👩\u200d👧", true},
		{"a mark of punctuation", ".", true},
		{"half a flag", "🇰", true},
		{"white space", " \t\n\u00a0\u3000", false},
		{"zero-width space", "\u200b", false},
		{"joiners", "\u200c\u200d", false},
		{"word joiner", "\u2060", false},
		{"byte order mark", "\ufeff", false},
		{"direction marks", "\u202e\u2066", false},
		{"soft hyphen", "\u00ad", false},
		{"Hangul fillers", "\u115f\u1160\u3164\uffa0", false},
		{"braille blank", "\u2800", false},
		{"variation selectors", "\ufe0f\U000e0100", false},
		{"tags", "\U000e0067\U000e007f", false},
		{"an accent on nothing", "\u0301", false},
		{"controls", "\x00\x1b", false},
		{"private use", "\ue000", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, text.Visible(tt.in)) })
	}
}

func TestDisguised(t *testing.T) {
	tests := []struct {
		name, in string
		want     bool
	}{
		{"nothing", "", false},
		{"words", "치킨 두 마리, please!", false},
		{"a family", "👨\u200d👩\u200d👧", false},
		{"a heart", "❤\ufe0f", false},
		{"a skin tone", "👍🏽", false},
		{"the flag of England", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", false},
		{"Persian with its non-joiner", "می\u200cخواهم", false},
		{"an accent", "e\u0301", false},
		{"right-to-left letters", "שלום", false},
		{"right-to-left override", "a\u202eb", true},
		{"embedding", "a\u202a", true},
		{"isolate", "\u2067a\u2069", true},
		{"direction mark", "a\u200f", true},
		{"Arabic letter mark", "a\u061c", true},
		{"zero-width space", "a\u200bb", true},
		{"word joiner", "a\u2060b", true},
		{"byte order mark", "\ufeffa", true},
		{"soft hyphen", "a\u00adb", true},
		{"grapheme joiner", "a\u034fb", true},
		{"Hangul filler", "a\u3164", true},
		{"halfwidth Hangul filler", "a\uffa0", true},
		{"jamo fillers", "\u115f\u1160", true},
		{"line end", "a\nb", true},
		{"tab", "a\tb", true},
		{"line separator", "a\u2028b", true},
		{"paragraph separator", "a\u2029b", true},
		{"null", "a\x00", true},
		{"escape", "\x1b[31m", true},
		{"a control of Latin-1", "a\u0085", true},
		{"private use", "\ue000", true},
		{"annotation", "a\ufff9b", true},
		{"a language tag", "\U000e0001", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, text.Disguised(tt.in)) })
	}
}

func TestPlainLeavesOutTheUnseen(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"words", "치킨 두 마리, é!", "치킨 두 마리, é!"},
		{"joiners", "te\u200dst\u200c", "test"},
		{"selectors", "❤\ufe0f漢\U000e0100", "❤漢"},
		{"Mongolian selectors", "\u180b\u180d", ""},
		{"tags", "🏴\U000e0067\U000e007f", "🏴"},
		{"tones and accents are seen", "👍🏻e\u0301", "👍🏻e\u0301"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, text.Plain(tt.in)) })
	}
}

func TestFoldTakesCaseAway(t *testing.T) {
	tests := []struct {
		name, a, b string
		same       bool
	}{
		{"nothing", "", "", true},
		{"latin", "TestUser", "tESTuSER", true},
		{"other letters", "a", "b", false},
		{"Hangul has no case", "가나다", "가나다", true},
		{"Hangul", "가", "각", false},
		{"Greek, all three sigmas", "ΣΟΦΟΣ", "σοφος", true},
		{"final sigma", "ΣΟΦΟΣ", "σοφοσ", true},
		{"Kelvin", "\u212a", "k", true},
		{"Ångström", "\u212b", "å", true},
		{"long s", "ſ", "S", true},
		{"Cyrillic", "ПРИВЕТ", "привет", true},
		{"Georgian", "ᲐᲑᲒ", "აბგ", true},
		{"Turkish dotless i", "ı", "I", false},
		{"Turkish dotted I", "İ", "i", false},
		{"full width", "ＡＢ", "ａｂ", true},
		{"full width is another width", "Ａ", "A", false},
		{"accent", "É", "é", true},
		{"emoji", "👍🏻", "👍🏿", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.same, text.Fold(tt.a) == text.Fold(tt.b))
			assert.Equal(t, strings.EqualFold(tt.a, tt.b), tt.same, "the standard library differs")
		})
	}
}

func TestFoldKeepsItsPromisesForEveryLetter(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.SimpleFold(r) == r {
			continue // has one case
		}
		s, other := string(r), string(unicode.SimpleFold(r))
		require.Equalf(t, text.Fold(s), text.Fold(other), "%+q and %+q", s, other)
		require.Equalf(t, text.Fold(s), text.Fold(text.Fold(s)), "%+q twice", s)
		require.LessOrEqualf(t, len(text.Fold(s)), len(s), "%+q needs more room", s)
		require.NotEqualf(t, text.Fold("a"+s), text.Fold("a"), "%+q is lost", s)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Straße", "STRASSE")
	f.Add("ΣΟΦΟΣ", "σοφος")
	f.Add("\u212aelvin", "KELVIN")
	f.Fuzz(func(t *testing.T, a, b string) {
		folded := text.Fold(a)
		assert.Equal(t, folded, text.Fold(folded), "folding twice")
		assert.True(t, !utf8.ValidString(a) || strings.EqualFold(a, folded), "folding changed more than case")
		assert.Equal(t, strings.EqualFold(a, b), folded == text.Fold(b), "the standard library differs")
	})
}

func TestControls(t *testing.T) {
	for _, s := range []string{"", "치킨\t같이\n시켜요", "👨\u200d👩\u200d👧", "\u202e"} {
		assert.False(t, text.Controls(s), "%q", s)
	}
	for _, s := range []string{"\x00", "치\x1b킨", "a\r\n", "\x7f", "\u0085"} {
		assert.True(t, text.Controls(s), "%q", s)
	}
}

func TestHalfSurrogates(t *testing.T) {
	for s, want := range map[string]bool{
		``:                       false,
		`{"a":"b"}`:              false,
		`"\ud83c\udf57"`:         false,
		`"\uD83C\uDF57\uFFFD"`:   false,
		`"\\ud83c"`:              false,
		`"\\\\ud83c"`:            false,
		`"\"\\\ud83c\udf57"`:     false,
		`"\ud83c"`:               true,
		`"\\\ud83c"`:             true,
		`"\uDfFf"`:               true,
		`"\ud83c\\udf57"`:        true,
		`{"\ud83c":1}`:           true,
		`["a",{"b":"\udbff\n"}]`: true,
	} {
		assert.Equal(t, want, text.HalfSurrogates([]byte(s)), s)
	}
	for _, broken := range []string{`\`, `\u`, `\ud8`, `\ud83c`, `\ud83c\`, `\ud83c\u`, `\ud83c\udf`, `\uzzzz`} {
		assert.NotPanics(t, func() { text.HalfSurrogates([]byte(broken)) }, broken)
	}
}

func FuzzHalfSurrogates(f *testing.F) {
	f.Add("\U0001f357", "\\ud83c")
	f.Add("\\", "\\udf57\\ud83c")
	f.Fuzz(func(t *testing.T, before, escapes string) {
		quoted, err := json.Marshal(strings.ToValidUTF8(before, ""))
		require.NoError(t, err)
		assert.False(t, text.HalfSurrogates(quoted), "%s", quoted)

		raw := []byte(`"` + escapes + `"`)
		var s string
		if json.Unmarshal(raw, &s) != nil || !utf8.ValidString(escapes) {
			return
		}
		written := strings.Count(escapes, "\ufffd") + strings.Count(strings.ToLower(escapes), `\ufffd`)
		if lost := strings.Count(s, "\ufffd"); lost > written {
			assert.True(t, text.HalfSurrogates(raw), "%q became %q", escapes, s)
		}
	})
}

func TestNormal(t *testing.T) {
	for s, want := range map[string]string{
		"":                       "",
		"치킨\r\n\r\n두 마리\n":       "치킨\n\n두 마리\n",
		"cafe\u0301":             "café",
		"\u1112\u1161\u11ab\r\n": "한\n",
		"a\rb":                   "a\rb", // refused by Controls
	} {
		assert.Equal(t, want, text.Normal(s))
		assert.Equal(t, want, text.Normal(want))
	}
}

func TestMarksPileUp(t *testing.T) {
	marks := func(n int) string { return strings.Repeat("\u0323", n) }
	for s, want := range map[string]bool{
		"":                                   false,
		"q" + marks(4):                       false,
		"q" + marks(5):                       true,
		"치킨 q" + marks(5) + " 두 마리":          true,
		"é" + marks(3):                       false,
		"é" + marks(4):                       true, // five, with the one that is part of it
		"ệ" + marks(2) + "ệ":                 false,
		"q" + marks(4) + "q" + marks(4):      false,
		"q" + marks(4) + "\u200d" + marks(1): true,
		"q" + marks(4) + "\u2060" + marks(1): true,
		"q" + marks(4) + "\ufe0f":            true, // which is a mark
		marks(5):                             true,
		"มี้ น้ำ ผู้ใหญ่":                                               false,
		"हिन्दी क्ष्म्य":                                                false,
		"👩\u200d❤\ufe0f\u200d💋\u200d👨 1\ufe0f\u20e3":                    false,
		"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": false,
		"\u1112\u1161\u11ab":              false,
		"q" + strings.Repeat("\u20dd", 5): true,
	} {
		assert.Equal(t, want, text.Stacked(s), "%+q", s)
	}
}

func TestTextThatIsTurnedAround(t *testing.T) {
	for _, s := range []string{"", "계좌 110-123-456789", "שלום 123", "مرحبا", "a\u200eb", "\u202a010-1234-5678\u202c", "\u2066a\u2069", "\u2068a\u2069"} {
		assert.False(t, text.Turned(s), "%+q", s)
	}
	for _, s := range []string{"\u202e110", "\u202d110\u202c", "\u202b1 2", "\u20671 2\u2069", "\u200f1 2", "\u061c1 2"} {
		assert.True(t, text.Turned(s), "%+q", s)
	}
}

func TestHidden(t *testing.T) {
	for _, s := range []string{"", "민수", "민 수", "민수❤\ufe0f", "👨\u200d👩\u200d👧", "👍🏽", "🏴\U000e0067\U000e007f", "1\ufe0f\u20e3", "e\u0301", "שלום"} {
		assert.False(t, text.Hidden(s), "%+q", s)
	}
	for _, s := range []string{
		"민\u200d수", "민\u200c수", "민수\u200d", "❤\u200d", "민\ufe0f수", "漢\U000e0100", "a\U000e0067", "민\u2800수", "민\u3164수", "민\u200b수",
		"민\u202e수", "민\u200f수", "민\u00ad수", "\u2060민", "می\u200cخواهم", "\u115f\u1160", "민\x00", "민\u034f", "🏴\u200d\u0301",
	} {
		assert.True(t, text.Hidden(s), "%+q", s)
	}
}
