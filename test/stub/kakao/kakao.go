// Package kakao is a stub of Kakao Local. It uses the real formats and can simulate all
// known errors.
package kakao

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// Fault is an error that the stub can simulate.
type Fault string

// The faults. A key with the name of a fault selects it, too.
const (
	None         Fault = ""
	NoHeader     Fault = "no-header"    // 401
	WrongKey     Fault = "wrong-key"    // 401, and the message repeats the key
	WrongAddress Fault = "ip-mismatch"  // 401 in the older form
	SwitchedOff  Fault = "switched-off" // 403
	BadRequest   Fault = "bad-request"  // 400
	Throttled    Fault = "throttled"    // 429
	Maintenance  Fault = "maintenance"  // 503 in the older form
	Internal     Fault = "internal"     // 500
	Slow         Fault = "slow"         // no answer before Patience is over
	Cut          Fault = "cut"          // the connection breaks during the answer
	Broken       Fault = "broken"       // truncated JSON
	Page         Fault = "page"         // 200 with HTML, as from a proxy
	Huge         Fault = "huge"         // larger than any client accepts
	Elsewhere    Fault = "elsewhere"    // a redirect
	Empty        Fault = "empty"        // 200 without documents
	OnlyH        Fault = "only-h"       // 행정동 without 법정동
	AsText       Fault = "as-text"      // numbers instead of strings, and the reverse
)

// Faults lists all faults.
var Faults = []Fault{
	NoHeader, WrongKey, WrongAddress, SwitchedOff, BadRequest, Throttled, Maintenance, Internal,
	Slow, Cut, Broken, Page, Huge, Elsewhere, Empty, OnlyH, AsText,
}

// Patience is the delay of a Slow answer.
const Patience = 20 * time.Second

// Asked is a request.
type Asked struct {
	Path  string
	Query map[string]string
}

// Stub is an http.Handler that acts as the service.
type Stub struct {
	mu    sync.Mutex
	fault Fault
	times int // remaining failures; unlimited if negative
	asked []Asked
}

// Fail makes all requests fail from now on.
func (s *Stub) Fail(f Fault) { s.FailTimes(f, -1) }

// FailTimes makes the next n requests fail.
func (s *Stub) FailTimes(f Fault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.times = f, n
}

// Asked returns the requests since the last call.
func (s *Stub) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// next records a request and returns its fault.
func (s *Stub) next(r *http.Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := map[string]string{}
	for name := range r.URL.Query() {
		query[name] = r.URL.Query().Get(name)
	}
	s.asked = append(s.asked, Asked{r.URL.Path, query})
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "KakaoAK ")
	switch {
	case !ok:
		return NoHeader
	case slices.Contains(Faults, Fault(key)):
		return Fault(key)
	case s.times == 0:
		return None
	}
	s.times--
	return s.fault
}

func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.next(r)
	if fail, known := failures[fault]; known {
		fail(w, r)
		return
	}
	switch r.URL.Path {
	case "/v2/local/geo/coord2regioncode.json":
		s.regions(w, r, fault)
	case "/v2/local/search/address.json":
		s.addresses(w, r, fault)
	default:
		refuse(w, http.StatusNotFound, "NotFound", "no such API")
	}
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	respond(w, status, map[string]string{"errorType": kind, "message": message})
}

func refuseOld(w http.ResponseWriter, status, code int, msg string) {
	respond(w, status, map[string]any{"code": code, "msg": msg})
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the client may have disconnected
}

