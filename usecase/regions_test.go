package usecase_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestSearchRegions(t *testing.T) {
	u := usecase.NewRegions(nil)
	found, err := u.Search(" ㄱㄴㄱ ")
	require.NoError(t, err)
	assert.Equal(t, place.Place{Sido: "서울특별시", Sigungu: "강남구"}, found[0])
	found, err = u.Search("ㅅ")
	require.NoError(t, err)
	assert.Len(t, found, usecase.MaxSuggestions)
	found, err = u.Search(strings.Repeat("가", 100))
	require.NoError(t, err)
	assert.Empty(t, found)
	for _, words := range []string{"", " \u3000", strings.Repeat("가", 101)} {
		_, err := u.Search(words)
		assert.Contains(t, fault.Of(err).Fields, "words", words)
	}
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
	office := port.Nearby{Place: place.Place{Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼1동"}, Source: "table"}
	township := port.Nearby{Place: place.Place{Sido: "인천광역시", Sigungu: "옹진군", Dong: "백령면"}, Source: "table"}
	exact := port.Nearby{Place: place.Place{Sido: "서울특별시", Sigungu: "강남구", Dong: "역삼동"}, Source: "others"}
	island, sea := place.Point{Lat: 37.97, Lon: 124.70}, place.Point{Lat: 37.24, Lon: 131.87} // 백령도; 독도, 87 km from an office
	for _, tt := range []struct {
		name   string
		others *guide
		at     place.Point
		want   port.Nearby
		err    error
		asked  int
	}{
		{"others know", &guide{near: exact}, yeoksam, exact, nil, 1},
		{"others are away", &guide{err: errAway}, yeoksam, office, nil, 1},
		{"others know nothing, as on the beach", &guide{err: place.ErrNotFound}, yeoksam, office, nil, 1},
		{"nobody to ask", nil, yeoksam, office, nil, 0},
		{"an island that others know", &guide{near: exact}, island, exact, nil, 1},
		{"an island, and others are away", &guide{err: errAway}, island, township, nil, 1},
		{"an island without an office, and others are away", &guide{err: errAway}, sea, port.Nearby{}, place.ErrNotFound, 1},
		{"도쿄 is asked of nobody", &guide{near: exact}, place.Point{Lat: 35.68, Lon: 139.77}, port.Nearby{}, place.ErrNotFound, 0},
		{"null island", &guide{near: exact}, place.Point{}, port.Nearby{}, place.ErrNotFound, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := usecase.NewRegions(nil)
			if tt.others != nil {
				u = usecase.NewRegions(tt.others)
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
		_, err := usecase.NewRegions(g).Near(t.Context(), place.Point{Lat: math.NaN(), Lon: 127})
		assert.Contains(t, fault.Of(err).Fields, "lat")
		assert.Zero(t, g.asked)
	})

	t.Run("who asked has gone", func(t *testing.T) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := usecase.NewRegions(&guide{err: errAway}).Near(gone, yeoksam)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestPointOfNeighborhood(t *testing.T) {
	middle := place.Point{Lat: 37.51, Lon: 127.05}
	const nowhere = "서울특별시 강남구 우리동" // isn't official
	for _, tt := range []struct {
		name   string
		others *guide
		where  user.Neighborhood
		want   place.Point
		err    error
		asked  int
	}{
		{"an official one", &guide{point: yeoksam}, "서울특별시 강남구 역삼1동", place.Point{Lat: 37.4926, Lon: 127.0351}, nil, 0},
		{"an official one without a point", &guide{point: yeoksam}, "인천광역시 검단구 백석동", yeoksam, nil, 1},
		{"others know", &guide{point: yeoksam}, nowhere, yeoksam, nil, 1},
		{"others are away", &guide{err: errAway}, nowhere, middle, nil, 1},
		{"others know nothing", &guide{err: place.ErrNotFound}, nowhere, middle, nil, 1},
		{"a sigungu is in the table", &guide{point: yeoksam}, "서울특별시 강남구", middle, nil, 0},
		{"only others know", &guide{point: yeoksam}, "역삼동", yeoksam, nil, 1},
		{"nobody knows", &guide{err: place.ErrNotFound}, "역삼동", place.Point{}, place.ErrNotFound, 1},
		{"a sido is too large", &guide{err: place.ErrNotFound}, "경기도", place.Point{}, place.ErrNotFound, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := usecase.NewRegions(tt.others).Point(t.Context(), tt.where)
			assert.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.asked, tt.others.asked)
		})
	}
}
