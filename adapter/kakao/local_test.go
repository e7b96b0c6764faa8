package kakao

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/kakao"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "0123456789abcdef0123456789abcdef"

var (
	yeoksam = place.Point{Lat: 37.49951, Lon: 127.03354}
	atSea   = place.Point{Lat: 36.5, Lon: 131}
)

// a desk is a Local with its stub and log.
type desk struct {
	*Local
	log *bytes.Buffer
}

func ask(t *testing.T, h http.Handler, key string) desk {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	client := &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	return over(client, srv.URL, key)
}

func over(client *http.Client, url, key string) desk {
	log := &bytes.Buffer{}
	return desk{New(Service{
		Client: client, URL: url, Key: key, Quota: inproc.NewQuota(time.Now), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}), log}
}

// recorded answers every request with a file.
func recorded(t *testing.T, name string) http.Handler {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Write(body)
	})
}

func TestNearReads(t *testing.T) {
	for name, want := range map[string]place.Place{
		"both":         {Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"},
		"only_b":       {Sido: "경기도", Sigungu: "성남시 분당구", Dong: "정자동"},
		"only_h":       {Sido: "서울특별시", Sigungu: "강남구"},
		"ri":           {Sido: "경상남도", Sigungu: "밀양시", Dong: "삼랑진읍"},
		"sejong":       {Sido: "세종특별자치시", Dong: "나성동"},
		"sejong_twice": {Sido: "세종특별자치시", Dong: "나성동"},
		"old_names":    {Sido: "인천광역시", Sigungu: "영종구", Dong: "운서동"},
		"new_district": {Sido: "경기도", Sigungu: "새로구", Dong: "새동"},
		"odd_types":    {Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ask(t, recorded(t, "coord2regioncode_"+name+".json"), key).Near(t.Context(), yeoksam)
			require.NoError(t, err)
			assert.Equal(t, port.Nearby{Place: want, Source: "kakao"}, got)
		})
	}
	for name, want := range map[string]error{"sea": place.ErrNotFound, "nameless": errBroken} {
		_, err := ask(t, recorded(t, "coord2regioncode_"+name+".json"), key).Near(t.Context(), yeoksam)
		assert.ErrorIs(t, err, want, name)
	}
}

func TestPointReads(t *testing.T) {
	for _, tt := range []struct {
		name  string
		where user.Neighborhood
		want  place.Point
		err   error
	}{
		{"region", "서울특별시 강남구 역삼동", place.Point{Lat: 37.5008, Lon: 127.0365}, nil},
		{"region", "역삼동", place.Point{Lat: 37.5008, Lon: 127.0365}, nil},
		{"region", "서울특별시 강남구 논현동", place.Point{}, place.ErrNotFound},
		{"region", "부산광역시 강서구 역삼동", place.Point{}, place.ErrNotFound},
		{"h", "서울특별시 강남구 역삼1동", place.Point{Lat: 37.4954, Lon: 127.0331}, nil},
		{"several", "송정동", place.Point{}, place.ErrNotFound},
		{"several", "광주 송정동", place.Point{}, place.ErrNotFound},
		{"several", "전남광주통합특별시 광산구 송정동", place.Point{Lat: 35.139, Lon: 126.793}, nil},
		{"several", "경기도 광주시 송정동", place.Point{Lat: 37.419, Lon: 127.255}, nil},
		{"first_page", "역삼동", place.Point{}, place.ErrNotFound},
		{"nothing", "서울특별시 강남구 역삼동", place.Point{}, place.ErrNotFound},
		{"road_only", "강남대로", place.Point{Lat: 37.4981, Lon: 127.0277}, nil},
		{"swapped", "서울특별시 강남구 역삼동", place.Point{}, errBroken},
	} {
		t.Run(tt.name+" "+string(tt.where), func(t *testing.T) {
			got, err := ask(t, recorded(t, "address_"+tt.name+".json"), key).Point(t.Context(), tt.where)
			assert.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
		})
	}
}