var failures = map[Fault]http.HandlerFunc{
	NoHeader: func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusUnauthorized, "AccessDeniedError", "cannot find Authorization : KakaoAK header")
	},
	WrongKey: func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "KakaoAK ")
		refuse(w, http.StatusUnauthorized, "AccessDeniedError", "wrong appKey("+key+") format")
	},
	WrongAddress: func(w http.ResponseWriter, _ *http.Request) {
		refuseOld(w, http.StatusUnauthorized, -401, "ip mismatched! callerIp=192.0.2.1")
	},
	SwitchedOff: func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "NotAuthorizedError", "App(MealBuddy) disabled OPEN_MAP_AND_LOCAL service.")
	},
	BadRequest: func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusBadRequest, "InvalidArgument", "invalid: "+r.URL.RawQuery)
	},
	Throttled: func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusTooManyRequests, "RequestThrottled", "API limit has been exceeded.")
	},
	Maintenance: func(w http.ResponseWriter, _ *http.Request) {
		refuseOld(w, http.StatusServiceUnavailable, -9798, "under maintenance")
	},
	Internal: func(w http.ResponseWriter, _ *http.Request) {
		refuseOld(w, http.StatusInternalServerError, -1, "internal error")
	},
	Slow: func(w http.ResponseWriter, r *http.Request) {
		late := time.NewTimer(Patience)
		defer late.Stop()
		select {
		case <-r.Context().Done():
		case <-late.C:
			refuseOld(w, http.StatusServiceUnavailable, -1, "slow")
		}
	},
	Cut: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"meta":{"total_count":2},"documents":[`)
		http.NewResponseController(w).Flush() // if it cannot be flushed, the answer just breaks earlier
		panic(http.ErrAbortHandler)
	},
	Broken: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		fmt.Fprint(w, `{"meta":{"total_count":2},"documents":[{"region_type":"B"`)
	},
	Page: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>Please sign in</title>")
	},
	Huge: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"meta":{"total_count":0},"documents":[],"filler":%q}`, strings.Repeat("x", 1<<20))
	},
	Elsewhere: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	},
}

// A dong with known data. The stub invents the other ones.
type dong struct {
	place.Place
	township    string // the 행정동
	ri          string
	code, hcode string
	at          place.Point
}

