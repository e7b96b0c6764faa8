package place_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

func TestSuggest(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string // the first ones; nil: none at all
	}{
		{"a typo in the sigungu", "서울 감남구 역삼동", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}},
		{"a typo in a dong alone", "여삼동", []string{"서울특별시 강남구 역삼동"}},
		{"a typo, and a lot", "서울 감남구 역삼동 823-1 102호", []string{"서울특별시 강남구 역삼동"}},
		{"no 동 at the end", "서울 강남구 역삼", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}},
		{"the wrong sigungu", "서울 서초구 역삼동", []string{"서울특별시 강남구 역삼동"}},
		{"two dongs of a name in a city", "화성시 능동", []string{"경기도 화성시 동탄구 능동", "경기도 화성시 병점구 능동"}},
		{"two 광주", "광주 송정동", []string{"경기도 광주시 송정동", "전남광주통합특별시 광산구 송정동"}},
		{"two 중구", "중구 태평로1가", []string{"서울특별시 중구 태평로1가", "대구광역시 중구 태평로1가"}},
		{"a number that there isn't", "역삼5동", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}},
		{"an 읍 that became dongs, within its city", "경기 광주시 오포읍", []string{"경기도 광주시 오포1동", "경기도 광주시 오포2동"}},
		{"an 읍 that became dongs", "광주시 오포읍", []string{"경기도 광주시 오포1동", "경기도 광주시 오포2동"}},
		{"with a 리", "광주시 오포읍 신현리 1", []string{"경기도 광주시 오포1동", "경기도 광주시 오포2동"}},
		{"a 면 that became dongs", "화성시 동탄면", []string{"경기도 화성시 동탄구 동탄1동", "경기도 화성시 동탄구 동탄2동", "경기도 화성시 동탄구 동탄3동"}},
		{"a 가 without its 동", "금호2가", []string{"서울특별시 성동구 금호동2가"}},
		{"a 가 without its 동, in a sigungu", "성동구 금호2가", []string{"서울특별시 성동구 금호동2가"}},
		{"a street, and a dong of elsewhere", "서울 서초구 테헤란로 152 (역삼동)", []string{"서울특별시 강남구 역삼동"}},
		{"a street, and a typo in its dong", "서울 강남구 테헤란로 152 (여삼동)", []string{"서울특별시 강남구 역삼동"}},
		{"nonsense", "ㅁㄴㅇㄹ", nil},
		{"another script", "Gangnam", nil},
		{"a landmark", "강남역 근처", nil},
		{"a sigungu", "서울 강남구", nil},
		{"a sigungu in full", "서울특별시 강남구", nil},
		{"a former sido", "강원도 춘천시", nil},
		{"a sido and dongs that begin with it", "세종", nil},
		{"a gu and a dong of its name", "분당", []string{"경기도 성남시 분당구 분당동"}},
		{"a street", "서울 강남구 테헤란로 152", nil},
		{"a street and a dong of its name", "서울 종로구 사직로 161", []string{"서울특별시 종로구 사직동"}},
		{"a sido", "서울", nil},
		{"nothing", " ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range place.Suggest(tt.in, 3) {
				got = append(got, p.String())
			}
			assert.LessOrEqual(t, len(got), 3)
			if tt.want == nil {
				assert.Empty(t, got)
				return
			}
			assert.Equal(t, tt.want, got[:min(len(got), len(tt.want))])
		})
	}
	assert.Len(t, place.Suggest("중동", 5), 5)
	assert.Empty(t, place.Suggest("중동", 0))
}

func TestIsRegion(t *testing.T) {
	for _, in := range []string{"서울", "서울 강남구", "강남", "경기 성남시", "분당구", "인천 남구", "세종"} {
		assert.True(t, place.IsRegion(in), in)
	}
	for _, in := range []string{"", "서울 역삼동", "강남역", "ㅁㄴㅇㄹ"} {
		assert.False(t, place.IsRegion(in), in)
	}
}
