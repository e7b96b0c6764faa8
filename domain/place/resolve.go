package place

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxRead is how many letters and digits of an address are read. Names are shorter.
const maxRead = 60

// Resolve returns the one official neighbourhood that an address names, which ends with it
// or goes on with a street or a lot number. Names of sido and sigungu may be short, former
// or missing and spaces may be anywhere, as long as only one official name fits. A dong is
// named as a whole, but 제 and dots don't count, and its number may be written as a word. The
// country and a postcode may come first. Behind a street, the dong may be in brackets:
// 서울특별시 강남구 테헤란로 152 (역삼동).
func Resolve(address string) (Place, bool) {
	if _, found := readText(address).read(); len(found) == 1 {
		return found[0], true
	}
	return Place{}, false
}

// IsRegion reports whether an address names a sido or a sigungu, and nothing in it.
func IsRegion(address string) bool { return readText(address).isRegion() }

// An addressText is an address without spaces and punctuation.
type addressText struct {
	plain   string // with them
	letters string
	starts  []int        // of each letter, and the end
	ends    map[int]bool // where a word ends
}

func readText(address string) addressText {
	var b strings.Builder
	t := addressText{plain: withoutFront(plain(address)), ends: map[int]bool{}}
	for _, r := range t.plain {
		if !counts(r) {
			t.ends[b.Len()] = true
			continue
		}
		if len(t.starts) == maxRead {
			break
		}
		t.starts = append(t.starts, b.Len())
		b.WriteRune(r)
	}
	t.letters = b.String()
	t.starts = append(t.starts, len(t.letters))
	t.ends[len(t.letters)] = true
	return t
}

// withoutFront leaves out the country and the postcode that an address begins with.
func withoutFront(address string) string {
	for {
		rest := strings.TrimLeftFunc(address, func(r rune) bool { return !counts(r) })
		rest = strings.TrimPrefix(rest, "대한민국")
		if after := strings.TrimLeft(rest, "0123456789"); len(rest)-len(after) == len("06236") {
			rest = after
		}
		if rest == address {
			return rest
		}
		address = rest
	}
}

// read lists the official neighbourhoods that the text may begin with or else, behind a
// street, have in brackets. It returns the text in which a dong is named.
func (t addressText) read() (addressText, []Place) {
	found := t.means()
	if found != nil {
		return t, found
	}
	inside := t.inBrackets()
	for _, in := range inside {
		if found := in.means(); found != nil {
			return in, found
		}
	}
	if len(inside) > 0 {
		return inside[0], nil
	}
	return t, nil
}

// bracket matches what is in brackets.
var bracket = regexp.MustCompile(`[(（\[]([^()（）\[\]]+)`)

// inBrackets returns the text with what is in brackets right behind its region, for each
// that has the form of a dong. What may be the name of another sigungu isn't passed over.
func (t addressText) inBrackets() (all []addressText) {
	end := t.region()
	if next := t.word(end); end == 0 || strings.HasSuffix(next, "시") || strings.HasSuffix(next, "군") || strings.HasSuffix(next, "구") {
		return nil
	}
	for _, in := range bracket.FindAllStringSubmatch(t.plain, -1) {
		words := strings.FieldsFunc(in[1], func(r rune) bool { return !counts(r) })
		if len(words) > 0 && IsDong(words[0]) {
			all = append(all, readText(t.letters[:end]+" "+words[0]))
		}
	}
	return all
}

// word returns what is left of the word at start.
func (t addressText) word(start int) string {
	for end := start + 1; end <= len(t.letters); end++ {
		if t.ends[end] {
			return t.letters[start:end]
		}
	}
	return ""
}

// region returns how much of the text, up to the end of a word, names a region.
func (t addressText) region() (end int) {
	for _, start := range t.starts[1:min(len(t.starts), maxHead)] {
		if t.ends[start] && !knownNames().regions(t.letters[:start]).empty() {
			end = start
		}
	}
	return end
}

func (t addressText) isRegion() bool { return t.letters != "" && t.region() == len(t.letters) }

// means lists the official neighbourhoods that the text may begin with, as it is written or
// else by other spellings.
func (t addressText) means() []Place {
	if found := t.named(asWritten); found != nil {
		return found
	}
	return t.named(respelt)
}

