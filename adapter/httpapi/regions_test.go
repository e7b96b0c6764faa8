package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"
)

func TestSearchRegions(t *testing.T) {
	s := newSite(t)
	s.open(2, s.person("ann"))
	search := func(q string) *answer {
		t.Helper()
		return s.ask(nobody, "GET", "/api/region/search/?q="+url.QueryEscape(q), "")
	}
	region := func(sigungu string, dong any) object {
		o := object{"address": "서울특별시 " + sigungu, "sido": "서울특별시", "sigungu": sigungu, "dong": dong}
		if dong != nil {
			o["address"] = "서울특별시 " + sigungu + " " + dong.(string)
		}
		return o
	}
	for _, q := range []string{"서울 강남", "서울\u3000강남구", "ㄱㄴㄱ", norm.NFD.String("강남구")} {
		assert.Equal(t, region("강남구", nil), search(q).json(http.StatusOK)["regions"].([]any)[0], q)
	}
	search("없는동네").is(http.StatusOK, object{"regions": []object{}})
	search("혜화").is(http.StatusOK, object{"regions": []object{region("종로구", "혜화동")}})
	search("역삼").is(http.StatusOK, object{"regions": []object{region("강남구", "역삼동"), region("강남구", "역삼1동"), region("강남구", "역삼2동")}})
	search("세종특별자치시").json(http.StatusOK)

	for _, path := range []string{"", "?q=", "?q=%20%E3%80%80", "?q=" + strings.Repeat("a", 101)} {
		assert.Equal(t, []string{"q"}, s.ask(nobody, "GET", "/api/region/search/"+path, "").refused(http.StatusBadRequest, "invalid"), path)
	}
	for _, q := range []string{"\xff%", "강남\x00", "\xed\xa0\x80"} {
		assert.Equal(t, []string{"q"}, search(q).refused(http.StatusBadRequest, "invalid"), "%q", q)
	}
}

func TestNearRegion(t *testing.T) {
	s := newSite(t)
	near := func(query string) *answer {
		t.Helper()
		return s.ask(nobody, "GET", "/api/region/near/"+query, "")
	}
	near("?lat=37.4995&lon=127.0335").is(http.StatusOK, object{
		"address": "서울특별시 강남구 역삼1동", "sido": "서울특별시", "sigungu": "강남구", "dong": "역삼1동", "exact": false, "source": "table",
	})
	near("?lat=36.489&lon=127.264").is(http.StatusOK, object{
		"address": "세종특별자치시 나성동", "sido": "세종특별자치시", "sigungu": nil, "dong": "나성동", "exact": false, "source": "table",
	})
	for query, fields := range map[string][]string{
		"":                            {"lat", "lon"},
		"?lat=37.5":                   {"lon"},
		"?lat=37.5&lon=":              {"lon"},
		"?lat=%20&lon=127":            {"lat"},
		"?lat=north&lon=127":          {"lat"},
		"?lat=NaN&lon=127":            {"lat"},
		"?lat=nan&lon=-Inf":           {"lat", "lon"},
		"?lat=1e999&lon=1e999":        {"lat", "lon"},
		"?lat=90.01&lon=127":          {"lat"},
		"?lat=37.5&lon=180.01":        {"lon"},
		"?lat=127.0335&lon=37.4995":   {"lat"}, // the wrong way round
		"?lat=north&lon=181":          {"lat", "lon"},
		"?lat=37,4995&lon=127.0335":   {"lat"},
		"?lat=37.4995,127.0335&lon=1": {"lat"},
	} {
		assert.ElementsMatch(t, fields, near(query).refused(http.StatusBadRequest, "invalid"), query)
	}
	for _, query := range []string{"?lat=35.68&lon=139.77", "?lat=0&lon=0", "?lat=-37.5&lon=127", "?lat=36&lon=124"} {
		assert.Empty(t, near(query).refused(http.StatusNotFound, "place_not_found"), query)
	}
	assert.NotContains(t, s.log.String(), "37.4995", "where somebody is, is not logged")
}
