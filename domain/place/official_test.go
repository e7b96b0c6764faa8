package place

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"
)

func TestOfficialNeighbourhoods(t *testing.T) {
	units, dong, eup, myeon := 0, 0, 0, 0
	names, lost := map[Place]bool{}, []string{}
	regions := map[Place]bool{}
	for _, r := range neighbourhoods() {
		assert.True(t, known(r.Place), "%s is a sigungu", r)
		assert.False(t, regions[r.Place], "%s twice", r)
		regions[r.Place] = true
		for _, u := range r.units {
			if u.name == "" {
				continue
			}
			units++
			assert.True(t, u.known, "%s %s", r, u.name)
			switch {
			case strings.HasSuffix(u.name, "읍"):
				eup++
			case strings.HasSuffix(u.name, "면"):
				myeon++
			default:
				dong++
			}
		}
		for _, d := range r.dongs {
			assert.Equal(t, r.Place, Place{Sido: d.Sido, Sigungu: d.Sigungu})
			assert.False(t, names[d.Place], "%s twice", d)
			names[d.Place] = true
			assert.True(t, norm.NFC.IsNormalString(d.Dong), "%s", d)
			assert.Contains(t, "동로가읍면", string([]rune(d.Dong)[len([]rune(d.Dong))-1]), "%s", d)
			p, ok := Parse(d.String())
			assert.True(t, ok, "%s", d)
			assert.Equal(t, d.Place, p, "an official name stays as it is")
			if d.units == 0 {
				lost = append(lost, d.Dong)
				continue
			}
			assert.True(t, d.at.Lat > 33 && d.at.Lat < 38.7 && d.at.Lon > 124.5 && d.at.Lon < 131, "%s lies at %v", d, d.at)
		}
	}
	for _, s := range sidos {
		for _, g := range s.sigungu {
			assert.True(t, regions[Place{Sido: s.name, Sigungu: g.name}], "%s %s has neighbourhoods", s.name, g.name)
		}
	}
	legal, region := map[string]bool{}, ""
	for line := range strings.Lines(dongs) {
		switch cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); {
		case len(cells) == 1:
			region = line
		case len(cells) == 2 && strings.HasSuffix(cells[0], "동"):
			legal[region+cells[0]] = true
		case len(cells) == 3:
			for dong := range strings.FieldsSeq(cells[2]) {
				legal[region+dong] = true
			}
		}
	}
	assert.Len(t, regions, 256)
	assert.Equal(t, []int{3563, 2155, 237, 1171}, []int{units, dong, eup, myeon}, "units, 동, 읍, 면")
	assert.Len(t, legal, 3657, "법정동")
	assert.Equal(t, []string{"백석동", "시천동", "신수동"}, lost, "without a point")
	assert.LessOrEqual(t, len(dongs), 150_000, "bytes in the program")
}

func TestOverlapping(t *testing.T) {
	gangnam := func(dongs ...string) (all []Place) {
		for _, dong := range dongs {
			all = append(all, Place{"서울특별시", "강남구", dong})
		}
		return all
	}
	assert.Equal(t, gangnam("역삼동", "역삼1동", "역삼2동"), Overlapping(gangnam("역삼동")[0]))
	assert.Equal(t, gangnam("역삼1동", "역삼동"), Overlapping(gangnam("역삼1동")[0]), "and not further")
	assert.Equal(t, gangnam("개포3동", "개포동", "대치동", "일원동"), Overlapping(gangnam("개포3동")[0]))
	for _, p := range []Place{
		{"경상남도", "밀양시", "삼랑진읍"}, {"서울특별시", "강남구", "우리동"}, {"서울특별시", "강남구", ""}, {"인천광역시", "검단구", ""}, {"아무데", "없는군", "그런동"}, {},
	} {
		assert.Equal(t, []Place{p}, Overlapping(p))
	}
	most := 0
	for _, r := range neighbourhoods() {
		for _, d := range r.dongs {
			all := Overlapping(d.Place)
			most = max(most, len(all))
			for _, other := range all {
				assert.Contains(t, Overlapping(other), d.Place, "%s and %s", d, other)
			}
		}
	}
	assert.Equal(t, 37, most, "창원시 진해구 충무동 has 36 법정동")
	assert.Len(t, Overlapping(Place{"서울특별시", "관악구", "신림동"}), 11)
}

func BenchmarkReadTable(b *testing.B) {
	for b.Loop() {
		readTable()
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, words := range []string{"역삼", "ㅇㅅㄷ", "서울 강", "경기 성남시 정자1동"} {
		b.Run(words, func(b *testing.B) {
			for b.Loop() {
				Search(words, 10)
			}
		})
	}
}

func TestIsOfficial(t *testing.T) {
	n := 0
	for _, r := range neighbourhoods() {
		for _, d := range r.dongs {
			assert.True(t, IsOfficial(d.String()), d)
			n++
		}
	}
	assert.Greater(t, n, 6000)
	for _, other := range []string{
		"", " ", "역삼동", "강남구 역삼동", "서울특별시", "서울특별시 강남구", "서울 강남구 역삼동", "서울특별시 강남구 역삼동 ", " 서울특별시 강남구 역삼동",
		"서울특별시  강남구 역삼동", "서울특별시 강남구 역삼동 823", "세종특별자치시", "세종특별자치시  나성동", "강원도 춘천시 석사동", "서울특별시 종로구 역삼동",
	} {
		assert.False(t, IsOfficial(other), "%q", other)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { IsOfficial("제주특별자치도 제주시 용담이동") }))
}

func BenchmarkIsOfficial(b *testing.B) {
	for b.Loop() {
		IsOfficial("제주특별자치도 제주시 용담이동")
	}
}
