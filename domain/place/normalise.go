package place

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// maxWords limits the words that Normalise reads. Every place name is shorter.
const maxWords = 100

// Normalise returns the name of the board for an address: in NFC, on one line with
// single spaces, and with the current full names of sido and sigungu. It leaves unknown
// words as they are. It is idempotent.
func Normalise(address string) string {
	words := strings.Fields(norm.NFC.String(address))
	for len(words) <= maxWords {
		now, count := head(words)
		named := append(strings.Fields(now.String()), words[count:]...)
		if slices.Equal(named, words) {
			break
		}
		words = named // repeat, because 세종시 may occur more than twice
	}
	return strings.Join(words, " ")
}

// Parse splits an address that starts with a sido and, except in 세종특별자치시, one of its
// current sigungu. Dong is the next word; the rest is dropped.
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

// head finds the longest prefix of an address that is a name of a place, with or without
// spaces, and returns the number of its words.
func head(words []string) (p Place, count int) {
	for n := min(len(words), 4); n > 0; n-- { // as in 경기도 화성시 동탄구 반송동
		if p, ok := names()[strings.Join(words[:n], "")]; ok {
			return p, n
		}
	}
	return Place{}, 0
}

// names maps every name of a place, without spaces, to the place.
var names = sync.OnceValue(func() map[string]Place {
	all := map[string]Place{}
	called := map[string][]string{} // names of each sido
	name := func(sidos, ways []string, dong string, p Place) {
		for _, sido := range sidos {
			for _, way := range ways {
				all[sido+way+dong] = p
			}
		}
	}
	short := map[string][]Place{} // names without the sido, with all places that they may mean
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
			if g.name == "" { // forms that require a sigungu repeat the city's name
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
		then := Place{Sido: p.sido, Sigungu: p.sigungu} // unknown parts stay as they are
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

// ways returns the ways to write the name of a sigungu, without spaces: exact ones,
// which may lack the 시 of a city before its gu, and loose ones, without the final 시, 군
// or 구. A loose way has more than one syllable and cannot be a dong (일산동).
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
