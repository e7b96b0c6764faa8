package place

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Suggest returns at most limit official neighbourhoods that an address may mean which
// Resolve refuses, most likely first: those that it names or begins to name, and then those
// whose names need the fewest jamo changed to be in the address, which may lack a sido and
// a sigungu. It returns none rather than an unlikely one, and none for a region.
func Suggest(address string, limit int) []Place {
	t := readText(address)
	if t.letters == "" || limit <= 0 {
		return nil
	}
	t, found := t.read()
	if len(found) == 0 {
		if t.isRegion() {
			return nil
		}
		found = t.divided()
	}
	if len(found) == 0 {
		found = startedBy(t.plain, limit)
	}
	if len(found) < limit {
		found = union(found, similar(newQuestion(t), limit))
	}
	return found[:min(len(found), limit)]
}

// numbered matches a 가 whose name lacks the part before its number: 금호2가 is 금호동2가.
var numbered = regexp.MustCompile(`^([가-힣]{2,})([1-9][0-9]?가)$`)

// divided lists the neighbourhoods, in the region that the text begins with, that an 읍 or a
// 면 behind it was divided into (오포읍 into 오포1동 and 오포2동), or that are a 가 of its name.
func (t addressText) divided() (found []Place) {
	region := t.region()
	word := t.word(region)
	before, unit := strings.CutSuffix(word, "읍")
	if !unit {
		before, unit = strings.CutSuffix(word, "면")
	}
	parts := numbered.FindStringSubmatch(word)
	fits := func(key string) bool {
		if parts != nil {
			return key == parts[1]+"동"+parts[2] || key == parts[1]+"로"+parts[2]
		}
		rest, ok := strings.CutPrefix(key, before)
		return ok && strings.TrimLeft(rest, "0123456789") == "동"
	}
	if parts == nil && (!unit || utf8.RuneCountInString(before) < 2) {
		return nil
	}
	all := knownNames()
	in := all.regions(t.letters[:region])
	for i, r := range all.list {
		if !in.has(int16(i)) { // #nosec G115 -- there are fewer than 300
			continue
		}
		for _, d := range r.dongs {
			if fits(d.key) {
				found = append(found, d.Place)
			}
		}
	}
	return found
}

// startedBy returns at most limit places whose dong begins with the last word of words.
func startedBy(words string, limit int) (found []Place) {
	all := strings.Fields(norm.NFC.String(words))
	if len(all) == 0 {
		return nil
	}
	for _, p := range Search(words, searchedFor) {
		if len(found) < limit && strings.HasPrefix(p.Dong, all[len(all)-1]) {
			found = append(found, p)
		}
	}
	return found
}

// searchedFor is how many found places are looked through: regions, and what is in them, come
// before the dongs that begin with the same words (분당구 before 분당동).
const searchedFor = 100

// similar returns at most limit places with a name that is similar to the question.
func similar(q question, limit int) []Place {
	table := spellings()
	after := make(map[string]costs, len(sidos))
	for _, s := range sidos {
		after[s.name] = q.after(q.start(), table.sidos[s.name])
	}
	regions := make([]regionCosts, len(table.regions))
	for i, r := range table.regions {
		regions[i] = q.before(r.dongs, q.after(after[r.sido], r.forms))
	}
	order := make([]*regionCosts, len(regions))
	for i := range regions {
		order[i] = &regions[i]
	}
	slices.SortStableFunc(order, func(a, b *regionCosts) int { return cmp.Compare(a.best, b.best) })
	best := ranking{limit: limit, most: q.most}
	for _, r := range order {
		if r.best > best.most {
			break
		}
		for _, d := range r.dongs {
			if r.least[len(d.jamo)] <= best.most {
				best.add(d.place, q.end(q.walk(&r.costs, d.jamo, best.most)))
			}
		}
	}
	return best.places
}

// Costs of differences between a name and an address.
const (
	oneJamo = 2           // changed, dropped, added, or swapped with the next one
	oneWord = 5           // too many
	theRest = 2           // behind the dong, and more for each of up to three words
	maxCost = 6 * oneJamo // of all

	unlikelier = 2 * oneJamo // than the best place
)

// Limits in jamo: how much of an address is compared, and the length of a dong.
const (
	maxJamo     = 64
	maxDongJamo = 48
)

