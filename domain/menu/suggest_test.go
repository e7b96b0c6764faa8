package menu

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

func at(month time.Month, hour int) time.Time {
	return time.Date(2026, month, 14, hour, 30, 0, 0, Seoul)
}

func weather(rain Rain, celsius float64) *Forecast {
	return &Forecast{Rain: rain, Temperature: &celsius}
}

func entryOf(t *testing.T, name string) entry {
	i := slices.IndexFunc(table, func(e entry) bool { return e.name == name })
	require.GreaterOrEqual(t, i, 0, "%s is not in the table", name)
	return table[i]
}

// always checks the dishes for c with many random seeds.
func always(t *testing.T, c Craving, check func(t *testing.T, served []entry)) {
	t.Helper()
	for seed := range uint64(40) {
		var served []entry
		for _, d := range Suggest(c, rand.New(rand.NewPCG(seed, 1)).Float64) {
			served = append(served, entryOf(t, d.Name))
		}
		require.Len(t, served, Served)
		check(t, served)
		if t.Failed() {
			t.Logf("served for %q in %s: %v", c.Words, c.Scene(), names(served))
			return
		}
	}
}

func names(served []entry) (names []string) {
	for _, e := range served {
		names = append(names, e.name)
	}
	return names
}

func count(served []entry, of tags) (n int) {
	for _, e := range served {
		if e.tags&of != 0 {
			n++
		}
	}
	return n
}

func TestSuggestFollowsWeatherAndHour(t *testing.T) {
	tests := []struct {
		name        string
		craving     Craving
		mostly      tags // at least three have one of these
		never       tags
		atLeastOnce tags
	}{
		{"hot soup in cold rain", Craving{At: at(11, 19), Weather: weather(Raining, 6)}, soup, chilled, rainy},
		{"something chilled in the heat", Craving{At: at(8, 13), Weather: weather(Dry, 33)}, chilled, 0, noodle},
		{"nothing heavy at breakfast", Craving{At: at(5, 8), Weather: weather(Dry, 16)}, morning, heavy | drinks, 0},
		{"nothing heavy at breakfast in snow either", Craving{At: at(1, 7), Weather: weather(Snow, -4)}, morning | warming, heavy | chilled, warming},
		{"what warms in snow", Craving{At: at(1, 19), Weather: weather(Snow, -1)}, warming, chilled, snowy},
		{"what is fried when it rains in warm air", Craving{At: at(7, 19), Weather: weather(Shower, 24)}, rainy, 0, rainy},
		{"what is eaten late at night", Craving{At: at(10, 23), Weather: weather(Dry, 15)}, late, chilled, 0},
		{"something sweet in the afternoon", Craving{At: at(4, 15), Weather: weather(Dry, 20)}, teatime, 0, 0},
		{"the season, where the weather is not known", Craving{At: at(1, 19)}, warming, chilled, 0},
		{"summer, where the weather is not known", Craving{At: at(7, 13)}, chilled, 0, chilled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			always(t, tt.craving, func(t *testing.T, served []entry) {
				assert.GreaterOrEqual(t, count(served, tt.mostly), 3)
				assert.Zero(t, count(served, tt.never))
				if tt.atLeastOnce != 0 {
					assert.NotZero(t, count(served, tt.atLeastOnce))
				}
			})
		})
	}
}

func TestNothingHeavyAtBreakfastEvenIfMeatIsAskedFor(t *testing.T) {
	always(t, Craving{At: at(11, 8), Words: "고기, 튀김, 맥주 안주"}, func(t *testing.T, served []entry) {
		assert.Zero(t, count(served, heavy))
	})
}

func TestColdNoodlesInTheHeat(t *testing.T) {
	cold := regexp.MustCompile(`냉면|콩국수|막국수|냉모밀|물회|쫄면|비빔국수`)
	always(t, Craving{At: at(8, 13), Weather: weather(Dry, 34)}, func(t *testing.T, served []entry) {
		assert.Regexp(t, cold, strings.Join(names(served), " "))
	})
}

