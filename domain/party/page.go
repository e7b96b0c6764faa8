package party

// Paginator tells which pages of a list there are to go to from one of them.
type Paginator struct {
	Range   []int // at most ten pages around the current one
	Current int   // from 1
	Prev    int   // ten pages back, or the first; 0 on the first
	Next    int   // ten pages on, or the last; 0 on the last
}

const (
	// PageSize is how many posts a page of the board holds.
	PageSize = 10

	pageSpan = 10 // pages to choose from at once
)

// Paginate finds the page nearest to the wanted one in a list of total posts.
// An empty list has one page.
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
