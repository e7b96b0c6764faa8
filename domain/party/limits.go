package party

import "github.com/Group-buying-service/mealbuddy/domain/fault"

// Limits bound what one person writes, so that nobody fills a board alone. 0 is no limit.
type Limits struct {
	Recruiting int // posts that recruit at once
	Daily      int // posts written in a day, Korean time
}

// Usual are the limits of a service for people.
var Usual = Limits{Recruiting: 10, Daily: 30}

// Errors about these limits.
var (
	ErrTooManyPosts = fault.New(fault.Conflict, "too_many_posts", "한 번에 글 10개까지 모집할 수 있어요. 다른 글의 모집을 마감한 뒤 다시 시도해 주세요.")
	ErrTooManyToday = fault.New(fault.TooMany, "too_many_posts_today", "하루에 글 30개까지 쓸 수 있어요. 내일 다시 써 주세요.")
)

// Recruit refuses another recruiting post to a person who has recruiting of them.
func (l Limits) Recruit(recruiting int) error {
	if l.Recruiting > 0 && recruiting >= l.Recruiting {
		return ErrTooManyPosts
	}
	return nil
}

// Write refuses another post to a person who has recruiting posts, and wrote some today.
func (l Limits) Write(recruiting, today int) error {
	if l.Daily > 0 && today >= l.Daily {
		return ErrTooManyToday
	}
	return l.Recruit(recruiting)
}
