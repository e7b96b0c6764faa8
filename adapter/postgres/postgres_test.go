package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(container.Suite(m)) }

func TestStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) port.Store { return openEmpty(t) })
}

// migrated are databases with tables and no rows.
var migrated = container.Template{Fill: func(dsn string) error {
	s, err := Open(context.Background(), dsn)
	if err != nil {
		return err
	}
	return s.Close()
}}

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return openOn(t, migrated.Postgres(t))
}

func openOn(t *testing.T, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// with adds a setting to a DSN.
func with(t *testing.T, dsn, name, value string) string {
	t.Helper()
	c, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	if !strings.HasPrefix(dsn, "postgres") {
		return fmt.Sprintf("%s %s=%s", dsn, name, value)
	}
	sign := "?"
	if strings.Contains(dsn, "?") {
		sign = "&"
	}
	require.NotEmpty(t, c.Database)
	return dsn + sign + name + "=" + value
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func account(name string) *user.User {
	return user.Restore(user.State{
		Email: user.Email(name + "@example.com"), Username: name, Neighborhood: "종로구",
		CreatedAt: noon,
	})
}

// save keeps an account called name.
func save(ctx context.Context, s *Store, name string) (id user.ID, err error) {
	err = s.Write(ctx, func(r port.Repos) (err error) {
		id, err = r.Users.Save(ctx, account(name))
		return err
	})
	return id, err
}

// has tells whether an account called name is kept.
func has(t *testing.T, s *Store, name string) bool {
	t.Helper()
	_, err := s.Read().Users.ByEmail(t.Context(), user.Email(name+"@example.com"))
	if errors.Is(err, user.ErrNotFound) {
		return false
	}
	require.NoError(t, err)
	return true
}

// statement runs something in a Write that no repository has.
func statement(ctx context.Context, r port.Repos, sql string) error {
	return exec(ctx, r.Users.(users).q, sql)
}

// ask reads one value.
func ask[T any](t *testing.T, s *Store, sql string, args ...any) T {
	t.Helper()
	found, err := query(t.Context(), pooled{s.pool}, func(v *T) []any { return []any{v} }, sql, args...)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func TestOpen(t *testing.T) {
	t.Run("what was kept is there again", func(t *testing.T) {
		dsn := container.Postgres(t)
		s, err := Open(t.Context(), dsn)
		require.NoError(t, err)
		_, err = save(t.Context(), s, "ann")
		require.NoError(t, err)
		require.NoError(t, s.Close())
		assert.True(t, has(t, openOn(t, dsn), "ann"))
	})

	t.Run("many may open an empty database at once", func(t *testing.T) {
		dsn := container.Postgres(t)
		stores, errs := make([]*Store, 6), make([]error, 6)
		var wg sync.WaitGroup
		for i := range stores {
			wg.Go(func() { stores[i], errs[i] = Open(t.Context(), dsn) })
		}
		wg.Wait()
		for i, s := range stores {
			require.NoError(t, errs[i])
			defer s.Close()
			assert.NoError(t, s.Ready(t.Context()))
			_, err := save(t.Context(), s, fmt.Sprint("user", i))
			assert.NoError(t, err)
		}
		assert.EqualValues(t, 6, ask[int64](t, stores[0], `SELECT count(*) FROM "user"`))
		assert.EqualValues(t, 1, ask[int64](t, stores[0], `SELECT count(*) FROM goose_db_version WHERE version_id = 1`))
	})

	t.Run("a standby is not written to", func(t *testing.T) {
		dsn := with(t, container.Postgres(t), "default_transaction_read_only", "on")
		_, err := Open(t.Context(), dsn)
		assert.ErrorIs(t, err, ErrUnreachable)
	})
}

func TestReady(t *testing.T) {
	s := openEmpty(t)
	require.NoError(t, s.Ready(t.Context()))
	_, err := s.pool.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	require.NoError(t, err)
	assert.NoError(t, s.Ready(t.Context()), "in a rolling update a later program goes ahead")
	_, err = s.pool.Exec(t.Context(), `DELETE FROM goose_db_version`)
	require.NoError(t, err)
	assert.ErrorContains(t, s.Ready(t.Context()), "version 0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, s.Ready(ctx), context.Canceled)
}

// As providers do with a database whose disk is nearly full.
func TestADatabaseThatMayOnlyBeReadIsNotReady(t *testing.T) {
	s := openOn(t, with(t, container.Postgres(t), "pool_max_conns", "1"))
	require.NoError(t, s.Ready(t.Context()))
	_, err := s.pool.Exec(t.Context(), `SET default_transaction_read_only = on`)
	require.NoError(t, err)
	assert.ErrorContains(t, s.Ready(t.Context()), "read")
}

func TestMigrated(t *testing.T) {
	dsn := container.Postgres(t)
	assert.Equal(t, "0001_users_parties_messages.sql", openOn(t, dsn).Migrated()[0])
	assert.Empty(t, openOn(t, dsn).Migrated(), "the second time there is nothing to do")
}

// What is promised about connections is asked of the server.
func TestSettings(t *testing.T) {
	dsn := container.Postgres(t)
	s := openOn(t, dsn)
	want := map[string]string{
		"application_name": "mealbuddy", "statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s",
		"transaction_isolation": "read committed", "synchronous_commit": "on", "server_encoding": "UTF8",
	}
	settings := func(s *Store) map[string]string {
		got := map[string]string{}
		for name := range want {
			got[name] = ask[string](t, s, `SELECT current_setting($1)`, name)
		}
		return got
	}
	assert.Equal(t, want, settings(s))
	assert.Zero(t, ask[int](t, s, `SELECT count(*) FROM pg_settings WHERE category LIKE 'Query Tuning%' AND source IN ('client', 'session')`),
		"how a query is planned is left to the server")
	_, _, most := s.Pool()
	assert.Equal(t, 20, most)
	c := s.pool.Config()
	assert.Equal(t, []time.Duration{2 * time.Second, time.Second, 5 * time.Second, 30 * time.Minute, 5 * time.Minute},
		[]time.Duration{c.ConnConfig.ConnectTimeout, c.PingTimeout, c.HealthCheckPeriod, c.MaxConnLifetime, c.MaxConnLifetimeJitter})

	t.Run("a DSN may say otherwise", func(t *testing.T) {
		s := openOn(t, with(t, with(t, dsn, "statement_timeout", "1234"), "pool_max_conns", "3"))
		want := maps.Clone(want)
		want["statement_timeout"] = "1234ms"
		assert.Equal(t, want, settings(s))
		_, _, most := s.Pool()
		assert.Equal(t, 3, most)
	})

	t.Run("the pool tells how it is used", func(t *testing.T) {
		require.NoError(t, s.Write(t.Context(), func(port.Repos) error {
			used, idle, _ := s.Pool()
			assert.Equal(t, 1, used)
			assert.Zero(t, idle)
			return nil
		}))
		used, idle, _ := s.Pool()
		assert.Zero(t, used)
		assert.Equal(t, 1, idle)
		times, took := s.Waits()
		assert.Positive(t, times, "the first one had to be made")
		assert.Positive(t, took)
	})
}

// Rows of before addresses had one name.
func TestOldAddresses(t *testing.T) {
	dsn := container.Postgres(t)
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	steps, err := allSteps(db)
	require.NoError(t, err)
	_, err = steps.UpTo(t.Context(), 1)
	require.NoError(t, err)
	milyang := "경상남도 밀양시 내이동"
	tooLong := "서울 " + strings.Repeat("동", 95) // 101 characters by its full name
	for i, where := range []string{"경남 밀양시 내이동", milyang, "광주 송정동", tooLong} {
		_, err := db.ExecContext(t.Context(), `
			INSERT INTO "user" (id, email, email_key, username, name_key, neighborhood, password_hash, generation, created_at)
			VALUES ($1, $2, $2, $2, $2, $3, '', 1, now())`, i+1, fmt.Sprint("p", i), where)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), `
			INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			VALUES ($1, $1, $2, '피자', '제목', '내용', 4, false, now())`, i+1, where)
		require.NoError(t, err)
	}
	for range 2 { // the second time there is nothing to do
		s := openOn(t, dsn)
		require.NoError(t, s.Ready(t.Context()))
		for _, table := range []string{`"user"`, `party`} {
			now := ask[[]string](t, s, `SELECT array_agg(neighborhood ORDER BY id) FROM `+table)
			assert.Equal(t, []string{milyang, milyang, "광주 송정동", tooLong}, now, table)
		}
	}
}

func TestChecks(t *testing.T) {
	s := openEmpty(t)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	digest := func(n byte) []byte { return append(make([]byte, 31), n) }
	short := make([]byte, 31)
	valid := map[string]map[string]any{
		`"user"`: {
			"email": "b@b", "email_key": "B@B", "username": "bob", "name_key": "BOB", "neighborhood": "종로구",
			"password_hash": "", "generation": 1, "created_at": noon,
		},
		"party": {
			"id": 1, "leader_id": 1, "neighborhood": "종로구", "category": "피자", "title": "제목", "content": "내용",
			"seats": 2, "closed": false, "created_at": noon,
		},
		"member": {"party_id": 1, "user_id": 1, "place": 0, "standing": "in", "joined_at": noon},
		"room":   {"id": 2, "active_at": noon},
		"entry":  {"room_id": 1, "seq": 1, "kind": "said", "who_id": 1, "body": "안녕", "at": noon},
		"sign_in": {
			"id": 7, "user_id": 1, "device": "Chrome", "network": "", "family": digest(2), "newest": digest(3), "salt": digest(4),
			"created_at": noon, "rotated_at": noon, "seen_at": noon, "expires_at": noon,
		},
		"ticket": {"digest": digest(1), "sign_in_id": 7, "user_id": 1, "party_id": 1, "expires_at": noon},
		"audit":  {"at": noon, "kind": "signed_in", "network": ""},
		"agenda": {"kind": "test", "key": "", "due_at": noon},
	}
	insert := func(q interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	}, table string, row map[string]any) error {
		var columns, values []string
		var args []any
		for column, value := range row {
			args = append(args, value)
			columns, values = append(columns, column), append(values, fmt.Sprint("$", len(args)))
		}
		_, err := q.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, table, strings.Join(columns, ", "), strings.Join(values, ", ")), args...)
		return err
	}
	require.NoError(t, insert(s.pool, "room", map[string]any{"id": 1, "active_at": noon}))
	require.NoError(t, insert(s.pool, "party", valid["party"]))
	valid["party"]["id"] = 2

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
		{`"user"`, "email", []any{text(user.MaxEmailBytes)}, []any{"", text(user.MaxEmailBytes + 1), nil}},
		{`"user"`, "email_key", []any{text(user.MaxEmailBytes)}, []any{"", text(user.MaxEmailBytes + 1), nil}},
		{`"user"`, "username", []any{text(user.MaxNameBytes)}, []any{"", text(user.MaxNameBytes + 1), nil}},
		{`"user"`, "name_key", []any{text(user.MaxNameBytes)}, []any{"", text(user.MaxNameBytes + 1), nil}},
		{`"user"`, "neighborhood", []any{text(user.MaxNeighborhoodBytes)}, []any{"", text(user.MaxNeighborhoodBytes + 1), nil}},
		{`"user"`, "generation", []any{2}, []any{0, -1, nil}},
		{`"user"`, "created_at", []any{noon.AddDate(-100, 0, 0)}, []any{nil}},
		{"party", "leader_id", []any{1}, []any{2, nil}},
		{"party", "neighborhood", []any{text(user.MaxNeighborhoodBytes)}, []any{"", text(user.MaxNeighborhoodBytes + 1)}},
		{"party", "category", categories, []any{"", "페스트푸드", "pizza", nil}},
		{"party", "title", []any{text(party.MaxTitleBytes)}, []any{"", text(party.MaxTitleBytes + 1)}},
		{"party", "content", []any{text(party.MaxContentBytes)}, []any{"", text(party.MaxContentBytes + 1)}},
		{"party", "seats", []any{party.MinSeats, party.MaxSeats}, []any{party.MinSeats - 1, party.MaxSeats + 1, nil}},
		{"party", "closed", []any{true}, []any{nil}},
		{"room", "last_seq", []any{7}, []any{-1, nil}},
		{"room", "active_at", []any{noon}, []any{nil}},
		{"member", "party_id", []any{1}, []any{99}},
		{"member", "user_id", []any{1}, []any{99}},
		{"member", "place", []any{1}, []any{-1}},
		{"member", "standing", []any{"in", "left", "banned"}, []any{"", "IN", nil}},
		{"entry", "room_id", []any{1}, []any{nil}},
		{"entry", "who_id", []any{1, nil}, nil},
		{"entry", "seq", []any{7}, []any{0, nil}},
		{"entry", "kind", []any{"said", "order", "k" + strings.Repeat("_", room.MaxKind-1), "v2"}, []any{"", "Said", "said so", "2nd", "말", strings.Repeat("k", room.MaxKind+1), nil}},
		{"entry", "body", []any{"", text(room.MaxBody)}, []any{text(room.MaxBody + 1), nil}},
		{"entry", "data", []any{`{}`, `{"v": "` + text(room.MaxData-9) + `"}`, nil}, []any{`[]`, `1`, `"{}"`, `{"v": "` + text(room.MaxData-8) + `"}`}},
		{"entry", "client_id", []any{text(room.MaxClientID), nil}, []any{"", text(room.MaxClientID + 1)}},
		{"sign_in", "id", []any{1 << 52}, []any{0, -1, nil}},
		{"sign_in", "user_id", []any{1}, []any{99, nil}},
		{"sign_in", "device", []any{text(400)}, []any{"", text(401), nil}},
		{"sign_in", "network", []any{text(64)}, []any{text(65), nil}},
		{"sign_in", "mark", []any{digest(9), nil}, []any{short}},
		{"sign_in", "family", []any{digest(9)}, []any{short, nil}},
		{"sign_in", "newest", []any{digest(9)}, []any{short, nil}},
		{"sign_in", "former", []any{digest(9), nil}, []any{short}},
		{"sign_in", "salt", []any{digest(9), nil}, []any{short}},
		{"sign_in", "expires_at", []any{noon}, []any{nil}},
		{"ticket", "digest", []any{digest(9)}, []any{short, nil}},
		{"ticket", "user_id", []any{1}, []any{99, nil}},
		{"ticket", "party_id", []any{1, nil}, []any{99}},
		{"audit", "kind", []any{text(40)}, []any{"", text(41), nil}},
		{"audit", "who_id", []any{1, nil}, []any{99}},
		{"audit", "of_id", []any{1, nil}, []any{99}},
		{"audit", "network", []any{text(64)}, []any{text(65), nil}},
		{"agenda", "kind", []any{"a", "order.lock_2", ascii(agenda.MaxKind)}, []any{"", "Order", "2a", "a b", "a-b", "주문", ascii(agenda.MaxKind + 1), nil}},
		{"agenda", "key", []any{"", "7", "A7:b/c.d-e_f", ascii(agenda.MaxKey)}, []any{"-a", ".a", "a b", "a@b", "밥", "a\n", ascii(agenda.MaxKey + 1), nil}},
		{"agenda", "due_at", []any{noon.AddDate(100, 0, 0)}, []any{nil}},
		{"agenda", "data", []any{nil, `1`, `{"a": "밥"}`, `"` + ascii(agenda.MaxData-2) + `"`}, []any{`"` + ascii(agenda.MaxData-1) + `"`}},
		{"agenda", "version", []any{2}, []any{0, nil}},
		{"agenda", "attempts", []any{0, agenda.Tries}, []any{-1, agenda.Tries + 1, nil}},
		{"agenda", "failure", []any{"", text(agenda.MaxFailure)}, []any{text(agenda.MaxFailure + 1), nil}},
	} {
		try := func(value any) error {
			row := maps.Clone(valid[tt.table])
			row[tt.column] = value
			tx, err := s.pool.Begin(t.Context())
			require.NoError(t, err)
			defer tx.Rollback(t.Context())
			return insert(tx, tt.table, row)
		}
		for _, value := range tt.good {
			assert.NoError(t, try(value), "%s.%s = %.20v", tt.table, tt.column, value)
		}
		for _, value := range tt.bad {
			err := try(value)
			assert.True(t, is(err, "23514", "23502", "23503"), "%s.%s = %.20v: %v", tt.table, tt.column, value, err)
		}
	}
}

