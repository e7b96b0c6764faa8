package place

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// withoutDots leaves out what stands between the numbers of a dong: 종로1·2·3·4가동.
var withoutDots = strings.NewReplacer("·", "", "ㆍ", "", ".", "", ",", "").Replace

// Search returns at most limit places whose names begin with words: 강남 finds 강남구, as do
// 서울 강, 서울강남 and the initials ㄱㄴㄱ. Places that words name down to their last part come
// first, whole names before prefixes and large places before small ones. Dots, and a 제 before
// a number, don't matter. If no name begins with words, those are found that Resolve would take.
func Search(words string, limit int) []Place {
	words = withoutFront(plain(words))
	asked := initials(withoutDots(words))
	if n := len(strings.Fields(asked)); n == 0 || n > maxWords || limit <= 0 {
		return nil
	}
	queries := []query{newQuery(asked)}
	if now := Normalise(withoutDots(words)); now != strings.Join(strings.Fields(asked), " ") {
		queries = append(queries, newQuery(now)) // finds places by their former names
	}
	found := make([][]Place, places) // by rank
	add := func(p Place, rank int) {
		if rank < places && len(found[rank]) < limit {
			found[rank] = append(found[rank], p)
		}
	}
	for _, s := range sidos {
		add(Place{Sido: s.name}, region{sidos: s.searched()}.match(queries).rank())
	}
	regions := neighbourhoods()
	matches := make([]match, len(regions))
	for i, r := range regions {
		matches[i] = r.match(queries)
		if r.Sigungu != "" {
			add(r.Place, matches[i].rank())
		}
	}
	for i, r := range regions {
		for _, d := range r.dongs {
			add(d.Place, matches[i].below(d))
		}
	}
	sorted := slices.Concat(found...)
	if len(sorted) == 0 {
		_, sorted = readText(words).read()
	}
	return sorted[:min(limit, len(sorted))]
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

// A match is how queries fit a region.
type match struct {
	best int    // rank of the region itself, or places
	left []left // what its dongs are still asked for
}

// left is the part of a query that a region leaves to its dongs, with the rank of a dong
// that it names as a whole.
type left struct {
	word []rune
	rank int
}

func (m match) rank() int { return m.best }

// below returns the rank of a dong of the region.
func (m match) below(dong official) int {
	best := places
	if m.best < places {
		best = m.best - m.best%joined + within
	}
	for _, l := range m.left {
		word, rest, ok := along(l.word, dong.key)
		if !ok && dong.short != "" {
			word, rest, ok = along(l.word, dong.short)
		}
		if ok && len(word) == 0 {
			best = min(best, l.rank+fit(rest))
		}
	}
	return best
}

// match compares the region with queries. Either each word is a prefix of a part, in
// order, or all words without spaces are a prefix of the parts from the sido or the next
// part on.
func (r region) match(queries []query) match {
	m := match{best: places}
	for _, q := range queries {
		if len(r.sigungus) == 0 {
			m.words(q, r.sidos, nil)
		}
		for _, parts := range r.sigungus {
			m.words(q, r.sidos, parts)
		}
		for _, sido := range append([]string{""}, r.sidos...) {
			if len(r.sigungus) == 0 && sido != "" {
				m.joined(q, sido)
			}
			for _, parts := range r.sigungus {
				m.joined(q, append([]string{sido}, parts...)...)
			}
		}
	}
	return m
}

// words compares the words of q with the parts of a region, the first of which is called
// by any of sidos.
func (m *match) words(q query, sidos, parts []string) {
	words, rank := q.words, places
	for i := 0; i <= len(parts) && len(words) > 0; i++ {
		names := sidos
		if i > 0 {
			names = parts[i-1 : i]
		}
		rank = places
		for _, name := range names {
			if word, rest, ok := along(words[0], name); ok && len(word) == 0 {
				rank = min(rank, fit(rest))
			}
		}
		if rank == places {
			continue
		}
		if words = words[1:]; i == 0 && len(parts) > 0 {
			rank = within // of a sido; a city and its gu are one part
		}
	}
	switch len(words) {
	case 0:
		m.best = min(m.best, rank)
	case 1:
		m.left = append(m.left, left{words[0], 0})
	}
}

// joined compares q without its spaces with the parts of a region.
func (m *match) joined(q query, parts ...string) {
	word := q.joined
	for i, part := range parts {
		rest, more, ok := along(word, part)
		switch {
		case !ok:
			return
		case len(rest) > 0:
			word = rest
		case i < len(parts)-1:
			m.best = min(m.best, joined+within)
			return
		default:
			m.best = min(m.best, joined+fit(more))
			return
		}
	}
	if len(word) < len(q.joined) {
		m.left = append(m.left, left{word, joined})
	}
}

// fit is the rank of a word that leaves rest of the part that it is compared with.
func fit(rest string) int {
	if rest == "" {
		return whole
	}
	return begun
}

// along compares word with name, rune by rune, until one of them ends, and returns what is
// left of both. A consonant matches any syllable that starts with it. The last syllable of
// word may still lack its final consonant: 강나 is a prefix of 강남.
func along(word []rune, name string) (rest []rune, more string, ok bool) {
	for len(word) > 0 && name != "" {
		r, size := utf8.DecodeRuneInString(name)
		s := r - firstSyllable
		switch syllable := s >= 0 && s < syllables; {
		case r == word[0]:
		case syllable && word[0] == leads[s/perLead]:
		case syllable && len(word) == 1 && (word[0]-firstSyllable)%perVowel == 0 && s-s%perVowel == word[0]-firstSyllable:
		default:
			return nil, "", false
		}
		word, name = word[1:], name[size:]
	}
	return word, name, true
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
