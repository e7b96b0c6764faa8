package place_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
)

func TestNormalise(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"today's name stays", "제주특별자치도 제주시 용담이동", "제주특별자치도 제주시 용담이동"},
		{"a short sido", "경남 밀양시 내이동", "경상남도 밀양시 내이동"},
		{"another short sido", "서울 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"what people say", "서울시 강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a former name", "강원도 춘천시 석사동", "강원특별자치도 춘천시 석사동"},
		{"another former name", "전라북도 전주시 완산구 효자동", "전북특별자치도 전주시 완산구 효자동"},
		{"제주 for short, and the city", "제주 제주시 용담이동", "제주특별자치도 제주시 용담이동"},
		{"a sido alone", "서울", "서울특별시"},
		{"spaces of all kinds", "\u3000서울특별시\u00a0 강남구\t역삼동\n", "서울특별시 강남구 역삼동"},
		{"spelt in jamo, as macOS sends it", norm.NFD.String("경남 밀양시 내이동"), "경상남도 밀양시 내이동"},

		{"a city joined with its gu", "경기 성남시분당구 정자동", "경기도 성남시 분당구 정자동"},
		{"all joined but the dong", "경기도성남시분당구 정자동", "경기도 성남시 분당구 정자동"},
		{"sido and sigungu joined", "서울강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a city without its gu", "경기 성남시 정자동", "경기도 성남시 정자동"},
		{"a gu that there is once", "강남구 역삼동", "서울특별시 강남구 역삼동"},
		{"a gu of a city", "분당구 정자동", "경기도 성남시 분당구 정자동"},
		{"a city and its gu", "성남시분당구 정자동", "경기도 성남시 분당구 정자동"},
		{"a city, and what has been divided", "부천시 중동", "경기도 부천시 원미구 중동"},
		{"제주시", "제주시 용담이동", "제주특별자치도 제주시 용담이동"},
		{"a name of one, and of a part of another", "남구 대잠동", "남구 대잠동"},
		{"a name that there was twice", "동구 송림동", "동구 송림동"},
		{"said twice", "강남구 강남구 역삼동", "서울특별시 강남구 강남구 역삼동"},
		{"as people say it", "서울 강남 역삼동", "서울특별시 강남구 역삼동"},
		{"as people say a city with its gu", "경기 성남 분당 정자동", "경기도 성남시 분당구 정자동"},
		{"as people say half of it", "경기 성남시 분당 정자동", "경기도 성남시 분당구 정자동"},
		{"as people say a county", "강원 고성 간성읍", "강원특별자치도 고성군 간성읍"},
		{"as people say a divided city", "경기 부천 중동", "경기도 부천시 원미구 중동"},
		{"as people say 광주 in 경기도", "경기 광주 송정동", "경기도 광주시 송정동"},
		{"one syllable is no name", "서울 중 명동", "서울특별시 중 명동"},
		{"a name of two within one sido stays", "경기 일산 장항동", "경기도 일산 장항동"},
		{"a dong of the name of a sigungu", "전북 전주시 완산구 중앙동", "전북특별자치도 전주시 완산구 중앙동"},
		{"nobody leaves out both", "강남 역삼동", "강남 역삼동"},

		{"세종 has no sigungu", "세종시 나성동", "세종특별자치시 나성동"},
		{"세종 twice", "세종특별자치시 세종시 나성동", "세종특별자치시 나성동"},
		{"세종 and again", "세종 세종시 세종특별자치시 세종시 나성동", "세종특별자치시 나성동"},

		{"광주광역시 has merged", "광주광역시 북구 용봉동", "전남광주통합특별시 북구 용봉동"},
		{"전남 too", "전남 목포시 옥암동", "전남광주통합특별시 목포시 옥암동"},
		{"전라남도 too", "전라남도 순천시 조례동", "전남광주통합특별시 순천시 조례동"},
		{"광주 with one of its gu", "광주 북구 용봉동", "전남광주통합특별시 북구 용봉동"},
		{"광주시 with one of its gu", "광주시 광산구 송정동", "전남광주통합특별시 광산구 송정동"},
		{"광주 may be the one in 경기도", "광주 송정동", "광주 송정동"},
		{"광주시 may be that one too", "광주시 송정동", "광주시 송정동"},
		{"광주 alone", "광주", "광주"},
		{"광주 in 경기도", "경기 광주시 송정동", "경기도 광주시 송정동"},
		{"a sigungu that several have", "중구 태평로1가", "중구 태평로1가"},

		{"군위군 has moved", "경북 군위군 군위읍", "대구광역시 군위군 군위읍"},
		{"부천 has gu again", "경기 부천시 중동", "경기도 부천시 원미구 중동"},
		{"a dong of 부천 that nobody lists", "경기 부천시 새동", "경기도 부천시 새동"},
		{"화성 has gu", "경기도 화성시 봉담읍", "경기도 화성시 효행구 봉담읍"},
		{"화성 with its gu", "경기도 화성시동탄구 청계동", "경기도 화성시 동탄구 청계동"},
		{"동구 of 인천 as a whole", "인천 동구 송림동", "인천광역시 제물포구 송림동"},
		{"the islands of 중구", "인천 중구 운서동", "인천광역시 영종구 운서동"},
		{"the mainland of 중구", "인천 중구 신포동", "인천광역시 제물포구 신포동"},
		{"the north of 서구", "인천 서구 마전동", "인천광역시 검단구 마전동"},
		{"the south of 서구", "인천 서구 청라동", "인천광역시 서해구 청라동"},
		{"a divided dong of 서구", "인천 서구 백석동", "인천광역시 서구 백석동"},
		{"서구 without a dong", "인천서구", "인천광역시 서구"},
		{"서구 elsewhere", "대전 서구 둔산동", "대전광역시 서구 둔산동"},

		{"a dong alone", "역삼동", "역삼동"},
		{"a word that begins like a sido", "서울숲 근처", "서울숲 근처"},
		{"nowhere", "  Springfield,\tUSA ", "Springfield, USA"},
		{"what comes after the dong stays", "서울 강남구 역삼동 823", "서울특별시 강남구 역삼동 823"},
		{"nothing", " \u3000 ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := place.Normalise(tt.in)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, got, place.Normalise(got))
		})
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{
		"경남 밀양시 내이동", "세종 세종시 세종시", "광주 북구", "경기도성남시분당구", "인천 중구 운서동", norm.NFD.String("서울 중구"),
		"서울\u0301 중구", "\u0301서울", "경기 화성시 동탄구 청계동", "\xff서울", strings.Repeat("세종 ", 101),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := place.Normalise(s)
		assert.Equal(t, got, place.Normalise(got), "again")
		assert.Equal(t, strings.Join(strings.Fields(got), " "), got, "one line")
		if utf8.ValidString(s) {
			assert.Equal(t, got, place.Normalise(norm.NFD.String(s)), "decomposed")
			assert.True(t, norm.NFC.IsNormalString(got), "composed")
		}
		if p, ok := place.Parse(s); ok {
			assert.True(t, strings.HasPrefix(got+" ", p.String()+" "), "%q begins with %q", got, p)
			_, ok := place.Locate(s)
			assert.True(t, ok, "has a point")
		}
	})
}

