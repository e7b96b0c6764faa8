package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// errUnavailable is returned when the disk is full, broken, or too slow.
var errUnavailable = fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요. 잠시 후 다시 시도해 주세요.")

// failed wraps an error with what was tried, and with errUnavailable if a retry may
// succeed.
func failed(doing string, err error) error {
	if is(err, codes.SQLITE_BUSY, codes.SQLITE_FULL, codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY) {
		return fmt.Errorf("%s: %w: %w", doing, errUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// is tells whether err comes from SQLite with one of these codes, or with a
// more exact one of the same kind.
func is(err error, kinds ...int) bool {
	e, ok := errors.AsType[*sqlite3.Error](err)
	if !ok {
		return false
	}
	for _, kind := range kinds {
		if e.Code() == kind || e.Code()&0xff == kind {
			return true
		}
	}
	return false
}
