package place

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Index holds places so that they are found by what people begin to type.
type Index struct{ all []entry }

// An entry is a place by its parts, of which the sido has several names.
type entry struct {
	Place
	sidos [][]rune
	parts [][][]rune // below the sido, by each name that they have or had
}

// NewIndex makes an index of every sido and sigungu, and of dongs.
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

// Search finds the places that words begin to name: 강남 finds 강남구, and so do
// 서울 강, 서울강남 and its initials ㄱㄴㄱ. What words name to its last part comes
// before what lies within it, whole names before begun ones, large before small.
// There are at most limit.
func (x *Index) Search(words string, limit int) []Place {
	asked := initials(norm.NFC.String(words))
	if n := len(strings.Fields(asked)); n == 0 || n > maxWords || limit <= 0 {
		return nil
	}
	ways := []query{newQuery(asked)}
	if now := Normalise(words); now != strings.Join(strings.Fields(asked), " ") {
		ways = append(ways, newQuery(now)) // finds what had another name
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

// formerly lists the sigungu of the same sido that p was, or was a part of.
func formerly(p Place) (all []string) {
	for _, then := range past {
		same := then.sido == p.Sido && then.now.Sigungu == p.Sigungu
		if same && (p.Dong == "" || then.dongs == "" || slices.Contains(strings.Fields(then.dongs), p.Dong)) {
			all = append(all, then.sigungu)
		}
	}
	return all
}

// searched are the names by which a sido is searched for, those that it shares too.
func (s sido) searched() []string {
	all := s.names()
	for _, shared := range sharedNames {
		if shared.sido == s.name {
			all = append(all, shared.names...)
		}
	}
	return all
}

// Ranks of what was found; the best is 0.
const (
	whole  = iota // the last word is its last part
	begun         // the last word begins its last part
	within        // the words are all said before its last part
	joined        // and the same three again, of words without spaces
	places = 2 * joined
)

// A query is what is searched for, word by word and without spaces.
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

// rank tells how well q names the place that has these parts: each word begins a
// part, in the order of both; or all words together, without spaces, begin the
// parts from the sido or from the one below it on.
func (q query) rank(sido []rune, parts [][]rune) int {
	next, last := 0, places // next 0 is the sido
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

// begins tells whether word begins the name of these parts (begun) or is all of
// it (whole). A consonant stands for any syllable it is the initial of, and a
// last syllable without a final may still get one: 강나 begins 강남.
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
	case len(part) > 0 || len(more) > 0: // no part is empty
		return begun
	}
	return whole
}

// Hangul syllables are in the order of their initial, vowel and final.
const (
	firstSyllable = '가'
	perVowel      = 28
	perLead       = 21 * perVowel
	syllables     = 19 * perLead
)

var leads = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")

// apart takes consonants apart that keyboards join: ㄳ is typed for ㄱㅅ.
var apart = strings.NewReplacer(
	"ㄳ", "ㄱㅅ", "ㄵ", "ㄴㅈ", "ㄶ", "ㄴㅎ", "ㄺ", "ㄹㄱ", "ㄻ", "ㄹㅁ", "ㄼ", "ㄹㅂ",
	"ㄽ", "ㄹㅅ", "ㄾ", "ㄹㅌ", "ㄿ", "ㄹㅍ", "ㅀ", "ㄹㅎ", "ㅄ", "ㅂㅅ")

// initials writes the initials in words as the letters that keyboards type.
func initials(words string) string {
	return apart.Replace(strings.Map(func(r rune) rune {
		if lead := r - 'ᄀ'; lead >= 0 && int(lead) < len(leads) {
			return leads[lead]
		}
		return r
	}, words))
}
