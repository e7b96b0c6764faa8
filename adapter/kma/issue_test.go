package kma

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
)

func TestNewestIssue(t *testing.T) {
	for _, tt := range []struct {
		now                     string
		observed, near, village string
	}{
		{"27 00:05", "26 23:00", "26 23:30", "26 23:00"},
		{"27 00:10", "27 00:00", "26 23:30", "26 23:00"},
		{"27 00:44", "27 00:00", "26 23:30", "26 23:00"},
		{"27 00:45", "27 00:00", "27 00:30", "26 23:00"},
		{"27 02:05", "27 01:00", "27 01:30", "26 23:00"},
		{"27 02:09", "27 01:00", "27 01:30", "26 23:00"},
		{"27 02:11", "27 02:00", "27 01:30", "27 02:00"},
		{"27 13:59", "27 13:00", "27 13:30", "27 11:00"},
		{"27 23:59", "27 23:00", "27 23:30", "27 23:00"},
		{"01 00:05", "31 23:00", "31 23:30", "31 23:00"}, // over the end of a month
	} {
		month := time.November
		if tt.now[:2] == "01" {
			month = time.January
		}
		at, err := time.ParseInLocation("02 15:04", tt.now, menu.Seoul)
		assert.NoError(t, err)
		at = time.Date(2026, month, at.Day(), at.Hour(), at.Minute(), 0, 0, menu.Seoul)
		for _, zone := range []*time.Location{menu.Seoul, time.UTC, time.FixedZone("far west", -11*60*60), time.FixedZone("half", 5*60*60+30*60)} {
			now := at.In(zone)
			assert.Equal(t, tt.observed, observed.newest(now).Format("02 15:04"), "%s in %s", tt.now, zone)
			assert.Equal(t, tt.near, nearby.newest(now).Format("02 15:04"), "%s in %s", tt.now, zone)
			assert.Equal(t, tt.village, village.newest(now).Format("02 15:04"), "%s in %s", tt.now, zone)
			for _, op := range operations {
				issue := op.newest(now)
				assert.True(t, op.next(issue).After(now), "%s at %s", op.name, tt.now)
				assert.False(t, op.next(op.before(issue)).After(now), "%s at %s", op.name, tt.now)
			}
		}
	}
}
