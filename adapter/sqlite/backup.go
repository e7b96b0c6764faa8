package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	codes "modernc.org/sqlite/lib"
)

// ErrNoStore says that a folder holds no store, or a file no backup of one.
var ErrNoStore = errors.New("there is no MealBuddy database")

// Backup copies the store in the folder dir into file, which must not be there
// yet, and checks the copy: file is whole and sound, or not there at all. The
// store may be in use meanwhile, and what is committed until then is in the copy.
func Backup(ctx context.Context, dir, file string) error {
	if err := copyDatabase(ctx, filepath.Join(dir, name), file); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// Restore makes the store of a folder from a backup, which is checked first. It
// returns fs.ErrExist if there is one already.
func Restore(ctx context.Context, file, dir string) error {
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
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	for _, part := range []string{"-wal", "-shm", "-journal"} { // of another database; they would damage this one
		if err := mustNotExist(filepath.Join(dir, name+part)); err != nil {
			return err
		}
	}
	return copyDatabase(ctx, file, filepath.Join(dir, name))
}

// copyDatabase copies a database to a file that does not exist yet.
func copyDatabase(ctx context.Context, from, to string) (err error) {
	if err := mustNotExist(to); err != nil {
		return err
	}
	db, err := openReadOnly(from)
	if err != nil {
		return err
	}
	defer db.Close() // only read
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return damaged(from, err)
	}
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*") // readable by its owner only
	if err != nil {
		return err
	}
	draft, err := filepath.Abs(f.Name())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	defer os.Remove(draft) // by then it has another name, too
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, draft); err != nil {
		return damaged(from, err)
	}
	switch copied, err := check(ctx, draft); {
	case err != nil:
		return err
	case copied != version:
		return errors.New("the schema was being changed; try again")
	}
	if err := syncToDisk(draft); err != nil {
		return err
	}
	err = os.Link(draft, to) // fails if the name was taken meanwhile
	if err != nil && mustNotExist(to) == nil {
		err = os.Rename(draft, to) // where files have one name only
	}
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed
	}
	return syncToDisk(filepath.Dir(to))
}

// mustNotExist returns fs.ErrExist if something has this name.
func mustNotExist(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncToDisk waits until a file or a folder is on the disk.
func syncToDisk(path string) error {
	f, err := os.Open(path) // #nosec G304 -- the data folder, or a backup that the operator names
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// openReadOnly opens an existing database to read it. A store may be using it.
func openReadOnly(path string) (*sql.DB, error) {
	path, err := existing(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(path, "mode=ro", "_pragma=busy_timeout(5000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// existing gives the absolute path of a file that must be there.
func existing(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%w: %s", ErrNoStore, path)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%w: %s is no file", ErrNoStore, path)
	}
	return path, nil
}

// check reads all of a database, and returns the version of its schema; or an
// error unless it is a sound one of ours.
func check(ctx context.Context, file string) (version int64, err error) {
	db, err := openReadOnly(file)
	if err != nil {
		return 0, err
	}
	defer db.Close() // only read
	if version, err = schemaVersion(ctx, db); err != nil {
		return 0, damaged(file, err)
	}
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return 0, damaged(file, err)
	}
	if verdict != "ok" {
		return 0, fmt.Errorf("%s is damaged: %s", file, verdict)
	}
	var table string
	switch err := db.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check`).Scan(&table); {
	case err == nil:
		return 0, fmt.Errorf("%s is damaged: a row of %s refers to one that is missing", file, table)
	case !errors.Is(err, sql.ErrNoRows):
		return 0, damaged(file, err)
	}
	return version, nil
}

// damaged says which file cannot be used, and why.
func damaged(file string, err error) error {
	switch {
	case is(err, codes.SQLITE_NOTADB), is(err, codes.SQLITE_ERROR): // no such table
		return fmt.Errorf("%w: %s: %w", ErrNoStore, file, err)
	case is(err, codes.SQLITE_CORRUPT):
		return fmt.Errorf("%s is damaged: %w", file, err)
	}
	return fmt.Errorf("%s: %w", file, err)
}
