package party

import (
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/text"
)

// Limits of a post, in user-perceived characters and, for storage, in bytes. The
// database schemas repeat the byte limits and the seats.
const (
	MaxTitle        = 50
	MaxTitleBytes   = 2500
	MaxContent      = 5000
	MaxContentBytes = 40000

	MinSeats = 2
	MaxSeats = 10
)

// Draft is the input to write a post.
type Draft struct {
	Title    string
	Category Category
	Content  string
	Seats    int // including the leader's
}

// Problems returns everything that is wrong with the draft.
func (d Draft) Problems() fault.Fields {
	wrong := fault.Fields{}
	d = d.tidy()
	switch {
	case d.Title == "":
		wrong.Add("title", "제목을 입력해 주세요.")
	case text.Len(d.Title) > MaxTitle || len(d.Title) > MaxTitleBytes:
		wrong.Add("title", "제목은 50자까지 쓸 수 있어요.")
	case text.Disguised(d.Title) || text.Stacked(d.Title) || !text.Visible(d.Title):
		wrong.Add("title", "제목에 쓸 수 없는 문자가 있어요.")
	}
	switch {
	case !text.Visible(d.Content):
		wrong.Add("content", "내용을 입력해 주세요.")
	case text.Len(d.Content) > MaxContent || len(d.Content) > MaxContentBytes:
		wrong.Add("content", "내용은 5,000자까지 쓸 수 있어요.")
	case text.Controls(d.Content) || text.Stacked(d.Content) || text.Turned(d.Content):
		wrong.Add("content", "내용에 쓸 수 없는 문자가 있어요.")
	}
	switch {
	case d.Category == "":
		wrong.Add("category", "음식 종류를 골라 주세요.")
	case !d.Category.known():
		wrong.Add("category", "없는 음식 종류예요.")
	}
	if d.Seats < MinSeats || d.Seats > MaxSeats {
		wrong.Add("seats", "모집 인원은 "+strconv.Itoa(MinSeats)+"명부터 "+strconv.Itoa(MaxSeats)+"명까지예요.")
	}
	return wrong
}

// Problems returns what is wrong with the change, regardless of the party.
func (c Change) Problems() fault.Fields {
	sound := Draft{Title: "-", Category: Categories[0], Content: "-", Seats: MinSeats}
	return Post{Draft: sound}.with(c).Problems()
}

func (d Draft) tidy() Draft {
	d.Title = text.Line(d.Title)
	d.Content = strings.TrimSpace(d.Content)
	d.Category = d.Category.Canonical()
	return d
}

// with returns the post with the change applied, unchecked.
func (p Post) with(c Change) Post {
	if c.Title != nil {
		p.Title = *c.Title
	}
	if c.Category != nil {
		p.Category = Category(*c.Category)
	}
	if c.Content != nil {
		p.Content = *c.Content
	}
	if c.Seats != nil {
		p.Seats = *c.Seats
	}
	if c.Closed != nil {
		p.Closed = *c.Closed
	}
	p.Draft = p.tidy()
	return p
}
