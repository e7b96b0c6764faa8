package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/text/unicode/norm"
	sqlite3 "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) port.Store { return openEmpty(t) })
}

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return openIn(t, t.TempDir())
}

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// save keeps an account called name.
func save(ctx context.Context, s *Store, name string) (id user.ID, err error) {
	err = s.Write(ctx, func(r port.Repos) (err error) {
		id, err = r.Users.Save(ctx, newUser(name))
		return err
	})
	return id, err
}

func newUser(name string) *user.User {
	return user.Restore(user.State{
		Email: user.Email(name + "@example.com"), Username: name, Neighborhood: "종로구",
		CreatedAt: noon,
	})
}

func TestOpen(t *testing.T) {
	t.Run("what was kept is there again", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "not", "there")
		s, err := Open(t.Context(), dir)
		require.NoError(t, err)
		id, err := save(t.Context(), s, "ann")
		require.NoError(t, err)
		require.NoError(t, s.Close())

		s = openIn(t, dir)
		u, err := s.Read().Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, "ann", u.State().Username)
	})

	t.Run("a folder belongs to one store at a time", func(t *testing.T) {
		dir := t.TempDir()
		s, err := Open(t.Context(), dir)
		require.NoError(t, err)
		_, err = Open(t.Context(), dir)
		assert.ErrorIs(t, err, ErrInUse)
		assert.ErrorContains(t, err, dir)
		_, err = save(t.Context(), s, "ann")
		assert.NoError(t, err, "the first goes on")
		require.NoError(t, s.Close())
		openIn(t, dir)
	})

	t.Run("a folder that cannot be opened is let go", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "mealbuddy.db")
		require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("not a database ", 100)), 0o600))
		_, err := Open(t.Context(), dir)
		require.Error(t, err)
		require.NoError(t, os.Remove(file))
		openIn(t, dir)
	})

	t.Run("a folder may have any name", func(t *testing.T) {
		for _, name := range []string{"with space", "밥 친구", "a?b", "a#b", "100%25", "a&b=c", "a'b;c", "file:x", `a\b`} {
			dir := filepath.Join(t.TempDir(), name)
			openIn(t, dir)
			assert.FileExists(t, filepath.Join(dir, "mealbuddy.db"), name)
		}
	})

	t.Run("a relative folder will do", func(t *testing.T) {
		t.Chdir(t.TempDir())
		openIn(t, "data")
		assert.FileExists(t, filepath.Join("data", "mealbuddy.db"))
	})

	t.Run("nobody else can look into the files", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		s := openIn(t, dir)
		_, err := save(t.Context(), s, "ann")
		require.NoError(t, err)
		info, err := os.Stat(dir)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, files, 4, "the file, its log, the index of that and the lock")
		for _, f := range files {
			info, err := f.Info()
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode(), f.Name())
		}
	})
}

func TestReady(t *testing.T) {
	s := openEmpty(t)
	require.NoError(t, s.Ready(t.Context()))
	_, err := s.write.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	require.NoError(t, err)
	assert.NoError(t, s.Ready(t.Context()), "in a rolling update a later program goes ahead")
	_, err = s.write.ExecContext(t.Context(), `DELETE FROM goose_db_version`)
	require.NoError(t, err)
	assert.ErrorContains(t, s.Ready(t.Context()), "version 0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, s.Ready(ctx), context.Canceled)
}

func TestSettings(t *testing.T) {
	s := openEmpty(t)
	ask := func(db *sql.DB, query string) (answer string) {
		t.Helper()
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&answer))
		return answer
	}
	for name, db := range map[string]*sql.DB{"write": s.write, "read": s.read} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, "wal", ask(db, `PRAGMA journal_mode`))
			assert.Equal(t, "2", ask(db, `PRAGMA synchronous`))
			assert.Equal(t, "1", ask(db, `PRAGMA foreign_keys`))
			assert.Equal(t, "5000", ask(db, `PRAGMA busy_timeout`))
		})
	}
	assert.Equal(t, "0", ask(s.write, `PRAGMA query_only`))
	assert.Equal(t, "1", ask(s.read, `PRAGMA query_only`))
	_, err := s.Read().Users.Save(t.Context(), user.Restore(user.State{Email: "a@b", Username: "ann", Neighborhood: "종로구", CreatedAt: noon}))
	assert.ErrorContains(t, err, "readonly")

	assert.Equal(t, "ok", ask(s.read, `PRAGMA integrity_check`))
	var major, minor, patch int
	_, err = fmt.Sscanf(ask(s.read, `SELECT sqlite_version()`), "%d.%d.%d", &major, &minor, &patch)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, major*1_000_000+minor*1_000+patch, 3_051_003, "versions before lose what is in their write-ahead log")
}

