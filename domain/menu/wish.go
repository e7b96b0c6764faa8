package menu

import (
	"regexp"
	"slices"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// wishes are what somebody asks for and asks to be spared, as far as the words
// are understood.
type wishes struct {
	want, avoid       tags
	wanted, unwanted  []party.Category
	dishes, notDishes []string // by their Key
}

// cue is how people speak of something. Where the expression has a group, the
// group is the word itself, and what is around it only tells it from others.
type cue struct {
	says *regexp.Regexp
	tags tags
	of   party.Category
	dish string
}

// cues are in no order: where two overlap both are heard.
var cues = slices.Concat([]cue{
	{says: re(`맵|매운|매콤|매워|얼큰|칼칼|화끈|얼얼`), tags: spicy},
	{says: re(`국물|찌개|전골|국밥|해장|(?:^|[^설])(탕)(?:$|[^가-힣]|을|이|으로|류|도|은|종류)|[^중한미외천](국)(?:$|[^가-힣]|을|이|으로|류|도|은|종류)`), tags: soup},
	{says: re(`뜨거|뜨끈|따뜻|따끈|따듯|뜻한`), tags: warming},
	{says: re(`시원|차가|차갑|(?:^|[^가-힣])(찬) ?(?:거|것|걸|음식|국물)|얼음|아이스`), tags: chilled},
	{says: re(`가벼|가볍|담백|산뜻|깔끔|다이어트|건강|부담 ?없|소화|속 ?편`), tags: light},
	{says: re(`든든|푸짐|배부|헤비|무거|무겁|묵직`), tags: hearty},
	{says: re(`느끼|기름|튀김|튀긴|바삭`), tags: crisp},
	{says: re(`달달|달콤|달지|(?:^|[^가-힣])(단) ?(?:거|것|걸|음식)|단맛|디저트|후식|간식`), tags: sweet},
	{says: re(`안주|(?:^|[^가-힣])(술)|맥주|소주|막걸리|와인|하이볼`), tags: drinks},
	{says: re(`(?:^|[^가-힣])(아이|애)(?:들|랑|와|가|도|하고|한테|용|$|\s)|아기|애기|어린이|키즈|딸이랑|아들이랑`), tags: kids},
	{says: re(`국수|면 ?요리|면류|(?:^|[^가-힣])(면)(?:$|[^가-힣]|이|을|은|으로|도|만|말고)`), tags: noodle},
	{says: re(`(?:^|[^국])(밥)(?:$|[^가-힣]|이|을|은|으로|도|만|류|종류|말고)|덮밥|볶음밥|비빔밥`), tags: rice},
	{says: re(`여럿|다 ?같이|다 ?함께|나눠|나누|파티|모임|가족`), tags: share},
	{says: re(`해장|숙취|술병`), tags: sober},
	{says: re(`밀가루|글루텐`), tags: flour},
	{says: re(`고기|육류|육식`), tags: meat},
	{says: re(`돼지|삼겹|돈육|제육|(햄)(?:$|[^가-힣]|을|은|이)`), tags: pork},
	{says: re(`소고기|쇠고기|한우|우육`), tags: beef},
	{says: re(`닭`), tags: fowl},
	{says: re(`해산물|해물|생선|수산물|새우|오징어|조개|굴(?:$|[^가-힣])|게(?:살)|연어|초밥|낙지|문어|갑각류|(?:^|[^가-힣])(회)(?:$|[^가-힣]|가|를|는|도|말고)`), tags: seafood},
	{says: re(`치즈|우유|유제품|크림|유당`), tags: dairy},
	{says: re(`계란|달걀`), tags: egg},
	{says: re(`비건|채식|베지|풀만|식물성`), tags: vegan},
	{says: re(`채소|야채|샐러드`), tags: light},

	{says: re(`족발|보쌈`), of: jokbal},
	{says: re(`찜(?:$|[^가-힣닭]|이|을|류)|찌개`), of: stew},
	{says: re(`일식|일본|초밥|돈까스|돈가스`), of: japan},
	{says: re(`피자`), of: pizza},
	{says: re(`구이|삼겹|갈비(?:$|[^가-힣]|를|가)`), of: grill},
	{says: re(`양식|파스타|스테이크|샐러드`), of: western},
	{says: re(`치킨|통닭`), of: chicken},
	{says: re(`중식|중국|중화`), of: china},
	{says: re(`아시안|동남아|베트남|태국|인도`), of: asia},
	{says: re(`백반|한식|집밥|(?:^|[^가-힣])(죽)(?:$|[^가-힣]|이|을)|국수`), of: korean},
	{says: re(`도시락`), of: box},
	{says: re(`분식|떡볶이|김밥`), of: bunsik},
	{says: re(`카페|디저트|후식|커피|빵|케이크`), of: cafe},
	{says: re(`패스트푸드|페스트푸드|햄버거|버거`), of: fast},
}, dishCues())

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// keys are the Key of each dish of the table, by its name.
var keys = func() map[string]string {
	keys := map[string]string{}
	for _, e := range table {
		keys[e.name] = Key(e.name)
	}
	return keys
}()

// dishCues hears the name of each dish of the table.
func dishCues() (cues []cue) {
	for _, e := range table {
		var spaced []string
		for _, r := range Key(e.name) {
			spaced = append(spaced, regexp.QuoteMeta(string(r)))
		}
		cues = append(cues, cue{says: re(strings.Join(spaced, ` ?`)), dish: Key(e.name)})
	}
	return cues
}

var (
	// refusing is what in Korean follows what is not wanted: "고기는 빼고", "매운 거
	// 말고", "해산물을 못 먹어요".
	refusing = re(`^(?:[\s'"]|한|운|콤|큰|칼|지|거|것|걸|건|게|음식|요리|종류|들어간|든|있는|은|는|을|를|이|가|도|만|류|잘|너무|많이|랑|이랑|로|으로|하)*` +
		`(?:빼|뺀|말고|말아|말구|없|싫|제외|아닌|아니|금지|사절|그만|별로|알레르기|알러지|못|피하|피해|지 ?(?:말|마)|안 ?(?:먹|들|좋|땡|당|돼|되|매|했|한)|않|대신|ㄴㄴ|노노)`)
	// sparing is what comes before it: "안 매운", "덜 매운".
	sparing = re(`(?:^|[^가-힣])(?:안|덜|노|no|non)[\s-]*$`)
	// joined is what stands between two things that are refused together: "고기랑
	// 해산물 빼고".
	joined = re(`^(?:한|운|콤|큰|은|는|도|나|이나|거나|랑|이랑|와|과|하고|및|들|류|[\s,·/&+])*$`)
)

// heard is a cue in a text, from start to end.
type heard struct {
	cue
	start, end int
	refused    bool
}

// listen finds the cues in what somebody says, and which of them are refused.
func listen(words string) []heard {
	words = strings.ToLower(text.Line(words))
	dense := Key(words)
	var all []heard
	for _, c := range cues {
		if !strings.Contains(dense, c.dish) {
			continue // to be quick: there are many dishes
		}
		for _, at := range c.says.FindAllStringSubmatchIndex(words, -1) {
			h := heard{cue: c, start: at[0], end: at[1]}
			for g := 2; g < len(at); g += 2 {
				if at[g] >= 0 {
					h.start, h.end = at[g], at[g+1]
				}
			}
			all = append(all, h)
		}
	}
	slices.SortStableFunc(all, func(a, b heard) int { return a.start - b.start })
	for i := len(all) - 1; i >= 0; i-- {
		h := &all[i]
		h.refused = sparing.MatchString(words[max(0, h.start-nearby):h.start]) || refusing.MatchString(after(words, h.end))
		for _, next := range all[i+1:] {
			if next.start < h.end {
				continue // the same words
			}
			h.refused = h.refused || next.refused && next.start-h.end < nearby && joined.MatchString(words[h.end:next.start]) &&
				refusing.MatchString(after(words, next.end))
			break
		}
	}
	return all
}

// nearby is how far from a cue, in bytes, what refuses it may stand.
const nearby = 60

func after(words string, at int) string { return words[at:min(len(words), at+nearby)] }

// wishesOf reads a whole conversation. What is said later goes before what was
// said earlier.
func wishesOf(c Craving) (w wishes) {
	for _, t := range c.Turns {
		w.hear(t.Words)
	}
	w.hear(c.Words)
	return w
}

func (w *wishes) hear(words string) {
	said := listen(words)
	for _, h := range said {
		w.forget(h)
	}
	for _, h := range said {
		w.take(h)
	}
}

// forget drops what was said earlier of what h speaks of.
func (w *wishes) forget(h heard) {
	w.want &^= h.tags
	w.avoid &^= h.tags
	if h.tags&(meat|seafood|dairy|egg) != 0 && !h.refused {
		w.want &^= vegan
	}
	if h.tags == vegan && !h.refused {
		w.want &^= meat | seafood | dairy | egg
	}
	w.wanted, w.unwanted = without(w.wanted, h.of), without(w.unwanted, h.of)
	w.dishes, w.notDishes = without(w.dishes, h.dish), without(w.notDishes, h.dish)
}

func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return v == one })
}

func (w *wishes) take(h heard) {
	switch {
	case h.tags == vegan && h.refused: // gone already
	case h.tags != 0 && h.refused:
		w.avoid |= h.tags
	case h.tags != 0:
		w.want |= h.tags
	case h.of != "" && h.refused:
		w.unwanted = append(w.unwanted, h.of)
	case h.of != "":
		w.wanted = append(w.wanted, h.of)
	case h.refused:
		w.notDishes = append(w.notDishes, h.dish)
	default:
		w.dishes = append(w.dishes, h.dish)
	}
	w.want &^= w.avoid
}

// diet is what w forbids for good: what somebody may not be able to eat.
func (w wishes) diet(e entry) bool {
	const matter = meat | seafood | dairy | egg | flour
	return e.tags&w.avoid&matter == 0 && (w.want&vegan == 0 || e.tags&vegan != 0)
}

// taste is what w would rather not have.
func (w wishes) taste(e entry) bool {
	if w.want&kids != 0 && e.tags&(spicy) != 0 && w.want&spicy == 0 {
		return false
	}
	return e.tags&w.avoid == 0 && !slices.Contains(w.unwanted, e.category) && !slices.Contains(w.notDishes, keys[e.name])
}
