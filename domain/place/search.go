package place

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Search finds sido, sigungu and those of dongs that words begin to name: 강남
// finds 강남구, and so do 서울 강, 서울강남 and its initials ㄱㄴㄱ. What words
// name to its last part comes before what lies within it, whole names before
// begun ones, large before small. There are at most limit.
func Search(words string, dongs []Place, limit int) []Place {
	asked := strings.Fields(initials(norm.NFC.String(words)))
	if len(asked) == 0 || len(asked) > maxWords || limit <= 0 {
		return nil
	}
	ways := [][]string{asked}
	if now := strings.Fields(Normalise(words)); !slices.Equal(now, asked) {
		ways = append(ways, now) // finds what had another name
	}

	found := make([][]Place, places) // by rank
	look := func(p Place, parts []string, sido sido) {
		best := places
		for _, way := range ways {
			best = min(best, rank(way, sido.searched(), parts))
		}
		if best < places {
			found[best] = append(found[best], p)
		}
	}
	bySido := map[string]sido{}
	for _, s := range sidos {
		bySido[s.name] = s
		look(Place{Sido: s.name}, nil, s)
	}
	for _, s := range sidos {
		for _, g := range s.sigungu {
			if g.name != "" {
				look(Place{Sido: s.name, Sigungu: g.name}, strings.Fields(g.name), s)
			}
		}
	}
	for _, p := range dongs {
		look(p, append(strings.Fields(p.Sigungu), p.Dong), bySido[p.Sido])
	}
	all := slices.Concat(found...)
	return all[:min(limit, len(all))]
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

// rank tells how well words name the place that has these parts below its sido.
func rank(words, sidos, parts []string) int {
	best := places
	for _, sido := range sidos {
		best = min(best, inOrder(words, append([]string{sido}, parts...)))
	}
	return best
}

// inOrder lets each word begin a part, in the order of both, or else all words
// together, without spaces, begin the parts from the first or second one on.
func inOrder(words, parts []string) int {
	next, last := 0, places
	for _, word := range words {
		last = places
		for ; next < len(parts) && last == places; next++ {
			if last = begins(word, parts[next]); last < places && next < len(parts)-1 {
				last = within
			}
		}
		if last == places {
			break
		}
	}
	if last < places {
		return last
	}
	word := strings.Join(words, "")
	for from := range min(2, len(parts)) {
		r := begins(word, strings.Join(parts[from:], ""))
		switch {
		case r == places:
			continue
		case begins(word, strings.Join(parts[from:len(parts)-1], "")) < places:
			r = within
		}
		return joined + r
	}
	return places
}

// begins tells whether word begins name (begun) or is all of it (whole). A
// consonant stands for any syllable it is the initial of, and a last syllable
// without a final may still get one: 강나 begins 강남.
func begins(word, name string) int {
	w, n := []rune(word), []rune(name)
	if len(w) == 0 || len(w) > len(n) {
		return places
	}
	for i, r := range w {
		s := n[i] - firstSyllable
		switch syllable := s >= 0 && s < syllables; {
		case r == n[i]:
		case syllable && r == leads[s/perLead]:
		case syllable && i == len(w)-1 && (r-firstSyllable)%perVowel == 0 && s-s%perVowel == r-firstSyllable:
		default:
			return places
		}
	}
	if len(w) == len(n) {
		return whole
	}
	return begun
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
