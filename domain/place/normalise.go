package place

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// maxWords bounds what Normalise looks at. No place has a name that long.
const maxWords = 100

// Normalise gives the name by which the board of an address goes: composed
// (NFC), on one line with one space between words, and with sido and sigungu by
// the full names of today. What it does not know stays as it is typed.
// Normalising twice changes nothing more.
func Normalise(address string) string {
	words := strings.Fields(norm.NFC.String(address))
	for len(words) <= maxWords {
		now, count := head(words)
		named := append(strings.Fields(now.String()), words[count:]...)
		if slices.Equal(named, words) {
			break
		}
		words = named // and again: 세종시 may be said more than twice
	}
	return strings.Join(words, " ")
}

// Parse takes an address apart, if it begins with a sido and, but in
// 세종특별자치시, one of its sigungu of today. Dong is the word after them; what
// follows it is left out.
func Parse(address string) (Place, bool) {
	words := strings.Fields(Normalise(address))
	p, count := head(words)
	if count == 0 || !known(p) || len(words) > maxWords {
		return Place{}, false
	}
	if rest := words[count:]; p.Dong == "" && len(rest) > 0 {
		p.Dong = rest[0]
	}
	return p, true
}

// head finds the longest beginning of an address that names a place by any of
// its names, with or without spaces, and tells of how many words it is.
func head(words []string) (p Place, count int) {
	for n := min(len(words), 4); n > 0; n-- { // as in 경기도 화성시 동탄구 반송동
		if p, ok := names()[strings.Join(words[:n], "")]; ok {
			return p, n
		}
	}
	return Place{}, 0
}

// names leads from all that a place may be called, without spaces, to its parts.
var names = sync.OnceValue(func() map[string]Place {
	all := map[string]Place{}
	name := func(sidos []string, rest string, p Place) {
		for _, sido := range sidos {
			all[sido+strings.ReplaceAll(rest, " ", "")] = p
		}
	}
	called := map[string][]string{}
	for _, s := range sidos {
		called[s.name] = s.names()
		name(called[s.name], "", Place{Sido: s.name})
		for _, g := range s.sigungu {
			name(called[s.name], g.name, Place{Sido: s.name, Sigungu: g.name})
			if city, _, ok := strings.Cut(g.name, " "); ok {
				name(called[s.name], city, Place{Sido: s.name, Sigungu: city})
			}
			if g.name == "" { // those who must fill in a sigungu name the city again
				for _, again := range called[s.name][1:] {
					name(called[s.name], again, Place{Sido: s.name})
				}
				name(called[s.name], s.name, Place{Sido: s.name})
			}
		}
	}
	for _, shared := range sharedNames {
		for _, g := range shared.sigungu {
			name(shared.names, g, Place{Sido: shared.sido, Sigungu: g})
		}
	}
	for _, p := range past {
		sidos := called[p.sido]
		if p.dongs == "" {
			name(sidos, p.sigungu, p.now)
			continue
		}
		if _, now := all[p.sido+p.sigungu]; !now { // what cannot be told stays
			name(sidos, p.sigungu, Place{Sido: p.sido, Sigungu: p.sigungu})
		}
		for dong := range strings.FieldsSeq(p.dongs) {
			at := p.now
			at.Dong = dong
			name(sidos, p.sigungu+dong, at)
		}
	}
	return all
})