// Requests are rounded, contain at most a dong, and have the key.
func TestAsks(t *testing.T) {
	stub := &kakao.Stub{}
	var headers []string
	d := ask(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Get("Authorization"))
		stub.ServeHTTP(w, r)
	}), key)

	_, err := d.Near(t.Context(), yeoksam)
	require.NoError(t, err)
	at, err := d.Point(t.Context(), "서울특별시 강남구 역삼동 823 101호")
	require.NoError(t, err)
	assert.Equal(t, place.Point{Lat: 37.4995, Lon: 127.0335}, at)
	assert.Equal(t, []kakao.Asked{
		{Path: "/v2/local/geo/coord2regioncode.json", Query: map[string]string{"x": "127.034", "y": "37.500"}},
		{Path: "/v2/local/search/address.json", Query: map[string]string{"query": "서울특별시 강남구 역삼동"}},
	}, stub.Asked())
	assert.Equal(t, []string{"KakaoAK " + key, "KakaoAK " + key}, headers)
	assert.Empty(t, d.log.String())
}

func TestAnswersAreKept(t *testing.T) {
	t.Run("of points that are the same when rounded", func(t *testing.T) {
		stub := &kakao.Stub{}
		d := ask(t, stub, key)
		for _, at := range []place.Point{yeoksam, {Lat: 37.49999, Lon: 127.03449}, yeoksam} {
			got, err := d.Near(t.Context(), at)
			require.NoError(t, err)
			assert.Equal(t, "역삼동", got.Dong)
		}
		assert.Len(t, stub.Asked(), 1)
	})

	t.Run("that there is nothing, too", func(t *testing.T) {
		stub := &kakao.Stub{}
		d := ask(t, stub, key)
		for range 3 {
			_, err := d.Near(t.Context(), atSea)
			assert.ErrorIs(t, err, place.ErrNotFound)
		}
		assert.Len(t, stub.Asked(), 1)
	})

	t.Run("but no failure", func(t *testing.T) {
		stub := &kakao.Stub{}
		stub.FailTimes(kakao.Throttled, 1)
		d := ask(t, stub, key)
		_, err := d.Near(t.Context(), yeoksam)
		require.Error(t, err)
		_, err = d.Near(t.Context(), yeoksam)
		require.NoError(t, err)
	})

	t.Run("for those who ask at the same time", func(t *testing.T) {
		stub, hold := &kakao.Stub{}, make(chan struct{})
		d := ask(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-hold
			stub.ServeHTTP(w, r)
		}), key)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, err := d.Near(t.Context(), yeoksam)
				assert.NoError(t, err)
			})
		}
		close(hold)
		all.Wait()
		assert.Len(t, stub.Asked(), 1)
	})

	t.Run("also for one who has gone meanwhile", func(t *testing.T) {
		stub := &kakao.Stub{}
		d := ask(t, stub, key)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := d.Near(gone, yeoksam)
		require.NoError(t, err)
	})
}