func TestSuggestDoesWhatIsAsked(t *testing.T) {
	evening := Craving{At: at(10, 19), Weather: weather(Dry, 14)}
	tests := []struct {
		words         string
		all, most, no tags
	}{
		{"매운 거 먹고 싶어요", spicy, 0, 0},
		{"안 매운 국물로, 고기는 빼고", soup, 0, spicy | meat},
		{"맵지 않은 걸로 부탁해요", 0, 0, spicy},
		{"매운 거 말고 시원한 거", chilled, 0, spicy},
		{"덜 매운 면 요리", noodle, 0, spicy},
		{"국물 있는 거", soup, 0, 0},
		{"뜨끈한 국밥", soup, warming, 0},
		{"가볍게 먹을래요", light, 0, 0},
		{"너무 무겁지 않은 걸로", 0, 0, hearty},
		{"느끼하지 않은 거", 0, 0, crisp},
		{"맥주 안주 추천해 줘", drinks, 0, 0},
		{"아이랑 먹을 거예요", kids, 0, spicy},
		{"비건이에요", vegan, 0, meat | seafood | dairy | egg},
		{"채식하는 친구랑 먹어요", vegan, 0, meat | seafood | dairy | egg},
		{"면 요리가 좋아요", noodle, 0, 0},
		{"밥이 들어간 걸로", rice, 0, 0},
		{"고기 먹고 싶다", meat, 0, 0},
		{"고기 빼고", 0, 0, meat},
		{"해산물은 못 먹어요", 0, 0, seafood},
		{"새우 알레르기가 있어요", 0, 0, seafood},
		{"고기랑 해산물 빼고요", 0, 0, meat | seafood},
		{"돼지고기, 소고기는 안 먹어요", 0, 0, pork | beef},
		{"해산물 좋아요", seafood, 0, 0},
		{"달달한 디저트", sweet, 0, 0},
		{"단 거 말고 든든한 거", 0, hearty, sweet},
		{"밀가루 안 먹어요", 0, 0, flour},
		{"치즈 빼 주세요", 0, 0, dairy},
		{"해장이 필요해", 0, sober | soup, 0},
		{"국물 있는데 고기 없는 거", soup, 0, meat},
		{"고기 대신 해산물", seafood, 0, meat},
		{"여럿이 나눠 먹을 거", share, 0, 0},
		{"면 말고 밥", rice, 0, noodle},
		{"기름진 거 말고", 0, 0, crisp},
		{"기름기 없는 거", 0, 0, crisp},
		{"속이 편한 거", light, 0, 0},
		{"양 많은 거", hearty, 0, 0},
		{"땅콩 알레르기가 있어요", 0, 0, nuts},
		{"견과류는 못 먹어요", 0, 0, nuts},
		{"메밀 알러지", 0, 0, buckwheat},
		{"날것 말고요", 0, 0, raw},
		{"회는 못 먹어요", 0, 0, raw},
		{"임산부예요", 0, 0, raw},
		{"할랄 음식", 0, 0, pork},
		{"혼자 먹을 거예요", 0, 0, share},
		{"해산물에 알레르기가 있어요", 0, 0, seafood},
		{"비 오는 날 먹기 좋은 거", rainy, 0, 0},
		{"회식하기 좋은 거", share, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			c := evening
			c.Words = tt.words
			always(t, c, func(t *testing.T, served []entry) {
				if tt.all != 0 {
					assert.Equal(t, Served, count(served, tt.all))
				}
				if tt.most != 0 {
					assert.GreaterOrEqual(t, count(served, tt.most), 3)
				}
				assert.Zero(t, count(served, tt.no))
			})
		})
	}
}

func TestSuggestHearsWhatIsNotMeant(t *testing.T) {
	for words, not := range map[string]tags{
		"비가 오면 뭐가 좋을까":  noodle,
		"중국 음식":         soup,
		"동안 매운 걸 먹었어요":  0,
		"아이스크림":         kids,
		"설탕이 적은 거":      soup,
		"예술적인 거":        drinks,
		"회사에서 먹어요":      seafood,
		"햄버거 말고":        0,
		"오늘 저녁 뭐 먹을까요?": ^tags(0),
	} {
		w := wishesOf(Craving{Words: words})
		assert.Zero(t, w.want&not, words)
		assert.Zero(t, w.avoid, words)
	}
}