func TestTheRecordStays(t *testing.T) {
	s := openEmpty(t)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		return r.Audit.Note(t.Context(), audit.Event{At: noon, Kind: audit.SignInFailed})
	}))
	for _, statement := range []string{`UPDATE audit SET kind = 'signed_in'`, `DELETE FROM audit`, `DELETE FROM audit WHERE id = 1`, `TRUNCATE audit`} {
		_, err := s.pool.Exec(t.Context(), statement)
		assert.ErrorContains(t, err, "only added to", statement)
	}
}

func TestAnAttachedStore(t *testing.T) {
	dsn := container.Postgres(t)
	s := openOn(t, dsn)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		return r.Audit.Note(t.Context(), audit.Event{At: noon, Kind: audit.SignInFailed})
	}))
	beside, err := Attach(t.Context(), dsn)
	require.NoError(t, err)
	assert.NoError(t, beside.Ready(t.Context()))
	all, err := beside.Read().Audit.Before(t.Context(), 0, audit.Filter{}, 10)
	require.NoError(t, err)
	assert.Len(t, all, 1)
	_, err = s.pool.Exec(t.Context(), `DELETE FROM goose_db_version WHERE version_id > 12`)
	require.NoError(t, err)
	assert.ErrorContains(t, beside.Ready(t.Context()), "has version 12")
	_, err = s.pool.Exec(t.Context(), `DROP TABLE goose_db_version`)
	require.NoError(t, err)
	assert.ErrorContains(t, beside.Ready(t.Context()), "has no tables yet")
	require.NoError(t, beside.Close())
	_, err = Attach(t.Context(), "postgres://me:hunter2@127.0.0.1:1/none")
	assert.ErrorIs(t, err, ErrUnreachable)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestAgenda(t *testing.T) {
	contract.Agenda(t, func(t *testing.T) (port.Store, func(time.Duration)) {
		s := openEmpty(t)
		return s, func(d time.Duration) { // makes everything that much older
			_, err := s.pool.Exec(t.Context(), `UPDATE agenda SET due_at = due_at - $1::interval, claimed_until = claimed_until - $1::interval`, d)
			require.NoError(t, err)
		}
	})
}