func TestCache(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCache[int, string](3, time.Minute, func() time.Time { return now })
	asked := 0
	get := func(k int) {
		v, err := c.get(k, func() (string, error) { asked++; return "v", nil })
		require.NoError(t, err)
		assert.Equal(t, "v", v)
	}
	get(1)
	get(1)
	assert.Equal(t, 1, asked)
	now = now.Add(time.Minute)
	get(1)
	assert.Equal(t, 2, asked, "as long as a minute")
	for k := range 100 {
		get(k)
		assert.LessOrEqual(t, len(c.kept), 3)
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		fault kakao.Fault
		says  string
		times int // expected number of requests
		level string
	}{
		{kakao.NoHeader, "status 401 AccessDeniedError cannot find Authorization : KakaoAK header", 1, "ERROR"},
		{kakao.WrongKey, "status 401 AccessDeniedError wrong appKey(…) format", 1, "ERROR"},
		{kakao.WrongAddress, "status 401 -401 ip mismatched! callerIp=192.0.2.1", 1, "ERROR"},
		{kakao.SwitchedOff, "status 403 NotAuthorizedError App(MealBuddy) disabled OPEN_MAP_AND_LOCAL service.", 1, "ERROR"},
		{kakao.BadRequest, "status 400 InvalidArgument", 1, "WARN"},
		{kakao.Throttled, "status 429 RequestThrottled", 1, "WARN"},
		{kakao.Maintenance, "status 503 -9798", 2, "WARN"},
		{kakao.Internal, "status 500 -1", 2, "WARN"},
		{kakao.Cut, "unexpected EOF", 2, "WARN"},
		{kakao.Broken, errBroken.Error(), 1, "WARN"},
		{kakao.Page, errBroken.Error(), 1, "WARN"},
		{kakao.Huge, errBroken.Error() + ": longer than 262144 bytes", 1, "WARN"},
		{kakao.Elsewhere, "status 302", 1, "WARN"},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			stub := &kakao.Stub{}
			stub.Fail(tt.fault)
			d := ask(t, stub, key)
			_, err := d.Near(t.Context(), yeoksam)
			require.EqualError(t, err, "name a point: "+tt.says)
			assert.NotErrorIs(t, err, place.ErrNotFound)
			assert.Len(t, stub.Asked(), tt.times)
			_, err = d.Point(t.Context(), "서울특별시 강남구 역삼동")
			require.Error(t, err)

			log := regexp.MustCompile(`time=\S+`).ReplaceAllString(d.log.String(), "") // 37.5 may be a second
			assert.Contains(t, log, "level="+tt.level)
			for _, secret := range []string{key, "127.03", "37.5", "37.49", "query=", "역삼", "%EC"} {
				assert.NotContains(t, log, secret)
				assert.NotContains(t, err.Error(), secret)
			}
		})
	}

	t.Run("nobody there", func(t *testing.T) {
		d := over(&http.Client{Transport: &http.Transport{}}, "http://127.0.0.1:1", key)
		_, err := d.Near(t.Context(), yeoksam)
		require.ErrorContains(t, err, "connection refused")
		assert.NotContains(t, err.Error()+d.log.String(), "127.03")
	})

	t.Run("numbers as text, and text as numbers", func(t *testing.T) {
		stub := &kakao.Stub{}
		stub.Fail(kakao.AsText)
		d := ask(t, stub, key)
		got, err := d.Near(t.Context(), yeoksam)
		require.NoError(t, err)
		assert.Equal(t, "역삼동", got.Dong)
		at, err := d.Point(t.Context(), "서울특별시 강남구 역삼동")
		require.NoError(t, err)
		assert.Equal(t, place.Point{Lat: 37.4995, Lon: 127.0335}, at)
	})

	t.Run("one failure is made good at once", func(t *testing.T) {
		for _, fault := range []kakao.Fault{kakao.Maintenance, kakao.Cut} {
			stub := &kakao.Stub{}
			stub.FailTimes(fault, 1)
			d := ask(t, stub, key)
			_, err := d.Near(t.Context(), yeoksam)
			require.NoError(t, err, fault)
			assert.Empty(t, d.log.String())
		}
	})

	t.Run("the quota that is shared is used up", func(t *testing.T) {
		stub := &kakao.Stub{}
		d := ask(t, stub, key)
		for {
			a, err := d.s.Quota.Take(t.Context(), "kakao", perDay, 1)
			require.NoError(t, err)
			if !a.OK {
				break
			}
		}
		_, err := d.Near(t.Context(), yeoksam)
		assert.ErrorIs(t, err, errBudget)
		assert.Empty(t, stub.Asked())
	})
}

// transport answers without a network.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// through returns a transport that calls a handler directly.
func through(h http.Handler) transport {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		d := over(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}, "http://kakao.test", key)
		began := time.Now()
		_, err := d.Near(t.Context(), yeoksam)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Equal(t, 1, asked, "it would be as slow again")
	})
}

