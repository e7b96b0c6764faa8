package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answer returns page n of a board with these posts.
func answer(neighborhood string, page, last int, posts ...int) string {
	var all []string
	for _, i := range posts {
		all = append(all, fmt.Sprintf(`{"title":%q,"address":%q,"target_number":10,"join_number":1,"writer":{"username":"writer"}}`, title(i), neighborhood))
	}
	next := "null"
	if page < last {
		next = fmt.Sprint(last)
	}
	prev := "null"
	if page > 1 {
		prev = "1"
	}
	numbers := strings.ReplaceAll(strings.Trim(fmt.Sprint([]int{1, 2, 3}[:last]), "[]"), " ", ",")
	return fmt.Sprintf(`{"posts":[%s],"paginator":{"page_range":[%s],"current_page":%d,"prev_button":%s,"next_button":%s}}`,
		strings.Join(all, ","), numbers, page, prev, next)
}

func TestAWrongPageIsNotCounted(t *testing.T) {
	f := filling{posts: 50, places: 2} // 25 on each board, on three pages
	right := []int{49, 47, 45, 43, 41, 39, 37, 35, 33, 31}
	for _, tt := range []struct {
		name   string
		answer string
		page   int
		ok     bool
	}{
		{"the first page", answer(where(1), 1, 3, right...), 1, true},
		{"the last page", answer(where(1), 3, 3, 9, 7, 5, 3, 1), 3, true},
		{"an empty board", answer(where(1), 1, 1), 1, false},
		{"nine posts", answer(where(1), 1, 3, right[:9]...), 1, false},
		{"eleven posts", answer(where(1), 1, 3, append(right, 29)...), 1, false},
		{"another neighbourhood", answer(where(0), 1, 3, right...), 1, false},
		{"another page", answer(where(1), 1, 3, right...), 2, false},
		{"another order", answer(where(1), 1, 3, 47, 49, 45, 43, 41, 39, 37, 35, 33, 31), 1, false},
		{"too few pages", answer(where(1), 1, 2, right...), 1, false},
		{"no JSON", "<html>", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.ok, f.page(1, tt.page)([]byte(tt.answer)) == nil)
		})
	}
	assert.Error(t, filling{places: 1}.page(0, 1)([]byte(answer(where(0), 1, 1))), "an empty board is nothing to measure")
}

func TestAMemoTakesNothingElse(t *testing.T) {
	var m memo
	look := mentions("right")
	assert.Error(t, m.or(look)([]byte("wrong")))
	assert.NoError(t, m.or(look)([]byte("right")))
	assert.NoError(t, m.or(mentions("what nobody looks at again"))([]byte("right")))
	assert.Error(t, m.or(look)([]byte("wrong")))
}

func TestOfRoundsTheMedianCounts(t *testing.T) {
	s := over([]float64{6, 2, 4}, []float64{2, 2, 1})
	assert.Equal(t, &spread{Median: 3, Min: 1, Max: 4, Rounds: []float64{3, 1, 4}}, s)
	assert.Equal(t, 1.5, spreadOf([]float64{1, 2}).Median)

	var r report
	limit := measure{once: true, figures: []figure{{name: "limit", hidden: true}}}
	measured := measure{figures: []figure{{name: "measured", limit: "limit", bar: atLeast(0.5)}}}
	r.add([]measure{limit, measured}, [][][]seen{{{one(10), one(10)}, nil}, {{one(4), one(5)}, {one(2), one(10)}}})
	assert.Len(t, r.Lines, 1)
	l := r.Lines[0]
	assert.InDelta(t, 0.45, l.Ratio.Median, 1e-9)
	assert.False(t, *l.Met)
	assert.Equal(t, []float64{2, 0.5}, l.Against.Rounds)
}

func TestMergedBoards(t *testing.T) {
	f := filling{posts: 44, places: 22, merged: true}
	require.Len(t, merging(), 11)
	first, other := f.board(0), f.board(11)
	assert.Len(t, first, 22)
	assert.Len(t, other, 22)
	assert.Equal(t, []int{44, 32, 31, 30}, first[:4], "newest first, of all neighbourhoods that overlap")
	assert.Equal(t, []int{43, 42, 41}, other[:3])
	assert.Equal(t, "서울특별시 관악구 신림동", f.where(0))
	assert.Equal(t, f.where(11), f.where(21))
	assert.Equal(t, 11, strings.Count(f.spread(), "WHEN"))
}
