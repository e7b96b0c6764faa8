package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/test/stub/kakao"
)

type region struct {
	Address string  `json:"address"`
	Sido    string  `json:"sido"`
	Sigungu *string `json:"sigungu"`
	Dong    *string `json:"dong"`
}

type regions struct {
	Regions []region `json:"regions"`
}

type nearby struct {
	region
	Exact  bool   `json:"exact"`
	Source string `json:"source"`
}

// suggested are the addresses that a search for words finds.
func suggested(t testing.TB, on *server, words string) (all []string) {
	t.Helper()
	found := read[regions](stranger(t, on).get("/api/region/search/?q=" + url.QueryEscape(words)).is(http.StatusOK))
	for _, r := range found.Regions {
		all = append(all, r.Address)
	}
	return all
}

func TestRegionsAreFoundWhileOneTypes(t *testing.T) {
	assert.Equal(t, []string{"경상남도 밀양시 내이동"}, suggested(t, shared, norm.NFD.String("밀양 내이동")))
	assert.Equal(t, "경상남도 밀양시", suggested(t, shared, "경남 밀")[0])
	assert.Equal(t, "서울특별시 강남구", suggested(t, shared, "ㄱㄴㄱ")[0])
	assert.Equal(t, []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}, suggested(t, shared, "역삼"))

	for _, query := range []string{"?q=%20", "?q=" + strings.Repeat("a", 101)} {
		stranger(t, shared).get("/api/region/search/" + query).invalid("q")
	}
	stranger(t, shared).meaning(Request).get("/api/region/search/").invalid("q")
}

// All ways to say where one lives lead to one board.
func TestNeighboursFindEachOther(t *testing.T) {
	first := ""
	for i, address := range []string{
		"경기도 성남시 분당구 정자동", "경기 성남시분당구 정자동", "경기도성남시분당구  정자동", norm.NFD.String("경기 성남시 분당구 정자동"),
	} {
		who := newcomer(t, shared, fmt.Sprintf("분당%d", i))
		who.as(t).post("/api/user/update/", fields{"address": address}).is(http.StatusOK)
		if i == 0 {
			p := who.opens(t, 2)
			first = p.detail()
		}
		board := read[struct{ Posts []post }](who.as(t).get("/api/post/").is(http.StatusOK))
		require.NotEmpty(t, board.Posts, address)
		assert.Equal(t, first, board.Posts[0].detail(), address)
		assert.Equal(t, "경기도 성남시 분당구 정자동", board.Posts[0].Address)
	}
}

// An address is one official neighbourhood, or is refused with those that it may mean.
func TestAddressesAreOfficial(t *testing.T) {
	who, nobody := newcomer(t, shared, "먼동네"), stranger(t, shared)
	assert.True(t, who.Official)
	for _, tt := range []struct {
		address  string
		suggests []string
	}{
		{"서울 감남구 역삼동", []string{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}},
		{"여삼동", []string{"서울특별시 강남구 역삼동"}},
		{"중구 태평로1가", []string{"서울특별시 중구 태평로1가", "대구광역시 중구 태평로1가"}},
		{"ㅁㄴㅇㄹ", nil}, {"강남역 근처", nil}, {"서울 강남구", nil}, {"아틀란티스 어딘가", nil},
	} {
		f := registration("far@newcomer.test", "딴동네")
		f["address"] = tt.address
		refusals := []answer{
			nobody.post("/api/user/register/", f),
			who.as(t).post("/api/user/update/", fields{"address": tt.address}),
		}
		for _, a := range refusals {
			a.invalid("address")
			p := read[struct {
				Errors, Suggestions struct{ Address []string }
			}](a)
			assert.Equal(t, tt.suggests, p.Suggestions.Address[:min(len(tt.suggests), len(p.Suggestions.Address))], tt.address)
			if tt.suggests == nil {
				assert.Empty(t, p.Suggestions.Address, tt.address)
				continue
			}
			require.Len(t, p.Errors.Address, 1)
			assert.Regexp(t, "^혹시 "+tt.suggests[0]+".*인가요[?]$", p.Errors.Address[0])
		}
	}
	for address, want := range map[string]string{
		"서울 강남구 역삼동 823-1 102호": "서울특별시 강남구 역삼동",
		"용담이동":       "제주특별자치도 제주시 용담이동",
		"인천 남구 주안동":  "인천광역시 미추홀구 주안동",
		"서울 강남 역삼일동": "서울특별시 강남구 역삼1동",
	} {
		u := read[struct {
			User person
			person
		}](who.as(t).post("/api/user/update/", fields{"address": address}).is(http.StatusOK))
		assert.Equal(t, want, u.User.Address)
		assert.True(t, u.User.Official)
		assert.True(t, u.Official)
	}
}

