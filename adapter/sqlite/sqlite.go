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
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
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
	write *sql.DB // one connection
	read  *sql.DB // cannot write
	reads statements

	version int64    // of the schema that this program knows
	applied []string // steps that opening took

	prepared map[string]*sql.Stmt // of the connection that writes; whose turn it is owns them

	now func() time.Time // the clock of the agenda

	turn   chan struct{} // held by the Write that goes on; the next group begins when it is free
	handed chan *group   // passes the turn on within a group
}

// Option changes how a store is opened.
type Option func(*Store)

// WithClock makes now the clock of the agenda, in place of time.Now.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// Open opens the store in the folder dir and brings its tables up to date. Both
// are made if they are not there, for nobody else's eyes. It returns ErrInUse
// while another Store has the folder.
func Open(ctx context.Context, dir string, options ...Option) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	lock, err := own(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, prepared: map[string]*sql.Stmt{}, now: time.Now, turn: make(chan struct{}, 1), handed: make(chan *group)}
	for _, set := range options {
		set(s)
	}
	if err := s.open(ctx, filepath.Join(dir, name)); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

// name is what the file is called in its folder.
const name = "mealbuddy.db"

// own takes the folder dir for this process, until the lock is closed.
func own(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, name+".lock"), flock.SetPermissions(0o600))
	switch free, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock store: %w", err)
	case !free:
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	return lock, nil
}

func (s *Store) open(ctx context.Context, file string) (err error) {
	if err := private(file); err != nil {
		return err
	}
	if s.write, err = pool(file, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if s.read, err = pool(file, max(4, runtime.GOMAXPROCS(0)), "_pragma=query_only(1)"); err != nil {
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
	for _, step := range steps.ListSources() {
		s.version = max(s.version, step.Version)
	}
	done, err := steps.Up(ctx)
	for _, step := range done {
		s.applied = append(s.applied, path.Base(step.Source.Path))
	}
	return err
}

// inGo are the migrations that are no SQL.
var inGo = []*goose.Migration{
	goose.NewGoMigration(2, &goose.GoFunc{RunTx: migration.NormaliseAddresses}, nil),
}

// private sees to it that a file is there that only its owner can read. SQLite
// gives the files beside it the same permissions.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- in the data folder
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// pool opens at most size connections, each with the settings that a
// connection does not keep in the file.
func pool(path string, size int, setting string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source(path,
		"_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", // what is acknowledged survives a power cut
		"_pragma=foreign_keys(1)",
		setting,
	))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// source names an absolute path as the driver wants it.
func source(path string, settings ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // before the letter of a drive
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(settings, "&")}).String()
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

// Ready returns nil if the file can be read and has the schema that this program
// needs.
func (s *Store) Ready(ctx context.Context) error {
	version, err := schemaVersion(ctx, s.read)
	switch {
	case err != nil:
		return failed("ask the database", err)
	case version < s.version: // a newer program may have gone ahead
		return fmt.Errorf("the schema of the database has version %d, and this program needs %d", version, s.version)
	}
	return nil
}

// schemaVersion tells which step of the migrations was the last.
func schemaVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version, err
}

// Migrated names the steps that Open took to bring the schema up to date.
func (s *Store) Migrated() []string { return s.applied }

// Stats tells how much the two pools are used.
func (s *Store) Stats() (read, write sql.DBStats) { return s.read.Stats(), s.write.Stats() }

// Read gives repositories that wait for no Write and see what was committed
// when each query began.
func (s *Store) Read() port.Repos { return repos(reader{s}, s.now) }

// reader reads by statements that each connection prepares once.
type reader struct{ store *Store }

func (q reader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.store.read.ExecContext(ctx, query, args...) // and is told that it cannot write
}

func (q reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := q.store.reads.get(ctx, q.store.read, query); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return q.store.read.QueryContext(ctx, query, args...) // and is told why not
}

func (q reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := q.store.reads.get(ctx, q.store.read, query); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return q.store.read.QueryRowContext(ctx, query, args...)
}

// statements are those that were met. There are few: no query is made of what
// people say.
type statements struct{ known sync.Map }

// get gives a statement of db, or nil if it cannot be prepared now.
func (s *statements) get(ctx context.Context, db *sql.DB, query string) *sql.Stmt {
	if stmt, known := s.known.Load(query); known {
		return stmt.(*sql.Stmt)
	}
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	if first, raced := s.known.LoadOrStore(query, stmt); raced {
		stmt.Close() // nobody has it
		return first.(*sql.Stmt)
	}
	return stmt
}

