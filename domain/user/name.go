package user

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// ParseName parses a new user name: MinName to MaxName characters of any script, on one
// line, that pass for nobody else. A name that exists may break rules that are younger.
func ParseName(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := text.Len(s); {
	case s == "":
		return "", required
	case n < MinName || n > MaxName || len(s) > MaxNameBytes:
		return "", problem(fmt.Sprintf("닉네임은 %d~%d자로 입력해 주세요.", MinName, MaxName))
	case misleading(s):
		return "", problem("사용할 수 없는 닉네임이에요.")
	case text.Hidden(s) || text.Stacked(s) || !text.Visible(s):
		return "", problem("닉네임에 쓸 수 없는 문자가 있어요.")
	}
	return s, nil
}

// NameKey is the same for names that differ only in case, white space or invisible
// characters.
func NameKey(name string) string { return text.Fold(text.Line(text.Plain(name))) }

// NameSkeleton is the same for names that look alike, without case and spaces. Names that
// differ only in case may have different ones: I looks like l, and i does not.
func NameSkeleton(name string) string {
	// Twice, because small letters may look like something that capitals do not: m like rn.
	s := text.Skeleton(strings.ToLower(text.Skeleton(spaceless(name))))
	return spaceless(s)
}

// NameDigest is a digest of NameSkeleton, as small as an id. Stores keep it: if it changes,
// they need a migration.
func NameDigest(name string) int64 {
	sum := sha256.Sum256([]byte(NameSkeleton(name)))
	return int64(binary.BigEndian.Uint64(sum[:])) // #nosec G115 -- which bits they are does not matter
}

func spaceless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == text.BrailleBlank {
			return -1
		}
		return r
	}, s)
}

// reserved are the skeletons of what no name may contain, and of the ends of notices in
// rooms, with which no name may end: "민수 님이 입장했습니다." would be one.
var (
	reserved = skeletons("운영자", "관리자", "밀버디", "mealbuddy", Withdrawn)
	notices  = skeletons(
		"했습니다", "되었습니다", "보냈습니다", "바뀌었습니다", "받았습니다",
		"했어요", "됐어요", "보냈어요", "바뀌었어요", "받았어요", "들어왔어요", "나갔어요",
	)
)

func skeletons(words ...string) []string {
	for i, w := range words {
		words[i] = NameSkeleton(w)
	}
	return words
}

// misleading reports whether others may take a name for the product, its staff, somebody
// who left, or a notice.
func misleading(name string) bool {
	s := NameSkeleton(name)
	words := strings.TrimRightFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(reserved, func(w string) bool { return strings.Contains(s, w) }) ||
		slices.ContainsFunc(notices, func(w string) bool { return strings.HasSuffix(words, w) })
}
