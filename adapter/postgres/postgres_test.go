package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(container.Suite(m)) }

func TestStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) port.Store { return openEmpty(t) })
}

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return openOn(t, container.Postgres(t))
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
		"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
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

// An explainer remembers how PostgreSQL goes about the queries that run through
// it: with the arguments before it, and as a plan that stands for any arguments,
// which a prepared statement may get after some runs.
type explainer struct {
	pgx.Tx
	t     *testing.T
	plans []string
}

func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	e.explain(ctx, sql, args)
	return e.Tx.Query(ctx, sql, args...)
}

func (e *explainer) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		e.explain(ctx, q.SQL, q.Arguments)
	}
	return e.Tx.SendBatch(ctx, b)
}

func (e *explainer) explain(ctx context.Context, sql string, args []any) {
	e.t.Helper()
	rows, err := e.Tx.Query(ctx, `EXPLAIN `+sql, args...)
	steps, err := collect(rows, err, func(step *string) []any { return []any{step} })
	require.NoError(e.t, err, sql)
	e.plans = append(e.plans, strings.Join(steps, "\n"))
	if len(args) == 0 {
		return
	}
	name := fmt.Sprintf("plan_%d", len(e.plans))
	require.NoError(e.t, exec(ctx, e.Tx, `PREPARE `+name+` AS `+sql))
	require.NoError(e.t, exec(ctx, e.Tx, `SET LOCAL plan_cache_mode = force_generic_plan`))
	var places []string
	values := []any{pgx.QueryExecModeSimpleProtocol}
	for i, arg := range args {
		places, values = append(places, fmt.Sprint("$", i+1)), append(values, literal(arg))
	}
	rows, err = e.Tx.Query(ctx, fmt.Sprintf(`EXPLAIN EXECUTE %s (%s)`, name, strings.Join(places, ", ")), values...)
	steps, err = collect(rows, err, func(step *string) []any { return []any{step} })
	require.NoError(e.t, err, sql)
	e.plans = append(e.plans, strings.Join(steps, "\n"))
	require.NoError(e.t, exec(ctx, e.Tx, `SET LOCAL plan_cache_mode = auto`))
	require.NoError(e.t, exec(ctx, e.Tx, `DEALLOCATE `+name))
}

// literal is what the simple protocol can write out.
func literal(arg any) any {
	switch ids := arg.(type) {
	case []party.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []user.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []int64:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []agenda.Kind:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []signin.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	}
	return arg
}

// nothing takes for granted that there is nobody to be found.
func nothing(err error) error {
	if errors.Is(err, user.ErrSignedOut) {
		return nil
	}
	return err
}