var dongs = []dong{
	{place.Place{Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"}, "역삼1동", "", "1168010100", "1168064000", place.Point{Lat: 37.4995, Lon: 127.0335}},
	{place.Place{Sido: "경기도", Sigungu: "성남시 분당구", Dong: "정자동"}, "정자1동", "", "4113510300", "4113555000", place.Point{Lat: 37.3660, Lon: 127.1080}},
	{place.Place{Sido: "제주특별자치도", Sigungu: "제주시", Dong: "용담이동"}, "용담2동", "", "5011010700", "5011059000", place.Point{Lat: 33.5070, Lon: 126.5110}},
	{place.Place{Sido: "경상남도", Sigungu: "밀양시", Dong: "내이동"}, "내이동", "", "4827010200", "4827051000", place.Point{Lat: 35.4950, Lon: 128.7450}},
	{place.Place{Sido: "경상남도", Sigungu: "밀양시", Dong: "삼랑진읍"}, "삼랑진읍", "송지리", "4827025021", "4827025000", place.Point{Lat: 35.3960, Lon: 128.8430}},
	{place.Place{Sido: "세종특별자치시", Dong: "나성동"}, "나성동", "", "3611011200", "3611055700", place.Point{Lat: 36.4870, Lon: 127.2580}},
	{place.Place{Sido: "경기도", Sigungu: "광주시", Dong: "송정동"}, "송정동", "", "4161010200", "4161051000", place.Point{Lat: 37.4190, Lon: 127.2550}},
	{place.Place{Sido: "광주광역시", Sigungu: "광산구", Dong: "송정동"}, "송정1동", "", "2920010100", "2920051000", place.Point{Lat: 35.1390, Lon: 126.7930}},
}

// land is the distance from an office, in kilometres, that counts as land.
const land = 40

// there returns the dong at a point.
func there(at place.Point) (dong, bool) {
	for _, d := range dongs {
		if math.Abs(d.at.Lat-at.Lat) < 0.01 && math.Abs(d.at.Lon-at.Lon) < 0.01 {
			return d, true
		}
	}
	p, km := place.Nearest(at)
	if km > land {
		return dong{}, false
	}
	p.Dong = "중앙동"
	return dong{Place: p, township: "중앙1동", code: "9999910100", hcode: "9999951000", at: at}, true
}

func (s *Stub) regions(w http.ResponseWriter, r *http.Request, fault Fault) {
	lon, wrongX := strconv.ParseFloat(r.URL.Query().Get("x"), 64)
	lat, wrongY := strconv.ParseFloat(r.URL.Query().Get("y"), 64)
	if wrongX != nil || wrongY != nil {
		refuse(w, http.StatusBadRequest, "MissingParameter", "x, y parameter required")
		return
	}
	d, found := there(place.Point{Lat: lat, Lon: lon})
	documents := []map[string]any{}
	if found && fault != Empty {
		name := func(kind, code, dong, ri string) map[string]any {
			all := strings.Join(strings.Fields(d.Sido+" "+d.Sigungu+" "+dong+" "+ri), " ")
			return map[string]any{
				"region_type": kind, "code": code, "address_name": all,
				"region_1depth_name": d.Sido, "region_2depth_name": d.Sigungu, "region_3depth_name": dong, "region_4depth_name": ri,
				"x": d.at.Lon, "y": d.at.Lat,
			}
		}
		if fault != OnlyH {
			documents = append(documents, name("B", d.code, d.Dong, d.ri))
		}
		documents = append(documents, name("H", d.hcode, d.township, ""))
	}
	var total any = len(documents)
	if fault == AsText {
		total = fmt.Sprint(total)
		for _, doc := range documents {
			doc["code"], doc["x"] = json.Number(doc["code"].(string)), fmt.Sprint(doc["x"])
		}
	}
	respond(w, http.StatusOK, map[string]any{"meta": map[string]any{"total_count": total}, "documents": documents})
}

func (s *Stub) addresses(w http.ResponseWriter, r *http.Request, fault Fault) {
	query := r.URL.Query().Get("query")
	if query == "" {
		refuse(w, http.StatusBadRequest, "MissingParameter", "query parameter required")
		return
	}
	words := strings.Fields(place.Normalise(query))
	documents := []map[string]any{}
	for _, d := range dongs {
		// Matches 역삼동 alone, with the regions that contain it, or with a number after it.
		all := strings.Fields(place.Normalise(d.String()))
		at := slices.Index(words, d.Dong)
		if fault == Empty || at < 0 || !slices.Equal(all[len(all)-1-min(at, len(all)-1):], words[:at+1]) {
			continue
		}
		documents = append(documents, address(d, fault))
	}
	respond(w, http.StatusOK, map[string]any{
		"meta":      map[string]any{"total_count": len(documents), "pageable_count": len(documents), "is_end": true},
		"documents": documents,
	})
}

// address returns a dong as a REGION, with the short name of its sido.
func address(d dong, fault Fault) map[string]any {
	sido := d.Sido
	for short, full := range map[string]string{"서울": "서울특별시", "경기": "경기도", "경남": "경상남도", "광주": "광주광역시"} {
		if sido == full {
			sido = short
		}
	}
	name := strings.Join(strings.Fields(sido+" "+d.Sigungu+" "+d.Dong), " ")
	var x, y any = fmt.Sprintf("%.12f", d.at.Lon), fmt.Sprintf("%.12f", d.at.Lat)
	if fault == AsText {
		x, y = d.at.Lon, d.at.Lat // numbers instead of strings
	}
	return map[string]any{
		"address_name": name, "address_type": "REGION", "x": x, "y": y, "road_address": nil,
		"address": map[string]any{
			"address_name": name, "region_1depth_name": sido, "region_2depth_name": d.Sigungu, "region_3depth_name": d.Dong, "region_3depth_h_name": "",
			"h_code": "", "b_code": d.code, "mountain_yn": "N", "main_address_no": "", "sub_address_no": "", "x": x, "y": y,
		},
	}
}