// named lists the official neighbourhoods that the text begins with, by the spellings that
// spell gives for a part of it. A dong that starts a word comes before one that doesn't:
// 금정 구서동 isn't 금정구 서동. Of the others, the one behind the longest head counts.
func (t addressText) named(spell func(string) []string) []Place {
	var words, within []Place
	all := knownNames()
	for i, start := range t.starts[:min(len(t.starts), maxHead)] {
		in := all.regions(t.letters[:start])
		if in.empty() {
			continue
		}
		for n := min(i+maxDong, len(t.starts)-1); n > i; n-- {
			end := t.starts[n]
			if !t.endsDong(end) {
				continue
			}
			found := all.find(spell(t.letters[start:end]), in)
			if len(found) == 0 {
				continue
			}
			if start == 0 || t.ends[start] {
				words = union(words, found)
			} else {
				within = found
			}
			break
		}
	}
	if words != nil {
		return words
	}
	return within
}

// find lists the neighbourhoods in a region of in that have the first of keys that any has.
func (t nameTable) find(keys []string, in regionSet) (found []Place) {
	for _, key := range keys {
		for _, d := range t.dongs[key] {
			if in.has(d.region) {
				found = union(found, []Place{t.list[d.region].dongs[d.dong].Place})
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// union adds to places those of more that aren't among them.
func union(places, more []Place) []Place {
	for _, p := range more {
		if !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	return places
}

// street matches the end of a street's name behind a number: 우동1로, 역삼동12번길.
var street = regexp.MustCompile(`^(번?길|번?로)`)

// endsDong reports whether the name of a dong may end there: at the end of a word, before a
// number that is not its own, or before a 리.
func (t addressText) endsDong(end int) bool {
	if t.ends[end] {
		return true
	}
	rest := t.word(end)
	after := strings.TrimLeft(rest, "0123456789")
	if after != rest {
		return !strings.HasPrefix(after, "가") && !street.MatchString(after)
	}
	dong := t.letters[:end]
	ri := strings.TrimRight(rest, "0123456789")
	return (strings.HasSuffix(dong, "읍") || strings.HasSuffix(dong, "면")) && strings.HasSuffix(ri, "리")
}

// Limits of the parts of an address, in letters.
const (
	maxHead = 24 // of sido and sigungu
	maxDong = 14
)

// asWritten is the key of a name as it is.
func asWritten(name string) []string { return []string{name} }

// respelt lists other keys of a name: without 제 before its number, with its number as a
// digit or as a word, and as an 읍 that was a 면.
func respelt(name string) (keys []string) {
	keys = []string{name}
	for _, change := range []func(string) string{withoutJe, asDigit, asWord, raised} {
		for _, key := range keys {
			if other := change(key); !slices.Contains(keys, other) {
				keys = append(keys, other)
			}
		}
	}
	return keys
}

// numbers are the words for the numbers of dongs.
const numbers = "일이삼사오육"

// withoutJe leaves out the last 제 that stands before a number.
func withoutJe(name string) string {
	i := strings.LastIndex(name, "제")
	if i <= 0 {
		return name
	}
	rest := name[i+len("제"):]
	if r, _ := utf8.DecodeRuneInString(rest); rest == "" || !unicode.IsDigit(r) && !strings.ContainsRune(numbers, r) {
		return name
	}
	return name[:i] + rest
}

// asDigit makes 용담2동 of 용담이동.
func asDigit(name string) string {
	before, ok := strings.CutSuffix(name, "동")
	r, size := utf8.DecodeLastRuneInString(before)
	if n := strings.IndexRune(numbers, r); ok && n >= 0 && size < len(before) {
		return before[:len(before)-size] + strconv.Itoa(1+n/size) + "동"
	}
	return name
}

// asWord makes 용담이동 of 용담2동.
func asWord(name string) string {
	before, ok := strings.CutSuffix(name, "동")
	if !ok || len(before) < 2 {
		return name
	}
	n := int(before[len(before)-1]) - '1'
	if last := before[len(before)-2]; n < 0 || n >= len([]rune(numbers)) || last < utf8.RuneSelf {
		return name
	}
	return before[:len(before)-1] + string([]rune(numbers)[n]) + "동"
}

// raised makes an 읍 of a 면.
func raised(name string) string {
	if before, ok := strings.CutSuffix(name, "면"); ok {
		return before + "읍"
	}
	return name
}

// plain returns words in NFC, with 1 for １ and ①.
func plain(words string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '①' && r <= '⑨':
			return r - '①' + '1'
		}
		return r
	}, norm.NFC.String(words))
}

// counts reports whether a name is found by r, as it isn't by spaces and dots.
func counts(r rune) bool { return (unicode.IsLetter(r) || unicode.IsNumber(r)) && r != 'ㆍ' }

// A nameTable finds places by their names, without spaces.
type nameTable struct {
	list  []region
	dongs map[string][]dongAt
	sidos map[string]sidoNamed
	all   regionSet
	forms map[string][]form // names of a sigungu, without its sido
}

// A sidoNamed is today's sido of a name, and the regions that the name alone may mean.
type sidoNamed struct {
	name    string
	regions regionSet
}

// dongAt is a neighbourhood's place in the table.
type dongAt struct{ region, dong int16 }

// A form is a name of a region without its sido, and the sido, today's or a former one.
type form struct {
	name, sido string
	short      bool // lacks a 시, 군 or 구
	region     int16
}

var knownNames = sync.OnceValue(readNames)

func readNames() nameTable {
	t := nameTable{
		list:  neighbourhoods(),
		dongs: make(map[string][]dongAt, 8000),
		sidos: map[string]sidoNamed{},
		forms: map[string][]form{},
	}
	for _, s := range sidos {
		for _, name := range s.searched() {
			t.sidos[name] = sidoNamed{name: s.name}
		}
	}
	each := make([]dongAt, 0, 8000) // the lists of the map, most of which have one element
	add := func(key string, at dongAt) {
		if old := t.dongs[key]; old != nil {
			t.dongs[key] = append(old, at)
			return
		}
		each = append(each, at)
		t.dongs[key] = each[len(each)-1 : len(each) : len(each)]
	}
	for i, r := range t.list {
		t.all.add(int16(i))
		for _, name := range r.sidos {
			if s := t.sidos[name]; covers(name, r.Place) {
				s.regions.add(int16(i))
				t.sidos[name] = s
			}
		}
		for _, f := range r.forms() {
			f.region = int16(i)
			t.forms[f.name] = append(t.forms[f.name], f)
		}
		for j, d := range r.dongs {
			at := dongAt{int16(i), int16(j)}
			add(d.key, at)
			if d.short != "" && !r.has(d.short) {
				add(d.short, at)
			}
		}
	}
	return t
}

// forms lists the names of the region.
func (r region) forms() (all []form) {
	add := func(f form) {
		if f.name != "" && !slices.ContainsFunc(all, func(g form) bool { return g.name == f.name && g.sido == f.sido }) {
			all = append(all, f)
		}
	}
	addWays := func(sido, sigungu string) {
		exact, loose := ways(sigungu)
		for i, name := range slices.Concat(exact, loose) {
			add(form{name: name, sido: sido, short: i > 0})
		}
	}
	addWays(r.Sido, r.Sigungu)
	if r.Sigungu == "" { // forms that require a sigungu repeat the city's name
		for _, name := range r.sidos {
			add(form{name: name, sido: r.Sido})
		}
	}
	if city, gu, ok := strings.Cut(r.Sigungu, " "); ok {
		addWays(r.Sido, city)
		add(form{name: gu, sido: r.Sido})
	}
	for _, then := range past {
		if then.now.Sido == r.Sido && then.now.Sigungu == r.Sigungu {
			addWays(then.sido, then.sigungu)
		}
	}
	for _, then := range merged {
		if then.now == r.Sido && strings.HasPrefix(r.Sigungu, then.into) {
			addWays(then.sido, then.sigungu)
		}
	}
	return all
}

// has reports whether the region has a neighbourhood of that name.
func (r region) has(dong string) bool {
	return slices.ContainsFunc(r.dongs, func(d official) bool { return d.Dong == dong })
}

// A regionSet holds numbers of regions.
type regionSet [5]uint64

func (s *regionSet) add(i int16)     { s[i/64] |= 1 << (i % 64) }
func (s regionSet) has(i int16) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s regionSet) empty() bool      { return s == regionSet{} }

// regions returns the regions that head may mean: a sido, a sigungu, both, or nothing, which
// means all of them.
func (t nameTable) regions(head string) (in regionSet) {
	if head == "" {
		return t.all
	}
	in = t.sidos[head].regions
	for _, f := range t.forms[head] {
		in.add(f.region)
	}
	for i := range head {
		if i > maxSido {
			break
		}
		s, ok := t.sidos[head[:i]]
		if !ok {
			continue
		}
		for _, f := range t.forms[head[i:]] {
			if f.sido == s.name {
				in.add(f.region)
			}
		}
	}
	return in
}

// maxSido is the length of the longest name of a sido, in bytes.
const maxSido = len("전남광주통합특별시")
