package place

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A region is a sigungu, by all its names, with its official neighbourhoods.
type region struct {
	Place
	sidos    []string   // the names of its sido
	sigungus [][]string // the words of its own names, today's first; one without words in 세종특별자치시
	dongs    []official
	units    []unit
}

// An official neighbourhood is a 법정동, a 행정동, an 읍 or a 면, or a 법정동 and a 행정동 of one name.
type official struct {
	Place
	key   string  // the name of the dong without dots
	short string  // and without a 제 before its number; "" if that is key
	at    Point   // in the middle of the offices of its units
	units float64 // how many units with a known point are it, or have a part of it
}

// A unit is a 행정동, 읍 or 면, or the unknown one of some dongs, which has no name.
type unit struct {
	name  string
	legal string // the 법정동 that it has a part of; "" if it has none, or only the one of its name
	at    Point  // about where its office is
	known bool   // where that is
}

// Edition names the state of the official neighbourhoods and of the spellings that Resolve
// reads. A later one is a greater text. Whoever changes either makes it greater, and the
// stores then spell their addresses anew.
const Edition = "2026-07-01.3"

//go:embed dong.txt
var dongs string

// neighbourhoods are all official ones, sido by sido.
var neighbourhoods = sync.OnceValue(readTable)

func readTable() []region {
	regions := make([]region, 0, 260)
	units, names := make([]unit, 0, 3600), make([]official, 0, 7000) // of all regions
	called := map[string][]string{}
	for _, s := range sidos {
		called[s.name] = s.searched()
	}
	for line := range strings.Lines(dongs) {
		name, rest, isUnit := strings.Cut(line[:len(line)-1], "\t")
		switch {
		case strings.HasPrefix(name, "#"):
		case isUnit:
			point, legal, _ := strings.Cut(rest, "\t")
			at, known := readPoint(point)
			units = append(units, unit{name, legal, at, known})
			r := &regions[len(regions)-1]
			n := len(r.units) + 1
			r.units = units[len(units)-n : len(units) : len(units)]
		default:
			p := Place{}
			p.Sido, p.Sigungu, _ = strings.Cut(name, " ")
			r := region{Place: p, sidos: called[p.Sido]}
			for _, name := range append([]string{p.Sigungu}, formerly(p)...) {
				r.sigungus = append(r.sigungus, strings.Fields(name))
			}
			regions = append(regions, r)
		}
	}
	for i := range regions {
		r := &regions[i]
		r.dongs = names[len(names):]
		r.name()
		names = names[:len(names)+len(r.dongs)]
		r.dongs = slices.Clip(r.dongs)
	}
	return regions
}

// name lists the neighbourhoods of the region's units: first the 법정동, by which people call
// where they live.
func (r *region) name() {
	for _, u := range r.units {
		legal := u.legal
		if legal == "" {
			legal = u.name
		}
		for dong := range strings.FieldsSeq(legal) {
			r.add(dong, u)
		}
	}
	legal := len(r.dongs)
	for _, u := range r.units {
		if u.name != "" && !slices.ContainsFunc(r.dongs[:legal], func(d official) bool { return d.Dong == u.name }) {
			r.add(u.name, u)
		}
	}
}

// add adds a neighbourhood, or another unit that it lies in.
func (r *region) add(dong string, u unit) {
	i := 0
	for i < len(r.dongs) && r.dongs[i].Dong != dong {
		i++
	}
	if i == len(r.dongs) {
		d := official{Place: Place{r.Sido, r.Sigungu, dong}, key: dong}
		if strings.Contains(dong, ".") {
			d.key = strings.ReplaceAll(dong, ".", "")
		}
		if short := withoutJe(d.key); short != d.key {
			d.short = short
		}
		r.dongs = append(r.dongs, d)
	}
	if d := &r.dongs[i]; u.known {
		d.at.Lat = (d.at.Lat*d.units + u.at.Lat) / (d.units + 1)
		d.at.Lon = (d.at.Lon*d.units + u.at.Lon) / (d.units + 1)
		d.units++
	}
}

// find returns the region of a place, or none.
func find(p Place) region {
	for _, r := range neighbourhoods() {
		if r.Sido == p.Sido && r.Sigungu == p.Sigungu {
			return r
		}
	}
	return region{}
}

// IsOfficial reports whether a text is the name of an official neighbourhood in its official
// spelling. It is cheap enough for every answer that shows one.
func IsOfficial(name string) bool {
	i := strings.LastIndexByte(name, ' ')
	if i < 0 {
		return false
	}
	sido, sigungu, inside := strings.Cut(name[:i], " ")
	if inside && sigungu == "" { // a space too many
		return false
	}
	return find(Place{Sido: sido, Sigungu: sigungu}).has(name[i+1:])
}

// Official returns the point of an official neighbourhood of that very name: in the middle
// of the offices of its units, good to a few kilometres.
func Official(p Place) (Point, bool) {
	for _, d := range find(p).dongs {
		if d.Dong == p.Dong && d.units > 0 {
			return d.at, true
		}
	}
	return Point{}, false
}

// Overlapping lists the official neighbourhoods that have ground in common with the one of
// that very name, itself first: the 행정동 of a 법정동, and the 법정동 of a 행정동. Of any other name
// it lists only that.
func Overlapping(p Place) []Place {
	all := []Place{p}
	add := func(dong string) {
		if q := (Place{p.Sido, p.Sigungu, dong}); dong != "" && !slices.Contains(all, q) {
			all = append(all, q)
		}
	}
	for _, u := range find(p).units {
		mine, its := u.name != "" && u.name == p.Dong, false
		for dong := range strings.FieldsSeq(u.legal) {
			its = its || dong == p.Dong
			if mine {
				add(dong)
			}
		}
		if its {
			add(u.name)
		}
	}
	return all
}

// readPoint reads two whole numbers, in 1/10,000 degrees.
func readPoint(s string) (at Point, ok bool) {
	lat, lon, _ := strings.Cut(s, " ")
	north, err := strconv.Atoi(lat)
	east, err2 := strconv.Atoi(lon)
	return Point{float64(north) / 10_000, float64(east) / 10_000}, err == nil && err2 == nil
}

// Nearest returns the 행정동, 읍 or 면 whose office is nearest to at, and the distance in
// kilometres. at may lie in another one.
func Nearest(at Point) (Place, float64) {
	var p Place
	least := math.Inf(1)
	for _, r := range neighbourhoods() {
		for _, u := range r.units {
			if d := at.kilometres(u.at); u.known && d < least {
				p, least = Place{r.Sido, r.Sigungu, u.name}, d
			}
		}
	}
	return p, least
}