func TestFullDisk(t *testing.T) {
	s := openEmpty(t)
	_, err := s.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1`) // as many as there are
	require.NoError(t, err)
	for i := 0; err == nil && i < 1000; i++ {
		_, err = save(t.Context(), s, fmt.Sprint("user", i))
	}
	require.ErrorIs(t, err, errUnavailable)
	assert.Equal(t, fault.Unavailable, fault.Of(err).Kind)
	assert.ErrorContains(t, err, "disk is full")

	_, err = s.Read().Users.ByEmail(t.Context(), "user0@example.com")
	assert.NoError(t, err, "what is there can be read")
	_, err = s.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`)
	require.NoError(t, err)
	_, err = save(t.Context(), s, "later")
	assert.NoError(t, err, "once there is room again")
}

func TestBusy(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	other, err := pool(filepath.Join(dir, "mealbuddy.db"), 1, "_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = s.write.ExecContext(t.Context(), `PRAGMA busy_timeout = 1`)
	require.NoError(t, err)
	_, err = save(t.Context(), s, "ann")
	assert.ErrorIs(t, err, errUnavailable)
}

// A statement that runs for long must end with its context.
func TestCancel(t *testing.T) {
	s := openEmpty(t)
	for _, db := range []*sql.DB{s.read, s.write} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		var n int
		err := db.QueryRowContext(ctx, `
			WITH RECURSIVE forever (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM forever)
			SELECT count(*) FROM forever`).Scan(&n)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
}

func TestChecks(t *testing.T) {
	s := openEmpty(t)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	at := noon.UnixMicro()
	digest := func(n byte) []byte { return append(make([]byte, 31), n) }
	short := make([]byte, 31)
	valid := map[string]map[string]any{
		"user": {
			"email": "b@b", "email_key": "B@B", "username": "bob", "name_key": "BOB", "neighborhood": "종로구",
			"password_hash": "", "generation": 1, "created_at": at,
		},
		"party": {
			"leader_id": 1, "neighborhood": "종로구", "category": "피자", "title": "제목", "content": "내용",
			"seats": 2, "closed": false, "created_at": at,
		},
		"member": {"party_id": 1, "user_id": 1, "place": 0, "standing": "in", "joined_at": at},
		"room":   {"id": 2, "active_at": at},
		"entry":  {"room_id": 1, "seq": 1, "kind": "said", "who_id": 1, "body": "안녕", "at": at},
		"sign_in": {
			"id": 7, "user_id": 1, "device": "Chrome", "network": "", "family": digest(2), "newest": digest(3), "salt": digest(4),
			"created_at": at, "rotated_at": at, "seen_at": at, "expires_at": at,
		},
		"ticket": {"digest": digest(1), "sign_in_id": 7, "user_id": 1, "party_id": 1, "expires_at": at},
		"audit":  {"at": at, "kind": "signed_in", "network": ""},
		"agenda": {"kind": "test", "key": "", "due_at": at},
	}
	insert := func(q queryer, table string, row map[string]any) error {
		var columns []string
		var values []any
		for column, value := range row {
			columns, values = append(columns, column), append(values, value)
		}
		_, err := q.ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO %s (%s) VALUES (?%s)`,
			table, strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1)), values...)
		return err
	}
	require.NoError(t, insert(s.write, "room", map[string]any{"id": 1, "active_at": at}))
	require.NoError(t, insert(s.write, "party", valid["party"]))

	text := func(size int) string { return strings.Repeat("밥", size/3) + strings.Repeat("x", size%3) }
	ascii := func(size int) string { return strings.Repeat("x", size) }
	var categories []any
	for _, c := range party.Categories {
		categories = append(categories, string(c))
	}
	for _, tt := range []struct {
		table, column string
		good, bad     []any
	}{
		{"user", "email", []any{text(user.MaxEmailBytes)}, []any{"", text(user.MaxEmailBytes + 1), nil}},
		{"user", "email_key", []any{text(user.MaxEmailBytes)}, []any{"", text(user.MaxEmailBytes + 1), nil}},
		{"user", "username", []any{text(user.MaxNameBytes)}, []any{"", text(user.MaxNameBytes + 1), nil}},
		{"user", "name_key", []any{text(user.MaxNameBytes)}, []any{"", text(user.MaxNameBytes + 1), nil}},
		{"user", "neighborhood", []any{text(user.MaxNeighborhoodBytes)}, []any{"", text(user.MaxNeighborhoodBytes + 1), nil}},
		{"user", "generation", []any{2}, []any{0, -1, "many"}},
		{"user", "created_at", []any{-1}, []any{nil, "2026-11-22", 1.5}},
		{"party", "leader_id", []any{1}, []any{2, nil}},
		{"party", "neighborhood", []any{text(user.MaxNeighborhoodBytes)}, []any{"", text(user.MaxNeighborhoodBytes + 1)}},
		{"party", "category", categories, []any{"", "페스트푸드", "pizza", nil}},
		{"party", "title", []any{text(party.MaxTitleBytes)}, []any{"", text(party.MaxTitleBytes + 1)}},
		{"party", "content", []any{text(party.MaxContentBytes)}, []any{"", text(party.MaxContentBytes + 1)}},
		{"party", "seats", []any{party.MinSeats, party.MaxSeats}, []any{party.MinSeats - 1, party.MaxSeats + 1, nil}},
		{"party", "closed", []any{true}, []any{2, nil}},
		{"room", "last_seq", []any{7}, []any{-1, nil}},
		{"room", "active_at", []any{at}, []any{nil}},
		{"member", "party_id", []any{1}, []any{2}},
		{"member", "user_id", []any{1}, []any{2}},
		{"member", "place", []any{1}, []any{-1}},
		{"member", "standing", []any{"in", "left", "banned"}, []any{"", "IN", nil}},
		{"entry", "room_id", []any{1}, []any{2}},
		{"entry", "who_id", []any{1, nil}, []any{2}},
		{"entry", "seq", []any{7}, []any{0, nil}},
		{"entry", "kind", []any{"said", "order", "k" + strings.Repeat("_", room.MaxKind-1), "v2"}, []any{"", "Said", "said so", "2nd", "말", strings.Repeat("k", room.MaxKind+1), nil}},
		{"entry", "body", []any{"", text(room.MaxBody)}, []any{text(room.MaxBody + 1), nil}},
		{"entry", "data", []any{`{}`, `{"v": "` + text(room.MaxData-9) + `"}`, nil}, []any{``, `[]`, `1`, `{`, `{"v": "` + text(room.MaxData-8) + `"}`}},
		{"entry", "client_id", []any{text(room.MaxClientID), nil}, []any{"", text(room.MaxClientID + 1)}},
		{"sign_in", "id", []any{1 << 52}, []any{0, -1}},
		{"sign_in", "user_id", []any{1}, []any{2, nil}},
		{"sign_in", "device", []any{text(400)}, []any{"", text(401), nil}},
		{"sign_in", "network", []any{text(64)}, []any{text(65), nil}},
		{"sign_in", "mark", []any{digest(9), nil}, []any{short}},
		{"sign_in", "family", []any{digest(9)}, []any{short, nil}},
		{"sign_in", "newest", []any{digest(9)}, []any{short, nil}},
		{"sign_in", "former", []any{digest(9), nil}, []any{short}},
		{"sign_in", "salt", []any{digest(9), nil}, []any{short}},
		{"sign_in", "expires_at", []any{0}, []any{nil}},
		{"ticket", "digest", []any{digest(9)}, []any{short, nil}},
		{"ticket", "user_id", []any{1}, []any{2, nil}},
		{"ticket", "party_id", []any{1, nil}, []any{2}},
		{"audit", "kind", []any{text(40)}, []any{"", text(41), nil}},
		{"audit", "who_id", []any{1, nil}, []any{2}},
		{"audit", "of_id", []any{1, nil}, []any{2}},
		{"audit", "network", []any{text(64)}, []any{text(65), nil}},
		{"agenda", "kind", []any{"a", "order.lock_2", ascii(agenda.MaxKind)}, []any{"", "Order", "2a", "a b", "a-b", "주문", ascii(agenda.MaxKind + 1), nil}},
		{"agenda", "key", []any{"", "7", "A7:b/c.d-e_f", ascii(agenda.MaxKey)}, []any{"-a", ".a", "a b", "a@b", "밥", "a\n", ascii(agenda.MaxKey + 1), nil}},
		{"agenda", "due_at", []any{0}, []any{nil}},
		{"agenda", "data", []any{nil, `1`, `{"a": "밥"}`, `"` + ascii(agenda.MaxData-2) + `"`}, []any{`"` + ascii(agenda.MaxData-1) + `"`, `{`}},
		{"agenda", "version", []any{2}, []any{0, nil}},
		{"agenda", "attempts", []any{0, agenda.Tries}, []any{-1, agenda.Tries + 1, nil}},
		{"agenda", "failure", []any{"", text(agenda.MaxFailure)}, []any{text(agenda.MaxFailure + 1), nil}},
	} {
		try := func(value any) error {
			row := maps.Clone(valid[tt.table])
			row[tt.column] = value
			tx, err := s.write.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			defer tx.Rollback()
			return insert(tx, tt.table, row)
		}
		for _, value := range tt.good {
			assert.NoError(t, try(value), "%s.%s = %.20v", tt.table, tt.column, value)
		}
		for _, value := range tt.bad {
			err := try(value)
			assert.True(t, is(err, codes.SQLITE_CONSTRAINT), "%s.%s = %.20v: %v", tt.table, tt.column, value, err)
		}
	}
}

// Rows of before addresses had one name.
func TestOldAddresses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mealbuddy.db")
	db, err := pool(path, 1, "_txlock=immediate")
	require.NoError(t, err)
	first, err := migrations.ReadFile("migration/0001_users_parties_messages.sql")
	require.NoError(t, err)
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, fstest.MapFS{
		"0001_users_parties_messages.sql": {Data: first},
	}, goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	_, err = steps.Up(t.Context())
	require.NoError(t, err)
	tooLong := "서울 " + strings.Repeat("동", 95) // 101 characters by its full name
	old := []string{"경남 밀양시 내이동", "경상남도 밀양시 내이동", norm.NFD.String("경남 밀양시 내이동"), "광주 송정동", "동", tooLong}
	for i, where := range old {
		_, err := db.Exec(`INSERT INTO user (id, email, email_key, username, name_key, neighborhood, password_hash, generation, created_at, withdrawn_at)
			VALUES (?1, ?1, ?1, ?1, ?1, ?2, '', 1, 0, iif(?1 = 2, 1, NULL))`, i+1, where)
		require.NoError(t, err)
		_, err = db.Exec(`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at, deleted_at)
			VALUES (?1, ?1, ?2, '피자', '제목', '내용', 4, 0, 0, iif(?1 = 3, 1, NULL))`, i+1, where)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())

	for range 2 { // the second time there is nothing to do
		s, err := Open(t.Context(), dir)
		require.NoError(t, err)
		for _, table := range []string{"user", "party"} {
			rows, err := s.read.QueryContext(t.Context(), `SELECT neighborhood FROM `+table+` ORDER BY id`)
			now, err := collect(rows, err, func(where *string) []any { return []any{where} })
			require.NoError(t, err)
			milyang := "경상남도 밀양시 내이동"
			assert.Equal(t, []string{milyang, milyang, milyang, "광주 송정동", "동", tooLong}, now, table)
		}
		_, n, err := s.Read().Boards.Page(t.Context(), "경상남도 밀양시 내이동", "", 0, 10)
		require.NoError(t, err)
		assert.Equal(t, 2, n, "one of the three is deleted")
		require.NoError(t, s.Close())
	}
}

// An explainer remembers how SQLite goes about the queries that run through it.
type explainer struct {
	queryer
	t     *testing.T
	steps []string
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.explain(ctx, query, args)
	return e.queryer.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	e.explain(ctx, query, args)
	return e.queryer.QueryRowContext(ctx, query, args...)
}

func (e *explainer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	e.explain(ctx, query, args)
	return e.queryer.ExecContext(ctx, query, args...)
}

func (e *explainer) explain(ctx context.Context, query string, args []any) {
	e.t.Helper()
	rows, err := e.queryer.QueryContext(ctx, `EXPLAIN QUERY PLAN `+query, args...)
	steps, err := collect(rows, err, func(step *string) []any { return []any{new(int), new(int), new(int), step} })
	require.NoError(e.t, err)
	e.steps = append(e.steps, steps...)
}

// nothing takes for granted that there is nobody to be found.
func nothing(err error) error {
	if errors.Is(err, user.ErrSignedOut) {
		return nil
	}
	return err
}

// How SQLite goes about a query does not hang on the number of rows while
// nothing runs ANALYZE: a hundred thousand posts have the same plans, and take
// the race detector a minute to write.
func TestPlans(t *testing.T) {
	const posts = 2_000
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	at := noon.UnixMicro()
	for _, fill := range []string{
		`WITH RECURSIVE post (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM post LIMIT @posts)
			INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			SELECT id, @who, iif(id % 2, '종로구', '용담이동'), iif(id % 5, '피자', '치킨'), '제목', '내용', 4, 0, @at
			FROM post`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT id, @who, 0, 'in', @at FROM party`,
		`UPDATE member SET standing = 'left' WHERE party_id > 3`,
		`INSERT INTO room (id, last_seq, active_at) SELECT id, 1, @at FROM party`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, at) SELECT id, 1, 'said', @who, '안녕', @at FROM party`,
	} {
		_, err := s.write.ExecContext(t.Context(), fill, sql.Named("who", ann), sql.Named("at", at), sql.Named("posts", posts))
		require.NoError(t, err)
	}
	newest := party.ID(posts)

	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Page of many, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), "종로구", "", 0, 10)
			assert.Equal(t, posts/2, n)
			return err
		}, "party USING COVERING INDEX party_board "},
		{"Page of many of a category, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), "종로구", "치킨", 0, 10)
			assert.Equal(t, posts/10, n)
			return err
		}, "party USING COVERING INDEX party_board_category "},
		{"Page", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), "용담이동", "", posts/4, 10)
			assert.Len(t, page, 10)
			return err
		}, "party USING COVERING INDEX party_board "},
		{"Page of a category", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), "용담이동", "치킨", 0, 10)
			assert.Len(t, page, 10)
			return err
		}, "party USING COVERING INDEX party_board_category "},
		{"Neighborhoods", func(r port.Repos) error {
			all, err := r.Boards.Neighborhoods(t.Context(), 10)
			assert.Len(t, all, 2)
			return err
		}, "party USING COVERING INDEX party_board"},
		{"Post", func(r port.Repos) error {
			_, err := r.Boards.Post(t.Context(), newest, ann)
			return err
		}, "m USING PRIMARY KEY (party_id=? AND user_id=?)"},
		{"Members", func(r port.Repos) error {
			_, err := r.Boards.Members(t.Context(), 1)
			return err
		}, "m USING PRIMARY KEY"},
		{"Get", func(r port.Repos) error {
			_, err := r.Parties.Get(t.Context(), newest)
			return err
		}, "p USING INTEGER PRIMARY KEY"},
		{"Before", func(r port.Repos) error {
			_, err := r.Log.Before(t.Context(), newest, 5, 50)
			return err
		}, "m USING INDEX"},
		{"After", func(r port.Repos) error {
			_, err := r.Log.After(t.Context(), newest, 0, 50)
			return err
		}, "m USING INDEX"},
		{"Say", func(r port.Repos) error {
			_, err := r.Log.Say(t.Context(), room.Entry{Room: 1, Kind: chat.Said, Who: ann, Body: "안녕", ClientID: "a", At: noon})
			return err
		}, "m USING INDEX entry_client"},
		{"Rooms", func(r port.Repos) error {
			_, err := r.Heads.Rooms(t.Context(), []party.ID{1, newest})
			return err
		}, "room USING INTEGER PRIMARY KEY"},
		{"Rooms of a person", func(r port.Repos) error {
			ids, err := r.Rooms.Of(t.Context(), ann, 10)
			assert.Len(t, ids, 3)
			return err
		}, "m USING COVERING INDEX member_user"},
		{"SignIns", func(r port.Repos) error {
			_, err := r.Heads.SignIns(t.Context(), []signin.ID{7}, noon)
			return err
		}, "sign_in USING INTEGER PRIMARY KEY"},
		{"Holder", func(r port.Repos) error {
			_, _, err := r.SignIns.Holder(t.Context(), 7, noon)
			return nothing(err)
		}, "s USING INTEGER PRIMARY KEY"},
		{"Lock a sign-in", func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), signin.Digest{1})
			return nothing(err)
		}, "s USING INDEX sqlite_autoindex_sign_in_1"},
		{"Of", func(r port.Repos) error {
			_, err := r.SignIns.Of(t.Context(), ann, noon)
			return err
		}, "USING INDEX sign_in_user"},
		{"Met", func(r port.Repos) error {
			_, err := r.SignIns.Met(t.Context(), ann, signin.Origin{Network: "203.0.113.0/24"})
			return err
		}, "USING INDEX sign_in_user"},
		{"Take a ticket", func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), signin.Digest{1})
			return nothing(err)
		}, "ticket USING PRIMARY KEY"},
		{"Forget tickets", func(r port.Repos) error {
			_, err := r.Cleanup.Tickets(t.Context(), noon, 500)
			return err
		}, "SEARCH ticket USING COVERING INDEX ticket_expires (expires_at<?)"},
		{"Forget sign-ins", func(r port.Repos) error {
			_, err := r.Cleanup.SignIns(t.Context(), noon, 500)
			return err
		}, "SEARCH sign_in USING COVERING INDEX sign_in_expires (expires_at<?)"},
		{"Audit", func(r port.Repos) error {
			_, err := r.Audit.Before(t.Context(), 0, 10)
			return err
		}, "audit USING INTEGER PRIMARY KEY"},
		{"ByEmail", func(r port.Repos) error {
			_, err := r.Users.ByEmail(t.Context(), "ann@example.com")
			return err
		}, "u USING INDEX user_email"},
		{"Taken", func(r port.Repos) error {
			_, _, err := r.Users.Taken(t.Context(), "ann@example.com", "ann", 0)
			return err
		}, "user USING INDEX user_name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &explainer{queryer: s.write, t: t}
			began := time.Now()
			require.NoError(t, tt.query(repos(e, s.now)))
			plan := strings.Join(e.steps, "\n")
			t.Logf("%v\n%s", time.Since(began), plan)
			assert.Contains(t, plan, tt.uses)
			assert.NotRegexp(t, `SCAN (party|p|member|m|entry|room|h|user|u|sign_in|s|ticket|audit)\b`, plan)
			if !slices.Contains([]string{"Members", "Say", "Of", "Rooms of a person"}, tt.name) { // a handful of rows
				assert.NotContains(t, plan, "USE TEMP B-TREE")
			}
		})
	}
}

// onCommit calls hook before each commit; one that returns false undoes it.
func onCommit(t *testing.T, s *Store, hook func() bool) {
	t.Helper()
	conn, err := s.write.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		c.(sqlite3.HookRegisterer).RegisterCommitHook(func() int32 {
			if hook() {
				return 0
			}
			return 1
		})
		return nil
	}))
}

// crowd runs n Writes by each of some people at once.
func crowd(people, n int, write func(who, i int)) {
	var all sync.WaitGroup
	for who := range people {
		all.Go(func() {
			for i := range n {
				write(who, i)
			}
		})
	}
	all.Wait()
}

func TestWritesShareTransactions(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { commits.Add(1); return true })
	boom := errors.New("boom")
	crowd(40, 10, func(who, i int) {
		name := fmt.Sprintf("p%d-%d", who, i)
		switch i % 5 {
		case 1: // is refused in the midst of the others
			assert.Equal(t, boom, s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Users.Save(t.Context(), newUser(name))
				assert.NoError(t, err)
				return boom
			}))
		case 2: // panics
			assert.PanicsWithValue(t, "boom", func() {
				_ = s.Write(t.Context(), func(r port.Repos) error {
					_, err := r.Users.Save(t.Context(), newUser(name))
					assert.NoError(t, err)
					panic("boom")
				})
			})
		case 3: // goes away in the midst
			ctx, cancel := context.WithCancel(t.Context())
			assert.ErrorIs(t, s.Write(ctx, func(r port.Repos) error {
				_, err := r.Users.Save(ctx, newUser(name))
				assert.NoError(t, err)
				cancel()
				_, err = r.Users.Save(ctx, newUser(name+"x"))
				return err
			}), context.Canceled)
		default:
			_, err := save(t.Context(), s, name)
			assert.NoError(t, err)
		}
	})
	var n int
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, 40*4, n, "what was refused is undone, and nothing else")
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user WHERE username GLOB '*-[0459]'`).Scan(&n))
	assert.Equal(t, 40*4, n, "and nobody's for another's")
	assert.Less(t, commits.Load(), int64(40*10/2), "Writes that wait share a commit")
	t.Logf("%d Writes in %d commits", 40*10, commits.Load())
}