// Write runs fn while nobody else writes. Writes that come together share a
// transaction, and so the wait for the disk; each of them is kept or undone by
// itself, and returns once all of that is committed: what fn refuses may come of
// what others have written. A context that ends stops the wait for its turn and
// the statements of fn, but never the commit: nobody is left in doubt about it.
func (s *Store) Write(ctx context.Context, fn func(port.Repos) error) error {
	g, err := s.take(ctx)
	if err != nil {
		return err
	}
	passed := false
	defer func() { // fn may panic
		if !passed {
			s.pass(g)
		}
	}()
	err = g.run(ctx, fn)
	broke := err != nil && g.broken != nil // by what err says
	passed = true
	s.pass(g)
	<-g.done
	if g.err != nil && !broke {
		return g.err
	}
	return err
}

const (
	groupSize = 64                   // Writes that share a transaction
	groupTime = 2 * time.Millisecond // for which it is open to more of them
)

// A group is a transaction of some Writes that follow each other. The one whose
// turn it is owns it.
type group struct {
	steady
	began  time.Time
	size   int
	broken error         // why the transaction cannot be committed
	done   chan struct{} // closed when err says what became of it
	err    error
}

// take waits for the turn to write. It comes with a group that another Write has
// begun, or with a new one.
func (s *Store) take(ctx context.Context) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed("wait to write", err)
	}
	select {
	case g := <-s.handed:
		return g, nil
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, failed("wait to write", ctx.Err())
	}
	tx, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		<-s.turn
		return nil, failed("begin", err)
	}
	return &group{steady: steady{tx, s}, began: time.Now(), done: make(chan struct{})}, nil
}

// pass gives the turn away: to a Write that waits, which then sees to g, or to
// nobody once g is committed.
func (s *Store) pass(g *group) {
	g.size++
	if g.broken == nil && g.size < groupSize && time.Since(g.began) < groupTime {
		select {
		case s.handed <- g:
			return
		default: // nobody waits
		}
	}
	switch {
	case g.broken != nil:
		g.err = fmt.Errorf("write: %w: %w", errUnavailable, g.broken)
		g.tx.Rollback() // which it may have been already
	default:
		if err := g.tx.Commit(); err != nil {
			g.err = failed("commit", err)
		}
	}
	s.prepare()
	<-s.turn
	close(g.done)
}

// prepare prepares the statements that were met for the first time.
func (s *Store) prepare() {
	for query, stmt := range s.prepared {
		if stmt == nil {
			s.prepared[query], _ = s.write.Prepare(query) // nil for another try
		}
	}
}

// run runs fn so that the rest of the group stands whatever becomes of it.
func (g *group) run(ctx context.Context, fn func(port.Repos) error) (err error) {
	if _, err := g.exec(`SAVEPOINT one`); err != nil {
		g.broken = err
		return failed("begin", err)
	}
	kept := false
	defer func() {
		var failure error
		if !kept {
			_, failure = g.exec(`ROLLBACK TO one`)
		}
		if failure == nil {
			_, failure = g.exec(`RELEASE one`)
		}
		g.broken = failure // SQLite has given up the transaction by itself
	}()
	err = fn(repos(g.steady, g.store.now))
	kept = err == nil
	return err
}

// steady begins no statement for a context that has ended, and lets those that
// have begun finish: to interrupt one would undo the whole transaction. It
// prepares each statement once.
type steady struct {
	tx    *sql.Tx
	store *Store
}

// stmt gives a statement that is prepared, or nil and sees to it that it is the
// next time: while the transaction is open its connection prepares nothing that
// would outlive it.
func (q steady) stmt(query string) *sql.Stmt {
	stmt, known := q.store.prepared[query]
	if !known {
		q.store.prepared[query] = nil
	}
	if stmt == nil {
		return nil
	}
	return q.tx.Stmt(stmt)
}

func (q steady) exec(query string, args ...any) (sql.Result, error) {
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Exec(args...)
	}
	return q.tx.Exec(query, args...)
}

func (q steady) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return q.exec(query, args...)
}

func (q steady) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.Query(args...)
	}
	return q.tx.Query(query, args...)
}

func (q steady) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return q.tx.QueryRowContext(ctx, query, args...) // only database/sql can make a row that fails
	}
	if stmt := q.stmt(query); stmt != nil {
		return stmt.QueryRow(args...)
	}
	return q.tx.QueryRow(query, args...)
}