func TestSuggestByCategoryAndName(t *testing.T) {
	c := Craving{At: at(10, 19), Words: "피자 먹자"}
	always(t, c, func(t *testing.T, served []entry) {
		for _, e := range served {
			assert.Equal(t, pizza, e.category)
		}
	})
	c.Words = "피자 말고 다른 거"
	always(t, c, func(t *testing.T, served []entry) {
		for _, e := range served {
			assert.NotEqual(t, pizza, e.category)
		}
	})
	c.Words = "짜장면이 당겨"
	always(t, c, func(t *testing.T, served []entry) { assert.Equal(t, "짜장면", served[0].name) })
	c.Words = "중식인데 짜장면은 빼고"
	always(t, c, func(t *testing.T, served []entry) {
		assert.NotContains(t, names(served), "짜장면")
		assert.Equal(t, china, served[0].category)
	})
}

func TestSuggestByKind(t *testing.T) {
	for _, tt := range []struct {
		words     string
		most, not string // parts of names
	}{
		{"파스타 먹고 싶어", "파스타|알리오올리오", ""},
		{"돈까스", "돈까스|가츠동", ""},
		{"돈가스", "돈까스|가츠동", ""},
		{"떡볶이 먹자", "떡볶이", ""},
		{"짜장이랑 짬뽕 중에", "짜장면|짬뽕", ""},
		{"마라 땡긴다", "마라", ""},
		{"국수", "국수", ""},
		{"막국수 생각나", "막국수", ""},
		{"버거", "버거", ""},
		{"떡볶이 빼고 분식", "김밥|순대|라면|쫄면|오므라이스|찐만두|어묵탕|전|핫도그", "떡볶이"},
		{"돈까스 말고 초밥", "초밥", "돈까스"},
		{"족발 말고 보쌈", "보쌈", "족발"},
		{"파스타 말고 양식", "스테이크|샐러드|포케|수프|리조또|베네딕트", "파스타"},
		{"고구마피자 말고 다른 피자", "피자", "고구마피자"},
		{"콩국수 말고 다른 국수", "국수", "콩국수"},
		{"샐러드 말고", "", "샐러드"},
		{"어제 치킨 먹었어", "", "[^ ]치킨$|닭강정|통닭|파닭|불닭"},
		{"치킨은 어제 먹었어요", "", "[^ ]치킨$|닭강정|통닭|파닭|불닭"},
		{"점심에 짜장면 먹었는데", "", "짜장면"},
		{"김치찌개 질렸어", "", "김치찌개"},
		{"치킨 먹었으면 좋겠다", "치킨|닭강정|통닭|파닭|불닭", ""},
		{"어제 치킨 먹었는데 또 먹고 싶어", "치킨|닭강정|통닭|파닭|불닭", ""},
	} {
		t.Run(tt.words, func(t *testing.T) {
			always(t, Craving{At: at(10, 19), Weather: weather(Dry, 14), Words: tt.words}, func(t *testing.T, served []entry) {
				most := 0
				for _, e := range served {
					if tt.most != "" && regexp.MustCompile(tt.most).MatchString(e.name) {
						most++
					}
					if tt.not != "" {
						assert.NotRegexp(t, tt.not, e.name)
					}
				}
				if tt.most != "" {
					assert.Regexp(t, tt.most, served[0].name)
					assert.GreaterOrEqual(t, most, 2)
				}
			})
		})
	}
}

// Refusing a dish does not refuse its ingredients.
func TestRefusingADishRefusesNothingElse(t *testing.T) {
	for _, words := range []string{"돼지국밥 말고", "새우버거 말고", "닭갈비 빼고", "김치찌개 말고", "치즈버거 질렸어", "콩국수 말고", "고구마피자 빼고"} {
		w := wishesOf(Craving{Words: words})
		assert.Zero(t, w.avoid, words)
		assert.Empty(t, w.unwanted, words)
		assert.Len(t, w.notDishes, 1, words)
	}
}

func TestWhatIsOfASeasonComesInItsSeason(t *testing.T) {
	for month := time.January; month <= time.December; month++ {
		for _, hour := range []int{3, 8, 12, 15, 19, 22} {
			for _, sky := range []*Forecast{nil, {}, weather(Dry, 18)} {
				always(t, Craving{At: at(month, hour), Weather: sky}, func(t *testing.T, served []entry) {
					for _, e := range served {
						assert.False(t, e.tags&seasonal != 0 && e.tags&seasons[seasonOf[month]] == 0, e.name)
					}
				})
			}
		}
	}
	served := Suggest(Craving{At: at(6, 15), Words: "붕어빵"}, func() float64 { return 0.5 })
	assert.Equal(t, "붕어빵", served[0].Name, "but to who asks for it")
}