func TestParse(t *testing.T) {
	for in, want := range map[string]place.Place{
		"서울 강남구 역삼동":        {Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"},
		"경기 성남시분당구 정자동":     {Sido: "경기도", Sigungu: "성남시 분당구", Dong: "정자동"},
		"세종시 나성동":           {Sido: "세종특별자치시", Dong: "나성동"},
		"세종시":               {Sido: "세종특별자치시"},
		"서울 강남구":            {Sido: "서울특별시", Sigungu: "강남구"},
		"인천 중구 운서동":         {Sido: "인천광역시", Sigungu: "영종구", Dong: "운서동"},
		"경남 밀양시 삼랑진읍 송지리 1": {Sido: "경상남도", Sigungu: "밀양시", Dong: "삼랑진읍"},
	} {
		p, ok := place.Parse(in)
		assert.True(t, ok, in)
		assert.Equal(t, want, p, in)
	}
	for _, in := range []string{"", "역삼동", "서울", "경기도 성남시 정자동", "인천 서구 백석동", "광주 송정동", "서울특별시 밀양시 내이동"} {
		p, ok := place.Parse(in)
		assert.False(t, ok, in)
		assert.Zero(t, p, in)
	}
}

func TestLocate(t *testing.T) {
	for in, want := range map[string]place.Point{
		"서울 강남구 역삼1동":  {Lat: 37.4926, Lon: 127.0351},
		"서울 강남구 역삼동":   {Lat: 37.4929, Lon: 127.0420}, // between the offices of its two 행정동
		"서울 강남구 어느동":   {Lat: 37.51, Lon: 127.05},     // the sigungu
		"세종 나성동":       {Lat: 36.4892, Lon: 127.2643},
		"광주 북구":        {Lat: 35.17, Lon: 126.91},
		"경기 성남시 정자동":   {Lat: 37.42, Lon: 127.1367}, // the centre of three gu
		"경기도 성남 정자동":   {Lat: 37.42, Lon: 127.1367},
		"강남구 역삼동":      {Lat: 37.4929, Lon: 127.0420},
		"인천 중구 운서동":    {Lat: 37.4760, Lon: 126.4638},
		"인천 검단구 백석동":   {Lat: 37.60, Lon: 126.68}, // nobody knows its unit
		"인천 서구 백석동":    {Lat: 37.57, Lon: 126.68}, // the centre of both successors
		"대구 군위군":       {Lat: 36.24, Lon: 128.58},
		"강원 고성군":       {Lat: 38.38, Lon: 128.47},
		"경남 고성군 고성읍":   {Lat: 34.9711, Lon: 128.3265},
		"경기도 화성시 새솔동":  {Lat: 37.2813, Lon: 126.8187},
		"경상북도 울릉군 울릉읍": {Lat: 37.4811, Lon: 130.9018},
	} {
		at, ok := place.Locate(in)
		assert.True(t, ok, in)
		assert.InDelta(t, want.Lat, at.Lat, 0.001, in)
		assert.InDelta(t, want.Lon, at.Lon, 0.001, in)
	}
	for _, in := range []string{"", "역삼동", "서울", "경기도", "중구", "강남 역삼동"} {
		_, ok := place.Locate(in)
		assert.False(t, ok, in)
	}
}

func TestNearest(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   place.Point
		want string
		km   float64 // maximum distance
	}{
		{"역삼동", place.Point{Lat: 37.4995, Lon: 127.0335}, "서울특별시 강남구 역삼1동", 1},
		{"나성동", place.Point{Lat: 36.487, Lon: 127.262}, "세종특별자치시 나성동", 1},
		{"정자동", place.Point{Lat: 37.366, Lon: 127.108}, "경기도 성남시 분당구 정자동", 1},
		{"백령도", place.Point{Lat: 37.97, Lon: 124.70}, "인천광역시 옹진군 백령면", 5},
		{"독도", place.Point{Lat: 37.24, Lon: 131.87}, "경상북도 울릉군 울릉읍", 100},
	} {
		p, km := place.Nearest(tt.at)
		assert.Equal(t, tt.want, p.String(), tt.name)
		assert.Less(t, km, tt.km, tt.name)
	}
	_, km := place.Nearest(place.Point{Lat: 35.68, Lon: 139.77})
	assert.InDelta(t, 817, km, 5, "도쿄 from 울릉군")
	_, km = place.Nearest(place.Point{Lat: -36.5, Lon: -52.7})
	assert.Greater(t, km, 19_000.0, "the other side")
}

