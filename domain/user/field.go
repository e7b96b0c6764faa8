package user

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// Limits of a user's fields. Names and neighbourhoods are counted in user-perceived
// characters, passwords in code points. The byte limits bound storage; the database
// schemas repeat those of stored fields.
const (
	MaxEmailBytes = 254 // RFC 5321, section 4.5.3.1.3

	MinName      = 2
	MaxName      = 30
	MaxNameBytes = 1500

	MinNeighborhood      = 2
	MaxNeighborhood      = 100
	MaxNeighborhoodBytes = 1000

	// Passwords, in code points.
	MinPassword      = 8
	MaxPassword      = 128
	MaxPasswordBytes = 512
)

// A problem is a sentence about an invalid field.
type problem string

func (p problem) Error() string { return string(p) }

const required = problem("꼭 입력해 주세요.")

// addProblem adds err to the problems of field. It ignores nil and errors of other
// types.
func addProblem(wrong fault.Fields, field string, err error) {
	if p, ok := errors.AsType[problem](err); ok {
		wrong.Add(field, string(p))
	}
}

// Email is an e-mail address as its owner typed it.
type Email string

// ParseEmail parses an addr-spec as in RFC 5322 of at most MaxEmailBytes bytes. It trims
// the input.
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

// oddSpace reports whether r is white space other than a plain space, which only a
// quoted local part may contain.
func oddSpace(r rune) bool { return unicode.IsSpace(r) && r != ' ' }

// Key is the same for addresses that differ only in case.
func (e Email) Key() string { return text.Fold(string(e)) }

// Masked returns the address as others see it: the first two characters and the domain,
// or one if there are no more than two.
func (e Email) Masked() string {
	if e == "" {
		return ""
	}
	at := strings.LastIndex(string(e), "@")
	if at < 0 {
		at = len(e)
	}
	local := []rune(string(e[:at]))
	shown := min(len(local), 2)
	if len(local) == 2 {
		shown = 1
	}
	return string(local[:shown]) + "**" + string(e[at:])
}

// CheckPassword checks a new password. It neither trims nor normalises it, and rejects
// the account's e-mail, its local part and its name.
func CheckPassword(password string, email Email, name string) error {
	n := utf8.RuneCountInString(password)
	local := string(email[:max(strings.LastIndex(string(email), "@"), 0)])
	same := func(s string) bool { return s != "" && text.Fold(s) == text.Fold(password) }
	switch {
	case password == "":
		return required
	case n < MinPassword:
		return problem(fmt.Sprintf("비밀번호는 %d자 이상이어야 해요.", MinPassword))
	case n > MaxPassword || len(password) > MaxPasswordBytes:
		return problem(fmt.Sprintf("비밀번호는 %d자까지 쓸 수 있어요.", MaxPassword))
	case !strings.ContainsFunc(password, func(r rune) bool { return !unicode.IsDigit(r) }):
		return problem("숫자로만 된 비밀번호는 쓸 수 없어요.")
	case strings.Trim(password, firstRune(password)) == "":
		return problem("같은 글자만 반복한 비밀번호는 쓸 수 없어요.")
	case same(string(email)) || same(local):
		return problem("이메일과 같은 비밀번호는 쓸 수 없어요.")
	case same(name):
		return problem("닉네임과 같은 비밀번호는 쓸 수 없어요.")
	}
	return nil
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func checkRepeated(password, again string) error {
	switch {
	case again == "":
		return required
	case again != password:
		return problem("비밀번호가 서로 달라요.")
	}
	return nil
}
