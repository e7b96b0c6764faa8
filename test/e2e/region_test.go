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
	own := serve(t, t.TempDir())
	ann := newcomer(t, own, "ann")
	moved := read[person](ann.as(t).post("/api/user/update/", fields{"address": "경남 밀양시\u3000내이동"}).is(http.StatusOK))
	require.Equal(t, "경상남도 밀양시 내이동", moved.Address)
	ann.opens(t, 2)
	bob := newcomer(t, own, "bob")
	bob.as(t).post("/api/user/update/", fields{"address": "부산 해운대구 우동"}).is(http.StatusOK)

	assert.Equal(t, []string{"경상남도 밀양시", "경상남도 밀양시 내이동"}, suggested(t, own, "경남 밀"))
	assert.Equal(t, []string{"경상남도 밀양시 내이동"}, suggested(t, own, norm.NFD.String("내이")))
	assert.Equal(t, "서울특별시 강남구", suggested(t, own, "ㄱㄴㄱ")[0])
	assert.Equal(t, []string{"서울특별시 강남구"}, suggested(t, own, "강남"))
	assert.Empty(t, suggested(t, own, "우동"), "nobody has posted there")

	for _, query := range []string{"?q=%20", "?q=" + strings.Repeat("a", 101)} {
		stranger(t, own).get("/api/region/search/" + query).invalid("q")
	}
	stranger(t, own).meaning(Request).get("/api/region/search/").invalid("q")
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
	person := newcomer(t, shared, "먼동네")
	person.as(t).post("/api/user/update/", fields{"address": "서울 " + strings.Repeat("동", 95)}).invalid("address")
	person.as(t).post("/api/user/update/", fields{"address": "서울 " + strings.Repeat("동", 94)}).is(http.StatusOK)
}

func TestWhereOneIs(t *testing.T) {
	near := func(on *server, query string) nearby {
		t.Helper()
		return read[nearby](stranger(t, on).get("/api/region/near/" + query).is(http.StatusOK))
	}
	gangnam, yeoksam := "강남구", "역삼동"
	sigungu := nearby{region{"서울특별시 강남구", "서울특별시", &gangnam, nil}, false, "table"}
	dong := nearby{region{"서울특별시 강남구 역삼동", "서울특별시", &gangnam, &yeoksam}, true, "kakao"}

	assert.Equal(t, sigungu, near(shared, "?lat=37.4995&lon=127.0335"), "without a key")
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
	assert.Equal(t, sigungu, near(own, "?lat=37.506&lon=127.0401"))
	stub.Fail(kakao.Broken)
	assert.Equal(t, sigungu, near(own, "?lat=37.507&lon=127.0401"))
	stub.Fail(kakao.OnlyH)
	assert.Equal(t, nearby{sigungu.region, false, "kakao"}, near(own, "?lat=37.508&lon=127.0401"))
	stub.Fail(kakao.Empty)
	stranger(t, own).get("/api/region/near/?lat=37.0&lon=131.9").refused(http.StatusNotFound, "place_not_found")
	require.NoError(t, own.stop())
	said := own.log.said()
	for _, secret := range []string{key, "37.5", "127.03", "127.04", "역삼"} {
		assert.NotContains(t, said, secret)
	}
}