func TestPlans(t *testing.T) {
	const posts, lines = 100_000, 50_000
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	for _, fill := range []string{
		`INSERT INTO "user" (email, email_key, username, name_key, neighborhood, password_hash, generation, created_at)
			SELECT n || '@x', n || '@X', 'user' || n, 'USER' || n, '종로구', '', 1, now() FROM generate_series(1, 5000) n`,
		`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			SELECT n, 1 + n % 5000, (ARRAY['종로구', '용담이동', '내이동', '역삼동'])[1 + n % 4],
				CASE WHEN n % 5 = 0 THEN '치킨' ELSE '피자' END, '제목', '내용', 4, false, now()
			FROM generate_series(1, 100000) n`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at)
			SELECT id, leader_id, 0, CASE WHEN id % 7 = 0 THEN 'left' ELSE 'in' END, now() FROM party`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT 4, n, n, 'left', now() FROM generate_series(100, 199) n`,
		`INSERT INTO room (id, last_seq, active_at) SELECT id, 1, now() FROM party`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, client_id, at)
			SELECT 4, n, 'said', 1 + n % 5000, '안녕', 'c' || n, now() FROM generate_series(1, 50000) n`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, at) SELECT id, 1, 'said', leader_id, '안녕', now() FROM party WHERE id > 50000`,
		`UPDATE room SET last_seq = 50000 WHERE id = 4`,
		`INSERT INTO sign_in (id, user_id, device, network, family, newest, created_at, rotated_at, seen_at, expires_at)
			SELECT n, 1 + n % 5000, 'Chrome', '', sha256(n::text::bytea), sha256(n::text::bytea), now(), now(), now(), now() + interval '14 days'
			FROM generate_series(1, 50000) n`,
		`INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
			SELECT sha256(n::text::bytea), n, 1 + n % 5000, 1 + n, now() FROM generate_series(1, 5000) n`,
		`INSERT INTO audit (at, kind, who_id, network) SELECT now(), 'signed_in', 1 + n % 5000, '' FROM generate_series(1, 20000) n`,
		`ANALYZE`,
	} {
		_, err := s.pool.Exec(t.Context(), `SET statement_timeout = 0`)
		require.NoError(t, err)
		_, err = s.pool.Exec(t.Context(), fill)
		require.NoError(t, err)
	}
	_, err = s.pool.Exec(t.Context(), `VACUUM party`) // what autovacuum does before long: pages that all can see
	require.NoError(t, err)
	s.pool.Reset()
	newest := party.ID(posts)
	leader := user.ID(ask[int64](t, s, `SELECT leader_id FROM party WHERE id = 4`))

	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  []string
	}{
		{"Page of many, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), "종로구", "", 0, 10)
			assert.Equal(t, posts/4, n)
			return err
		}, []string{"Index Only Scan using party_board on party"}},
		{"Page of many of a category, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), "종로구", "치킨", 0, 10)
			assert.Equal(t, posts/20, n)
			return err
		}, []string{"Index Only Scan using party_board_category on party"}},
		{"Page", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), "용담이동", "", 0, 10)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board on party", "party_pkey on party p"}},
		{"Page in the midst", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), "용담이동", "", 10_000, 10)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board on party", "party_pkey on party p"}},
		{"Page of a category", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), "용담이동", "치킨", 0, 10)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board_category on party", "party_pkey on party p"}},
		{"Neighborhoods", func(r port.Repos) error {
			all, err := r.Boards.Neighborhoods(t.Context(), 10)
			assert.NotEmpty(t, all)
			return err
		}, []string{"Only Scan using party_board"}},
		{"Post", func(r port.Repos) error {
			_, err := r.Boards.Post(t.Context(), newest, ann)
			return err
		}, []string{"party_pkey on party p", "member_p"}},
		{"Members", func(r port.Repos) error {
			_, err := r.Boards.Members(t.Context(), newest)
			return err
		}, []string{"party_pkey on party p", "member_p", "user_pkey"}},
		{"Get", func(r port.Repos) error {
			_, err := r.Parties.Get(t.Context(), newest)
			return err
		}, []string{"party_pkey on party p"}},
		{"Lock", func(r port.Repos) error {
			_, err := r.Parties.Lock(t.Context(), newest)
			return err
		}, []string{"room_pkey on room", "party_pkey on party"}},
		{"Before", func(r port.Repos) error {
			got, err := r.Log.Before(t.Context(), 4, lines, 50)
			assert.Len(t, got, 50)
			return err
		}, []string{"Index Scan Backward using entry_room_id_seq_key on entry m"}},
		{"After", func(r port.Repos) error {
			got, err := r.Log.After(t.Context(), 4, lines/2, 50)
			assert.Len(t, got, 50)
			return err
		}, []string{"Index Scan using entry_room_id_seq_key on entry m"}},
		{"Say", func(r port.Repos) error {
			_, err := r.Log.Say(t.Context(), room.Entry{Room: 4, Kind: chat.Said, Who: leader, Body: "안녕", ClientID: "a", At: noon})
			return err
		}, []string{"room_pkey on room", "party_pkey on party", "entry_client on entry", "member_p"}},
		{"Say again", func(r port.Repos) error {
			m := room.Entry{Room: 4, Kind: chat.Said, Who: leader, Body: "안녕", ClientID: "c" + fmt.Sprint(leader-1), At: noon}
			said, err := r.Log.Say(t.Context(), m)
			assert.True(t, said[0].Repeated)
			return err
		}, []string{"entry_client on entry m"}},
		{"Append", func(r port.Repos) error {
			_, err := r.Log.Append(t.Context(), []room.Entry{{Room: 4, Kind: party.EntryJoined, Who: ann, At: noon}})
			return err
		}, []string{"room_pkey on room"}},
		{"Rooms", func(r port.Repos) error {
			_, err := r.Heads.Rooms(t.Context(), []party.ID{1, newest})
			return err
		}, []string{"room_pkey on room"}},
		{"Rooms of a person", func(r port.Repos) error {
			ids, err := r.Rooms.Of(t.Context(), leader, 10)
			assert.Len(t, ids, 10)
			return err
		}, []string{"member_user", "party_pkey on party", "room_pkey on room"}},
		{"SignIns", func(r port.Repos) error {
			_, err := r.Heads.SignIns(t.Context(), []signin.ID{7, 8}, noon)
			return err
		}, []string{"sign_in_pkey on sign_in"}},
		{"Holder", func(r port.Repos) error {
			_, _, err := r.SignIns.Holder(t.Context(), 7, noon)
			return nothing(err)
		}, []string{"sign_in_pkey on sign_in", "user_pkey on"}},
		{"Lock a sign-in", func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), signin.Digest{1})
			return nothing(err)
		}, []string{"sign_in_family_key on sign_in"}},
		{"Of", func(r port.Repos) error {
			_, err := r.SignIns.Of(t.Context(), ann, noon)
			return err
		}, []string{"sign_in_user"}},
		{"Met", func(r port.Repos) error {
			_, err := r.SignIns.Met(t.Context(), ann, signin.Origin{Network: "203.0.113.0/24"})
			return err
		}, []string{"sign_in_user"}},
		{"Take a ticket", func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), signin.Digest{1})
			return nothing(err)
		}, []string{"ticket_pkey on ticket"}},
		{"Forget tickets", func(r port.Repos) error {
			_, err := r.Cleanup.Tickets(t.Context(), noon, 500)
			return err
		}, []string{"ticket_expires on ticket", "ticket_pkey"}},
		{"Forget sign-ins", func(r port.Repos) error {
			_, err := r.Cleanup.SignIns(t.Context(), noon, 500)
			return err
		}, []string{"sign_in_expires on sign_in", "sign_in_pkey"}},
		{"Audit", func(r port.Repos) error {
			_, err := r.Audit.Before(t.Context(), 0, 10)
			return err
		}, []string{"audit_pkey on audit"}},
		{"ByEmail", func(r port.Repos) error {
			_, err := r.Users.ByEmail(t.Context(), "ann@example.com")
			return err
		}, []string{"user_email on"}},
		{"Taken", func(r port.Repos) error {
			_, _, err := r.Users.Taken(t.Context(), "ann@example.com", "ann", 0)
			return err
		}, []string{"user_email on", "user_name on"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &explainer{Tx: begun(t, s), t: t}
			require.NoError(t, tt.query(repos(e)))
			all := strings.Join(e.plans, "\n---\n")
			t.Log("\n" + all)
			for _, index := range tt.uses {
				assert.Contains(t, all, index)
			}
			for _, plan := range e.plans {
				assert.NotContains(t, plan, "Seq Scan")
				if slices.Contains([]string{"Page of many, counted", "Page of many of a category, counted", "Page", "Page in the midst", "Page of a category", "Before", "After"}, tt.name) {
					assert.NotContains(t, plan, "Sort Key")
				}
			}
		})
	}
}

