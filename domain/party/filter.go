package party

import "github.com/Group-buying-service/mealbuddy/domain/fault"

// Filter picks posts of a board. A zero field picks all.
type Filter struct {
	Category Category
	State    Recruitment
}

// Recruitment says whether a party takes people.
type Recruitment string

const (
	Recruiting Recruitment = "recruiting"
	Completed  Recruitment = "complete" // see Complete
)

// ParseRecruitment returns the Recruitment with a name. It reports an unknown one as an
// error of the field state.
func ParseRecruitment(s string) (Recruitment, error) {
	switch r := Recruitment(s); r {
	case Recruiting, Completed:
		return r, nil
	}
	return "", fault.Field("state", "모집 중(recruiting)과 완료(complete) 가운데 골라 주세요.")
}
