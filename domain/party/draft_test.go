package party_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestOpenRefusesABadDraft(t *testing.T) {
	p, err := party.Open(7, ann, yongdam, party.Draft{Title: "치킨"}, morning)
	require.Error(t, err)
	assert.Nil(t, p)
	assert.Len(t, fault.Of(err).Fields, 3)
}

func TestDraftProblems(t *testing.T) {
	const (
		family = "👨\u200d👩\u200d👧"
		crowd  = "👨🏻\u200d👩\u200d👧\u200d👨\u200d👩\u200d👧\u200d👨" // 50 bytes
		five   = "\u0323\u0323\u0323\u0323\u0323"

		noTitle    = "제목을 입력해 주세요."
		longTitle  = "제목은 50자까지 쓸 수 있어요."
		badTitle   = "제목에 쓸 수 없는 문자가 있어요."
		noContent  = "내용을 입력해 주세요."
		longText   = "내용은 5,000자까지 쓸 수 있어요."
		noCategory = "음식 종류를 골라 주세요."
		unknown    = "없는 음식 종류예요."
		badSeats   = "모집 인원은 2명부터 10명까지예요."
	)
	title := func(s string) func(*party.Draft) { return func(d *party.Draft) { d.Title = s } }
	content := func(s string) func(*party.Draft) { return func(d *party.Draft) { d.Content = s } }
	category := func(c party.Category) func(*party.Draft) { return func(d *party.Draft) { d.Category = c } }
	seats := func(n int) func(*party.Draft) { return func(d *party.Draft) { d.Seats = n } }
	tests := []struct {
		name  string
		given func(d *party.Draft)
		want  fault.Fields
	}{
		{"a good one", func(*party.Draft) {}, fault.Fields{}},
		{"a title of one character", title("a"), fault.Fields{}},
		{"a title of fifty", title(strings.Repeat("가", 50)), fault.Fields{}},
		{"a title of fifty and white space", title("  " + strings.Repeat("가", 50) + "\n"), fault.Fields{}},
		{"a title of fifty families", title(strings.Repeat(family, 50)), fault.Fields{}},
		{"a title of 2500 bytes", title(strings.Repeat(crowd, 50)), fault.Fields{}},
		{"a title of 2503 bytes", title(strings.Repeat(crowd, 50) + "\u20dd"), fault.Fields{"title": {longTitle}}},
		{"a title of 51", title(strings.Repeat("가", 51)), fault.Fields{"title": {longTitle}}},
		{"no title", title(""), fault.Fields{"title": {noTitle}}},
		{"a title of white space", title(" \t\n\u3000"), fault.Fields{"title": {noTitle}}},
		{"a title with a control", title("치킨\x00"), fault.Fields{"title": {badTitle}}},
		{"a title that turns around", title("치킨\u202e"), fault.Fields{"title": {badTitle}}},
		{"a title with five marks on a letter", title("q" + five), fault.Fields{"title": {badTitle}}},
		{"a title with four marks on a letter", title("q" + five[2:]), fault.Fields{}},
		{"content with five marks on a letter", content("치킨\nq" + five), fault.Fields{"content": {"내용에 쓸 수 없는 문자가 있어요."}}},
		{"content with an account number turned around", content("계좌 \u202e110-987"), fault.Fields{"content": {"내용에 쓸 수 없는 문자가 있어요."}}},
		{"content from right to left", content("שלום"), fault.Fields{}},
		{"a title that is not seen", title("\u3164"), fault.Fields{"title": {badTitle}}},
		{"a title of accents on nothing", title("\u0301\ufe0f"), fault.Fields{"title": {badTitle}}},
		{"a title with a line end becomes one line", title("치킨\n같이"), fault.Fields{}},
		{"content of one character", content("a"), fault.Fields{}},
		{"content of several lines", content("a\n\nb"), fault.Fields{}},
		{"content of 5000", content(strings.Repeat("가", 5000)), fault.Fields{}},
		{"content of 5000 and white space", content("\n" + strings.Repeat("가", 5000) + "  "), fault.Fields{}},
		{"content of 40000 bytes", content(strings.Repeat("😀\u0301\u0302", 5000)), fault.Fields{}},
		{"content of 40001 bytes", content(strings.Repeat("😀\u0301\u0302", 4999) + "가\u0301\u0302\u0303"), fault.Fields{"content": {longText}}},
		{"content with a control", content("치킨\x00"), fault.Fields{"content": {"내용에 쓸 수 없는 문자가 있어요."}}},
		{"content of 5001", content(strings.Repeat("a", 5001)), fault.Fields{"content": {longText}}},
		{"no content", content(""), fault.Fields{"content": {noContent}}},
		{"content of white space", content(" \n\t "), fault.Fields{"content": {noContent}}},
		{"content that is not seen", content("\u200b\u3164\u2060"), fault.Fields{"content": {noContent}}},
		{"no category", category(""), fault.Fields{"category": {noCategory}}},
		{"a category of white space", category("  "), fault.Fields{"category": {noCategory}}},
		{"an unknown category", category("한식"), fault.Fields{"category": {unknown}}},
		{"a misspelt category", category("페스트푸드"), fault.Fields{}},
		{"two seats", seats(2), fault.Fields{}},
		{"ten seats", seats(10), fault.Fields{}},
		{"one seat", seats(1), fault.Fields{"seats": {badSeats}}},
		{"eleven seats", seats(11), fault.Fields{"seats": {badSeats}}},
		{"no seats", seats(0), fault.Fields{"seats": {badSeats}}},
		{"fewer than none", seats(-3), fault.Fields{"seats": {badSeats}}},
		{"nothing", func(d *party.Draft) { *d = party.Draft{} }, fault.Fields{
			"title": {noTitle}, "content": {noContent}, "category": {noCategory}, "seats": {badSeats},
		}},
		{"everything wrong", func(d *party.Draft) {
			*d = party.Draft{Title: strings.Repeat("a", 51), Content: strings.Repeat("a", 5001), Category: "밥", Seats: 99}
		}, fault.Fields{
			"title": {longTitle}, "content": {longText}, "category": {unknown}, "seats": {badSeats},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := draft()
			tt.given(&d)
			assert.Equal(t, tt.want, d.Problems())

			p, err := party.Open(7, ann, yongdam, d, morning)
			if len(tt.want) == 0 {
				require.NoError(t, err)
				return
			}
			assert.Nil(t, p)
			assert.Equal(t, tt.want, fault.Of(err).Fields)
		})
	}
}

