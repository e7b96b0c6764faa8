package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// content gives all rows of all tables in the folder dir.
func content(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := openReadOnly(filepath.Join(dir, name))
	require.NoError(t, err)
	defer db.Close()
	list := func(query string) []string {
		rows, err := db.QueryContext(t.Context(), query)
		all, err := collect(rows, err, func(s *string) []any { return []any{s} })
		require.NoError(t, err)
		return all
	}
	tables := map[string][]string{}
	for _, table := range list(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		columns := list(`SELECT name FROM pragma_table_info('` + table + `')`)
		tables[table] = list(`SELECT json_array("` + strings.Join(columns, `", "`) + `") FROM "` + table + `" ORDER BY 1`)
	}
	return tables
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)

	t.Run("is restored as it was", func(t *testing.T) {
		for _, odd := range []string{"backup.db", "with space", "밥 친구", "a?b#c%20&d=e", "a'b;c", "file:x", "-f"} {
			file := filepath.Join(t.TempDir(), odd)
			require.NoError(t, Backup(t.Context(), dir, file), odd)
			info, err := os.Stat(file)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode())
			files, err := os.ReadDir(filepath.Dir(file))
			require.NoError(t, err)
			assert.Len(t, files, 1, "nothing is left beside it")

			other := filepath.Join(t.TempDir(), "new", "folder")
			require.NoError(t, Restore(t.Context(), file, other))
			info, err = os.Stat(filepath.Join(other, name))
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode())
			assert.Equal(t, content(t, dir), content(t, other))
			assert.Len(t, content(t, other)["user"], 1)
			r, err := Open(t.Context(), other)
			require.NoError(t, err)
			assert.Empty(t, r.Migrated())
			_, err = save(t.Context(), r, "bob")
			assert.NoError(t, err, "life goes on")
			require.NoError(t, r.Close())
		}
	})

	t.Run("is made while people write", func(t *testing.T) {
		acknowledged := make(chan user.ID, 1000)
		writing, stop := context.WithCancel(t.Context())
		defer stop()
		var all sync.WaitGroup
		all.Go(func() {
			for i := 0; writing.Err() == nil; i++ {
				id, err := save(t.Context(), s, fmt.Sprint("writer", i))
				if !assert.NoError(t, err) {
					return
				}
				acknowledged <- id
				if i == cap(acknowledged)-1 {
					return
				}
			}
		})
		for i := range 3 {
			var last user.ID
			for range 10 {
				last = <-acknowledged
			}
			file := filepath.Join(t.TempDir(), fmt.Sprint(i))
			require.NoError(t, Backup(t.Context(), dir, file))
			other := t.TempDir()
			require.NoError(t, Restore(t.Context(), file, other))
			r := openIn(t, other)
			_, err := r.Read().Users.Get(t.Context(), last)
			assert.NoError(t, err, "what was acknowledged before is there")
		}
		assert.NoError(t, s.Ready(t.Context()))
		stop()
		all.Wait()
	})

	t.Run("overwrites nothing", func(t *testing.T) {
		folder := t.TempDir()
		file := filepath.Join(folder, "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		nowhere := filepath.Join(folder, "link")
		require.NoError(t, os.Symlink(filepath.Join(folder, "nowhere"), nowhere))
		for _, taken := range []string{file, nowhere, folder, filepath.Join(dir, name)} {
			assert.ErrorIs(t, Backup(t.Context(), dir, taken), fs.ErrExist)
		}
		assert.ErrorIs(t, Backup(t.Context(), dir, filepath.Join(folder, "no", "folder")), fs.ErrNotExist)
		files, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Len(t, files, 2)
	})

	t.Run("ends when it is told to", func(t *testing.T) {
		folder := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, Backup(ctx, dir, filepath.Join(folder, "b")), context.Canceled)
		files, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, files)
	})

	t.Run("needs a store", func(t *testing.T) {
		empty := t.TempDir()
		assert.ErrorIs(t, Backup(t.Context(), empty, filepath.Join(empty, "b")), ErrNoStore)
		files, err := os.ReadDir(empty)
		require.NoError(t, err)
		assert.Empty(t, files)
	})

	t.Run("is not made of a damaged store", func(t *testing.T) {
		broken := t.TempDir()
		require.NoError(t, Backup(t.Context(), dir, filepath.Join(broken, name)))
		damage(t, filepath.Join(broken, name))
		file := filepath.Join(t.TempDir(), "b")
		assert.ErrorContains(t, Backup(t.Context(), broken, file), "is damaged")
		assert.NoFileExists(t, file)
	})

	t.Run("is not made of rows that refer to nothing", func(t *testing.T) {
		broken := t.TempDir()
		b, err := Open(t.Context(), broken)
		require.NoError(t, err)
		_, err = b.write.ExecContext(t.Context(), `PRAGMA foreign_keys = 0`)
		require.NoError(t, err)
		_, err = b.write.ExecContext(t.Context(), `CREATE TABLE child (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id)) STRICT; INSERT INTO child VALUES (1, 77)`)
		require.NoError(t, err)
		require.NoError(t, b.Close())
		assert.ErrorContains(t, Backup(t.Context(), broken, filepath.Join(broken, "b")), "a row of child")
	})
}

// damage overwrites the pages of a database behind the first ones.
func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-3*4096), 3*4096)
	require.NoError(t, err)
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	backup := filepath.Join(t.TempDir(), "backup.db")
	require.NoError(t, Backup(t.Context(), dir, backup))

	t.Run("leaves what is there", func(t *testing.T) {
		assert.ErrorIs(t, Restore(t.Context(), backup, dir), ErrInUse)
		other := t.TempDir()
		require.NoError(t, Restore(t.Context(), backup, other))
		assert.ErrorIs(t, Restore(t.Context(), backup, other), fs.ErrExist)
		for _, rest := range []string{"mealbuddy.db-wal", "mealbuddy.db-shm", "mealbuddy.db-journal"} {
			other := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(other, rest), nil, 0o600))
			assert.ErrorIs(t, Restore(t.Context(), backup, other), fs.ErrExist, rest)
		}
	})

	t.Run("takes only what is whole", func(t *testing.T) {
		whole, err := os.ReadFile(backup)
		require.NoError(t, err)
		for what, change := range map[string]func(file string){
			"damaged":        func(file string) { damage(t, file) },
			"cut short":      func(file string) { require.NoError(t, os.Truncate(file, int64(len(whole)/2))) },
			"empty":          func(file string) { require.NoError(t, os.Truncate(file, 0)) },
			"something else": func(file string) { require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("밥 ", 4000)), 0)) },
			"not there":      func(file string) { require.NoError(t, os.Remove(file)) },
			"a folder": func(file string) {
				require.NoError(t, os.Remove(file))
				require.NoError(t, os.Mkdir(file, 0o700))
			},
		} {
			file := filepath.Join(t.TempDir(), "backup.db")
			require.NoError(t, os.WriteFile(file, whole, 0o600))
			change(file)
			other := filepath.Join(t.TempDir(), "data")
			err := Restore(t.Context(), file, other)
			assert.ErrorContains(t, err, file, what)
			if what != "damaged" && what != "cut short" {
				assert.ErrorIs(t, err, ErrNoStore, what)
			}
			assert.NoFileExists(t, filepath.Join(other, name), what)
		}
	})
}
