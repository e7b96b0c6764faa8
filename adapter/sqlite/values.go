package sqlite

import "time"

// micros gives a time as the store keeps it: NULL if it is zero.
func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}
