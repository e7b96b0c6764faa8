package user

import (
	"fmt"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// MaxSuggestions is how many neighbourhoods are suggested for an address.
const MaxSuggestions = 3

// Neighborhood is an official neighbourhood in its official spelling, for instance
// "제주특별자치도 제주시 용담이동". Older accounts and posts may have one that isn't official.
type Neighborhood string

// ParseNeighborhood returns the official neighbourhood that an address of MinNeighborhood
// to MaxNeighborhood characters names. Its error suggests what SuggestNeighborhoods does.
func ParseNeighborhood(s string) (Neighborhood, error) {
	line := text.Line(text.Normal(s))
	switch n := text.Len(line); {
	case line == "":
		return "", required
	case n < MinNeighborhood || n > MaxNeighborhood || len(line) > MaxNeighborhoodBytes:
		return "", problem(fmt.Sprintf("동네는 %d~%d자로 입력해 주세요.", MinNeighborhood, MaxNeighborhood))
	case text.Disguised(line) || !text.Visible(line):
		return "", problem("동네에 쓸 수 없는 문자가 있어요.")
	}
	if p, ok := place.Resolve(s); ok {
		return Neighborhood(p.String()), nil
	}
	names := SuggestNeighborhoods(s)
	switch {
	case len(names) == 1:
		return "", problem("혹시 " + names[0] + "인가요?")
	case len(names) > 1:
		return "", problem("혹시 " + strings.Join(names, ", ") + " 중 하나인가요?")
	case place.IsRegion(s):
		return "", problem("동(읍·면)까지 입력해 주세요.")
	}
	return "", problem("시·군·구와 동(읍·면)을 정확히 입력해 주세요.")
}

// SuggestNeighborhoods returns at most MaxSuggestions official neighbourhoods that an
// address may mean which names none or several, the most likely first.
func SuggestNeighborhoods(s string) (names []string) {
	line := text.Line(text.Normal(s))
	if text.Len(line) > MaxNeighborhood || len(line) > MaxNeighborhoodBytes {
		return nil
	}
	if _, ok := place.Resolve(s); ok {
		return nil
	}
	for _, p := range place.Suggest(s, MaxSuggestions) {
		names = append(names, p.String())
	}
	return names
}

// Official reports whether n is an official neighbourhood in its official spelling.
func (n Neighborhood) Official() bool { return place.IsOfficial(string(n)) }

// Overlapping lists the neighbourhoods whose posts are on the board of n, itself first: the
// official ones that have ground in common with it. Of a name that isn't official it lists
// only that.
func (n Neighborhood) Overlapping() []Neighborhood {
	p, ok := place.Parse(string(n))
	if !ok || !n.Official() {
		return []Neighborhood{n}
	}
	all := place.Overlapping(p)
	names := make([]Neighborhood, len(all))
	for i, q := range all {
		names[i] = Neighborhood(q.String())
	}
	return names
}
