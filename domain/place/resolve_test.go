package place_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

func TestResolve(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"the seed's", "제주특별자치도 제주시 용담이동", "제주특별자치도 제주시 용담이동"},
		{"the seed's other", "경상남도 밀양시 내이동", "경상남도 밀양시 내이동"},
		{"a short sido", "서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"what people say", "서울시 강남 역삼동", "서울특별시 강남구 역삼동"},
		{"no sido", "강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"neither whole", "강남 역삼동", "서울특별시 강남구 역삼동"},
		{"no sigungu", "서울 역삼동", "서울특별시 강남구 역삼동"},
		{"a dong that there is once", "용담이동", "제주특별자치도 제주시 용담이동"},
		{"a 행정동 stays one", "서울 강남구 역삼1동", "서울특별시 강남구 역삼1동"},
		{"the 행정동 beside the seed's", "제주 제주시 용담2동", "제주특별자치도 제주시 용담2동"},
		{"a city without its gu", "성남시 정자동", "경기도 성남시 분당구 정자동"},
		{"a gu without its city", "분당구 정자동", "경기도 성남시 분당구 정자동"},

		{"a lot and a flat", "서울 강남구 역삼동 823-1 102호", "서울특별시 강남구 역삼동"},
		{"a lot without a space", "서울 강남구 역삼동823-1", "서울특별시 강남구 역삼동"},
		{"a building", "역삼동 101동 1502호", "서울특별시 강남구 역삼동"},
		{"a 리", "경남 밀양시 삼랑진읍 송지리 1", "경상남도 밀양시 삼랑진읍"},
		{"a 리 without a space", "경남 밀양시 삼랑진읍송지리", "경상남도 밀양시 삼랑진읍"},
		{"a bracket", "서울 강남구 역삼동(테헤란로 152)", "서울특별시 강남구 역삼동"},

		{"the country in front", "대한민국 서울특별시 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"the country, joined", "대한민국서울특별시강남구역삼동", "서울특별시 강남구 역삼동"},
		{"a postcode in front", "06236 서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a postcode in parentheses", "(06236) 서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a postcode in brackets", "[06236]서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a postcode and the country", "06236 대한민국 서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"the country and a postcode", "대한민국, 06236, 서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"another number in front", "0623 서울 강남구 역삼동", ""},
		{"a long number in front", "062366 서울 강남구 역삼동", ""},
		{"the country alone", "대한민국", ""},

		{"a street, and the dong behind it", "서울특별시 강남구 테헤란로 152 (역삼동)", "서울특별시 강남구 역삼동"},
		{"a street, the dong and a building", "서울 강남구 테헤란로 152, 3층(역삼동, 강남파이낸스센터)", "서울특별시 강남구 역삼동"},
		{"a postcode, a street and the dong", "(06236) 서울 강남구 테헤란로 152 （역삼동）", "서울특별시 강남구 역삼동"},
		{"a street of a city with gu", "경기도 성남시 분당구 판교역로 166 (백현동)", "경기도 성남시 분당구 백현동"},
		{"a street, the dong, and something else", "서울 강남구 테헤란로 152 (역삼동) (우리집)", "서울특별시 강남구 역삼동"},
		{"a street in 세종", "세종특별자치시 도움6로 11 (어진동)", "세종특별자치시 어진동"},
		{"a street named after a dong", "부산 해운대구 우동1로 20 (중동)", "부산광역시 해운대구 중동"},
		{"a street named after a dong, and no dong", "부산 해운대구 우동1로 20", ""},
		{"a street, and a dong of elsewhere", "서울 서초구 테헤란로 152 (역삼동)", ""},
		{"a street, and a typo in its sigungu", "서울 감남구 테헤란로 152 (역삼동)", ""},
		{"a street without a region, and a dong", "테헤란로 152 (역삼동)", ""},
		{"a dong comes before one in parentheses", "서울 강남구 역삼동 823 (삼성동)", "서울특별시 강남구 역삼동"},

		{"wide digits", "서울 강남구 역삼１동 ８２３", "서울특별시 강남구 역삼1동"},
		{"a digit in a circle", "역삼②동", "서울특별시 강남구 역삼2동"},
		{"another number is no part to leave out", "역삼²동", ""},

		{"joined", "서울강남구역삼동", "서울특별시 강남구 역삼동"},
		{"세종 joined", "세종특별자치시세종동", "세종특별자치시 세종동"},
		{"세종 twice", "세종특별자치시 세종시 나성동", "세종특별자치시 나성동"},
		{"세종 for short", "세종 나성동", "세종특별자치시 나성동"},
		{"spaces within names", "서울 강남 구 역삼 동", "서울특별시 강남구 역삼동"},
		{"city and gu joined", "경기 성남시분당구 정자동", "경기도 성남시 분당구 정자동"},

		{"강원도", "강원도 춘천시 석사동", "강원특별자치도 춘천시 석사동"},
		{"강원자치도", "강원자치도 춘천시 석사동", "강원특별자치도 춘천시 석사동"},
		{"전라북도", "전라북도 전주시 완산구 효자동1가", "전북특별자치도 전주시 완산구 효자동1가"},
		{"전북자치도", "전북자치도 군산시 나운동", "전북특별자치도 군산시 나운동"},
		{"광주광역시", "광주광역시 북구 용봉동", "전남광주통합특별시 북구 용봉동"},
		{"광주 for short", "광주 일곡동", "전남광주통합특별시 북구 일곡동"},
		{"전라남도", "전라남도 순천시 조례동", "전남광주통합특별시 순천시 조례동"},
		{"군위군 in 경북", "경북 군위군 군위읍", "대구광역시 군위군 군위읍"},
		{"인천 남구", "인천 남구 주안동", "인천광역시 미추홀구 주안동"},
		{"인천 동구", "인천 동구 송림동", "인천광역시 제물포구 송림동"},
		{"인천 중구, the islands", "인천 중구 운서동", "인천광역시 영종구 운서동"},
		{"인천 중구, the mainland", "인천 중구 신포동", "인천광역시 제물포구 신포동"},
		{"인천 서구", "인천 서구 백석동", "인천광역시 검단구 백석동"},
		{"인천 서구, of two 금곡동", "인천 서구 금곡동", "인천광역시 검단구 금곡동"},
		{"화성 without gu", "경기도 화성시 봉담읍", "경기도 화성시 효행구 봉담읍"},
		{"부천 without gu", "경기 부천시 중동", "경기도 부천시 원미구 중동"},
		{"청원군", "충북 청원군 오창읍", "충청북도 청주시 청원구 오창읍"},
		{"마산시", "경남 마산시 양덕동", "경상남도 창원시 마산회원구 양덕동"},
		{"연기군", "충남 연기군 전의면", "세종특별자치시 전의면"},
		{"a 면 that is an 읍 now", "경기 화성시 봉담면", "경기도 화성시 효행구 봉담읍"},

		{"제", "서울 종로구 창신1동", "서울특별시 종로구 창신제1동"},
		{"제 for none", "서울 강남구 역삼제1동", "서울특별시 강남구 역삼1동"},
		{"제 in a name", "서울 동대문구 제기동", "서울특별시 동대문구 제기동"},
		{"홍제제1동", "서울 서대문구 홍제1동", "서울특별시 서대문구 홍제제1동"},
		{"홍제제1동 in full", "서울 서대문구 홍제제1동", "서울특별시 서대문구 홍제제1동"},
		{"dots", "서울 종로구 종로1·2·3·4가동", "서울특별시 종로구 종로1.2.3.4가동"},
		{"commas and spaces", "서울 종로구 종로1, 2, 3, 4가동", "서울특별시 종로구 종로1.2.3.4가동"},
		{"no dots", "서울 종로구 종로1ㆍ2ㆍ3ㆍ4가동", "서울특별시 종로구 종로1.2.3.4가동"},
		{"a number as a word", "서울 강남구 역삼일동", "서울특별시 강남구 역삼1동"},
		{"a number as a word, in a legal name", "서울 동작구 상도일동", "서울특별시 동작구 상도1동"},
		{"a word as a number", "제주시 도두2동", "제주특별자치도 제주시 도두이동"},
		{"제 before a word", "제주시 용담제이동", "제주특별자치도 제주시 용담이동"},
		{"N가", "서울 중구 을지로 3가", "서울특별시 중구 을지로3가"},
		{"로", "서울 종로구 세종로", "서울특별시 종로구 세종로"},

		{"not the whole name", "용담", ""},
		{"not the whole name of a dong", "서울 강남구 역삼", ""},
		{"nonsense", "ㅁㄴㅇㄹ", ""},
		{"a landmark", "강남역 근처", ""},
		{"a sigungu", "서울 강남구", ""},
		{"a sido", "서울", ""},
		{"a dong of many", "중앙동", ""},
		{"two sido have it", "중구 태평로1가", ""},
		{"광주 is two", "광주 송정동", ""},
		{"화성's two", "화성시 능동", ""},
		{"a typo", "서울 감남구 역삼동", ""},
		{"a typo in a dong", "여삼동", ""},
		{"the wrong sigungu", "서울 서초구 역삼동", ""},
		{"the wrong part of 전남광주", "광주광역시 옥암동", ""},
		{"another part of a dong", "서울 강남구 역삼동5가", ""},
		{"nothing", "", ""},
		{"punctuation", " - ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, ok := place.Resolve(tt.in)
			assert.Equal(t, tt.want, p.String())
			assert.Equal(t, tt.want != "", ok)
		})
	}
}