// A Put that goes on holds up nobody who claims, and is not claimed from.
func TestClaimPassesOverWhatIsLocked(t *testing.T) {
	s := openEmpty(t)
	const kind agenda.Kind = "test"
	put := func(r port.Repos, keys ...string) error {
		var items []agenda.Item
		for _, key := range keys {
			items = append(items, agenda.Item{Kind: kind, Key: key})
		}
		return r.Agenda.Put(t.Context(), items...)
	}
	claim := func() (keys []string) {
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind}, 10, time.Minute)
			for _, item := range items {
				keys = append(keys, item.Key)
			}
			return err
		}))
		return keys
	}
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error { return put(r, "a", "b", "c") }))
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		if err := put(r, "a", "d"); err != nil {
			return err
		}
		unlessWaiting := agenda.Item{Kind: kind, Key: "b", UnlessWaiting: true}
		if err := r.Agenda.Put(t.Context(), unlessWaiting); err != nil {
			return err
		}
		assert.Equal(t, []string{"c"}, claim(), "what b is about to see is not there yet")
		return nil
	}))
	assert.ElementsMatch(t, []string{"a", "b", "d"}, claim())
}

// Another node has the key, and does not end.
func TestAKeyThatIsHeldForLong(t *testing.T) {
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	id := idempotency.ID{Who: ann, Route: "POST /api/post/write/", Key: "0123456789abcdef"}
	claim := func(r port.Repos) error {
		_, _, err := r.Answers.Claim(t.Context(), id, noon)
		return err
	}
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		require.NoError(t, claim(r))
		began := time.Now()
		assert.Equal(t, idempotency.ErrInProgress, s.Write(t.Context(), claim))
		assert.GreaterOrEqual(t, time.Since(began), idempotency.Wait)
		other := id
		other.Key += "2"
		return s.Write(t.Context(), func(r port.Repos) error {
			_, _, err := r.Answers.Claim(t.Context(), other, noon)
			return err
		})
	}))
	require.NoError(t, s.Write(t.Context(), claim), "it is free again")
}

