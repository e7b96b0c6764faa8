package user_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Expected messages.
const (
	required = "꼭 입력해 주세요."

	emailTooLong = "이메일이 너무 길어요."
	emailBad     = "이메일 주소를 정확히 입력해 주세요."

	nameLength   = "이름은 2~30자로 입력해 주세요."
	nameBad      = "이름에 쓸 수 없는 문자가 있어요."
	nameReserved = "사용할 수 없는 이름이에요."

	placeLength = "동네는 2~100자로 입력해 주세요."
	placeBad    = "동네에 쓸 수 없는 문자가 있어요."

	passwordShort   = "비밀번호는 8자 이상이어야 해요."
	passwordLong    = "비밀번호는 128자까지 쓸 수 있어요."
	passwordDigits  = "숫자로만 된 비밀번호는 쓸 수 없어요."
	passwordRepeats = "같은 글자만 반복한 비밀번호는 쓸 수 없어요."
	passwordEmail   = "이메일과 같은 비밀번호는 쓸 수 없어요."
	passwordName    = "이름과 같은 비밀번호는 쓸 수 없어요."
	passwordDiffers = "비밀번호가 서로 달라요."
	passwordSame    = "지금과 다른 비밀번호를 입력해 주세요."
)

const (
	family = "👨\u200d👩\u200d👧"
	zalgo  = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309" // eighteen bytes above one letter
	tall   = zalgo + zalgo + "\u0301\u0302\u0303\u0304\u0305\u0306"   // forty-eight
)

// refused checks that err has the text want, or is nil if want is "".
func refused(t *testing.T, want string, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
	} else {
		require.EqualError(t, err, want)
	}
}

func TestParseEmail(t *testing.T) {
	domain := "@" + strings.Repeat("d", 50) + ".example"
	tests := []struct{ name, in, want, why string }{
		{"plain", "test@test.com", "test@test.com", ""},
		{"as its owner writes it", "Test.User@Example.COM", "Test.User@Example.COM", ""},
		{"white space around", " \t test@test.com\n", "test@test.com", ""},
		{"plus", "test+party@test.com", "test+party@test.com", ""},
		{"dots", "a.b.c@d.e.f", "a.b.c@d.e.f", ""},
		{"every sign a local part may have", "!#$%&'*+-/=?^_`{|}~@test.com", "!#$%&'*+-/=?^_`{|}~@test.com", ""},
		{"one letter", "a@b", "a@b", ""},
		{"a host without a dot", "test@localhost", "test@localhost", ""},
		{"an address of a machine", "test@[127.0.0.1]", "test@[127.0.0.1]", ""},
		{"quoted space", `"test user"@test.com`, `"test user"@test.com`, ""},
		{"quoted at", `"test@home"@test.com`, `"test@home"@test.com`, ""},
		{"quoted dots", `"a..b"@test.com`, `"a..b"@test.com`, ""},
		{"quoted quote", `"a\"b"@test.com`, `"a\"b"@test.com`, ""},
		{"local part in Hangul", "홍길동@test.com", "홍길동@test.com", ""},
		{"domain in Hangul", "test@테스트.한국", "test@테스트.한국", ""},
		{"254 bytes", strings.Repeat("a", 254-len(domain)) + domain, strings.Repeat("a", 254-len(domain)) + domain, ""},

		{"nothing", "", "", required},
		{"white space", " \t\u3000", "", required},
		{"255 bytes", strings.Repeat("a", 255-len(domain)) + domain, "", emailTooLong},
		{"255 bytes in fewer characters", strings.Repeat("가", 65) + domain + ".", "", emailTooLong},
		{"no at", "test.com", "", emailBad},
		{"no local part", "@test.com", "", emailBad},
		{"no domain", "test@", "", emailBad},
		{"two at", "a@b@test.com", "", emailBad},
		{"two at in a row", "a@@test.com", "", emailBad},
		{"two addresses", "a@test.com, b@test.com", "", emailBad},
		{"display name", "Test <test@test.com>", "", emailBad},
		{"quoted display name", `"Test" <test@test.com>`, "", emailBad},
		{"angle brackets", "<test@test.com>", "", emailBad},
		{"comment", "test@test.com (Test)", "", emailBad},
		{"comment inside", "test(Test)@test.com", "", emailBad},
		{"group", "friends: test@test.com;", "", emailBad},
		{"quotes that nothing needs", `"test"@test.com`, "", emailBad},
		{"open quote", `"test@test.com`, "", emailBad},
		{"space in the local part", "test user@test.com", "", emailBad},
		{"space in the domain", "test@te st.com", "", emailBad},
		{"space before at", "test @test.com", "", emailBad},
		{"space after at", "test@ test.com", "", emailBad},
		{"no-break space", "test\u00a0user@test.com", "", emailBad},
		{"ideographic space", "test@test\u3000.com", "", emailBad},
		{"tab in quotes", "\"a\tb\"@test.com", "", emailBad},
		{"line end", "test@test.com\nBcc: all@test.com", "", emailBad},
		{"folded line", "test@test.com\r\n b", "", emailBad},
		{"null", "test\x00@test.com", "", emailBad},
		{"control", "test\u0085@test.com", "", emailBad},
		{"zero-width space", "te\u200bst@test.com", "", emailBad},
		{"direction override", "te\u202est@test.com", "", emailBad},
		{"first dot", ".test@test.com", "", emailBad},
		{"last dot", "test.@test.com", "", emailBad},
		{"two dots", "te..st@test.com", "", emailBad},
		{"dot after at", "test@.com", "", emailBad},
		{"dot at the end", "test@test.com.", "", emailBad},
		{"comma", "te,st@test.com", "", emailBad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := user.ParseEmail(tt.in)
			refused(t, tt.why, err)
			assert.Equal(t, user.Email(tt.want), got)
		})
	}
}