func TestWhereOneIs(t *testing.T) {
	near := func(on *server, query string) nearby {
		t.Helper()
		return read[nearby](stranger(t, on).get("/api/region/near/" + query).is(http.StatusOK))
	}
	gangnam, yeoksam, office := "강남구", "역삼동", "역삼1동"
	sigungu := region{"서울특별시 강남구", "서울특별시", &gangnam, nil}
	nearest := nearby{region{"서울특별시 강남구 역삼1동", "서울특별시", &gangnam, &office}, false, "table"}
	dong := nearby{region{"서울특별시 강남구 역삼동", "서울특별시", &gangnam, &yeoksam}, true, "kakao"}

	assert.Equal(t, nearest, near(shared, "?lat=37.4995&lon=127.0335"), "without a key")
	breaching := stranger(t, shared).meaning(Request)
	for query, names := range map[string][]string{
		"": {"lat", "lon"}, "?lat=37.5": {"lon"}, "?lat=NaN&lon=127": {"lat"}, "?lat=91&lon=-181": {"lat", "lon"}, "?lat=127.0335&lon=37.4995": {"lat"},
	} {
		breaching.get("/api/region/near/" + query).invalid(names...)
	}
	stranger(t, shared).get("/api/region/near/?lat=35.68&lon=139.77").refused(http.StatusNotFound, "place_not_found")

	stub := &kakao.Stub{}
	there := httptest.NewServer(stub)
	defer there.Close()
	const key = "0123456789abcdef0123456789abcdef"
	own := serve(t, filepath.Join(t.TempDir(), "data"), "MEALBUDDY_KAKAO_URL="+there.URL, "MEALBUDDY_KAKAO_KEY="+key)
	assert.Equal(t, dong, near(own, "?lat=37.5001&lon=127.0342"))
	assert.Equal(t, dong, near(own, "?lat=37.4999&lon=127.0338"))
	assert.Len(t, stub.Asked(), 1, "the second one is the same place")
	assert.Equal(t, "세종특별자치시 나성동", near(own, "?lat=36.487&lon=127.258").Address)
	assert.Equal(t, "경상남도 밀양시 삼랑진읍", near(own, "?lat=35.396&lon=128.843").Address)
	assert.Equal(t, "전남광주통합특별시 광산구 송정동", near(own, "?lat=35.139&lon=126.793").Address)

	stub.Fail(kakao.Throttled)
	assert.Equal(t, nearest, near(own, "?lat=37.496&lon=127.0331"))
	stub.Fail(kakao.Broken)
	assert.Equal(t, nearest, near(own, "?lat=37.497&lon=127.0331"))
	stub.Fail(kakao.OnlyH)
	assert.Equal(t, nearby{sigungu, false, "kakao"}, near(own, "?lat=37.508&lon=127.0401"))
	stub.Fail(kakao.Empty)
	stranger(t, own).get("/api/region/near/?lat=37.0&lon=131.9").refused(http.StatusNotFound, "place_not_found")
	require.NoError(t, own.stop())
	said := own.log.said()
	for _, secret := range []string{key, "37.5", "127.03", "127.04", "역삼"} {
		assert.NotContains(t, said, secret)
	}
}

// Those who name where they live by a 법정동, and those who name it by one of its 행정동, see each other.
func TestNeighbourhoodsOverlap(t *testing.T) {
	on := serve(t, t.TempDir())
	living := func(name, dong string) person {
		who := newcomer(t, on, name)
		who.as(t).post("/api/user/update/", fields{"address": "서울 관악구 " + dong}).is(http.StatusOK)
		return who
	}
	legal, first, second := living("법정", "봉천동"), living("보라매", "보라매동"), living("은천", "은천동")
	posted := map[string]string{}
	for _, who := range []person{legal, first, second} {
		p := who.opens(t, 2)
		posted[p.detail()] = who.Username
	}
	sees := func(who person) (all []string) {
		board := read[struct{ Posts []post }](who.as(t).get("/api/post/").is(http.StatusOK))
		for _, p := range board.Posts {
			all = append(all, posted[p.detail()])
		}
		return all
	}
	assert.Equal(t, []string{"은천", "보라매", "법정"}, sees(legal))
	assert.Equal(t, []string{"보라매", "법정"}, sees(first), "and not further")
	assert.Equal(t, []string{"은천", "법정"}, sees(second))
}
