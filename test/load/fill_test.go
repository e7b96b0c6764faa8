package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fresh returns a database with the rows of a program's first person and post.
func fresh(t *testing.T, schema ...string) *stage {
	s := &stage{server: &server{dir: t.TempDir()}, store: sqlite}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "mealbuddy.db"))
	require.NoError(t, err)
	defer db.Close()
	for _, statement := range append(schema,
		`CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, email_key TEXT UNIQUE, username TEXT, name_key TEXT UNIQUE, neighborhood TEXT, note TEXT)`,
		`CREATE TABLE sign_in (id INTEGER PRIMARY KEY, user_id INTEGER, family BLOB UNIQUE CHECK (length(family) = 32))`,
		`CREATE TABLE member (party_id INTEGER, user_id INTEGER, place INTEGER)`,
		`INSERT INTO user VALUES (1, 'writer@example.com', 'WRITER@EXAMPLE.COM', 'writer', 'WRITER', '혜화동', 'it''s kept')`,
		`INSERT INTO sign_in VALUES (9007199254740993, 1, zeroblob(32))`,
		`INSERT INTO member VALUES (1, 1, 0)`,
	) {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	return s
}

var (
	older = []string{
		`CREATE TABLE party (id INTEGER PRIMARY KEY, neighborhood TEXT, title TEXT, last_seq INTEGER)`,
		`CREATE TABLE message (id INTEGER PRIMARY KEY, party_id INTEGER, seq INTEGER, kind TEXT, client_id TEXT UNIQUE, body TEXT)`,
		`INSERT INTO party VALUES (1, '혜화동', '무늬', 3)`,
		`INSERT INTO message VALUES (7, 1, 3, 'said', 'a', '무늬')`,
	}
	newer = []string{
		`CREATE TABLE party (id INTEGER PRIMARY KEY, neighborhood TEXT, title TEXT)`,
		`CREATE TABLE room (id INTEGER PRIMARY KEY, last_seq INTEGER)`,
		`CREATE TABLE entry (id INTEGER PRIMARY KEY, room_id INTEGER, seq INTEGER, kind TEXT, client_id TEXT UNIQUE, body TEXT, data TEXT)`,
		`INSERT INTO party VALUES (1, '혜화동', '무늬')`,
		`INSERT INTO room VALUES (1, 3)`,
		`INSERT INTO entry VALUES (7, 1, 3, 'said', 'a', '무늬', '{"a":":b"}')`,
	}
)

func TestEachNeighborhoodGetsItsPosts(t *testing.T) {
	for name, schema := range map[string][]string{"older": older, "newer": newer} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t, schema...)
			db, err := s.tables(t.Context())
			require.NoError(t, err)
			defer db.close()
			f := filling{people: 12, posts: 25, places: 3}
			require.NoError(t, f.into(t.Context(), db, person{ID: 1}))

			for n := range f.places {
				assert.Equal(t, f.board(n), ints(t, db, `SELECT id - 1 FROM party WHERE neighborhood = ? ORDER BY id DESC`, where(n)))
			}
			assert.Equal(t, []int{1}, ints(t, db, `SELECT count(*) FROM party WHERE title = ? AND id = 26`, title(25)))
			assert.Equal(t, []int{26}, ints(t, db, `SELECT count(*) FROM member m JOIN `+db.head+` h ON h.id = m.party_id`))
			assert.Equal(t, []int{4}, ints(t, db, `SELECT count(*) FROM user WHERE neighborhood = ? AND note = 'it''s kept'`, where(1)))
			assert.Equal(t, []int{1}, ints(t, db, `SELECT count(*) FROM user u JOIN sign_in s ON s.user_id = u.id
				WHERE s.id = 12 AND u.id = 13 AND u.username = 'p12' AND u.name_key = 'P12' AND u.email = 'p12@example.com' AND u.email_key = 'P12@EXAMPLE.COM'`))
		})
	}
}

func TestALongRoom(t *testing.T) {
	for name, schema := range map[string][]string{"older": older, "newer": newer} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t, schema...)
			db, err := s.tables(t.Context())
			require.NoError(t, err)
			defer db.close()
			require.NoError(t, db.lines(t.Context(), 1, 5))
			assert.Equal(t, []int{3, 4, 5, 6, 7, 8}, ints(t, db, `SELECT seq FROM `+db.log+` ORDER BY seq`))
			assert.Equal(t, []int{8}, ints(t, db, `SELECT seq FROM `+db.log+` WHERE kind = 'said' AND body = ?`, words+" 5"))
			assert.Equal(t, []int{8}, ints(t, db, `SELECT last_seq FROM `+db.head+` WHERE id = 1`))
		})
	}
}

func ints(t *testing.T, db *tables, query string, args ...any) (all []int) {
	rows, err := db.db.QueryContext(context.WithoutCancel(t.Context()), query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int
		require.NoError(t, rows.Scan(&n))
		all = append(all, n)
	}
	require.NoError(t, rows.Err())
	return all
}
