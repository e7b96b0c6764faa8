package kma

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// grid.csv has places of the official table that lie well inside their cells.
func TestPlacesLieInTheirCells(t *testing.T) {
	file, err := os.Open("testdata/grid.csv")
	require.NoError(t, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 126)
	for _, line := range lines[1:] {
		var v [4]float64
		for i := range v {
			v[i], err = strconv.ParseFloat(line[i+1], 64)
			require.NoError(t, err)
		}
		c, on := cellOf(place.Point{Lat: v[0], Lon: v[1]})
		assert.True(t, on, line[0])
		assert.Equal(t, cell{int(v[2]), int(v[3])}, c, line[0])
	}
}

func TestKnownPoints(t *testing.T) {
	for _, tt := range []struct {
		at   place.Point
		cell cell
	}{
		{place.Point{Lat: 37.488201, Lon: 126.929810}, cell{59, 125}}, // the sample of the guide
		{place.Point{Lat: 37.5665, Lon: 126.9780}, cell{60, 127}},
		{place.Point{Lat: 35.1796, Lon: 129.0756}, cell{98, 76}},
		{place.Point{Lat: 33.4996, Lon: 126.5312}, cell{53, 38}},
		{place.Point{Lat: 37.2411, Lon: 131.8654}, cell{144, 123}},
	} {
		c, on := cellOf(tt.at)
		assert.True(t, on)
		assert.Equal(t, tt.cell, c, "%v", tt.at)
	}
}

func TestEveryCellIsFoundByItsMiddle(t *testing.T) {
	for x := 1; x <= width; x++ {
		for y := 1; y <= height; y++ {
			c, on := cellOf(cell{x, y}.middle())
			if !on || c != (cell{x, y}) {
				t.Fatalf("%d,%d is found as %v", x, y, c)
			}
		}
	}
	at := cell{60, 127}.middle()
	assert.InDelta(t, 37.579871128849334, at.Lat, 1e-9)
	assert.InDelta(t, 126.98935225645432, at.Lon, 1e-9)
}

func TestPointsOffTheGrid(t *testing.T) {
	nan := math.NaN()
	for _, at := range []place.Point{
		{Lat: 33, Lon: 132.5}, {Lat: 39.5, Lon: 132.5}, // inside the box around Korea, and outside of the grid
		{Lat: 126.978, Lon: 37.5665}, {Lat: 0, Lon: 0}, {Lat: 90, Lon: 127}, {Lat: -90, Lon: 127}, {Lat: -37.5, Lon: 127},
		{Lat: 37.5, Lon: -127}, {Lat: 48.85, Lon: 2.35}, {Lat: nan, Lon: 127}, {Lat: 37.5, Lon: nan},
		{Lat: math.Inf(1), Lon: 127}, {Lat: 37.5, Lon: math.Inf(-1)}, {Lat: 37.5, Lon: 487},
	} {
		_, on := cellOf(at)
		assert.False(t, on, "%v", at)
	}
}