func TestLaterWordsGoFirst(t *testing.T) {
	c := Craving{At: at(10, 19), Turns: []Turn{{Words: "고기 빼고"}, {Words: "매운 거"}}, Words: "국물로"}
	always(t, c, func(t *testing.T, served []entry) {
		assert.Zero(t, count(served, meat))
		assert.GreaterOrEqual(t, count(served, soup|spicy), Served)
	})
	c.Words = "아니다, 고기 먹을래"
	always(t, c, func(t *testing.T, served []entry) { assert.Equal(t, Served, count(served, meat)) })
	c = Craving{At: at(10, 19), Turns: []Turn{{Words: "비건"}}, Words: "그냥 고기 먹자"}
	always(t, c, func(t *testing.T, served []entry) { assert.Equal(t, Served, count(served, meat)) })
}

func TestSuggestSpreadsOverCategories(t *testing.T) {
	for hour := range 24 {
		for month := time.January; month <= time.December; month++ {
			always(t, Craving{At: at(month, hour)}, func(t *testing.T, served []entry) {
				of := map[party.Category]bool{}
				seen := map[string]bool{}
				for _, e := range served {
					of[e.category], seen[e.name] = true, true
				}
				assert.GreaterOrEqual(t, len(of), 3)
				assert.Len(t, seen, Served)
			})
		}
	}
}

func TestNothingComesAgainInAConversation(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7)).Float64
	for _, words := range []string{"", "매운 거", "비건"} {
		c := Craving{At: at(6, 19), Weather: weather(Dry, 22)}
		seen := map[string]int{}
		for turn := range DailyQuestions {
			c.Words = words
			dishes := Suggest(c, chance)
			require.Len(t, dishes, Served)
			for _, d := range dishes {
				seen[d.Name]++
				assert.False(t, words == "비건" && entryOf(t, d.Name).tags&vegan == 0, "%s, once the plants are used up", d.Name)
			}
			if words != "비건" || turn < 5 {
				assert.Len(t, seen, Served*(turn+1), "%q, question %d", words, turn+1)
			}
			c.Turns = append(c.Turns, Turn{words, dishes})
		}
	}
}

func TestThereAreAlwaysFive(t *testing.T) {
	diets := []string{"고기 빼고", "해산물 빼고", "치즈 빼고", "계란 빼고", "밀가루 빼고", "비건"}
	tastes := []string{"안 매운", "국물 말고", "면 말고", "밥 말고", "달지 않은", "튀김 말고", "안주 말고", "시원한 거 말고"}
	chance := rand.New(rand.NewPCG(3, 9)).Float64
	all := strings.Join(diets, ", ") + ", " + strings.Join(tastes, ", ")
	for _, hour := range []int{3, 8, 12, 15, 19, 22} {
		c := Craving{At: at(7, hour), Words: all}
		for range DailyQuestions {
			dishes := Suggest(c, chance)
			require.Len(t, dishes, Served)
			for _, d := range dishes {
				e := entryOf(t, d.Name)
				assert.NotZero(t, e.tags&vegan, d.Name)
				assert.Zero(t, e.tags&flour, d.Name)
			}
			c.Turns = append(c.Turns, Turn{all, dishes})
		}
	}
}

