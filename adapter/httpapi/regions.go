package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// regions are the names of regions.
type regions struct{ regions *usecase.Regions }

func (g *regions) routes() []route {
	return []route{
		open("GET", "/api/region/search/", g.search, limit{publicReads, perNetwork}),
		open("GET", "/api/region/near/", g.near, limit{publicReads, perNetwork}),
	}
}

type regionJSON struct {
	Address string  `json:"address"`
	Sido    string  `json:"sido"`
	Sigungu *string `json:"sigungu"`
	Dong    *string `json:"dong"`
}

type regionsJSON struct {
	Regions []regionJSON `json:"regions"`
}

type nearbyJSON struct {
	regionJSON
	Exact  bool   `json:"exact"`
	Source string `json:"source"`
}

func toRegionJSON(p place.Place) regionJSON {
	return regionJSON{Address: p.String(), Sido: p.Sido, Sigungu: orNull(p.Sigungu), Dong: orNull(p.Dong)}
}

func (g *regions) search(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query().Get("q")
	if unfit(q) {
		return fault.Field("q", badText)
	}
	found, err := g.regions.Search(text.Normal(q))
	if err != nil {
		return err
	}
	all := regionsJSON{Regions: make([]regionJSON, len(found))}
	for i, p := range found {
		all.Regions[i] = toRegionJSON(p)
	}
	return respond(w, http.StatusOK, all)
}

func (g *regions) near(w http.ResponseWriter, r *http.Request) error {
	at, err := toPoint(r.URL.Query())
	if err != nil {
		return err
	}
	there, err := g.regions.Near(r.Context(), at)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, nearbyJSON{
		regionJSON: toRegionJSON(there.Place),
		Exact:      there.Dong != "" && there.Source != usecase.Table,
		Source:     there.Source,
	})
}

// toPoint reads lat and lon, which must both be there, in degrees.
func toPoint(query url.Values) (place.Point, error) {
	var at place.Point
	wrong := fault.Fields{}
	read := func(field, name string, degrees *float64) {
		s := strings.TrimSpace(query.Get(field))
		f, err := strconv.ParseFloat(s, 64)
		switch {
		case s == "":
			wrong.Add(field, name+"를 보내 주세요.")
		case err != nil:
			wrong.Add(field, name+"를 숫자로 보내 주세요.")
		}
		*degrees = f
	}
	read("lat", "위도", &at.Lat)
	read("lon", "경도", &at.Lon)
	wrong.Merge(fault.Of(at.Check()).Fields)
	return at, wrong.Err()
}