func TestChangeProblems(t *testing.T) {
	tests := []struct {
		name   string
		change party.Change
		want   []string // fields
	}{
		{"nothing", party.Change{}, nil},
		{"everything good", party.Change{ptr("피자"), ptr("피자"), ptr("한 판"), ptr(4), ptr(true)}, nil},
		{"misspelt category", party.Change{Category: ptr("페스트푸드")}, nil},
		{"closed", party.Change{Closed: ptr(false)}, nil},
		{"title", party.Change{Title: ptr(strings.Repeat("가", 51))}, []string{"title"}},
		{"category", party.Change{Category: ptr("밥")}, []string{"category"}},
		{"content", party.Change{Content: ptr(" ")}, []string{"content"}},
		{"seats", party.Change{Seats: ptr(11)}, []string{"seats"}},
		{"everything", party.Change{ptr(""), ptr(""), ptr(""), ptr(0), nil}, []string{"title", "category", "content", "seats"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wrong := tt.change.Problems()
			var got []string
			for field := range wrong {
				got = append(got, field)
			}
			assert.ElementsMatch(t, tt.want, got)

			err := open(t, 2).Edit(ann, tt.change, evening)
			if len(wrong) == 0 {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, wrong, fault.Of(err).Fields, "editing tells something else")
		})
	}
}