// A question is an address in jamo.
type question struct {
	jamo   []byte
	ends   []int // where a word ends, the last one included
	region int   // where the region ends that it begins with: no dong is in its name
	most   int16 // cost of a suggestion
	rows   *[3]costs
}

func newQuestion(t addressText) question {
	q := question{rows: new([3]costs)}
	region := t.region()
	for at, r := range t.letters {
		if at > 0 && t.ends[at] {
			q.ends = append(q.ends, len(q.jamo))
		}
		if at == region {
			q.region = len(q.jamo)
		}
		if len(q.jamo) > maxJamo-3 {
			break
		}
		q.jamo = appendJamo(q.jamo, r)
	}
	if n := len(q.ends); n == 0 || q.ends[n-1] < len(q.jamo) {
		q.ends = append(q.ends, len(q.jamo))
	}
	q.most = int16(min(maxCost, oneJamo*max(1, len(q.jamo)/3)))
	return q
}

// costs are those to make what was compared so far of the first so many jamo of the
// question. Those below from and above to are too high to matter.
type costs struct {
	from, to int
	of       [maxJamo + 1]int16
}

const tooHigh = 1000

func none() costs {
	c := costs{from: 1}
	for i := range c.of {
		c.of[i] = tooHigh
	}
	return c
}

func (q question) start() costs {
	c := none()
	c.from, c.of[0] = 0, 0
	for c.to < len(q.jamo) && c.of[c.to]+oneJamo <= q.most {
		c.to++
		c.of[c.to] = c.of[c.to-1] + oneJamo
	}
	return c
}

// skip takes words for ones too many.
func (q question) skip(c costs) costs {
	from := 0
	for _, end := range q.ends {
		if cost := c.of[from] + oneWord; cost < c.of[end] && cost <= q.most {
			c.of[end] = cost
			c.to = max(c.to, end)
		}
		from = end
	}
	return c
}

// after goes on with one of names, or with none.
func (q question) after(c costs, names [][]byte) costs {
	least := c
	for _, name := range names {
		with := q.walk(&c, name, q.most)
		for i := with.from; i <= with.to; i++ {
			least.of[i] = min(least.of[i], with.of[i])
		}
		if with.from <= with.to {
			least.from, least.to = min(least.from, with.from), max(least.to, with.to)
		}
	}
	return least
}

// walk goes on with a name, as long as it costs at most limit. The result is valid until the
// next walk.
func (q question) walk(c *costs, name []byte, limit int16) *costs {
	before, last := c, c
	var previous byte
	for k, jamo := range name {
		now := &q.rows[k%len(q.rows)]
		now.from, now.to = last.from, last.from-1
		if now.from > 0 {
			now.of[now.from-1] = tooHigh
		}
		for i := last.from; i <= len(q.jamo); i++ {
			cost := int16(tooHigh)
			if i <= last.to {
				cost = last.of[i] + oneJamo
			}
			if i > last.from {
				cost = min(cost, now.of[i-1]+oneJamo)
				if asked := q.jamo[i-1]; i-1 <= last.to && asked == jamo {
					cost = min(cost, last.of[i-1])
				} else if i-1 <= last.to {
					cost = min(cost, last.of[i-1]+oneJamo)
				}
				if k > 0 && i-2 >= before.from && i-2 <= before.to && jamo == q.jamo[i-2] && previous == q.jamo[i-1] {
					cost = min(cost, before.of[i-2]+oneJamo)
				}
			}
			now.of[i] = cost
			if cost <= limit {
				now.to = i
			} else if i > last.to {
				break
			}
		}
		for now.from <= now.to && now.of[now.from] > limit {
			now.from++
		}
		if now.from > now.to {
			return now
		}
		previous = jamo
		before, last = last, now
	}
	return last
}

// rest is the cost of all words behind one.
func (q question) rest(word int) int16 {
	if n := len(q.ends) - 1 - word; n > 0 {
		return theRest + int16(min(n, 3))
	}
	return 0
}

// end is the cost of the whole address, once its dong is compared.
func (q question) end(c *costs) int16 {
	least := int16(tooHigh)
	for i, end := range q.ends {
		if end > q.region && end >= c.from && end <= c.to {
			least = min(least, c.of[end]+q.rest(i))
		}
	}
	return least
}

