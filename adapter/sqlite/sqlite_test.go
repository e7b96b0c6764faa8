package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/text/unicode/norm"
	codes "modernc.org/sqlite/lib"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/contract"
	"github.com/Group-buying-service/mealbuddy/test/template"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) port.Store { return openEmpty(t) })
}

// migrated returns a folder with a store that has its tables and no rows.
var migrated = template.Folder(func(dir string) error {
	store, err := Open(context.Background(), dir)
	if err != nil {
		return err
	}
	return store.Close()
})

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return openIn(t, migrated(t))
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
			second := map[string]string{"user": "-", "party": milyang}[table] // of somebody who has withdrawn
			assert.Equal(t, []string{milyang, second, milyang, "광주 송정동", "동", tooLong}, now, table)
		}
		_, n, err := s.Read().Boards.Page(t.Context(), []user.Neighborhood{"경상남도 밀양시 내이동"}, party.Filter{}, 0, 10, party.Ahead)
		require.NoError(t, err)
		assert.Equal(t, 2, n, "one of the three is deleted")
		require.NoError(t, s.Close())
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

func TestAnAttachedStore(t *testing.T) {
	dir := t.TempDir()
	_, err := Attach(dir)
	assert.ErrorIs(t, err, ErrNoStore)
	s := openIn(t, dir)
	beside, err := Attach(dir)
	require.NoError(t, err)
	assert.NoError(t, beside.Ready(t.Context()))
	for _, name := range []string{"ann", "bob"} { // in turn with the store that serves
		_, err := save(t.Context(), beside, name)
		require.NoError(t, err)
		_, err = save(t.Context(), s, name+"2")
		require.NoError(t, err)
	}
	_, err = s.Read().Users.ByEmail(t.Context(), "bob@example.com")
	assert.NoError(t, err)
	_, err = s.write.ExecContext(t.Context(), `DELETE FROM goose_db_version WHERE version_id > 12`)
	require.NoError(t, err)
	assert.ErrorContains(t, beside.Ready(t.Context()), "has version 12")
	require.NoError(t, beside.Close())
}

func TestAgenda(t *testing.T) {
	contract.Agenda(t, func(t *testing.T) (port.Store, func(time.Duration)) {
		var passed atomic.Int64
		s, err := Open(t.Context(), migrated(t), WithClock(func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }))
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, s.Close()) })
		return s, func(d time.Duration) { passed.Add(int64(d)) }
	})
}
