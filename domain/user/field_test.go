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

	nameLength   = "닉네임은 2~30자로 입력해 주세요."
	nameBad      = "닉네임에 쓸 수 없는 문자가 있어요."
	nameReserved = "사용할 수 없는 닉네임이에요."

	placeLength  = "동네는 2~100자로 입력해 주세요."
	placeWide    = "동(읍·면)까지 입력해 주세요."
	placeUnknown = "시·군·구와 동(읍·면)을 정확히 입력해 주세요."
	placeBad     = "동네에 쓸 수 없는 문자가 있어요."

	passwordShort   = "비밀번호는 8자 이상이어야 해요."
	passwordLong    = "비밀번호는 128자까지 쓸 수 있어요."
	passwordDigits  = "숫자로만 된 비밀번호는 쓸 수 없어요."
	passwordRepeats = "같은 글자만 반복한 비밀번호는 쓸 수 없어요."
	passwordEmail   = "이메일과 같은 비밀번호는 쓸 수 없어요."
	passwordName    = "닉네임과 같은 비밀번호는 쓸 수 없어요."
	passwordDiffers = "비밀번호가 서로 달라요."
	passwordSame    = "지금과 다른 비밀번호를 입력해 주세요."
)

const (
	family = "👨\u200d👩\u200d👧"
	zalgo  = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309"
	crowd  = "👨🏻\u200d👩\u200d👧\u200d👨\u200d👩\u200d👧\u200d👨" // 50 bytes
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
		{"1500 bytes", strings.Repeat(crowd, 30), strings.Repeat(crowd, 30), ""},
		{"four marks", "q\u0323\u0323\u0323\u0323w", "q\u0323\u0323\u0323\u0323w", ""},
		{"Arabic", "محمد علي", "محمد علي", ""},
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
		{"1501 bytes", strings.Repeat(crowd, 29) + crowd + "\u20dd", "", nameLength},
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
		{"the same with more behind", "탈퇴한 사용자2", "", nameReserved},
		{"the same without a space", "탈퇴한사용자", "", nameReserved},
		{"the same, spelt in jamo with a non-joiner", "탈퇴한 사요\u200c\u11bc자", "", nameReserved},
		{"who runs the place", "운영자", "", nameReserved},
		{"the same with spaces", "밀 버 디 운 영 자", "", nameReserved},
		{"who runs it, among others", "우리동네 관리자님", "", nameReserved},
		{"with a space that looks empty", "관\u2800리자", "", nameReserved},
		{"the product", "밀버디", "", nameReserved},
		{"the product in English", "the MealBuddy team", "", nameReserved},
		{"in other letters", "ｍｅａｌｂｕｄｄｙ", "", nameReserved},
		{"in Cyrillic letters", "mеаlbuddу", "", nameReserved},
		{"with a one", "mea1buddy", "", nameReserved},
		{"with a capital i", "MeaIBuddy", "", nameReserved},
		{"with an r and an n", "rnealbuddy", "", nameReserved},
		{"in mathematical letters", "𝓶𝓮𝓪𝓵𝓫𝓾𝓭𝓭𝔂", "", nameReserved},
		{"a notice", "민수 님이 입장했습니다.", "", nameReserved},
		{"a notice without spaces", "민수님이퇴장했습니다", "", nameReserved},
		{"a notice with other marks behind", "민수 님을 내보냈습니다 !~❤\ufe0f", "", nameReserved},
		{"a notice of the room", "글이 수정됐어요", "", nameReserved},
		{"one as it used to be", "글이 수정되었습니다", "", nameReserved},
		{"a notice in the words of the app", "민수 님이 들어왔어요.", "", nameReserved},
		{"another one", "민수 님이 나갔어요", "", nameReserved},
		{"and another", "민수 님을 내보냈어요!", "", nameReserved},
		{"a wish", "잘 먹겠습니다", "잘 먹겠습니다", ""},
		{"a greeting", "반갑습니다!", "반갑습니다!", ""},
		{"a manager of something else", "관리인", "관리인", ""},
		{"joiner", "te\u200dst", "", nameBad},
		{"non-joiner, as Persian has it", "می\u200cخواهم", "", nameBad},
		{"a selector behind a letter", "te\ufe0fst", "", nameBad},
		{"a selector of another form", "漢\U000e0100字", "", nameBad},
		{"a direction mark", "te\u200fst", "", nameBad},
		{"five marks", "q\u0323\u0323\u0323\u0323\u0323w", "", nameBad},
		{"twenty marks", "q" + strings.Repeat("\u0301", 20) + "w", "", nameBad},
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
		{"the product's other sample", "경상남도 밀양시 내이동", "경상남도 밀양시 내이동", ""},
		{"two characters", "중동", "", "혹시 서울특별시 마포구 중동, 부산광역시 해운대구 중동, 대구광역시 수성구 중동 중 하나인가요?"},
		{"tidied to one line", "  제주특별자치도\n제주시 \t 용담이동 ", "제주특별자치도 제주시 용담이동", ""},
		{"by its full name", "경남 밀양시\u3000내이동", "경상남도 밀양시 내이동", ""},
		{"a hundred as it was typed", "서울 강남구 역삼동 " + strings.Repeat("길", 100-11), "서울특별시 강남구 역삼동", ""},
		{"spelt in jamo", norm.NFD.String("경남 밀양시 내이동"), "경상남도 밀양시 내이동", ""},
		{"a lot", "서울 강남구 역삼동 823-1 102호", "서울특별시 강남구 역삼동", ""},
		{"the name of a dong", "용담이동", "제주특별자치도 제주시 용담이동", ""},
		{"a part of the name", "용담", "", "혹시 충청북도 청주시 상당구 용담동, 충청북도 청주시 상당구 용담.명암.산성동, 전북특별자치도 진안군 용담면 중 하나인가요?"},
		{"a typo", "서울 감남구 여의도동", "", "혹시 서울특별시 영등포구 여의도동, 서울특별시 영등포구 여의동, 서울특별시 강남구 역삼동 중 하나인가요?"},
		{"a sigungu", "서울 강남구", "", placeWide},
		{"a sigungu in full", "서울특별시 강남구", "", placeWide},
		{"a sigungu of a former sido", "강원도 춘천시", "", placeWide},
		{"a landmark", "강남역 근처", "", placeUnknown},
		{"nonsense", "ㅁㄴㅇㄹ", "", placeUnknown},

		{"nothing", "", "", required},
		{"white space", " \n ", "", required},
		{"one character", "동", "", placeLength},
		{"101", strings.Repeat("동", 101), "", placeLength},
		{"101 with a street", "서울 강남구 역삼동 " + strings.Repeat("길", 101-11), "", placeLength},
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

func TestMaskedAddresses(t *testing.T) {
	for email, want := range map[user.Email]string{
		"test@test.com":      "te**@test.com",
		"t@test.com":         "t**@test.com",
		"te@test.com":        "t**@test.com",
		"tes@test.com":       "te**@test.com",
		"a.long.one@b.c":     "a.**@b.c",
		"한글사람@example.kr":    "한글**@example.kr",
		"한글@example.kr":      "한**@example.kr",
		`"a@b"@example.com`:  `"a**@example.com`,
		"Élodie@example.com": "Él**@example.com",
		"":                   "", // of a withdrawn account
		"no address":         "no**",
		"@":                  "**@",
	} {
		assert.Equal(t, want, email.Masked(), string(email))
	}
}

func TestNameSkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"testuser", "TestUser", "test user", "ｔｅｓｔｕｓｅｒ", "tеstusеr", "test\u200duser", "test\u2800user", "TESTUSER"},
		{"Isabel", "lsabel", "1sabel", "Isabel ", "Іsabel"},
		{"홍길동", "홍 길동", "홍\u200c길동", "\u1112\u1169\u11bc길동"},
		{"민수1", "민수l", "민수I", "민수 |"},
		{"ㅋㅋㅋ", "\u110f\u110f\u110f", "ﾻﾻﾻ"},
	} {
		for _, name := range same[1:] {
			assert.Equal(t, user.NameSkeleton(same[0]), user.NameSkeleton(name), "%q and %q", same[0], name)
		}
	}
	for _, other := range [][2]string{{"홍길동", "홍길순"}, {"user1", "user2"}, {"cafe", "café"}, {"각가", "가까"}} {
		assert.NotEqual(t, user.NameSkeleton(other[0]), user.NameSkeleton(other[1]), "%q and %q", other[0], other[1])
	}
	assert.Equal(t, user.NameDigest("홍길동"), user.NameDigest("홍 길동"))
	assert.NotEqual(t, user.NameDigest("홍길동"), user.NameDigest("홍길순"))
	assert.EqualValues(t, -7175471040646614254, user.NameDigest("홍길동"), "it is stored")
}

func TestSuggestNeighborhoods(t *testing.T) {
	for in, want := range map[string][]string{
		"서울 감남구 역삼동": {"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"},
		"광주 송정동":     {"경기도 광주시 송정동", "전남광주통합특별시 광산구 송정동", "전남광주통합특별시 광산구 송정1동"},
		"서울 강남구 역삼동": nil,
		"서울 강남구":     nil,
		"ㅁㄴㅇㄹ":       nil,
		"":           nil,
		"서울 감남구 역삼동 " + strings.Repeat("길", 100): nil,
	} {
		assert.Equal(t, want, user.SuggestNeighborhoods(in), in)
	}
}

func TestOfficialNeighborhood(t *testing.T) {
	for in, want := range map[user.Neighborhood]bool{
		"서울특별시 강남구 역삼동": true, "서울특별시 강남구 역삼1동": true, "세종특별자치시 나성동": true,
		"서울 강남구 역삼동": false, "서울특별시 강남구 역삼동 823": false, "서울특별시 강남구": false, "종로구": false, "-": false, "": false,
	} {
		assert.Equal(t, want, in.Official(), in)
	}
}