// regionCosts are those of a region.
type regionCosts struct {
	dongs []spelling
	costs costs
	least [maxDongJamo]int16 // with a dong of that length, at least
	best  int16              // with any dong, at least
}

// before prepares to compare dongs.
func (q question) before(dongs []spelling, c costs) regionCosts {
	r := regionCosts{dongs: dongs, costs: q.skip(c), best: tooHigh}
	for n := range r.least {
		r.least[n] = tooHigh
	}
	for word, end := range q.ends {
		if end <= q.region {
			continue
		}
		rest := q.rest(word)
		for i := max(r.costs.from, end-maxDongJamo+1); i <= min(r.costs.to, end); i++ {
			r.least[end-i] = min(r.least[end-i], r.costs.of[i]+rest)
		}
	}
	for n := 1; n < len(r.least); n++ {
		r.least[n] = min(r.least[n], r.least[n-1]+oneJamo)
	}
	for n := len(r.least) - 1; n > 0; n-- {
		r.least[n-1] = min(r.least[n-1], r.least[n]+oneJamo)
	}
	for _, d := range dongs {
		r.best = min(r.best, r.least[len(d.jamo)])
	}
	return r
}

// A ranking keeps the places with the least costs, of equal ones the first.
type ranking struct {
	limit  int
	most   int16 // that a place may cost to be kept
	places []Place
	costs  []int16
}

func (r *ranking) add(p Place, cost int16) {
	if cost > r.most {
		return
	}
	i, _ := slices.BinarySearch(r.costs, cost+1)
	r.places, r.costs = slices.Insert(r.places, i, p), slices.Insert(r.costs, i, cost)
	if len(r.places) > r.limit {
		r.places, r.costs = r.places[:r.limit], r.costs[:r.limit]
	}
	r.most = min(r.most, r.costs[0]+unlikelier)
	if len(r.places) == r.limit {
		r.most = min(r.most, r.costs[r.limit-1]-1)
	}
}

// A spelling is the name of a dong in jamo.
type spelling struct {
	place Place
	jamo  []byte
}

// spellingTable has all names in jamo.
type spellingTable struct {
	sidos   map[string][][]byte // the names of each
	regions []spelledRegion
}

type spelledRegion struct {
	sido  string
	forms [][]byte // names without the sido
	dongs []spelling
}

var spellings = sync.OnceValue(readSpellings)

func readSpellings() spellingTable {
	t := spellingTable{sidos: map[string][][]byte{}}
	all := make([]byte, 0, 96<<10)     // the jamo of all names
	dongs := make([]spelling, 0, 7000) // of all regions
	spell := func(name string) []byte {
		start := len(all)
		for _, r := range name {
			if counts(r) {
				all = appendJamo(all, r)
			}
		}
		return all[start:len(all):len(all)]
	}
	for _, s := range sidos {
		for _, name := range s.searched() {
			t.sidos[s.name] = append(t.sidos[s.name], spell(name))
		}
	}
	for _, r := range neighbourhoods() {
		s := spelledRegion{sido: r.Sido}
		for _, f := range r.forms() {
			if !f.short { // short ones are similar enough
				s.forms = append(s.forms, spell(f.name))
			}
		}
		start := len(dongs)
		for _, d := range r.dongs {
			dongs = append(dongs, spelling{d.Place, spell(d.Dong)})
		}
		s.dongs = dongs[start:len(dongs):len(dongs)]
		t.regions = append(t.regions, s)
	}
	return t
}

// appendJamo appends the jamo of a syllable, or a number for what is none. A consonant is
// the same at the beginning and at the end of a syllable.
func appendJamo(jamo []byte, r rune) []byte {
	s := r - firstSyllable
	if s < 0 || s >= syllables {
		if r >= 'ㄱ' && r <= 'ㅣ' {
			return append(jamo, byte(r-'ㄱ')) // #nosec G115 -- one of 51
		}
		return append(jamo, 0x80|byte(r)) // #nosec G115 -- other characters need not differ
	}
	jamo = append(jamo, byte(leads[s/perLead]-'ㄱ'), byte('ㅏ'-'ㄱ'+s%perLead/perVowel)) // #nosec G115 -- one of 51
	if final := s % perVowel; final > 0 {
		jamo = append(jamo, byte(finals[final-1]-'ㄱ')) // #nosec G115 -- one of 51
	}
	return jamo
}

var finals = []rune("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
