package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/test/container"
)

type board struct {
	Posts     []post `json:"posts"`
	Paginator struct {
		PageRange   []int `json:"page_range"`
		CurrentPage int   `json:"current_page"`
		PrevButton  *int  `json:"prev_button"`
		NextButton  *int  `json:"next_button"`
	} `json:"paginator"`
}

// board reads a page of the person's own neighbourhood.
func (p person) board(t *testing.T, query url.Values) board {
	t.Helper()
	return read[board](p.as(t).get("/api/post/?" + query.Encode()).is(http.StatusOK))
}

func page(s string) url.Values { return url.Values{"page": {s}} }

// lonely counts the neighbourhoods that moved has given away.
var lonely atomic.Int64

// moved is somebody who lives where nobody else does: in a 면, which overlaps nothing.
func moved(t *testing.T, name string) person {
	t.Helper()
	p := newcomer(t, shared, name)
	all := place.Search("경상북도 의성군", 30)
	p.Address = all[len(all)-int(lonely.Add(1))].String()
	p.as(t).post("/api/user/update/", fields{"address": p.Address}).is(http.StatusOK)
	return p
}

func TestPages(t *testing.T) {
	ann := moved(t, "pages")
	empty := ann.board(t, nil)
	assert.Empty(t, empty.Posts)
	assert.Equal(t, []int{1}, empty.Paginator.PageRange)
	assert.Equal(t, 1, empty.Paginator.CurrentPage)
	assert.Nil(t, empty.Paginator.PrevButton)
	assert.Nil(t, empty.Paginator.NextButton)

	const posts, last = 123, 13
	var newest []int64 // first
	for range posts {
		newest = append([]int64{ann.opens(t, 2).ID}, newest...)
	}
	var seen []int64
	for c := 1; c <= last; c++ {
		b := ann.board(t, page(fmt.Sprint(c)))
		for _, p := range b.Posts {
			seen = append(seen, p.ID)
			assert.Equal(t, ann.Address, p.Address)
		}
		right := min(max(c-5, 1)+9, last)
		var pages []int
		for n := max(right-9, 1); n <= right; n++ {
			pages = append(pages, n)
		}
		assert.Equal(t, pages, b.Paginator.PageRange, c)
		assert.Equal(t, c, b.Paginator.CurrentPage)
		if c == 1 {
			assert.Nil(t, b.Paginator.PrevButton)
		} else if assert.NotNil(t, b.Paginator.PrevButton, c) {
			assert.Equal(t, max(c-10, 1), *b.Paginator.PrevButton)
		}
		if c == last {
			assert.Nil(t, b.Paginator.NextButton)
		} else if assert.NotNil(t, b.Paginator.NextButton, c) {
			assert.Equal(t, min(c+10, last), *b.Paginator.NextButton)
		}
	}
	assert.Equal(t, newest, seen, "each post once, the newest first")

	for given, want := range map[string]int{
		"14": last, "1000000": last, "9223372036854775808": last, "99999999999999999999999999": last,
		"0": 1, "-1": 1, "-99999999999999999999999999": 1, "": 1, "둘": 1, "1.5": 1, "2e0": 1, "2 ": 1, "'": 1, "\x00": 1, "\xff": 1,
	} {
		// openapi.yaml tells in words alone of what is no number
		b := read[board](ann.as(t).meaning(Request).get("/api/post/?" + page(given).Encode()).is(http.StatusOK))
		assert.Equal(t, want, b.Paginator.CurrentPage, "page=%q", given)
	}
}

func TestBoardsOfCategories(t *testing.T) {
	ann, other := moved(t, "category"), moved(t, "elsewhere")
	other.opens(t, 2)
	write := func(category string) post {
		f := draft(2)
		f["category"] = category
		return read[post](ann.as(t).post("/api/post/write/", f).is(http.StatusCreated))
	}
	categories := []string{
		"족발,보쌈", "찜,탕,찌개", "돈까스,회,일식", "피자", "고기구이", "양식", "치킨",
		"중식", "아시안", "백반,죽,국수", "도시락", "분식", "카페,디저트", "패스트푸드",
	}
	for _, c := range categories {
		assert.Equal(t, c, write(c).Category)
	}
	misspelt := write("페스트푸드")
	assert.Equal(t, "패스트푸드", misspelt.Category)
	for range 12 {
		write("치킨")
	}

	assert.Equal(t, []int{1, 2, 3}, ann.board(t, nil).Paginator.PageRange)
	assert.Equal(t, []int{1, 2, 3}, ann.board(t, url.Values{"category": {""}}).Paginator.PageRange)
	for _, c := range categories[:6] {
		found := ann.board(t, url.Values{"category": {c}}).Posts
		require.Len(t, found, 1, c)
		assert.Equal(t, c, found[0].Category)
	}
	for _, c := range []string{"패스트푸드", "페스트푸드"} {
		found := ann.board(t, url.Values{"category": {c}}).Posts
		require.Len(t, found, 2, c)
		assert.Equal(t, misspelt.ID, found[0].ID)
	}
	second := ann.board(t, url.Values{"category": {"치킨"}, "page": {"2"}})
	assert.Len(t, second.Posts, 3)
	assert.Equal(t, []int{1, 2}, second.Paginator.PageRange)

	for _, unknown := range []string{"돌", "치킨,피자", "chicken", "치킨'--", "\xff", "카페"} {
		ann.as(t).meaning(Request).get("/api/post/?category=" + url.QueryEscape(unknown)).invalid("category")
	}
	ann.as(t).post(misspelt.remove(), nil).is(http.StatusNoContent)
	assert.Len(t, ann.board(t, url.Values{"category": {"패스트푸드"}}).Posts, 1, "a deleted post is on no board")
	require.Len(t, other.board(t, nil).Posts, 1, "a board is of one neighbourhood")

	ann.as(t).post("/api/user/update/", fields{"address": other.Address}).is(http.StatusOK)
	assert.Equal(t, other.ID, ann.board(t, nil).Posts[0].Writer.ID, "the board is of where one lives now")
}

// The pages of a state are counted for it alone, on both stores.
func TestBoardsOfStates(t *testing.T) {
	t.Parallel()
	for store, on := range map[string]func() *server{
		"SQLite":     func() *server { return serve(t, t.TempDir(), "MEALBUDDY_LIMITS=off") },
		"PostgreSQL": func() *server { return stand(t, 1, container.Postgres(t), nil, "MEALBUDDY_LIMITS=off").at(0) },
	} {
		t.Run(store, func(t *testing.T) {
			ann := newcomer(t, on(), "ann")
			for i := range 23 {
				party := ann.opens(t, 2)
				if i%2 == 0 {
					ann.as(t).post(party.edit(), fields{"is_compelete": true}).is(http.StatusOK)
				}
			}
			for state, want := range map[string]int{"recruiting": 11, "complete": 12, "": 23} {
				n := 0
				for page := 1; ; page++ {
					b := ann.board(t, url.Values{"state": {state}, "page": {fmt.Sprint(page)}})
					for _, p := range b.Posts {
						assert.Equal(t, state == "complete" || state == "" && p.IsComplete, p.IsComplete)
						assert.Equal(t, p.Closed, p.IsComplete)
					}
					n += len(b.Posts)
					assert.Len(t, b.Paginator.PageRange, (want+9)/10)
					if b.Paginator.NextButton == nil {
						break
					}
				}
				assert.Equal(t, want, n, state)
			}
			ann.as(t).meaning(Request).get("/api/post/?state=open").invalid("state")
		})
	}
}
