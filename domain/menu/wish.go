package menu

import (
	"regexp"
	"slices"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// wishes are what a person wants and refuses, as far as the words are understood.
type wishes struct {
	want, avoid       tags
	wanted, unwanted  []party.Category
	dishes, notDishes []string // by their Key
}

// cue is an expression for something. If the expression has a group, the group is the
// word itself; the text around it only disambiguates.
type cue struct {
	says *regexp.Regexp
	tags tags
	of   party.Category
	dish string // part of the names of such dishes, as a Key

	exact  bool // the cue is the name of a dish, as a Key
	spares bool // the cue expresses a refusal by itself
}

// cues are unordered. Overlapping cues all count, except those inside the name of a
// dish.
var cues = slices.Concat([]cue{
	{says: re(`맵|매운|매콤|매워|얼큰|칼칼|화끈|얼얼`), tags: spicy},
	{says: re(`국물|찌개|전골|국밥|해장|(?:^|[^설])(탕)(?:$|[^가-힣]|을|이|으로|류|도|은|종류)|[^중한미외천](국)(?:$|[^가-힣]|을|이|으로|류|도|은|종류)`), tags: soup},
	{says: re(`뜨거|뜨끈|따뜻|따끈|따듯|뜻한`), tags: warming},
	{says: re(`시원|차가|차갑|(?:^|[^가-힣])(찬) ?(?:거|것|걸|음식|국물)|얼음|아이스`), tags: chilled},
	{says: re(`가벼|가볍|담백|산뜻|깔끔|다이어트|건강|부담 ?없|소화|속(?:이|은)? ?편`), tags: light},
	{says: re(`든든|푸짐|배부|헤비|무거|무겁|묵직|양(?:이|은|도)? ?(?:많|넉넉|푸짐)`), tags: hearty},
	{says: re(`느끼|기름|튀김|튀긴|바삭`), tags: crisp},
	{says: re(`달달|달콤|달지|(?:^|[^가-힣])(단) ?(?:거|것|걸|음식)|단맛|디저트|후식|간식`), tags: sweet},
	{says: re(`안주|(?:^|[^가-힣])(술)|맥주|소주|막걸리|와인|하이볼`), tags: drinks},
	{says: re(`(?:^|[^가-힣])(아이|애)(?:들|랑|와|가|도|하고|한테|용|$|\s)|아기|애기|어린이|키즈|딸이랑|아들이랑`), tags: kids},
	{says: re(`국수|면 ?요리|면류|(?:^|[^가-힣])(면)(?:$|[^가-힣]|이|을|은|으로|도|만|말고)`), tags: noodle},
	{says: re(`(?:^|[^국])(밥)(?:$|[^가-힣]|이|을|은|으로|도|만|류|종류|말고)|덮밥|볶음밥|비빔밥`), tags: rice},
	{says: re(`여럿|다 ?같이|다 ?함께|나눠|나누|파티|모임|가족|회식`), tags: share},
	{says: re(`혼밥|혼자|1인분|일인분`), tags: share, spares: true},
	{says: re(`(?:^|[^가-힣])(비(?:가|도)? ?(?:오|와|올|온|내))|장마`), tags: rainy},
	{says: re(`야식|밤참`), tags: late},
	{says: re(`해장|숙취|술병`), tags: sober},
	{says: re(`밀가루|글루텐`), tags: flour},
	{says: re(`고기|육류|육식`), tags: meat},
	{says: re(`돼지|돈육|(햄)(?:$|[^가-힣]|을|은|이)`), tags: pork},
	{says: re(`할랄|무슬림|이슬람`), tags: pork, spares: true},
	{says: re(`소고기|쇠고기|한우|우육`), tags: beef},
	{says: re(`닭`), tags: fowl},
	{says: re(`해산물|해물|생선|수산물|새우|오징어|조개|굴(?:$|[^가-힣])|게(?:살)|연어|낙지|문어|갑각류`), tags: seafood},
	{says: re(`날것|날 ?음식|날생선|(?:^|[^가-힣])(회)(?:$|[^가-힣]|가|를|는|도|나|랑|말고)`), tags: raw},
	{says: re(`임산부|임신`), tags: raw, spares: true},
	{says: re(`치즈|우유|유제품|크림|유당`), tags: dairy},
	{says: re(`계란|달걀`), tags: egg},
	{says: re(`견과|땅콩|아몬드|호두|캐슈|피스타치오|(?:^|[^가-힣])(잣)(?:$|[^가-힣]|이|을|은|도)`), tags: nuts},
	{says: re(`메밀`), tags: buckwheat},
	{says: re(`비건|채식|베지|풀만|식물성`), tags: vegan},
	{says: re(`채소|야채`), tags: light},

	{says: re(`(찜)(?:$|[^가-힣닭]|이|을|류)`), of: stew},
	{says: re(`일식|일본`), of: japan},
	{says: re(`피자`), of: pizza},
	{says: re(`구이`), of: grill},
	{says: re(`양식|데이트|기념일|분위기`), of: western},
	{says: re(`치킨|통닭`), of: chicken},
	{says: re(`중식|중국|중화`), of: china},
	{says: re(`아시안|동남아|베트남|태국|인도`), of: asia},
	{says: re(`백반|한식|집밥`), of: korean},
	{says: re(`도시락`), of: box},
	{says: re(`분식`), of: bunsik},
	{says: re(`카페|디저트|후식|커피|빵`), of: cafe},
	{says: re(`패스트푸드|페스트푸드`), of: fast},

	{says: re(`족발`), dish: "족발", of: jokbal},
	{says: re(`보쌈|수육`), dish: "보쌈", of: jokbal},
	{says: re(`찌개`), dish: "찌개", of: stew},
	{says: re(`전골`), dish: "전골", of: stew},
	{says: re(`국밥`), dish: "국밥", of: stew},
	{says: re(`돈까스|돈가스|돈카츠`), dish: "돈까스", of: japan},
	{says: re(`초밥|스시`), dish: "초밥", of: japan},
	{says: re(`라멘`), dish: "라멘", of: japan},
	{says: re(`우동`), dish: "우동", of: japan},
	{says: re(`카레|커리`), dish: "카레"},
	{says: re(`카레|커리`), dish: "커리"},
	{says: re(`삼겹`), dish: "삼겹", of: grill},
	{says: re(`곱창|대창`), dish: "곱창", of: grill},
	{says: re(`(갈비)(?:$|[^가-힣]|를|가)`), dish: "갈비", of: grill},
	{says: re(`파스타|스파게티`), dish: "파스타", of: western},
	{says: re(`스테이크`), dish: "스테이크", of: western},
	{says: re(`샐러드`), dish: "샐러드", of: western},
	{says: re(`포케`), dish: "포케"},
	{says: re(`수프|스프`), dish: "수프"},
	{says: re(`짜장|자장`), dish: "짜장", of: china},
	{says: re(`짬뽕`), dish: "짬뽕", of: china},
	{says: re(`마라`), dish: "마라", of: china},
	{says: re(`만두`), dish: "만두"},
	{says: re(`쌀국수`), dish: "쌀국수", of: asia},
	{says: re(`제육`), dish: "제육"},
	{says: re(`냉면`), dish: "냉면", of: korean},
	{says: re(`칼국수`), dish: "칼국수", of: korean},
	{says: re(`국수`), dish: "국수", of: korean},
	{says: re(`비빔밥`), dish: "비빔밥", of: korean},
	{says: re(`(?:^|[^가-힣])(죽)(?:$|[^가-힣]|이|을|은|도)`), dish: "죽", of: korean},
	{says: re(`덮밥`), dish: "덮밥"},
	{says: re(`볶음밥`), dish: "볶음밥", of: china},
	{says: re(`떡볶이|떡볶기`), dish: "떡볶이", of: bunsik},
	{says: re(`김밥`), dish: "김밥", of: bunsik},
	{says: re(`파전|부침개`), dish: "파전", of: bunsik},
	{says: re(`버거`), dish: "버거", of: fast},
	{says: re(`토스트`), dish: "토스트"},
	{says: re(`샌드위치`), dish: "샌드위치"},
	{says: re(`빙수`), dish: "빙수", of: cafe},
	{says: re(`케이크|케익`), dish: "케이크", of: cafe},
}, dishCues())

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// keys maps each dish name to its Key.
var keys = func() map[string]string {
	keys := map[string]string{}
	for _, e := range table {
		keys[e.name] = Key(e.name)
	}
	return keys
}()

// dishCues returns a cue for the name of each dish.
func dishCues() (cues []cue) {
	for _, e := range table {
		var spaced []string
		for _, r := range Key(e.name) {
			spaced = append(spaced, regexp.QuoteMeta(string(r)))
		}
		cues = append(cues, cue{says: re(strings.Join(spaced, ` ?`)), dish: Key(e.name), exact: true})
	}
	return cues
}

var (
	// refusing matches the words after something that is refused: "고기는 빼고", "매운 거 말고",
	// "해산물을 못 먹어요".
	refusing = re(`^(?:[\s'"]|한|운|콤|큰|칼|지|진|기|긴|거|것|걸|건|게|음식|요리|종류|들어간|든|있는|은|는|을|를|이|가|도|만|에|류|잘|너무|많이|랑|이랑|로|으로|하)*` +
		`(?:빼|뺀|말고|말아|말구|없|싫|제외|아닌|아니|금지|사절|그만|별로|질리|질렸|질려|물렸|물려|지겨|지겹|알레르기|알러지|못|피하|피해|지 ?(?:말|마)|안 ?(?:먹|들|좋|땡|당|돼|되|매|했|한)|않|대신|ㄴㄴ|노노)`)
	// eaten matches the words after something that was eaten recently and is not wanted
	// again: "어제 치킨 먹었어". The time may precede it or stand in between.
	eaten  = re(`^(?:[\s]|을|를|은|는|도|만|이|가|어제|그제|엊그제|그저께|아까|방금|오늘|점심에|아침에|저녁에|낮에)*(?:먹었(?:어|다|는|지|음|거|고|습|네|던|더)|먹어서|시켰(?:어|다|는|음|거|고|습))`)
	lately = re(`어제|그제|그저께|아까|방금|점심에|아침에|저녁에|낮에`)
	// sparing matches a refusal before the word: "안 매운", "덜 매운".
	sparing = re(`(?:^|[^가-힣])(?:안|덜|노|no|non)[\s-]*$`)
	// joined matches the words between two things that are refused together: "고기랑 해산물 빼고".
	joined = re(`^(?:한|운|콤|큰|은|는|도|나|이나|거나|랑|이랑|와|과|하고|및|들|류|[\s,·/&+])*$`)
)

// heard is a cue found in a text, from start to end.
type heard struct {
	cue
	start, end int
	refused    bool
}

// listen finds the cues in words and which of them are refused.
func listen(words string) []heard {
	words = strings.ToLower(text.Line(words))
	dense := Key(words)
	var all []heard
	for _, c := range cues {
		if c.exact && !strings.Contains(dense, c.dish) {
			continue // a fast path, because there are many dishes
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
		before, behind := words[max(0, h.start-nearby):h.start], after(words, h.end)
		h.refused = h.spares || sparing.MatchString(before) || refusing.MatchString(behind) ||
			eaten.MatchString(behind) && lately.MatchString(before+" "+behind) && !strings.Contains(behind, "또")
		for _, next := range all[i+1:] {
			if next.start < h.end {
				continue // the same words
			}
			h.refused = h.refused || next.refused && next.start-h.end < nearby && joined.MatchString(words[h.end:next.start]) &&
				refusing.MatchString(after(words, next.end))
			break
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(h heard) bool {
		return (h.dish != "" || h.refused) && slices.ContainsFunc(all, h.within)
	})
}

// within reports whether h is only part of the name of a dish, as 국수 is of 콩국수. Refusing
// that dish does not refuse its kind.
func (h heard) within(name heard) bool {
	return name.dish != "" && name.start <= h.start && h.end <= name.end && (name.end-name.start > h.end-h.start || h.dish == "")
}

// nearby is the maximum distance, in bytes, between a cue and its refusal.
const nearby = 60

func after(words string, at int) string { return words[at:min(len(words), at+nearby)] }

// wishesOf evaluates a whole conversation. Later wishes override earlier ones.
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

// forget drops earlier wishes about what h names.
func (w *wishes) forget(h heard) {
	w.want &^= h.tags
	w.avoid &^= h.tags
	if h.tags&(meat|seafood|dairy|egg) != 0 && !h.refused {
		w.want &^= vegan
	}
	if h.tags == vegan && !h.refused {
		w.want &^= meat | seafood | dairy | egg
	}
	if h.dish == "" || !h.refused { // refusing a dish does not refuse its category
		w.wanted, w.unwanted = without(w.wanted, h.of), without(w.unwanted, h.of)
	}
	w.dishes, w.notDishes = without(w.dishes, h.dish), without(w.notDishes, h.dish)
}

func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return v == one })
}

