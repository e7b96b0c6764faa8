package kma

import (
	"math"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// cell is a 5 km square of the KMA's forecast grid.
type cell struct{ x, y int }

// The grid is a Lambert conformal conic projection, called DFS by the KMA.
const (
	width, height = 149, 253

	radian          = math.Pi / 180
	radius          = 6371.00877 / 5.0 // of the Earth, in cells
	slat1, slat2    = 30 * radian, 60 * radian
	olat, olon      = 38 * radian, 126 * radian
	originX, origin = 43, 136
)

var (
	sn = math.Log(math.Cos(slat1)/math.Cos(slat2)) / math.Log(tan(slat2)/tan(slat1))
	sf = math.Pow(tan(slat1), sn) * math.Cos(slat1) / sn
	ro = radius * sf / math.Pow(tan(olat), sn)
)

func tan(lat float64) float64 { return math.Tan(math.Pi/4 + lat/2) }

// cellOf returns the cell of a point, and whether the point is on the grid.
func cellOf(p place.Point) (c cell, on bool) {
	if !(math.Abs(p.Lat) < 90 && math.Abs(p.Lon) <= 180) { // also catches NaN
		return cell{}, false
	}
	ra := radius * sf / math.Pow(tan(p.Lat*radian), sn)
	theta := math.Remainder(p.Lon*radian-olon, 2*math.Pi) * sn
	x := math.Floor(ra*math.Sin(theta) + originX + 0.5)
	y := math.Floor(ro - ra*math.Cos(theta) + origin + 0.5)
	if x < 1 || x > width || y < 1 || y > height { // check before the conversion to integers
		return cell{}, false
	}
	return cell{int(x), int(y)}, true
}

// middle returns the centre of a cell.
func (c cell) middle() place.Point {
	x, y := float64(c.x-originX), ro-float64(c.y-origin)
	ra := math.Hypot(x, y)
	return place.Point{
		Lat: (2*math.Atan(math.Pow(radius*sf/ra, 1/sn)) - math.Pi/2) / radian,
		Lon: (math.Atan2(x, y)/sn + olon) / radian,
	}
}
