package place

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Index finds places by a prefix of their names.
type Index struct{ all []entry }

// An entry is a place, with several names for its sido.
type entry struct {
	Place
	sidos [][]rune
	parts [][][]rune // below the sido, by all current and former names
}

// NewIndex returns an index of every sido and sigungu, and of dongs.
func NewIndex(dongs []Place) *Index {
	x := &Index{}
	called := map[string][][]rune{}
	add := func(p Place) {
		e := entry{Place: p, sidos: called[p.Sido]}
		for _, sigungu := range append(formerly(p), p.Sigungu) {
			var parts [][]rune
			for part := range strings.FieldsSeq(sigungu + " " + p.Dong) {
				parts = append(parts, []rune(part))
			}
			e.parts = append(e.parts, parts)
		}
		x.all = append(x.all, e)
	}
	for _, s := range sidos {
		for _, name := range s.searched() {
			called[s.name] = append(called[s.name], []rune(name))
		}
		add(Place{Sido: s.name})
	}
	for _, s := range sidos {
		for _, g := range s.sigungu {
			if g.name != "" {
				add(Place{Sido: s.name, Sigungu: g.name})
			}
		}
	}
	for _, p := range dongs {
		add(p)
	}
	return x
}

// Search returns at most limit places whose names begin with words: 강남 finds 강남구, as do
// 서울 강, 서울강남 and the initials ㄱㄴㄱ. Places that words name down to their last part come
// first, whole names before prefixes and large places before small ones.
func (x *Index) Search(words string, limit int) []Place {
	asked := initials(norm.NFC.String(words))
	if n := len(strings.Fields(asked)); n == 0 || n > maxWords || limit <= 0 {
		return nil
	}
	ways := []query{newQuery(asked)}
	if now := Normalise(words); now != strings.Join(strings.Fields(asked), " ") {
		ways = append(ways, newQuery(now)) // finds places by their former names
	}
	found := make([][]Place, places) // by rank
	for _, e := range x.all {
		best := places
		for _, q := range ways {
			for _, sido := range e.sidos {
				for _, parts := range e.parts {
					best = min(best, q.rank(sido, parts))
				}
			}
		}
		if best < places && len(found[best]) < limit { // #nosec G602 -- best is below places
			found[best] = append(found[best], e.Place) // #nosec G602 -- best is below places
		}
	}
	all := slices.Concat(found...)
	return all[:min(limit, len(all))]
}

// formerly lists the former sigungu of the same sido that p was or belonged to.
func formerly(p Place) (all []string) {
	for _, then := range past {
		same := then.sido == p.Sido && then.now.Sigungu == p.Sigungu
		if same && (p.Dong == "" || then.dongs == "" || slices.Contains(strings.Fields(then.dongs), p.Dong)) {
			all = append(all, then.sigungu)
		}
	}
	return all
}

// searched returns the names to search a sido by, including shared ones.
func (s sido) searched() []string {
	all := s.names()
	for _, shared := range sharedNames {
		if shared.sido == s.name {
			all = append(all, shared.names...)
		}
	}
	return all
}

// Ranks of a match, best first.
const (
	whole  = iota // the last word is the last part
	begun         // the last word is a prefix of the last part
	within        // the words match before the last part
	joined        // the same three for words without spaces
	places = 2 * joined
)

// A query is the search text, as words and without spaces.
type query struct {
	words  [][]rune
	joined []rune
}

func newQuery(words string) query {
	var q query
	for word := range strings.FieldsSeq(words) {
		q.words = append(q.words, []rune(word))
		q.joined = append(q.joined, []rune(word)...)
	}
	return q
}

// rank returns how well q matches the place with these parts. Either each word is a
// prefix of a part, in order, or all words without spaces are a prefix of the parts from
// the sido or the next part on.
func (q query) rank(sido []rune, parts [][]rune) int {
	next, last := 0, places // 0 stands for the sido
	for _, word := range q.words {
		last = places
		for ; next <= len(parts) && last == places; next++ {
			part := sido
			if next > 0 {
				part = parts[next-1]
			}
			if last = begins(word, part); last < places && next < len(parts) {
				last = within
			}
		}
		if last == places {
			break
		}
	}
	if last < places || len(parts) == 0 {
		return last
	}
	for _, first := range [][]rune{sido, nil} {
		r := begins(q.joined, first, parts...)
		switch {
		case r == places:
			continue
		case begins(q.joined, first, parts[:len(parts)-1]...) < places:
			r = within
		}
		return joined + r
	}
	return places
}

// begins returns whole if word is the name of these parts, and begun if it is a prefix.
// A consonant matches any syllable that starts with it. The last syllable may still lack
// its final consonant: 강나 is a prefix of 강남.
func begins(word, part []rune, more ...[]rune) int {
	for i, r := range word {
		for len(part) == 0 {
			if len(more) == 0 {
				return places
			}
			part, more = more[0], more[1:]
		}
		s := part[0] - firstSyllable
		switch syllable := s >= 0 && s < syllables; {
		case r == part[0]:
		case syllable && r == leads[s/perLead]:
		case syllable && i == len(word)-1 && (r-firstSyllable)%perVowel == 0 && s-s%perVowel == r-firstSyllable:
		default:
			return places
		}
		part = part[1:]
	}
	switch {
	case len(word) == 0:
		return places
	case len(part) > 0 || len(more) > 0: // parts are never empty
		return begun
	}
	return whole
}

// Hangul syllables are ordered by initial, vowel and final.
const (
	firstSyllable = '가'
	perVowel      = 28
	perLead       = 21 * perVowel
	syllables     = 19 * perLead
)

var leads = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")

// apart splits compound consonants: keyboards type ㄱㅅ as ㄳ.
var apart = strings.NewReplacer(
	"ㄳ", "ㄱㅅ", "ㄵ", "ㄴㅈ", "ㄶ", "ㄴㅎ", "ㄺ", "ㄹㄱ", "ㄻ", "ㄹㅁ", "ㄼ", "ㄹㅂ",
	"ㄽ", "ㄹㅅ", "ㄾ", "ㄹㅌ", "ㄿ", "ㄹㅍ", "ㅀ", "ㄹㅎ", "ㅄ", "ㅂㅅ")

// initials replaces initial jamo in words with the letters that keyboards type.
func initials(words string) string {
	return apart.Replace(strings.Map(func(r rune) rune {
		if lead := r - 'ᄀ'; lead >= 0 && int(lead) < len(leads) {
			return leads[lead]
		}
		return r
	}, words))
}