func (w *wishes) take(h heard) {
	switch {
	case h.tags == vegan && h.refused: // forget has removed it
	case h.tags != 0 && h.refused:
		w.avoid |= h.tags
	case h.tags != 0:
		w.want |= h.tags
	case h.dish != "" && h.refused:
		w.notDishes = append(w.notDishes, h.dish)
	case h.refused:
		w.unwanted = append(w.unwanted, h.of)
	default:
		w.dishes, w.wanted = append(w.dishes, h.dish), append(w.wanted, h.of) // one of them may be ""
	}
	w.want &^= w.avoid
}

// is reports whether the name of a dish contains kind.
func (e entry) is(kind string) bool { return kind != "" && strings.Contains(keys[e.name], kind) }

// diet reports whether w forbids the dish: the person may be unable to eat it.
func (w wishes) diet(e entry) bool {
	const matter = meat | seafood | dairy | egg | flour | nuts | buckwheat | raw
	return e.tags&w.avoid&matter == 0 && (w.want&vegan == 0 || e.tags&vegan != 0)
}

// taste reports whether w dislikes the dish.
func (w wishes) taste(e entry) bool {
	if w.want&kids != 0 && e.tags&(spicy) != 0 && w.want&spicy == 0 {
		return false
	}
	return e.tags&w.avoid == 0 && !slices.Contains(w.unwanted, e.category) && !slices.ContainsFunc(w.notDishes, e.is)
}
