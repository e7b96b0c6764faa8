package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

var (
	// errUnavailable is returned when the database is down, full, or too slow.
	errUnavailable = fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요. 잠시 후 다시 시도해 주세요.")
	// errUnknown is returned when a commit may have been done or not.
	errUnknown = fault.New(fault.Unavailable, "unknown_outcome", "저장되었는지 확인하지 못했어요. 저장되었는지 본 다음 다시 시도해 주세요.")
)

// failed wraps an error with what was tried, and with errUnavailable if a retry may
// succeed. A network error becomes text, so that no caller takes it for one of a client's
// connection.
func failed(doing string, err error) error {
	_, told := errors.AsType[*pgconn.PgError](err)
	switch {
	case !unavailable(err):
		return fmt.Errorf("%s: %w", doing, err)
	case told:
		return fmt.Errorf("%s: %w: %w", doing, errUnavailable, err)
	}
	return fmt.Errorf("%s: %w: %v", doing, errUnavailable, err)
}

// unavailable tells whether the server was not reached, or could not serve for now.
func unavailable(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errUnavailable) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.Contains([]string{
			"25006",          // read only: a standby
			"25P03",          // idle in a transaction for too long
			"40001", "40P01", // conflicts with others, again and again
			"55P03", // waited for a lock for too long
			"58030", // the disk is broken
		}, e.Code) || slices.Contains([]string{
			"08", // the connection
			"53", // full, or too many connections
			"57", // stopped: a statement by its time-out, or the server
		}, e.Code[:2])
	}
	return disconnected(err)
}

// disconnected tells whether an established connection has ended.
func disconnected(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.SeverityUnlocalized == "FATAL"
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed)
}

// is tells whether err comes from PostgreSQL with one of these codes.
func is(err error, codes ...string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, e.Code)
}

// violated names the unique index that err is about.
func violated(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23505" {
		return e.ConstraintName
	}
	return ""
}
