package place

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"
)

// everyPlace lists all official neighbourhoods.
func everyPlace() (all []Place) {
	for _, r := range neighbourhoods() {
		for _, d := range r.dongs {
			all = append(all, d.Place)
		}
	}
	return all
}

func TestEveryOfficialNameResolves(t *testing.T) {
	je := regexp.MustCompile(`제(\d)`)
	called := map[string][]string{}
	for _, s := range sidos {
		called[s.name] = s.searched()
	}
	for i, p := range everyPlace() {
		resolves := func(in string) {
			t.Helper()
			if got, _ := Resolve(in); got != p {
				t.Errorf("%s: %s, not %s", in, got, p)
			}
		}
		name := p.String()
		resolves(name)
		resolves(norm.NFD.String(name))
		resolves(strings.ReplaceAll(name, " ", ""))
		resolves(name + " 823-1 102호")
		resolves(name + "(우리 동네)")
		for _, sido := range called[p.Sido] {
			resolves(strings.Join(strings.Fields(sido+" "+p.Sigungu+" "+p.Dong), " "))
		}
		for _, dot := range []string{"·", "ㆍ", ",", ", ", ""} {
			resolves(strings.ReplaceAll(name, ".", dot))
		}
		if short := je.ReplaceAllString(p.Dong, "$1"); short != p.Dong && !find(p).has(short) {
			resolves(Place{p.Sido, p.Sigungu, short}.String())
		}
		for _, other := range []string{asDigit(p.Dong), asWord(p.Dong)} {
			if other != p.Dong && !find(p).has(other) && !strings.HasSuffix(other, "제"+other[len(other)-4:]) {
				resolves(Place{p.Sido, p.Sigungu, other}.String())
			}
		}
		for _, in := range []string{p.Dong, p.Sigungu + " " + p.Dong, p.Sido + " " + p.Dong} {
			if got, ok := Resolve(in); ok && got != p {
				t.Errorf("%s: %s, not %s", in, got, p)
			} else if !ok && i%50 == 0 {
				assert.NotEmpty(t, Suggest(in, 3), "%s", in)
			}
		}
	}
}

// No two names of a region have the same key, but for a 행정동 with 제 beside a 법정동 without.
func TestKeysAreUnique(t *testing.T) {
	names := knownNames()
	for key, all := range names.dongs {
		in := regionSet{}
		for _, d := range all {
			assert.False(t, in.has(d.region), "%s %s", names.list[d.region], key)
			in.add(d.region)
		}
	}
	longest := 0
	for name := range names.sidos {
		longest = max(longest, len(name))
	}
	assert.Equal(t, maxSido, longest)
	for _, p := range everyPlace() {
		assert.Less(t, len([]rune(p.Sido+p.Sigungu)), maxHead, "%s", p)
		assert.LessOrEqual(t, len([]rune(p.Dong)), maxDong, "%s", p)
		assert.Less(t, len(newQuestion(readText(p.Dong)).jamo), maxDongJamo, "%s", p)
	}
}

func TestMisspelledNamesAreSuggested(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 2026))
	all := everyPlace()
	const tries = 1000
	right, of, by := 0, map[string]int{}, map[string]int{}
	for n := 0; n < tries; {
		p := all[random.IntN(len(all))]
		wrong, how := misspell(random, p.String())
		if _, ok := Resolve(wrong); ok { // is the name of another one, or a way to spell this one
			continue
		}
		n++
		of[how]++
		if slices.Contains(Suggest(wrong, 3), p) {
			right++
			by[how]++
		}
	}
	t.Logf("right among the first three: %v of %v", by, of)
	assert.GreaterOrEqual(t, right, tries*95/100)
	for how, n := range of {
		assert.GreaterOrEqual(t, by[how], n*80/100, "%s", how)
	}
}

// misspell changes, drops, adds or swaps a syllable or a jamo of name.
func misspell(random *rand.Rand, name string) (wrong, how string) {
	jamo := random.IntN(2) == 0
	letters := []rune(name)
	how = "syllable"
	if jamo {
		letters, how = []rune(norm.NFD.String(name)), "jamo"
	}
	i := random.IntN(len(letters) - 1)
	for letters[i] == ' ' {
		i = random.IntN(len(letters) - 1)
	}
	other := func() rune { // of the same kind as the one at i
		switch r := letters[i]; {
		case r >= 'ᄀ' && r <= 'ᄒ':
			return 'ᄀ' + random.Int32N(19)
		case r >= 'ᅡ' && r <= 'ᅵ':
			return 'ᅡ' + random.Int32N(21)
		case r >= 'ᆨ' && r <= 'ᇂ':
			return 'ᆨ' + random.Int32N(27)
		default:
			return firstSyllable + random.Int32N(syllables)
		}
	}
	switch random.IntN(4) {
	case 0:
		letters[i] = other()
		how += " changed"
	case 1:
		letters = slices.Delete(letters, i, i+1)
		how += " dropped"
	case 2:
		letters = slices.Insert(letters, i, other())
		how += " added"
	default:
		letters[i], letters[i+1] = letters[i+1], letters[i]
		how += " swapped"
	}
	return norm.NFC.String(string(letters)), how
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{
		"서울 강남구 역삼동 823-1", "세종특별자치시세종동", "ㅁㄴㅇㄹ", "서울 종로구 종로1·2·3·4가동", norm.NFD.String("서울 감남구 역삼동"), "\xff동", "제2동",
		"일동", "1동", "면리", strings.Repeat("역삼동 ", 100), strings.Repeat("뷁", 100), "강남구\u200b역삼동", "제",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		suggested := Suggest(s, 3)
		assert.LessOrEqual(t, len(suggested), 3)
		for _, p := range suggested {
			again, ok := Resolve(p.String())
			assert.True(t, ok)
			assert.Equal(t, p, again)
		}
		IsRegion(s)
		p, ok := Resolve(s)
		if !ok {
			assert.Zero(t, p)
			return
		}
		again, ok := Resolve(p.String())
		assert.True(t, ok)
		assert.Equal(t, p, again)
	})
}

func BenchmarkReadNames(b *testing.B) {
	neighbourhoods()
	for b.Loop() {
		readNames()
	}
}

func BenchmarkReadSpellings(b *testing.B) {
	neighbourhoods()
	for b.Loop() {
		readSpellings()
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, in := range []string{"서울특별시 강남구 역삼동", "서울 강남구 역삼일동 823-1 102호", "세종특별자치시세종동", "여삼동"} {
		b.Run(in, func(b *testing.B) {
			for b.Loop() {
				Resolve(in)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	for _, in := range []string{"서울특별시 감남구 역삼동", "여삼동", "서울 강남구 없는동네 823-1 어느아파트 102호", "중동", "ㅁㄴㅇㄹ"} {
		b.Run(in, func(b *testing.B) {
			for b.Loop() {
				Suggest(in, 3)
			}
		})
	}
}
