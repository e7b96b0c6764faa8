package party

import (
	"slices"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// Category is a kind of food, in its Korean words.
type Category string

// Categories are the fourteen kinds of food.
var Categories = []Category{
	"족발,보쌈", "찜,탕,찌개", "돈까스,회,일식", "피자", "고기구이", "양식", "치킨",
	"중식", "아시안", "백반,죽,국수", "도시락", "분식", "카페,디저트", "패스트푸드",
}

// misspelt is how some clients write fast food.
const misspelt, fastFood Category = "페스트푸드", "패스트푸드"

// ParseCategory finds a kind of food by its words. An unknown one is refused
// under the field category.
func ParseCategory(s string) (Category, error) {
	c := Category(s).Canonical()
	if !c.known() {
		return "", fault.Field("category", "없는 음식 종류예요.")
	}
	return c, nil
}

// Canonical mends white space and the known misspelling.
func (c Category) Canonical() Category {
	c = Category(strings.TrimSpace(string(c)))
	if c == misspelt {
		return fastFood
	}
	return c
}

func (c Category) known() bool { return slices.Contains(Categories, c) }