// The point must leave enough time for the forecast, because both share a deadline.
func TestAPointLeavesTimeForAForecast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}, "http://kakao.test", key)
		began := time.Now()
		_, err := d.Point(t.Context(), "서울특별시 강남구 역삼동")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, time.Since(began), 1500*time.Millisecond)
	})
}

func TestBreakers(t *testing.T) {
	try := func(t *testing.T, d desk) error {
		_, err := d.Near(t.Context(), yeoksam)
		return err
	}
	t.Run("a key that is refused is tried every five minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			stub := &kakao.Stub{}
			stub.Fail(kakao.SwitchedOff)
			d := over(&http.Client{Transport: through(stub)}, "http://kakao.test", key)
			for range 10 {
				require.Error(t, try(t, d))
			}
			assert.Len(t, stub.Asked(), 1)
			assert.Equal(t, 1, strings.Count(d.log.String(), "\n"), "one loud line")
			time.Sleep(5*time.Minute + time.Second)
			stub.Fail(kakao.None)
			require.NoError(t, try(t, d))
		})
	})

	t.Run("who fails five times has half a minute of rest", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			stub := &kakao.Stub{}
			stub.Fail(kakao.Throttled)
			d := over(&http.Client{Transport: through(stub)}, "http://kakao.test", key)
			for range 10 {
				require.Error(t, try(t, d))
			}
			assert.Len(t, stub.Asked(), 5)
			time.Sleep(31 * time.Second)
			require.Error(t, try(t, d))
			require.Error(t, try(t, d))
			assert.Len(t, stub.Asked(), 1, "one try, and rest again")
			time.Sleep(31 * time.Second)
			stub.Fail(kakao.None)
			require.NoError(t, try(t, d))
		})
	})

	t.Run("what we ask wrongly is not Kakao's failure", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			stub := &kakao.Stub{}
			stub.Fail(kakao.BadRequest)
			d := over(&http.Client{Transport: through(stub)}, "http://kakao.test", key)
			for range 10 {
				require.Error(t, try(t, d))
			}
			assert.Len(t, stub.Asked(), 10)
		})
	})
}

// The real service, if a key is set.
func TestReal(t *testing.T) {
	key := os.Getenv("MEALBUDDY_TEST_KAKAO_KEY")
	if key == "" {
		t.Skip("set MEALBUDDY_TEST_KAKAO_KEY to a REST API key to ask the real Kakao")
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	defer client.CloseIdleConnections()
	d := over(client, "https://dapi.kakao.com", key)
	got, err := d.Near(t.Context(), yeoksam)
	require.NoError(t, err)
	assert.Equal(t, "서울특별시 강남구 역삼동", got.String())
	_, err = d.Near(t.Context(), atSea)
	assert.ErrorIs(t, err, place.ErrNotFound)
	at, err := d.Point(t.Context(), "제주특별자치도 제주시 용담이동")
	require.NoError(t, err)
	assert.InDelta(t, 33.5, at.Lat, 0.05)
	assert.InDelta(t, 126.5, at.Lon, 0.05)
	_, err = d.Point(t.Context(), "중앙동")
	assert.ErrorIs(t, err, place.ErrNotFound)
	assert.Empty(t, d.log.String())
}

func FuzzAnswer(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, name := range files {
		body, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(200, body)
		f.Add(401, body)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		d := over(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.WriteHeader(100 + max(0, status)%900)
			w.Write(body)
			return w.Result(), nil
		})}, "http://kakao.test", key)
		got, err := d.Near(t.Context(), yeoksam)
		if err == nil {
			assert.NotEmpty(t, got.Sido)
		}
		at, err := d.Point(t.Context(), "역삼동")
		if err == nil {
			assert.NoError(t, at.Check())
		}
		if errors.Is(err, context.Canceled) {
			t.Fatal("nobody cancelled")
		}
	})
}