func TestAWriteAloneWaitsForNobody(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { commits.Add(1); return true })
	for i := range 5 {
		_, err := save(t.Context(), s, fmt.Sprint("p", i))
		require.NoError(t, err)
		assert.EqualValues(t, i+1, commits.Load(), "committed before it returns")
	}
}

func TestACommitThatFailsIsToldToAllOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	var commits atomic.Int64
	onCommit(t, s, func() bool { return commits.Add(1)%2 == 0 })
	var kept atomic.Int64
	crowd(20, 10, func(who, i int) {
		if _, err := save(t.Context(), s, fmt.Sprintf("p%d-%d", who, i)); err == nil {
			kept.Add(1)
		}
	})
	var n int64
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, n, kept.Load())
	assert.NotZero(t, n)
	assert.Less(t, n, int64(200))
}

// A refusal may come of what others of the group have written.
func TestARefusalHangsOnTheCommitOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	onCommit(t, s, func() bool { return false })
	crowd(20, 10, func(int, int) {
		_, err := save(t.Context(), s, "ann")
		assert.NotErrorIs(t, err, user.ErrEmailTaken, "nobody has it")
		assert.ErrorContains(t, err, "commit")
	})
}

// SQLite may undo a whole transaction by itself, as when the disk is full.
func TestATransactionThatIsGoneIsToldToAllOfItsGroup(t *testing.T) {
	s := openEmpty(t)
	var kept atomic.Int64
	crowd(20, 10, func(who, i int) {
		err := s.Write(t.Context(), func(r port.Repos) error {
			if _, err := r.Users.Save(t.Context(), newUser(fmt.Sprintf("p%d-%d", who, i))); err != nil {
				return err
			}
			if i == 5 {
				_, err := r.Users.(users).q.ExecContext(t.Context(), `ROLLBACK`)
				assert.NoError(t, err)
			}
			return nil
		})
		if err == nil {
			kept.Add(1)
		} else {
			assert.ErrorContains(t, err, "no such savepoint")
			assert.ErrorIs(t, err, errUnavailable, "it is worth another try")
		}
	})
	var n int64
	require.NoError(t, s.read.QueryRow(`SELECT count(*) FROM user`).Scan(&n))
	assert.Equal(t, n, kept.Load())
	assert.NotZero(t, n)
	assert.LessOrEqual(t, n, int64(180))
}

