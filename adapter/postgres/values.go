package postgres

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// batch is an argument that json_to_recordset takes apart again, so that one
// statement does for many rows.
type batch struct{ rows any }

func (b batch) Value() (driver.Value, error) {
	list, err := json.Marshal(b.rows)
	return string(list), err
}

// moment gives a time as it is kept: NULL if it is zero.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// instant scans what moment made.
type instant struct{ t *time.Time }

func (i instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i.t = v.Time.UTC() // zero if it is not valid
	return nil
}