// A plan that is made while the tables are new is kept while they grow: PostgreSQL
// must not go by how few rows there are.
func TestPlansOfANewDatabase(t *testing.T) {
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	p, err := party.Open(1, ann, "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: 4}, noon)
	require.NoError(t, err)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		if _, err := r.Rooms.Open(t.Context(), noon); err != nil {
			return err
		}
		return r.Parties.Save(t.Context(), p)
	}))
	e := &explainer{Tx: begun(t, s), t: t}
	r := repos(e)
	said, err := r.Log.Say(t.Context(), room.Entry{Room: 1, Kind: chat.Said, Who: ann, Body: "안녕", ClientID: "a", At: noon})
	require.NoError(t, err)
	require.NoError(t, said[0].Err)
	said, err = logs{e}.say(t.Context(), []room.Entry{{Room: 1, Kind: chat.Said, Who: ann, Body: "안녕", ClientID: "b", At: noon}}, true)
	require.NoError(t, err)
	require.NoError(t, said[0].Err)
	_, err = r.Log.Append(t.Context(), []room.Entry{{Room: 1, Kind: party.EntryJoined, Who: ann, At: noon}})
	require.NoError(t, err)
	_, _, err = r.Boards.Page(t.Context(), "종로구", "", 0, 10)
	require.NoError(t, err)
	_, err = r.Heads.Rooms(t.Context(), []party.ID{1})
	require.NoError(t, err)
	_, err = r.Heads.SignIns(t.Context(), []signin.ID{7}, noon)
	require.NoError(t, err)
	all := strings.Join(e.plans, "\n---\n")
	t.Log("\n" + all)
	assert.Contains(t, all, "Index Cond: ((room_id = l.room_id) AND (who_id = l.who_id) AND (client_id = l.client_id))")
	assert.Contains(t, all, "Index Cond: ((party_id = l.room_id) AND (user_id = l.who_id))")
	assert.Contains(t, all, "room_pkey on room")
	for _, whole := range []string{"Seq Scan", "Hash Join", "Hash Left Join", "Merge Join", "using user_name", "on user_name"} {
		assert.NotContains(t, all, whole)
	}
}