func TestEmailKeyIsWithoutCase(t *testing.T) {
	assert.Equal(t, user.Email("Test@Test.COM").Key(), user.Email("tEST@tEST.com").Key())
	assert.Equal(t, user.Email("ПОЧТА@test.com").Key(), user.Email("почта@test.com").Key())
	assert.NotEqual(t, user.Email("a@test.com").Key(), user.Email("b@test.com").Key())
	assert.NotEqual(t, user.Email("a+b@test.com").Key(), user.Email("a@test.com").Key())
}

func TestParseName(t *testing.T) {
	tests := []struct{ name, in, want, why string }{
		{"the product's sample", "testuser", "testuser", ""},
		{"two letters", "ab", "ab", ""},
		{"two syllables", "홍길", "홍길", ""},
		{"two syllables spelt in jamo", "\u1112\u1161\u11ab\u1100\u1173\u11af", "\u1112\u1161\u11ab\u1100\u1173\u11af", ""},
		{"thirty letters", strings.Repeat("a", 30), strings.Repeat("a", 30), ""},
		{"thirty syllables", strings.Repeat("가", 30), strings.Repeat("가", 30), ""},
		{"thirty families", strings.Repeat(family, 30), strings.Repeat(family, 30), ""},
		{"1500 bytes", strings.Repeat("é"+tall, 30), strings.Repeat("é"+tall, 30), ""},
		{"Arabic", "محمد علي", "محمد علي", ""},
		{"Persian with its non-joiner", "می\u200cخواهم", "می\u200cخواهم", ""},
		{"Devanagari", "हिन्दी", "हिन्दी", ""},
		{"Thai", "น้ำใจ", "น้ำใจ", ""},
		{"Chinese", "李小龍", "李小龍", ""},
		{"Cyrillic", "Иван", "Иван", ""},
		{"marks of punctuation", "<b>;--", "<b>;--", ""},
		{"a heart", "a❤\ufe0f", "a❤\ufe0f", ""},
		{"trimmed", " \t홍길동\u3000\n", "홍길동", ""},
		{"space inside", "홍 길동", "홍 길동", ""},

		{"nothing", "", "", required},
		{"white space", " \u3000\t", "", required},
		{"one letter", "a", "", nameLength},
		{"one letter and white space", " a ", "", nameLength},
		{"one syllable spelt in jamo", "\u1112\u1161\u11ab", "", nameLength},
		{"one family", family, "", nameLength},
		{"31 letters", strings.Repeat("a", 31), "", nameLength},
		{"31 families", strings.Repeat(family, 31), "", nameLength},
		{"1501 bytes", strings.Repeat("é"+tall, 29) + "가" + tall, "", nameLength},
		{"null", "ab\x00c", "", nameBad},
		{"line end", "ab\ncd", "", nameBad},
		{"tab", "ab\tcd", "", nameBad},
		{"escape", "ab\x1b[31m", "", nameBad},
		{"direction override", "ab\u202ecd", "", nameBad},
		{"zero-width space", "te\u200bst", "", nameBad},
		{"soft hyphen", "te\u00adst", "", nameBad},
		{"Hangul fillers", "\u3164\u3164", "", nameBad},
		{"Hangul filler behind a letter", "ab\u3164", "", nameBad},
		{"braille blanks", "\u2800\u2800", "", nameBad},
		{"accents on nothing", "\u0301\u00a0\u0301", "", nameBad},
		{"private use", "ab\ue000", "", nameBad},
		{"the name of those who left", user.Withdrawn, "", nameReserved},
		{"the same with more white space", "  탈퇴한 \u00a0 사용자 ", "", nameReserved},
		{"the same with a joiner", "탈퇴한\u200d 사용자", "", nameReserved},
		{"the same with a selector", "탈퇴한 사용자\ufe0f", "", nameReserved},
		{"the same with a tag", "탈퇴한 사용\U000e0067자", "", nameReserved},
		{"nearly the same", "탈퇴한 사용자2", "탈퇴한 사용자2", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := user.ParseName(tt.in)
			refused(t, tt.why, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestNameKey(t *testing.T) {
	tests := []struct {
		name, a, b string
		same       bool
	}{
		{"case", "TestUser", "tESTuSER", true},
		{"Greek case", "ΝΙΚΟΣ", "νικος", true},
		{"white space", "홍  길동", "홍\u00a0길동", true},
		{"white space and none", "홍 길동", "홍길동", false},
		{"joiner", "test\u200duser", "testuser", true},
		{"non-joiner", "test\u200cuser", "testuser", true},
		{"selector", "☕☕", "☕\ufe0f☕\ufe0f", true},
		{"late selector", "漢字", "漢\U000e0100字", true},
		{"tags", "testuser\U000e0067\U000e007f", "testuser", true},
		{"tone", "👍🏻a", "👍🏿a", false},
		{"letters", "홍길동", "홍길순", false},
		{"accent", "cafe", "café", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.same, user.NameKey(tt.a) == user.NameKey(tt.b))
		})
	}
}

func TestParseNeighborhood(t *testing.T) {
	tests := []struct{ name, in, want, why string }{
		{"the product's sample", "제주특별자치도 제주시 용담이동", "제주특별자치도 제주시 용담이동", ""},
		{"two characters", "용담", "용담", ""},
		{"a hundred", strings.Repeat("동", 100), strings.Repeat("동", 100), ""},
		{"1000 bytes", strings.Repeat("é"+zalgo[:8], 100), strings.Repeat("é"+zalgo[:8], 100), ""},
		{"tidied to one line", "  제주특별자치도\n제주시 \t 용담이동 ", "제주특별자치도 제주시 용담이동", ""},
		{"by its full name", "경남 밀양시\u3000내이동", "경상남도 밀양시 내이동", ""},
		{"a hundred by its full name", "서울 " + strings.Repeat("동", 94), "서울특별시 " + strings.Repeat("동", 94), ""},
		{"spelt in jamo", norm.NFD.String("경남 밀양시 내이동"), "경상남도 밀양시 내이동", ""},

		{"nothing", "", "", required},
		{"white space", " \n ", "", required},
		{"one character", "동", "", placeLength},
		{"101", strings.Repeat("동", 101), "", placeLength},
		{"101 by its full name", "서울 " + strings.Repeat("동", 95), "", placeLength},
		{"1001 bytes", strings.Repeat("é"+zalgo[:8], 99) + "가" + zalgo[:8], "", placeLength},
		{"null", "용담\x00", "", placeBad},
		{"direction override", "용담\u202e", "", placeBad},
		{"zero-width space", "용담\u200b", "", placeBad},
		{"Hangul fillers", "\u3164\u3164", "", placeBad},
		{"accents on nothing", "\u0301 \u0301", "", placeBad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := user.ParseNeighborhood(tt.in)
			refused(t, tt.why, err)
			assert.Equal(t, user.Neighborhood(tt.want), got)
		})
	}
}

func TestCheckPassword(t *testing.T) {
	const email, name = "Honggildong@test.com", "Gildong Hong"
	tests := []struct{ name, in, why string }{
		{"the product's test1234", "test1234", ""},
		{"the product's testtest", "testtest", ""},
		{"the product's password123", "password123", ""},
		{"eight letters", "abcdefgh", ""},
		{"eight syllables", "가나다라마바사아", ""},
		{"spaces around", "  a b  c  ", ""},
		{"digits and a space", "1234567 ", ""},
		{"letters of any script", "пароль١٢", ""},
		{"two letters repeated", "abababab", ""},
		{"one other letter at the end", "aaaaaaab", ""},
		{"one other letter in the middle", "aaaabaaaa", ""},
		{"a control", "pass\tword", ""},
		{"128 code points", strings.Repeat("ab", 64), ""},
		{"128 code points of four bytes", strings.Repeat("😀😁", 64), ""},
		{"the name and more", "Gildong Hong!", ""},
		{"the name without its space", "GildongHong", ""},
		{"the domain", "@test.com", ""},

		{"nothing", "", required},
		{"seven letters", "abcdefg", passwordShort},
		{"seven letters in many bytes", "가나다라마바사", passwordShort},
		{"spaces that are too few", "       ", passwordShort},
		{"129 code points", strings.Repeat("a", 128) + "b", passwordLong},
		{"many more", strings.Repeat("ab", 5000), passwordLong},
		{"digits", "12345678", passwordDigits},
		{"digits of another script", "１２３４５６７８", passwordDigits},
		{"one digit", "11111111", passwordDigits},
		{"one letter", "aaaaaaaa", passwordRepeats},
		{"spaces", "        ", passwordRepeats},
		{"one syllable", "가가가가가가가가", passwordRepeats},
		{"one emoji", "😀😀😀😀😀😀😀😀", passwordRepeats},
		{"the e-mail", "Honggildong@test.com", passwordEmail},
		{"the e-mail in another case", "hONGGILDONG@TEST.com", passwordEmail},
		{"the local part", "Honggildong", passwordEmail},
		{"the local part in another case", "hONGGILDONG", passwordEmail},
		{"the name", "Gildong Hong", passwordName},
		{"the name in another case", "gILDONG hONG", passwordName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refused(t, tt.why, user.CheckPassword(tt.in, email, name))
		})
	}

	t.Run("the most code points fill the most bytes", func(t *testing.T) {
		require.Len(t, strings.Repeat("😀😁", 64), user.MaxPasswordBytes)
		refused(t, passwordLong, user.CheckPassword(strings.Repeat("😀😁", 64)+"a", email, name))
	})
	t.Run("nobody's e-mail and name", func(t *testing.T) {
		refused(t, "", user.CheckPassword("test1234", "", ""))
	})
	t.Run("the local part that holds an at", func(t *testing.T) {
		refused(t, passwordEmail, user.CheckPassword(`"test@home"`, `"test@home"@test.com`, ""))
		refused(t, "", user.CheckPassword(`"testing`, `"testing@home"@test.com`, ""))
	})
	t.Run("the name in Greek", func(t *testing.T) {
		refused(t, passwordName, user.CheckPassword("ΝΙΚΟΛΑΟΣ", "", "νικολαος"))
	})
}
