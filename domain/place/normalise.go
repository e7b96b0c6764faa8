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
	called := map[string][]string{} // each sido
	name := func(sidos, ways []string, dong string, p Place) {
		for _, sido := range sidos {
			for _, way := range ways {
				all[sido+way+dong] = p
			}
		}
	}
	short := map[string][]Place{} // what leaves out where it lies, and all that it may be
	shorten := func(sidos, ways []string, p Place) {
		for _, sido := range sidos {
			for _, way := range ways {
				if old := short[sido+way]; !slices.Contains(old, p) {
					short[sido+way] = append(old, p)
				}
			}
		}
	}
	for _, s := range sidos {
		called[s.name] = s.names()
		name(called[s.name], []string{""}, "", Place{Sido: s.name})
		for _, g := range s.sigungu {
			p := Place{Sido: s.name, Sigungu: g.name}
			exact, loose := ways(g.name)
			name(called[s.name], slices.Concat(loose, exact), "", p)
			if g.name == "" { // those who must fill in a sigungu name the city again
				name(called[s.name], called[s.name], "", p)
				continue
			}
			shorten([]string{""}, exact, p)
			if city, gu, ok := strings.Cut(g.name, " "); ok {
				shorten(slices.Concat([]string{""}, called[s.name]), []string{gu}, p)
				exact, loose := ways(city)
				p.Sigungu = city
				name(called[s.name], slices.Concat(loose, exact), "", p)
				shorten([]string{""}, exact, p)
			}
		}
	}
	for _, shared := range sharedNames {
		for _, g := range shared.sigungu {
			name(shared.names, []string{g}, "", Place{Sido: shared.sido, Sigungu: g})
		}
		for _, n := range shared.names {
			delete(short, n)
		}
	}
	for _, p := range past {
		then := Place{Sido: p.sido, Sigungu: p.sigungu} // what cannot be told stays
		if p.dongs == "" {
			then = p.now
		}
		exact, loose := ways(p.sigungu)
		if _, now := all[p.sido+p.sigungu]; !now {
			name(called[p.sido], slices.Concat(loose, exact), "", then)
		}
		shorten([]string{""}, exact, then)
	}
	for n, places := range short {
		if _, taken := all[n]; len(places) == 1 && !taken {
			all[n] = places[0]
		}
	}
	for _, p := range past {
		exact, loose := ways(p.sigungu)
		for dong := range strings.FieldsSeq(p.dongs) {
			at := p.now
			at.Dong = dong
			name(called[p.sido], slices.Concat(loose, exact), dong, at)
			if _, once := all[p.sigungu]; once {
				name([]string{""}, exact, dong, at)
			}
		}
	}
	return all
})

// ways are how people say the name of a sigungu, without spaces: exactly, if not
// always with the 시 of a city before its gu; and loosely, without the last 시, 군 or
// 구, where that leaves more than a syllable and nothing that may be a dong (일산동).
func ways(sigungu string) (exact, loose []string) {
	cut := func(word string) string {
		if r := []rune(word); len(r) > 2 && strings.ContainsRune("시군구", r[len(r)-1]) {
			return string(r[:len(r)-1])
		}
		return word
	}
	city, gu, two := strings.Cut(sigungu, " ")
	if !two {
		return []string{sigungu}, []string{cut(sigungu)}
	}
	exact = []string{city + gu, cut(city) + gu}
	if short := cut(gu); !IsDong(short) {
		loose = []string{city + short, cut(city) + short}
	}
	return exact, loose
}
