package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// batch is an argument that json_each takes apart again, so that one statement
// does for many rows.
type batch struct{ rows any }

func (b batch) Value() (driver.Value, error) {
	list, err := json.Marshal(b.rows)
	return string(list), err
}

// micros gives a time as it is kept: NULL if it is zero.
func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// instant scans what micros made.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time kept as %T", v)
	}
	return nil
}

// object scans a JSON object that may be NULL.
type object struct{ data *json.RawMessage }

func (o object) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*o.data = nil
	case string:
		*o.data = json.RawMessage(v)
	default:
		return fmt.Errorf("an object kept as %T", v)
	}
	return nil
}
