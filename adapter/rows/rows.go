// Package rows turns the rows of the stores into what they hold, and back. Both stores
// share it; the SQL is theirs.
package rows

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"
)

// Cursor goes through the rows of a query.
type Cursor interface {
	Next() bool
	Scan(fields ...any) error
	Err() error
}

// All reads all rows, each into the fields of a T.
func All[T any](c Cursor, fields func(*T) []any) ([]T, error) {
	var all []T
	for c.Next() {
		var t T
		if err := c.Scan(fields(&t)...); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, c.Err()
}

// Value is the field of a row that has only one.
func Value[T any](v *T) []any { return []any{v} }

// Number is a row of an id and a number.
type Number[K comparable] struct {
	Key K
	N   int64
}

// Fields are those of a Number, in their order.
func (n *Number[K]) Fields() []any { return []any{&n.Key, &n.N} }

// Map gives numbers by their keys.
func Map[K comparable](all []Number[K]) map[K]int64 {
	m := make(map[K]int64, len(all))
	for _, n := range all {
		m[n.Key] = n.N
	}
	return m
}

// Set gives true for each of the keys.
func Set[K comparable](keys []K) map[K]bool {
	set := make(map[K]bool, len(keys))
	for _, key := range keys {
		set[key] = true
	}
	return set
}

// JSON is an argument: many rows as a JSON array, so that one statement does for all.
type JSON struct{ Rows any }

// Value encodes the rows.
func (j JSON) Value() (driver.Value, error) {
	list, err := json.Marshal(j.Rows)
	return string(list), err
}

// Time scans a time that is kept as such, or in microseconds; NULL is the zero time.
type Time struct{ To *time.Time }

// Scan sets the time, in UTC.
func (t Time) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t.To = time.Time{}
	case int64:
		*t.To = time.UnixMicro(v).UTC()
	case time.Time:
		*t.To = v.UTC()
	default:
		return fmt.Errorf("a time kept as %T", v)
	}
	return nil
}

// Object scans a JSON object; NULL is nil.
type Object struct{ To *json.RawMessage }

// Scan sets a copy of the object.
func (o Object) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*o.To = nil
	case string:
		*o.To = json.RawMessage(v)
	case []byte:
		*o.To = slices.Clone(v)
	default:
		return fmt.Errorf("an object kept as %T", v)
	}
	return nil
}

// Bits scans 256 bits; NULL is zero.
type Bits struct{ To *[32]byte }

// Scan sets the bits.
func (b Bits) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*b.To = [32]byte{}
		return nil
	case []byte:
		if len(v) == len(b.To) {
			copy(b.To[:], v)
			return nil
		}
	}
	return fmt.Errorf("256 bits kept as %T", v)
}

// Bytes gives bits as an argument: NULL if they are zero.
func Bytes(bits [32]byte) []byte {
	if bits == [32]byte{} {
		return nil
	}
	return bits[:]
}

// hexadecimal is Bytes for JSON.
func hexadecimal(bits [32]byte) *string {
	if bits == [32]byte{} {
		return nil
	}
	text := hex.EncodeToString(bits[:])
	return &text
}

// Step names a migration in what an operator reads: its file, or its number where it is code.
func Step(version int64, file string) string {
	if file == "" {
		return fmt.Sprintf("%04d", version)
	}
	return path.Base(file)
}