// A queryer is a pool or a transaction.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func repos(q queryer, now func() time.Time) port.Repos {
	return port.Repos{
		Users: users{q}, Parties: parties{q}, Boards: boards{q}, Log: logs{q}, Heads: heads{q}, Rooms: rooms{q},
		SignIns: signIns{q}, Tickets: tickets{q}, Audit: audits{q}, Identities: identities{q},
		Agenda: agendas{q, now}, AgendaAdmin: agendaAdmin{q, now}, Cleanup: cleanup{q},
	}
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

// ErrNoStore says that a folder holds no store, or a file no backup of one.
var ErrNoStore = errors.New("there is no MealBuddy database")

// Backup copies the store in the folder dir into file, which must not be there
// yet, and checks the copy: file is whole and sound, or not there at all. The
// store may be in use meanwhile, and what is committed until then is in the copy.
func Backup(ctx context.Context, dir, file string) error {
	if err := duplicate(ctx, filepath.Join(dir, name), file); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// Restore makes the store of a folder from a backup, which is checked first. It
// returns fs.ErrExist if there is one already.
func Restore(ctx context.Context, file, dir string) (err error) {
	if err := restore(ctx, file, dir); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func restore(ctx context.Context, file, dir string) (err error) {
	if _, err := check(ctx, file); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := own(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	for _, part := range []string{"-wal", "-shm", "-journal"} { // of another one, and poison to this
		if err := vacant(filepath.Join(dir, name+part)); err != nil {
			return err
		}
	}
	return duplicate(ctx, file, filepath.Join(dir, name))
}

// duplicate copies a database under a name that is free.
func duplicate(ctx context.Context, from, to string) (err error) {
	if err := vacant(to); err != nil {
		return err
	}
	db, err := peek(from)
	if err != nil {
		return err
	}
	defer db.Close() // only read
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return unsound(from, err)
	}
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*") // for nobody else's eyes
	if err != nil {
		return err
	}
	draft, err := filepath.Abs(f.Name())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	defer os.Remove(draft) // by then it has another name, too
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, draft); err != nil {
		return unsound(from, err)
	}
	switch copied, err := check(ctx, draft); {
	case err != nil:
		return err
	case copied != version:
		return errors.New("the schema was being changed; try again")
	}
	if err := flush(draft); err != nil {
		return err
	}
	err = os.Link(draft, to) // fails if the name was taken meanwhile
	if err != nil && vacant(to) == nil {
		err = os.Rename(draft, to) // where files have one name only
	}
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed
	}
	return flush(filepath.Dir(to))
}

// vacant returns fs.ErrExist if something has this name.
func vacant(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// flush waits until what a path names is on the disk.
func flush(path string) error {
	f, err := os.Open(path) // #nosec G304 -- the data folder, or a backup that the operator names
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// peek opens a database that is there, to read it only. It owns nothing, and
// disturbs no store that does.
func peek(path string) (*sql.DB, error) { return existing(path, "ro") }

// existing opens a database that is there: "ro" to read it, "rw" to write as well.
func existing(path, mode string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s", ErrNoStore, path)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no file", ErrNoStore, path)
	}
	db, err := sql.Open("sqlite", source(path, "mode="+mode, "_pragma=busy_timeout(5000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// check reads all of a database, and returns the version of its schema; or an
// error unless it is a sound one of ours.
func check(ctx context.Context, file string) (version int64, err error) {
	db, err := peek(file)
	if err != nil {
		return 0, err
	}
	defer db.Close() // only read
	if version, err = schemaVersion(ctx, db); err != nil {
		return 0, unsound(file, err)
	}
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return 0, unsound(file, err)
	}
	if verdict != "ok" {
		return 0, fmt.Errorf("%s is damaged: %s", file, verdict)
	}
	var table string
	switch err := db.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check`).Scan(&table); {
	case err == nil:
		return 0, fmt.Errorf("%s is damaged: a row of %s refers to one that is missing", file, table)
	case !errors.Is(err, sql.ErrNoRows):
		return 0, unsound(file, err)
	}
	return version, nil
}

// unsound says which file cannot be relied on.
func unsound(file string, err error) error {
	switch {
	case is(err, codes.SQLITE_NOTADB), is(err, codes.SQLITE_ERROR): // no such table
		return fmt.Errorf("%w: %s: %w", ErrNoStore, file, err)
	case is(err, codes.SQLITE_CORRUPT):
		return fmt.Errorf("%s is damaged: %w", file, err)
	}
	return fmt.Errorf("%s: %w", file, err)
}
