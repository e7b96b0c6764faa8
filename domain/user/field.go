package user

import (
	"errors"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// Limits of a user's fields, in user-perceived characters and, for storage, in bytes.
// The database schemas repeat the byte limits.
const (
	MaxEmailBytes = 254 // RFC 5321, section 4.5.3.1.3

	MinName      = 2
	MaxName      = 30
	MaxNameBytes = 1500

	MinNeighborhood      = 2
	MaxNeighborhood      = 100
	MaxNeighborhoodBytes = 1000

	MinPassword      = 8 // code points
	MaxPassword      = 128
	MaxPasswordBytes = 512
)

// A problem is a sentence about an invalid field.
type problem string

func (p problem) Error() string { return string(p) }

const required = problem("꼭 입력해 주세요.")

// note adds err, if not nil, to the problems of field.
func note(wrong fault.Fields, field string, err error) {
	if p, ok := errors.AsType[problem](err); ok {
		wrong.Add(field, string(p))
	}
}

// Email is an e-mail address as its owner typed it.
type Email string

// ParseEmail parses an addr-spec as in RFC 5322 of at most 254 bytes. It trims the
// input.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	switch a, err := mail.ParseAddress(s); {
	case s == "":
		return "", required
	case len(s) > MaxEmailBytes:
		return "", problem("이메일이 너무 길어요.")
	case err != nil || "<"+s+">" != a.String() || text.Disguised(s) || strings.ContainsFunc(s, oddSpace):
		return "", problem("이메일 주소를 정확히 입력해 주세요.")
	}
	return Email(s), nil
}

// oddSpace reports white space that is not allowed even in a quoted local part.
func oddSpace(r rune) bool { return unicode.IsSpace(r) && r != ' ' }

// Key is the same for addresses that differ only in case.
func (e Email) Key() string { return text.Fold(string(e)) }

// ParseName parses a user name: 2 to 30 characters of any script, on one line.
func ParseName(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := text.Len(s); {
	case s == "":
		return "", required
	case n < MinName || n > MaxName || len(s) > MaxNameBytes:
		return "", problem("이름은 2~30자로 입력해 주세요.")
	case text.Disguised(s) || !text.Visible(s):
		return "", problem("이름에 쓸 수 없는 문자가 있어요.")
	case NameKey(s) == NameKey(Withdrawn):
		return "", problem("사용할 수 없는 이름이에요.")
	}
	return s, nil
}

// NameKey is the same for names that differ only in case, white space or invisible
// characters.
func NameKey(name string) string { return text.Fold(text.Line(text.Plain(name))) }

// Neighborhood is a place down to its dong, such as "제주특별자치도 제주시 용담이동". People with the
// same Neighborhood are neighbours.
type Neighborhood string

// ParseNeighborhood parses a neighbourhood of 2 to 100 characters on one line and
// normalises it with place.Normalise.
func ParseNeighborhood(s string) (Neighborhood, error) {
	s = place.Normalise(s)
	switch n := text.Len(s); {
	case s == "":
		return "", required
	case n < MinNeighborhood || n > MaxNeighborhood || len(s) > MaxNeighborhoodBytes:
		return "", problem("동네는 2~100자로 입력해 주세요.")
	case text.Disguised(s) || !text.Visible(s):
		return "", problem("동네에 쓸 수 없는 문자가 있어요.")
	}
	return Neighborhood(s), nil
}

// CheckPassword checks a new password for the account with email and name. It does not
// change the password in any way.
func CheckPassword(password string, email Email, name string) error {
	n := utf8.RuneCountInString(password)
	local := string(email[:max(strings.LastIndex(string(email), "@"), 0)])
	same := func(s string) bool { return s != "" && text.Fold(s) == text.Fold(password) }
	switch {
	case password == "":
		return required
	case n < MinPassword:
		return problem("비밀번호는 8자 이상이어야 해요.")
	case n > MaxPassword || len(password) > MaxPasswordBytes:
		return problem("비밀번호는 128자까지 쓸 수 있어요.")
	case !strings.ContainsFunc(password, func(r rune) bool { return !unicode.IsDigit(r) }):
		return problem("숫자로만 된 비밀번호는 쓸 수 없어요.")
	case strings.Trim(password, firstRune(password)) == "":
		return problem("같은 글자만 반복한 비밀번호는 쓸 수 없어요.")
	case same(string(email)) || same(local):
		return problem("이메일과 같은 비밀번호는 쓸 수 없어요.")
	case same(name):
		return problem("이름과 같은 비밀번호는 쓸 수 없어요.")
	}
	return nil
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func repeats(password, again string) error {
	switch {
	case again == "":
		return required
	case again != password:
		return problem("비밀번호가 서로 달라요.")
	}
	return nil
}
