package usecase_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// regions makes the use cases of places, which ask others, if there are any.
func (tn *town) regions(others port.Places) *usecase.Regions {
	return usecase.NewRegions(tn.store, others, tn.now)
}

// addresses searches, and tells what was suggested.
func addresses(t *testing.T, u *usecase.Regions, words string) (all []string) {
	t.Helper()
	found, err := u.Search(t.Context(), words)
	require.NoError(t, err)
	for _, p := range found {
		all = append(all, p.String())
	}
	return all
}

func TestSearchRegions(t *testing.T) {
	t.Run("regions are known from the start", func(t *testing.T) {
		u := newTown(t).regions(nil)
		assert.Equal(t, []string{"서울특별시 강남구"}, addresses(t, u, "강남"))
		assert.Equal(t, "서울특별시 강남구", addresses(t, u, "ㄱㄴㄱ")[0])
		assert.Empty(t, addresses(t, u, "아무데도"))
		assert.Len(t, addresses(t, u, "ㅅ"), usecase.MaxSuggestions)
	})

	t.Run("a dong is suggested once somebody has posted there", func(t *testing.T) {
		tn := newTown(t)
		u := tn.regions(nil)
		ann := tn.personIn("ann", "경남 밀양시 내이동")
		assert.Empty(t, addresses(t, u, "내이"), "where somebody lives is nobody's business")
		tn.open(2, ann)
		tn.later(time.Minute)
		assert.Equal(t, []string{"경상남도 밀양시 내이동"}, addresses(t, u, "내이"))
		assert.Equal(t, []string{"경상남도 밀양시", "경상남도 밀양시 내이동"}, addresses(t, u, "경남 밀"))
	})

	t.Run("what says more than a dong, or less, is not", func(t *testing.T) {
		tn := newTown(t)
		for name, where := range map[string]string{
			"ann": "서울 강남구 역삼동 823", "bob": "서울 강남구 래미안101동", "cho": "역삼동", "dan": "서울 강남구",
			"eve": "서울 강남구 우리집", "fay": "부산 강남구 역삼동",
		} {
			tn.open(2, tn.personIn(name, where))
		}
		u := tn.regions(nil)
		assert.Empty(t, addresses(t, u, "역삼"))
		assert.Equal(t, []string{"서울특별시 강남구"}, addresses(t, u, "강남"))
		assert.Empty(t, addresses(t, u, "래미안"))
	})

	t.Run("a list that cannot be read anew is not lost for the next", func(t *testing.T) {
		tn := newTown(t)
		u := tn.regions(nil)
		require.Empty(t, addresses(t, u, "내이"))
		tn.open(2, tn.personIn("ann", "경남 밀양시 내이동"))
		tn.later(time.Minute)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := u.Search(gone, "내이")
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, []string{"경상남도 밀양시 내이동"}, addresses(t, u, "내이"))
	})

	t.Run("nothing to look for", func(t *testing.T) {
		u := newTown(t).regions(nil)
		for _, words := range []string{"", " \u3000", strings.Repeat("가", 101)} {
			_, err := u.Search(t.Context(), words)
			assert.Contains(t, fault.Of(err).Fields, "words", words)
		}
		assert.Empty(t, addresses(t, u, strings.Repeat("가", 100)))
	})
}

// A guide is others to ask.
type guide struct {
	near  port.Nearby
	point place.Point
	err   error
	asked int
}

func (g *guide) Near(context.Context, place.Point) (port.Nearby, error) {
	g.asked++
	return g.near, g.err
}

func (g *guide) Point(context.Context, user.Neighborhood) (place.Point, error) {
	g.asked++
	return g.point, g.err
}

var (
	yeoksam = place.Point{Lat: 37.4995, Lon: 127.0335}
	errAway = errors.New("away")
)

func TestNear(t *testing.T) {
	gangnam := port.Nearby{Place: place.Place{Sido: "서울특별시", Sigungu: "강남구"}, Source: "table"}
	exact := port.Nearby{Place: place.Place{Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"}, Source: "others"}
	island := place.Point{Lat: 37.97, Lon: 124.70} // 백령도, 160 km from an office
	for _, tt := range []struct {
		name   string
		others *guide
		at     place.Point
		want   port.Nearby
		err    error
		asked  int
	}{
		{"others know", &guide{near: exact}, yeoksam, exact, nil, 1},
		{"others are away", &guide{err: errAway}, yeoksam, gangnam, nil, 1},
		{"others know nothing, as on the beach", &guide{err: place.ErrNotFound}, yeoksam, gangnam, nil, 1},
		{"nobody to ask", nil, yeoksam, gangnam, nil, 0},
		{"an island that others know", &guide{near: exact}, island, exact, nil, 1},
		{"an island, and others are away", &guide{err: errAway}, island, port.Nearby{}, place.ErrNotFound, 1},
		{"도쿄 is asked of nobody", &guide{near: exact}, place.Point{Lat: 35.68, Lon: 139.77}, port.Nearby{}, place.ErrNotFound, 0},
		{"null island", &guide{near: exact}, place.Point{}, port.Nearby{}, place.ErrNotFound, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := newTown(t).regions(nil)
			if tt.others != nil {
				u = newTown(t).regions(tt.others)
			}
			got, err := u.Near(t.Context(), tt.at)
			assert.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
			if tt.others != nil {
				assert.Equal(t, tt.asked, tt.others.asked)
			}
		})
	}

	t.Run("no point", func(t *testing.T) {
		g := &guide{near: exact}
		_, err := newTown(t).regions(g).Near(t.Context(), place.Point{Lat: math.NaN(), Lon: 127})
		assert.Contains(t, fault.Of(err).Fields, "lat")
		assert.Zero(t, g.asked)
	})

	t.Run("who asked has gone", func(t *testing.T) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newTown(t).regions(&guide{err: errAway}).Near(gone, yeoksam)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestPointOfNeighborhood(t *testing.T) {
	middle := place.Point{Lat: 37.51, Lon: 127.05}
	for _, tt := range []struct {
		name   string
		others *guide
		where  user.Neighborhood
		want   place.Point
		err    error
		asked  int
	}{
		{"others know", &guide{point: yeoksam}, "서울특별시 강남구 역삼동", yeoksam, nil, 1},
		{"others are away", &guide{err: errAway}, "서울특별시 강남구 역삼동", middle, nil, 1},
		{"others know nothing", &guide{err: place.ErrNotFound}, "서울특별시 강남구 역삼동", middle, nil, 1},
		{"a sigungu is in the table", &guide{point: yeoksam}, "서울특별시 강남구", middle, nil, 0},
		{"only others know", &guide{point: yeoksam}, "역삼동", yeoksam, nil, 1},
		{"nobody knows", &guide{err: place.ErrNotFound}, "역삼동", place.Point{}, place.ErrNotFound, 1},
		{"a sido is too large", &guide{err: place.ErrNotFound}, "경기도", place.Point{}, place.ErrNotFound, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newTown(t).regions(tt.others).Point(t.Context(), tt.where)
			assert.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.asked, tt.others.asked)
		})
	}
}