// Run with -benchtime=2s -cpu=2.
func BenchmarkSay(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	require.NoError(b, err)
	defer s.Close()
	ann, err := save(b.Context(), s, "ann")
	require.NoError(b, err)
	const rooms = 50
	require.NoError(b, s.Write(b.Context(), func(r port.Repos) error {
		for range rooms {
			id, err := r.Rooms.Open(b.Context(), noon)
			if err != nil {
				return err
			}
			p, err := party.Open(id, ann, "종로구", party.Draft{Title: "제목", Content: "내용", Category: "치킨", Seats: 4}, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(b.Context(), p); err != nil {
				return err
			}
		}
		return nil
	}))
	var n atomic.Int64
	for _, speakers := range []int{1, 16, 128} {
		b.Run(fmt.Sprint(speakers), func(b *testing.B) {
			b.SetParallelism((speakers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					e := room.Entry{Room: party.ID(i%rooms + 1), Kind: chat.Said, Who: ann, Body: "안녕하세요", ClientID: fmt.Sprint(i), At: time.Now()}
					if _, err := s.Say(b.Context(), e, func(port.Line) {}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Run with -benchtime=2s -cpu=2.
func BenchmarkRead(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	require.NoError(b, err)
	defer s.Close()
	ann, err := save(b.Context(), s, "ann")
	require.NoError(b, err)
	require.NoError(b, s.Write(b.Context(), func(r port.Repos) error {
		for id := range party.ID(500) {
			p, err := party.Open(id+1, ann, "종로구", party.Draft{Title: "제목", Content: "내용", Category: "치킨", Seats: 4}, noon)
			if err != nil {
				return err
			}
			if err := r.Parties.Save(b.Context(), p); err != nil {
				return err
			}
		}
		return nil
	}))
	for name, read := range map[string]func() error{
		"user": func() error { _, err := s.Read().Users.Get(b.Context(), ann); return err },
		"page": func() error { _, _, err := s.Read().Boards.Page(b.Context(), "종로구", "", 0, 10); return err },
		"post": func() error { _, err := s.Read().Boards.Post(b.Context(), 7, ann); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := read(); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func TestMigrated(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	assert.Equal(t, "0001_users_parties_messages.sql", s.Migrated()[0])
	require.NoError(t, s.Close())
	assert.Empty(t, openIn(t, dir).Migrated(), "the second time there is nothing to do")
}

func TestStats(t *testing.T) {
	s := openEmpty(t)
	require.NoError(t, s.Write(t.Context(), func(port.Repos) error {
		_, write := s.Stats()
		assert.Equal(t, 1, write.InUse)
		return nil
	}))
	read, write := s.Stats()
	assert.Equal(t, 1, write.MaxOpenConnections)
	assert.Greater(t, read.MaxOpenConnections, 1)
}

// content gives all rows of all tables in the folder dir.
func content(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := peek(filepath.Join(dir, name))
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

func TestTheRecordStays(t *testing.T) {
	s := openEmpty(t)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		return r.Audit.Note(t.Context(), audit.Event{At: noon, Kind: audit.SignInFailed})
	}))
	for _, statement := range []string{`UPDATE audit SET kind = 'signed_in'`, `DELETE FROM audit`, `DELETE FROM audit WHERE id = 1`} {
		_, err := s.write.ExecContext(t.Context(), statement)
		assert.ErrorContains(t, err, "only added to", statement)
	}
}

func TestAgenda(t *testing.T) {
	contract.Agenda(t, func(t *testing.T) (port.Store, func(time.Duration)) {
		var passed atomic.Int64
		s, err := Open(t.Context(), t.TempDir(), WithClock(func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }))
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, s.Close()) })
		return s, func(d time.Duration) { passed.Add(int64(d)) }
	})
}

func TestPlansOfTheAgenda(t *testing.T) {
	const kind agenda.Kind = "test.a"
	s := openEmpty(t)
	_, err := s.write.ExecContext(t.Context(), `
		WITH RECURSIVE item (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM item LIMIT 100000)
		INSERT INTO agenda (kind, key, due_at, attempts)
		SELECT iif(n % 3, 'test.a', 'test.unknown'), n, :now + (n % 1000 - 5) * 60000000, iif(n % 500, 0, 10)
		FROM item`, sql.Named("now", time.Now().UnixMicro()))
	require.NoError(t, err)
	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Claim", func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind, "test.b"}, 4, time.Minute)
			assert.Len(t, items, 4)
			return err
		}, "SEARCH agenda USING INDEX agenda_due (due_at<?)"},
		{"Done", func(r port.Repos) error { return r.Agenda.Done(t.Context(), agenda.Item{ID: 7, Version: 1}) }, "SEARCH agenda USING INTEGER PRIMARY KEY"},
		{"Later", func(r port.Repos) error { return r.Agenda.Later(t.Context(), agenda.Item{ID: 7, Version: 1}, "") }, "SEARCH agenda USING INTEGER PRIMARY KEY"},
		{"Cancel", func(r port.Repos) error { return r.Agenda.Cancel(t.Context(), kind, "7") }, "SEARCH agenda USING INDEX sqlite_autoindex_agenda_1 (kind=? AND key=?)"},
		{"Backlog", func(r port.Repos) error { _, err := r.AgendaAdmin.Backlog(t.Context()); return err }, "agenda USING INDEX agenda_set_aside"},
		{"Due", func(r port.Repos) error { _, err := r.AgendaAdmin.Due(t.Context(), 10); return err }, "SEARCH agenda USING INDEX agenda_due (due_at<?)"},
		{"SetAside", func(r port.Repos) error { _, err := r.AgendaAdmin.SetAside(t.Context(), 10); return err }, "agenda USING INDEX agenda_set_aside"},
	} {
		e := &explainer{queryer: s.write, t: t}
		began := time.Now()
		require.NoError(t, tt.query(repos(e, s.now)))
		plan := strings.Join(e.steps, "\n")
		t.Logf("%s: %v\n%s", tt.name, time.Since(began), plan)
		assert.Contains(t, plan, tt.uses)
		assert.NotRegexp(t, `SCAN agenda( USING INTEGER|$|\n)`, plan)
		assert.NotContains(t, plan, "USE TEMP B-TREE", tt.name)
	}
}
