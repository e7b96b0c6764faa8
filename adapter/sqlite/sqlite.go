// Package sqlite keeps everything in one file, for a server that stands alone.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	sqlite3 "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/adapter/sqlite/migration"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/port"
)

// ErrInUse says that another process has the data folder open.
var ErrInUse = errors.New("the data folder is in use by another process")

// errUnavailable stands for a full disk, a broken one, or one that is too slow.
var errUnavailable = fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요. 잠시 후 다시 시도해 주세요.")

//go:embed migration/*.sql
var migrations embed.FS

// Store is a port.Store in a file. It belongs to one process at a time.
type Store struct {
	lock  *flock.Flock
	write *sql.DB // one connection, and so one Write at a time
	read  *sql.DB // cannot write
}

// Open opens the store in the folder dir and brings its tables up to date. Both
// are made if they are not there, for nobody else's eyes. It returns ErrInUse
// while another Store has the folder.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	path := filepath.Join(dir, "mealbuddy.db")
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	switch free, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock store: %w", err)
	case !free:
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	s := &Store{lock: lock}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if err := private(path); err != nil {
		return err
	}
	if s.write, err = pool(path, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if s.read, err = pool(path, max(4, runtime.GOMAXPROCS(0)), "_pragma=query_only(1)"); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return err
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, s.write, files,
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(inGo...))
	if err != nil {
		return err
	}
	_, err = steps.Up(ctx)
	return err
}

// inGo are the migrations that are no SQL.
var inGo = []*goose.Migration{
	goose.NewGoMigration(2, &goose.GoFunc{RunTx: migration.NormaliseAddresses}, nil),
}

// private sees to it that a file is there that only its owner can read. SQLite
// gives the files beside it the same permissions.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// pool opens at most size connections, each with the settings that a
// connection does not keep in the file.
func pool(path string, size int, setting string) (*sql.DB, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // before the letter of a drive
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: strings.Join([]string{
		"_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", // what is acknowledged survives a power cut
		"_pragma=foreign_keys(1)",
		setting,
	}, "&")}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// Close ends the store. Nothing may use it any more.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} { // the last one may tidy the file up
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Read gives repositories that wait for no Write and see what was committed
// when each query began.
func (s *Store) Read() port.Repos { return repos(s.read) }

// Write runs fn in a transaction that holds the file's only write lock. A
// context that ends stops the wait for that lock and the statements of fn, but
// never the commit: nobody is left in doubt about it.
func (s *Store) Write(ctx context.Context, fn func(port.Repos) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return failed("wait to write", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return failed("begin", err)
	}
	defer tx.Rollback() // does nothing once committed
	if err := fn(repos(tx)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return failed("commit", err)
	}
	return nil
}

// A queryer is a pool or a transaction.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func repos(q queryer) port.Repos {
	return port.Repos{Users: users{q}, Parties: parties{q}, Boards: boards{q}, Messages: messages{q}, Heads: heads{q}}
}

// collect reads all rows of a query, each into the fields of a T.
func collect[T any](rows *sql.Rows, err error, fields func(*T) []any) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var t T
		if err := rows.Scan(fields(&t)...); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// failed says what could not be done, and whether it is worth another try.
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
