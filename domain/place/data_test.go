package place

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// Names of people are compared by how they look. If those of places were, none would be
// another's.
func TestNoTwoNamesLookAlike(t *testing.T) {
	of := map[string]string{}
	for _, s := range sidos {
		names := s.names()
		for _, g := range s.sigungu {
			names = append(names, g.name)
		}
		for _, name := range names {
			skeleton := text.Skeleton(name)
			assert.Contains(t, []string{"", name}, of[skeleton])
			of[skeleton] = name
		}
	}
	assert.Greater(t, len(of), 200)
	for _, r := range neighbourhoods() {
		for _, d := range r.dongs {
			skeleton := text.Skeleton(d.Dong)
			assert.Contains(t, []string{"", d.Dong}, of[skeleton])
			of[skeleton] = d.Dong
		}
	}
	assert.Greater(t, len(of), 4000)
}

func TestTable(t *testing.T) {
	count := map[string]int{}
	called := map[string]string{} // the meaning of each name of a sido
	for _, s := range sidos {
		for _, name := range s.searched() {
			assert.Empty(t, called[name], "%s is a name of %s too", name, s.name)
			called[name] = s.name
		}
		for _, g := range s.sigungu {
			count[s.name]++
			assert.True(t, g.at.Lat > 33 && g.at.Lat < 38.7 && g.at.Lon > 125.9 && g.at.Lon < 131, "%s %s lies at %v", s.name, g.name, g.at)
			p, ok := Parse(s.name + " " + g.name)
			assert.True(t, ok)
			assert.Equal(t, Place{Sido: s.name, Sigungu: g.name}, p)
			exact, loose := ways(g.name)
			for _, way := range append(exact, loose...) {
				for _, sido := range s.names() {
					assert.Equal(t, p.String(), Normalise(sido+" "+way), "%s %s", sido, way)
				}
			}
			for _, way := range exact { // or the name itself, if it is ambiguous
				assert.Contains(t, []string{p.String(), way}, Normalise(way))
			}
		}
	}
	assert.Equal(t, map[string]int{
		"서울특별시": 25, "부산광역시": 16, "대구광역시": 9, "인천광역시": 11, "대전광역시": 5, "울산광역시": 5, "세종특별자치시": 1,
		"경기도": 47, "강원특별자치도": 18, "충청북도": 14, "충청남도": 16, "전북특별자치도": 15, "전남광주통합특별시": 27,
		"경상북도": 23, "경상남도": 22, "제주특별자치도": 2,
	}, count)
}

// Each former name leads to exactly one current place.
func TestPast(t *testing.T) {
	to := map[string]Place{}
	for _, p := range past {
		assert.True(t, known(p.now), "%v", p.now)
		assert.Equal(t, p.dongs, strings.Join(strings.Fields(p.dongs), " "))
		for _, dong := range append([]string{""}, strings.Fields(p.dongs)...) {
			if dong == "" && p.dongs != "" {
				continue
			}
			old := Place{Sido: p.sido, Sigungu: p.sigungu, Dong: dong}.String()
			assert.NotContains(t, to, old)
			to[old] = p.now
			now := p.now
			now.Dong = dong
			assert.Equal(t, now.String(), Normalise(old))
		}
	}
}