// begun begins a transaction that ends with the test.
func begun(t *testing.T, s *Store) pgx.Tx {
	t.Helper()
	conn, err := s.pool.Acquire(t.Context())
	require.NoError(t, err)
	t.Cleanup(conn.Release)
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
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

func TestTheRecordCanBeReadAsItIs(t *testing.T) {
	dsn := container.Postgres(t)
	s := openOn(t, dsn)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		return r.Audit.Note(t.Context(), audit.Event{At: noon, Kind: audit.SignInFailed})
	}))
	log, done, err := Record(t.Context(), dsn)
	require.NoError(t, err)
	all, err := log.Before(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Len(t, all, 1)
	require.NoError(t, done())
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

func TestPlansOfTheAgenda(t *testing.T) {
	const kind agenda.Kind = "test.a"
	queries := []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Claim", func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind, "test.b"}, 4, time.Minute)
			assert.NotEmpty(t, items)
			return err
		}, "Index Scan using agenda_due on agenda"},
		{"Put", func(r port.Repos) error {
			return r.Agenda.Put(t.Context(), agenda.Item{Kind: kind, Key: "7"}, agenda.Item{Kind: kind, Key: "8", UnlessWaiting: true})
		}, "agenda_kind_key_key"},
		{"Done", func(r port.Repos) error { return r.Agenda.Done(t.Context(), agenda.Item{ID: 7, Version: 1}) }, "agenda_pkey on agenda"},
		{"Later", func(r port.Repos) error { return r.Agenda.Later(t.Context(), agenda.Item{ID: 7, Version: 1}, "") }, "agenda_pkey on agenda"},
		{"Cancel", func(r port.Repos) error { return r.Agenda.Cancel(t.Context(), kind, "7") }, "agenda_kind_key_key on agenda"},
		{"Backlog", func(r port.Repos) error {
			b, err := r.AgendaAdmin.Backlog(t.Context())
			assert.Positive(t, b.Due)
			return err
		}, "agenda_set_aside on agenda"},
		{"Due", func(r port.Repos) error { _, err := r.AgendaAdmin.Due(t.Context(), 10); return err }, "agenda_due on agenda"},
		{"SetAside", func(r port.Repos) error { _, err := r.AgendaAdmin.SetAside(t.Context(), 10); return err }, "agenda_set_aside on agenda"},
	}
	look := func(t *testing.T, s *Store, few int) {
		t.Helper()
		for _, tt := range queries[:few] {
			tx := begun(t, s)
			e := &explainer{Tx: tx, t: t}
			require.NoError(t, tt.query(repos(e)))
			require.NoError(t, tx.Rollback(t.Context()))
			all := strings.Join(e.plans, "\n---\n")
			t.Log(tt.name + "\n" + all)
			assert.Contains(t, all, tt.uses)
			for _, plan := range e.plans {
				assert.NotContains(t, plan, "Seq Scan", tt.name)
				if tt.name != "Put" { // which sorts what it is given
					assert.NotContains(t, plan, "Sort Key", tt.name)
				}
			}
		}
	}
	fill := func(t *testing.T, s *Store, rows int) {
		_, err := s.pool.Exec(t.Context(), `
			INSERT INTO agenda (kind, key, due_at, attempts, claimed_until)
			SELECT
				(ARRAY['test.a', 'test.b', 'test.unknown'])[1 + n % 3],
				n,
				now() + ((n % 1000 - 5) || ' minutes')::interval,
				CASE WHEN n % 500 = 0 THEN 10 ELSE 0 END,
				CASE WHEN n % 1000 = 1 THEN now() + interval '1 minute' END
			FROM generate_series(1, $1) n`, rows)
		require.NoError(t, err)
	}
	t.Run("full", func(t *testing.T) {
		s := openEmpty(t)
		fill(t, s, 100_000)
		_, err := s.pool.Exec(t.Context(), `ANALYZE agenda`)
		require.NoError(t, err)
		look(t, s, len(queries))
		began := time.Now()
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind}, 4, time.Minute)
			return err
		}))
		t.Log("a claim took", time.Since(began))
	})
	t.Run("new", func(t *testing.T) { // the plan of Claim is kept while the table grows
		s := openEmpty(t)
		fill(t, s, 10)
		look(t, s, 1)
	})
}
