package sqlite

import (
	"context"
	"database/sql"
	"embed"
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

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite/migration"
)

// ErrInUse says that another process has the data folder open.
var ErrInUse = errors.New("the data folder is in use by another process")

//go:embed migration/*.sql
var migrations embed.FS

// Option changes how a store is opened.
type Option func(*Store)

// WithClock makes now the clock of the agenda, in place of time.Now.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// Open opens the store in the folder dir and brings its tables up to date. It creates
// both if they are missing, readable by their owner only. It returns ErrInUse while
// another Store has the folder.
func Open(ctx context.Context, dir string, options ...Option) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := newStore(options...)
	s.lock = lock
	if err := s.open(ctx, filepath.Join(dir, name)); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

func newStore(options ...Option) *Store {
	s := &Store{prepared: map[string]*sql.Stmt{}, now: time.Now, turn: make(chan struct{}, 1), handed: make(chan *group), says: newSayQueue()}
	for _, set := range options {
		set(s)
	}
	return s
}

// Attach opens the store in the folder dir beside the Store that may have it open, and leaves
// its tables as they are: Ready tells whether they are what this program needs. It returns
// ErrNoStore if there is no store.
func Attach(dir string) (*Store, error) {
	file, err := existing(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := newStore()
	if err = s.openPools(file); err == nil {
		_, err = s.steps()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

// name is what the file is called in its folder.
const name = "mealbuddy.db"

// lockFolder reserves the folder dir for this process, until the lock is closed.
func lockFolder(dir string) (*flock.Flock, error) {
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
	if err := createPrivate(file); err != nil {
		return err
	}
	if err := s.openPools(file); err != nil {
		return err
	}
	steps, err := s.steps()
	if err != nil {
		return err
	}
	done, err := steps.Up(ctx)
	for _, step := range done {
		s.applied = append(s.applied, rows.Step(step.Source.Version, step.Source.Path))
	}
	if err == nil {
		s.found, err = steps.GetDBVersion(ctx)
	}
	if err != nil {
		return err
	}
	if s.spelt, err = spellAddresses(ctx, s.write); err != nil {
		return err
	}
	return addSkeletons(ctx, s.write)
}

func (s *Store) openPools(file string) (err error) {
	if s.write, err = pool(file, 1, "_txlock=immediate"); err != nil {
		return err
	}
	s.read, err = pool(file, max(4, runtime.GOMAXPROCS(0)), "_pragma=query_only(1)")
	return err
}

// steps gives the migrations, and keeps the version that they lead to.
func (s *Store) steps() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, s.write, files,
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(inGo...))
	if err != nil {
		return nil, err
	}
	for _, step := range steps.ListSources() {
		s.version = max(s.version, step.Version)
	}
	return steps, nil
}

// inGo are the migrations that are no SQL.
var inGo = []*goose.Migration{
	goose.NewGoMigration(2, &goose.GoFunc{RunTx: migration.NormaliseAddresses}, nil),
}

// createPrivate makes sure that a file exists and only its owner can read it. SQLite
// gives the files beside it the same permissions.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- in the data folder
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// pool opens at most size connections, each with the settings that a
// connection does not keep in the file.
func pool(path string, size int, setting string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path,
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

// dataSource gives an absolute path in the form that the driver takes.
func dataSource(path string, settings ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // before the letter of a drive
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(settings, "&")}).String()
}
