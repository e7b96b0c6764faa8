package party

// Paginator describes the page navigation of a list.
type Paginator struct {
	Range   []int // at most ten pages around the current one
	Current int   // from 1
	Prev    int   // ten pages back, but at least 1; 0 on the first page
	Next    int   // ten pages forward, but at most the last; 0 on the last page
}

const (
	// PageSize is the number of posts on a page of the board.
	PageSize = 10
	// Ahead is how many posts after those of a page Paginate needs to know of.
	Ahead = (pageSpan-1)*PageSize + 1

	pageSpan = 10 // maximum length of Range
)

// Paginate returns the navigation for page want, or the nearest page, of a list with
// total posts. An empty list has one page. It returns the same for a larger total if there
// are Ahead posts after the page.
func Paginate(total, want int) Paginator {
	last := max((total+PageSize-1)/PageSize, 1)
	at := min(max(want, 1), last)
	right := min(max(at-pageSpan/2, 1)+pageSpan-1, last)
	left := max(right-pageSpan+1, 1)

	p := Paginator{Current: at}
	for page := left; page <= right; page++ {
		p.Range = append(p.Range, page)
	}
	if at > 1 {
		p.Prev = max(at-pageSpan, 1)
	}
	if at < last {
		p.Next = min(at+pageSpan, last)
	}
	return p
}