func TestPoint(t *testing.T) {
	assert.Equal(t, place.Point{Lat: 37.5, Lon: 127.034}, place.Point{Lat: 37.49951, Lon: 127.03354}.Rounded())
	assert.Equal(t, place.Point{Lat: -0.001, Lon: -127.034}, place.Point{Lat: -0.0006, Lon: -127.0335001}.Rounded())
	require.NoError(t, place.Point{Lat: -90, Lon: 180}.Check())
	for _, tt := range []struct {
		at     place.Point
		fields []string
	}{
		{place.Point{Lat: 90.1, Lon: 0}, []string{"lat"}},
		{place.Point{Lat: 0, Lon: -180.1}, []string{"lon"}},
		{place.Point{Lat: math.NaN(), Lon: math.Inf(1)}, []string{"lat", "lon"}},
		{place.Point{Lat: 127.03, Lon: 37.5}, []string{"lat"}}, // swapped
	} {
		var fields []string
		for _, field := range []string{"lat", "lon"} {
			if _, wrong := fault.Of(tt.at.Check()).Fields[field]; wrong {
				fields = append(fields, field)
			}
		}
		assert.Equal(t, tt.fields, fields, "%v", tt.at)
	}
}

func TestSearch(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string // the first results
		all      bool     // no other results
	}{
		{"a sigungu begun", "강남", []string{"서울특별시 강남구", "강원특별자치도 강릉시 강남동", "강원특별자치도 춘천시 강남동", "경상북도 안동시 강남동", "경상남도 진주시 강남동", "서울특별시 강남구 개포동"}, false},
		{"its initials", "ㄱㄴㄱ", []string{"서울특별시 강남구", "서울특별시 강남구 개포동"}, false}, // 경남 김해시
		{"a syllable not ended yet", "강나", []string{"서울특별시 강남구", "강원특별자치도 강릉시 강남동", "강원특별자치도 춘천시 강남동", "경상북도 안동시 강남동", "경상남도 진주시 강남동", "서울특별시 강남구 개포동"}, false},
		{"a syllable and an initial", "강ㄴ", []string{"서울특별시 강남구", "강원특별자치도 강릉시 강남동", "강원특별자치도 춘천시 강남동", "충청북도 청주시 흥덕구 강내면"}, false},
		{"initials that a keyboard joins", "ㄳㄱ", []string{"서울특별시 강서구", "부산광역시 강서구"}, false},
		{"initials as Unicode has them", "\u1100\u1102\u1100", []string{"서울특별시 강남구"}, false},
		{"a gu of a city", "분당", []string{"경기도 성남시 분당구", "경기도 성남시 분당구 구미동"}, false},
		{"a short sido and a beginning", "경남 밀", []string{"경상남도 밀양시", "경상남도 밀양시 가곡동"}, false},
		{"joined", "서울강남", []string{"서울특별시 강남구", "서울특별시 강남구 개포동"}, false},
		{"joined initials", "ㅅㅇㄱㄴㄱ", []string{"서울특별시 강남구", "서울특별시 강남구 개포동"}, false},
		{"city and gu joined", "성남분당", nil, true},
		{"city and gu joined in full", "성남시분당구", []string{"경기도 성남시 분당구", "경기도 성남시 분당구 구미동"}, false},
		{"a sido begun", "경상", []string{"경상북도", "경상남도"}, false},
		{"a short sido", "경북", []string{"경상북도", "경상북도 경산시"}, false},
		{"a sido and a city of one name", "제주", []string{"제주특별자치도", "제주특별자치도 서귀포시", "제주특별자치도 제주시", "제주특별자치도 서귀포시 남원읍"}, false},
		{"two places of one name", "광주", []string{"전남광주통합특별시", "경기도 광주시"}, false},
		{"several of one name", "고성", []string{"강원특별자치도 고성군", "경상남도 고성군", "대구광역시 북구 고성동1가"}, false},
		{"a former sigungu", "경북 군위군", []string{"대구광역시 군위군", "대구광역시 군위군 군위읍"}, false},
		{"a former sido", "전라남도 순", []string{"전남광주통합특별시 순천시", "전남광주통합특별시 순천시 낙안면"}, false},
		{"a sigungu that was divided", "인천 서구", []string{"인천광역시 검단구", "인천광역시 서해구", "인천광역시 검단구 백석동"}, false},
		{"the former sigungu alone", "서구", []string{"부산광역시 서구"}, false},
		{"a divided sigungu and its dong", "인천 서구 청", []string{"인천광역시 서해구 청라동", "인천광역시 서해구 청라1동", "인천광역시 서해구 청라2동", "인천광역시 서해구 청라3동"}, true},
		{"a sigungu that went to two", "인천 중구", []string{"인천광역시 영종구", "인천광역시 제물포구"}, false},
		{"a dong", "역삼", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}, true},
		{"an administrative dong", "역삼1동", []string{"서울특별시 강남구 역삼1동"}, true},
		{"a city, before dongs of its name", "성남", []string{"경기도 성남시 분당구", "경기도 성남시 수정구", "경기도 성남시 중원구", "대전광역시 동구 성남동"}, false},
		{"initials of a dong", "ㅇㅅㄷ", []string{"서울특별시 강남구 역삼동"}, false},
		{"all of it", "서울특별시 강남구 역삼동", []string{"서울특별시 강남구 역삼동"}, true},
		{"a dong without a sigungu", "세종 나", []string{"세종특별자치시 나성동"}, true},
		{"decomposed", norm.NFD.String("강남"), []string{"서울특별시 강남구", "강원특별자치도 강릉시 강남동", "강원특별자치도 춘천시 강남동", "경상북도 안동시 강남동", "경상남도 진주시 강남동", "서울특별시 강남구 개포동"}, false},
		{"a 제 left out", "창신1동", []string{"서울특별시 종로구 창신제1동"}, true},
		{"a 제 left out, begun", "서울 홍제1", []string{"서울특별시 서대문구 홍제제1동"}, true},
		{"a 제 typed", "창신제1", []string{"서울특별시 종로구 창신제1동"}, true},
		{"other dots", "종로1·2", []string{"서울특별시 종로구 종로1.2.3.4가동"}, true},
		{"a 제 and a dot", "면목3,8동", []string{"서울특별시 중랑구 면목제3.8동"}, true},
		{"wide digits", "역삼１", []string{"서울특별시 강남구 역삼1동"}, true},
		{"a number as a word", "역삼일동", []string{"서울특별시 강남구 역삼1동"}, true},
		{"a lot", "서울 강남구 역삼동 823-1", []string{"서울특별시 강남구 역삼동"}, true},
		{"a dong in several regions, and a lot", "신사동 1", []string{"서울특별시 강남구 신사동", "서울특별시 관악구 신사동", "서울특별시 은평구 신사동"}, true},
		{"the country in front", "대한민국 서울특별시 강남구 역삼동", []string{"서울특별시 강남구 역삼동"}, true},
		{"a postcode in front, begun", "06236 서울 역삼", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}, true},
		{"a street, and the dong behind it", "서울 강남구 테헤란로 152 (역삼동)", []string{"서울특별시 강남구 역삼동"}, true},
		{"the wrong sido", "부산 강남", nil, true},
		{"the wrong order", "강남 서울", nil, true},
		{"the end of a name", "남구", []string{"부산광역시 남구", "대구광역시 남구"}, false},
		{"nothing", "  ", nil, true},
		{"nonsense", "%_'", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range place.Search(tt.in, 10) {
				got = append(got, p.String())
			}
			assert.LessOrEqual(t, len(got), 10)
			if !tt.all {
				require.GreaterOrEqual(t, len(got), len(tt.want), "%v", got)
				got = got[:len(tt.want)]
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestSearchIsBounded(t *testing.T) {
	assert.Len(t, place.Search("ㅅ", 7), 7)
	assert.Empty(t, place.Search("서울", 0))
	assert.Empty(t, place.Search(strings.Repeat("가 ", 101), 10))
}

func FuzzSearch(f *testing.F) {
	f.Add("ㄱㄴㄱ")
	f.Add("서울 강\xff")
	f.Fuzz(func(t *testing.T, s string) {
		assert.LessOrEqual(t, len(place.Search(s, 3)), 3)
	})
}

func TestIsDong(t *testing.T) {
	for _, word := range []string{"역삼동", "역삼1동", "상계10동", "중앙동4가", "을지로3가", "세종로", "용담이동", "삼랑진읍", "산내면", "중동"} {
		assert.True(t, place.IsDong(word), word)
	}
	for _, word := range []string{"", "동", "101동", "래미안101동", "송지리", "823", "역삼동823", "강남구", "역삼동!", "가나다라마바사아자동", "Yeoksam동"} {
		assert.False(t, place.IsDong(word), word)
	}
}
