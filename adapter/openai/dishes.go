package openai

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

const (
	maxName   = 30
	maxReason = 100
)

// dishes chooses from the model's list. It is untrusted, because people's messages
// influence it: dishes skips every invalid dish, and returns an error if fewer than
// menu.Served are left.
func dishes(said []entry, c menu.Craving) ([]menu.Dish, error) {
	seen := map[string]bool{}
	for _, name := range c.Had() {
		seen[menu.Key(name)] = true
	}
	allowed := c.Allows()
	var good []menu.Dish
	for _, m := range said {
		d, ok := dish(m, c)
		if !ok || seen[menu.Key(d.Name)] || !allowed(d.Name) {
			continue
		}
		seen[menu.Key(d.Name)] = true
		if good = append(good, d); len(good) == menu.Served {
			return good, nil
		}
	}
	return nil, fmt.Errorf("the language model gives %d menus of which %d are good", len(said), len(good))
}

type entry struct {
	Name     any `json:"name"`
	Category any `json:"category"`
	Reason   any `json:"reason"`
}

// menus finds the list in a text: after any reasoning, and inside a code fence if there
// is one. It returns nil if there is none, or not the whole of it.
func menus(content string) []entry {
	if i := strings.LastIndex(content, "</think>"); i >= 0 {
		content = content[i+len("</think>"):]
	}
	if _, fenced, ok := strings.Cut(content, "```"); ok {
		content, _, _ = strings.Cut(fenced, "```")
	}
	i := strings.IndexAny(content, "{[")
	if i < 0 {
		return nil
	}
	in := json.NewDecoder(strings.NewReader(content[i:])) // ignores the rest
	var list []entry
	if content[i] == '[' {
		if in.Decode(&list) != nil {
			return nil
		}
		return list
	}
	var answer struct {
		Menus []entry `json:"menus"`
	}
	if in.Decode(&answer) != nil {
		return nil
	}
	return answer.Menus
}

func dish(e entry, c menu.Craving) (d menu.Dish, ok bool) {
	name, category, reason := line(e.Name), line(e.Category), ornaments.ReplaceAllString(line(e.Reason), "$1$2")
	d.Category, _ = party.ParseCategory(strings.ReplaceAll(category, ", ", ","))
	if d.Category == "" || !plainKorean(name, maxName) || !plainKorean(reason, maxReason) {
		return menu.Dish{}, false
	}
	if !timely.MatchString(reason) {
		reason = c.Scene() + ", " + reason
	}
	d.Name, d.Reason = name, reason
	return d, text.Len(reason) <= maxReason
}

func line(v any) string {
	s, _ := v.(string)
	return text.Line(norm.NFC.String(s))
}

var (
	// timely matches references to the weather or the time of day.
	timely = regexp.MustCompile(`비 ?(?:오|가|내)|빗|눈 ?(?:오|이|내)|날씨|기온|[0-9]도|추[운위]|더[운위]|쌀쌀|선선|무더|포근|맑은|흐린|` +
		`아침|점심|저녁|오후|새벽|한밤|밤에|야식|겨울|여름|가을|봄`)
	// ornaments are common additions of models to a sentence: 좋아요~, and emoji at the end.
	ornaments = regexp.MustCompile(`(\p{Hangul})[~～]+([ .!?]|$)|[ \p{So}\x{1f3fb}-\x{1f3ff}\x{fe0f}\x{200d}]+$`)
	// smuggled matches content that does not belong in a dish's name or a reason: markup,
	// URLs, keys and phone numbers.
	smuggled = regexp.MustCompile("(?i)[<>{}\\[\\]`\\\\|@#$%^*_=~]|//|www|https?|javascript|[a-z0-9]\\.[a-z]{2}|sk-|[a-z0-9_-]{16}|[0-9](?:[-. ]?[0-9]){4}|&[a-z#0-9]+;")
)

// plainKorean reports whether s is a short Korean text and nothing else.
func plainKorean(s string, most int) bool {
	if s == "" || text.Len(s) > most || len(s) > 8*most || text.Disguised(s) || smuggled.MatchString(s) {
		return false
	}
	hangul, other := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.IsLetter(r):
			other++
		case unicode.IsControl(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Co, r):
			return false
		}
	}
	return hangul > 2*other
}
