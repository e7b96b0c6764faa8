package postgres

import "time"

// timestamp gives a time as the store keeps it: NULL if it is zero.
func timestamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}