// Programs of before join people beside this one, and whoever else writes rows need not lock
// the room.
func TestSeatsAreCountedBehindALock(t *testing.T) {
	s := openEmpty(t)
	for _, fill := range []string{
		`INSERT INTO "user" (email, email_key, username, name_key, neighborhood, password_hash, generation, created_at)
			SELECT n || '@x', n || '@X', 'user' || n, 'USER' || n, '종로구', '', 1, now() FROM generate_series(1, 3) n`,
		`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			VALUES (1, 1, '종로구', '치킨', '제목', '내용', 3, false, now())`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at) VALUES (1, 1, 0, 'in', now())`,
	} {
		_, err := s.pool.Exec(t.Context(), fill)
		require.NoError(t, err)
	}
	seats := func() (kept string) {
		return ask[string](t, s, `SELECT concat(seated, ' ', complete) FROM party`)
	}
	assert.Equal(t, "1 f", seats())
	const join = `INSERT INTO member (party_id, user_id, place, standing, joined_at) VALUES (1, $1, $1::bigint, 'in', now())`
	first := begun(t, s)
	_, err := first.Exec(t.Context(), join, 2)
	require.NoError(t, err)
	second := make(chan error, 1)
	conn, err := s.pool.Acquire(t.Context())
	require.NoError(t, err)
	pid := int32(conn.Conn().PgConn().PID())
	go func() {
		defer conn.Release()
		_, err := conn.Exec(t.Context(), join, 3)
		second <- err
	}()
	require.Eventually(t, func() bool {
		return ask[bool](t, s, `SELECT cardinality(pg_blocking_pids($1)) > 0`, pid)
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, first.Commit(t.Context()))
	require.NoError(t, <-second)
	assert.Equal(t, "3 t", seats())
	_, err = s.pool.Exec(t.Context(), `UPDATE member SET standing = 'banned' WHERE user_id = 2`)
	require.NoError(t, err)
	assert.Equal(t, "2 f", seats())
	_, err = s.pool.Exec(t.Context(), `UPDATE party SET seats = 2`)
	require.NoError(t, err)
	assert.Equal(t, "2 t", seats())
}
