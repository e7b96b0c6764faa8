package party_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

// upTo returns the pages from first to last.
func upTo(from, to int) []int {
	var pages []int
	for n := from; n <= to; n++ {
		pages = append(pages, n)
	}
	return pages
}

func TestPaginate(t *testing.T) {
	tests := []struct {
		name        string
		total, want int
		page        party.Paginator
	}{
		{"an empty board", 0, 1, party.Paginator{Range: []int{1}, Current: 1}},
		{"an empty board, another page", 0, 5, party.Paginator{Range: []int{1}, Current: 1}},
		{"one post", 1, 1, party.Paginator{Range: []int{1}, Current: 1}},
		{"one full page", 10, 1, party.Paginator{Range: []int{1}, Current: 1}},
		{"one post more", 11, 1, party.Paginator{Range: upTo(1, 2), Current: 1, Next: 2}},
		{"the last of two", 11, 2, party.Paginator{Range: upTo(1, 2), Current: 2, Prev: 1}},
		{"before the first", 300, 0, party.Paginator{Range: upTo(1, 10), Current: 1, Next: 11}},
		{"far before the first", 300, math.MinInt, party.Paginator{Range: upTo(1, 10), Current: 1, Next: 11}},
		{"the first", 300, 1, party.Paginator{Range: upTo(1, 10), Current: 1, Next: 11}},
		{"the second", 300, 2, party.Paginator{Range: upTo(1, 10), Current: 2, Prev: 1, Next: 12}},
		{"the last that shows the first ten", 300, 6, party.Paginator{Range: upTo(1, 10), Current: 6, Prev: 1, Next: 16}},
		{"the first that moves on", 300, 7, party.Paginator{Range: upTo(2, 11), Current: 7, Prev: 1, Next: 17}},
		{"ten back is the first", 300, 11, party.Paginator{Range: upTo(6, 15), Current: 11, Prev: 1, Next: 21}},
		{"ten back is the second", 300, 12, party.Paginator{Range: upTo(7, 16), Current: 12, Prev: 2, Next: 22}},
		{"the middle", 300, 15, party.Paginator{Range: upTo(10, 19), Current: 15, Prev: 5, Next: 25}},
		{"ten on is the last", 300, 20, party.Paginator{Range: upTo(15, 24), Current: 20, Prev: 10, Next: 30}},
		{"ten on is beyond the last", 300, 21, party.Paginator{Range: upTo(16, 25), Current: 21, Prev: 11, Next: 30}},
		{"near the end", 300, 27, party.Paginator{Range: upTo(21, 30), Current: 27, Prev: 17, Next: 30}},
		{"the last", 300, 30, party.Paginator{Range: upTo(21, 30), Current: 30, Prev: 20}},
		{"beyond the last", 300, 31, party.Paginator{Range: upTo(21, 30), Current: 30, Prev: 20}},
		{"far beyond the last", 300, math.MaxInt, party.Paginator{Range: upTo(21, 30), Current: 30, Prev: 20}},
		{"ten pages, the last", 100, 10, party.Paginator{Range: upTo(1, 10), Current: 10, Prev: 1}},
		{"eleven pages, the first", 101, 1, party.Paginator{Range: upTo(1, 10), Current: 1, Next: 11}},
		{"eleven pages, the last", 101, 11, party.Paginator{Range: upTo(2, 11), Current: 11, Prev: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.page, party.Paginate(tt.total, tt.want))
		})
	}
}

func TestPaginateIsAsDefinedForAllPages(t *testing.T) {
	for total := 0; total <= 350; total++ {
		for want := -1; want <= 40; want++ {
			m := total / 10 // pages
			if total%10 > 0 || m == 0 {
				m++
			}
			c := want
			if c < 1 {
				c = 1
			}
			if c > m {
				c = m
			}
			right := min(max(c-5, 1)+9, m)
			left := max(right-9, 1)
			expected := party.Paginator{Range: upTo(left, right), Current: c}
			if c != 1 {
				expected.Prev = max(c-10, 1)
			}
			if c != m {
				expected.Next = min(c+10, m)
			}

			got := party.Paginate(total, want)
			require.Equal(t, expected, got, "%d posts, page %d", total, want)
			require.Contains(t, got.Range, c)
			require.Len(t, got.Range, min(m, 10))
		}
	}
}

func TestPaginateNeedsToKnowOfNoMoreThanAhead(t *testing.T) {
	for total := 0; total <= 500; total++ {
		for want := 1; want <= 60; want++ {
			counted := min(total, want*party.PageSize+party.Ahead)
			require.Equal(t, party.Paginate(total, want), party.Paginate(counted, want), "%d posts, page %d", total, want)
		}
	}
}