func TestReasonsNameTheWeatherOrTheHour(t *testing.T) {
	tests := []struct {
		c    Craving
		want string
	}{
		{Craving{At: at(11, 19), Weather: weather(Raining, 6)}, "비 오는 추운 저녁"},
		{Craving{At: at(8, 13), Weather: weather(Dry, 32.6)}, "33도의 더운 점심"},
		{Craving{At: at(1, 8), Weather: weather(Snow, -5)}, "눈 오는 영하 5도의 아침"},
		{Craving{At: at(1, 8), Weather: weather(Dry, -0.2)}, "추운 아침"},
		{Craving{At: at(12, 22), Weather: weather(Sleet, 2)}, "진눈깨비 내리는 추운 밤"},
		{Craving{At: at(7, 15), Weather: weather(Shower, 25)}, "소나기 내리는 오후"},
		{Craving{At: at(5, 19), Weather: weather(Dry, 20)}, "선선한 저녁"},
		{Craving{At: at(5, 2), Weather: &Forecast{}}, "봄날 새벽"},
		{Craving{At: at(5, 12)}, "봄날 점심"},
		{Craving{At: at(7, 12)}, "여름날 점심"},
		{Craving{At: at(11, 12)}, "가을날 점심"},
		{Craving{At: at(12, 12)}, "겨울날 점심"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.c.Scene())
		for _, d := range Suggest(tt.c, rand.Float64) {
			assert.True(t, strings.HasPrefix(d.Reason, tt.want+", "), d.Reason)
			assert.LessOrEqual(t, text.Len(d.Reason), 60)
		}
	}
}

func TestSuggestIsDeterministic(t *testing.T) {
	c := Craving{At: at(3, 18), Words: "국물"}
	one := func() []Dish { return Suggest(c, rand.New(rand.NewPCG(1, 2)).Float64) }
	assert.Equal(t, one(), one())
	other := Suggest(c, rand.New(rand.NewPCG(8, 9)).Float64)
	assert.NotEqual(t, one(), other)
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	of := map[party.Category]int{}
	timely := regexp.MustCompile(`더위|추위|빗소리|겨울|여름|가을|봄날|아침|점심|저녁|오후|비 오|눈 오`)
	for _, e := range table {
		assert.False(t, seen[Key(e.name)], "%s is there twice", e.name)
		seen[Key(e.name)] = true
		of[e.category]++
		assert.Contains(t, party.Categories, e.category, e.name)
		assert.NotRegexp(t, timely, e.line, "%s: the scene says the weather and the hour", e.name)
		assert.True(t, strings.HasSuffix(e.line, "요."), e.name)
		assert.False(t, e.tags&vegan != 0 && e.tags&(meat|seafood|dairy|egg) != 0, "%s is vegan and is not", e.name)
		assert.False(t, e.tags&warming != 0 && e.tags&chilled != 0, "%s is hot and cold", e.name)
		assert.NotZero(t, e.tags&(morning|noon|teatime|evening|late), "%s is eaten at no time", e.name)
		assert.False(t, e.tags&heavy != 0 && e.tags&(light|morning) != 0, "%s is heavy and is not", e.name)
		assert.LessOrEqual(t, text.Len(e.name), 30)
	}
	assert.GreaterOrEqual(t, len(table), 150)
	for _, c := range party.Categories {
		assert.GreaterOrEqual(t, of[c], 5, c)
	}
}

func TestAllows(t *testing.T) {
	c := Craving{Turns: []Turn{{Words: "고기 빼고"}}, Words: "안 매운 거"}
	allows := c.Allows()
	assert.False(t, allows("김치 찌개"), "there is pork in it")
	assert.False(t, allows("떡볶이"))
	assert.True(t, allows("콩국수"))
	assert.True(t, allows("처음 듣는 요리"))
}

func FuzzSuggest(f *testing.F) {
	for _, s := range []string{"", "안 매운 국물로, 고기는 빼고", "비건 말고 고기", "면\x00면", strings.Repeat("고기 ", 100)} {
		f.Add(s, s, int64(1790000000), 21.5, 2)
	}
	f.Fuzz(func(t *testing.T, first, second string, unix int64, celsius float64, rain int) {
		if unix < 0 || unix > 1<<33 || len(first) > maxMessageBytes || len(second) > maxMessageBytes {
			t.Skip()
		}
		c := Craving{At: time.Unix(unix, 0), Weather: weather(Rain(rain), celsius), Words: first}
		c.Turns = []Turn{{first, Suggest(c, func() float64 { return 0.5 })}}
		c.Words = second
		seen := map[string]bool{}
		for _, d := range Suggest(c, func() float64 { return 0.25 }) {
			seen[d.Name] = true
			if d.Reason == "" || fmt.Sprint(d.Category) == "" {
				t.Errorf("half a dish: %+v", d)
			}
		}
		if len(seen) != Served {
			t.Errorf("%d dishes for %q after %q", len(seen), second, first)
		}
	})
}
