package kma

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

// operation is one of the service's data sets. A new issue appears periodically and can
// be requested after a lag.
type operation struct {
	name  string
	first time.Duration // first issue of the day, after midnight in Korea
	every time.Duration
	lag   time.Duration
	keep  time.Duration // how long a received issue is useful
	rows  int           // page size: for village, a day and a little more
}

var (
	observed = operation{"getUltraSrtNcst", 0, time.Hour, 10 * time.Minute, keep, 60}
	nearby   = operation{"getUltraSrtFcst", 30 * time.Minute, time.Hour, 15 * time.Minute, keep, 100}
	village  = operation{"getVilageFcst", 2 * time.Hour, 3 * time.Hour, 10 * time.Minute, 3*time.Hour + keep, 320}
)

// newest returns the time of the newest issue that is available at now.
func (op operation) newest(now time.Time) time.Time {
	_, east := now.In(menu.Seoul).Zone()
	wall := now.Unix() + int64(east) - int64((op.lag+op.first)/time.Second)
	step := int64(op.every / time.Second)
	wall -= ((wall % step) + step) % step
	return time.Unix(wall+int64(op.first/time.Second)-int64(east), 0).In(menu.Seoul)
}

func (op operation) before(issue time.Time) time.Time { return issue.Add(-op.every) }

// next returns when the issue after this one becomes available.
func (op operation) next(issue time.Time) time.Time { return issue.Add(op.every + op.lag) }
