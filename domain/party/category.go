package party

import (
	"slices"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// Category is the Korean name of a food category.
type Category string

// Categories lists all fourteen food categories.
var Categories = []Category{
	"족발,보쌈", "찜,탕,찌개", "돈까스,회,일식", "피자", "고기구이", "양식", "치킨",
	"중식", "아시안", "백반,죽,국수", "도시락", "분식", "카페,디저트", "패스트푸드",
}

// misspelt is how some clients spell fast food.
const misspelt, fastFood Category = "페스트푸드", "패스트푸드"

// ParseCategory returns the category with a name. It reports an unknown one as an error
// of the field category.
func ParseCategory(s string) (Category, error) {
	c := Category(s).Canonical()
	if !c.known() {
		return "", fault.Field("category", "없는 음식 종류예요.")
	}
	return c, nil
}

// Canonical normalises white space and corrects the known misspelling.
func (c Category) Canonical() Category {
	c = Category(strings.TrimSpace(string(c)))
	if c == misspelt {
		return fastFood
	}
	return c
}

func (c Category) known() bool { return slices.Contains(Categories, c) }
