package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	_ "github.com/jackc/pgx/v5/stdlib" // database drivers for filling
	_ "modernc.org/sqlite"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// A filling is the data in a store before a measurement: posts of one writer, and
// people, spread evenly over neighbourhoods.
type filling struct {
	people, posts, places int
	merged                bool // the first 11 neighbourhoods are 신림동 and what overlaps it, the others are one
}

// merging lists neighbourhoods whose posts are on the board of the first.
var merging = sync.OnceValue(func() []user.Neighborhood {
	return user.Neighborhood("서울특별시 관악구 신림동").Overlapping()
})

// where returns the name of the nth neighbourhood.
func (f filling) where(n int) string {
	switch {
	case f.merged && n < len(merging()):
		return string(merging()[n])
	case f.merged:
		n = len(merging())
	}
	return where(n)
}

// shows reports whether the board of the nth neighbourhood has the posts of the other.
func (f filling) shows(n, other int) bool {
	if f.merged {
		return (n < len(merging())) == (other < len(merging())) // the first board only
	}
	return n == other
}

// where returns the name of a neighbourhood, title that of a post, and name that of a
// person.
func where(n int) string { return fmt.Sprintf("서울특별시 종로구 %d동", n) }
func title(i int) string { return fmt.Sprintf("같이 시켜요 %d", i) }
func name(i int) string  { return fmt.Sprintf("p%d", i) }

// board returns the numbers of the posts of the nth neighbourhood, newest first.
func (f filling) board(n int) []int {
	var all []int
	for i := f.posts; i >= 1; i-- {
		if f.shows(n, i%f.places) {
			all = append(all, i)
		}
	}
	return all
}

// into fills the tables of a program directly, because a million requests would take an
// hour. It copies the rows that the program has stored for the writer and the first
// post, so it works with any schema.
func (f filling) into(ctx context.Context, t *tables, writer person) error {
	copies := []struct {
		table, pattern string
		n              int
		set            columns
	}{
		{"user", fmt.Sprintf("id = %d", writer.ID), f.people, columns{
			"id":           fmt.Sprintf("%d + i", writer.ID),
			"email":        renamed,
			"email_key":    renamed,
			"username":     renamed,
			"name_key":     renamed,
			"skeleton":     "NULL", // as of names that an older program has stored
			"neighborhood": f.spread(),
		}},
		{"sign_in", fmt.Sprintf("user_id = %d", writer.ID), f.people, columns{
			"id":      "i",
			"user_id": fmt.Sprintf("%d + i", writer.ID),
			"family":  t.digest,
		}},
		{"party", "id = 1", f.posts, columns{
			"id":           "1 + i",
			"neighborhood": f.spread(),
			"title":        `'같이 시켜요 ' || i`,
		}},
		{"room", "id = 1", f.posts, columns{"id": "1 + i"}},
		{"member", "party_id = 1", f.posts, columns{"party_id": "1 + i"}},
	}
	for _, c := range copies {
		if c.n == 0 || c.table == "room" && t.head != "room" {
			continue
		}
		row, err := t.like(ctx, c.table, c.pattern, c.set)
		if err != nil {
			return err
		}
		if err := t.do(ctx, row.insert(fmt.Sprintf(`
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT %s FROM n`, c.n, row.values()))); err != nil {
			return err
		}
	}
	return t.tidy(ctx)
}

// spread is an SQL expression for the neighbourhood of i. The parentheses are needed: in
// SQLite || binds tighter than %.
func (f filling) spread() string {
	if f.merged {
		var b strings.Builder
		for n := range merging() {
			fmt.Fprintf(&b, " WHEN %d THEN '%s'", n, f.where(n))
		}
		return fmt.Sprintf(`CASE i %% %d%s ELSE '%s' END`, f.places, b.String(), f.where(f.places))
	}
	return fmt.Sprintf(`'서울특별시 종로구 ' || (i %% %d) || '동'`, max(1, f.places))
}

// lines adds copies of the last line to the log of a room.
func (t *tables) lines(ctx context.Context, room, lines int64) error {
	column, err := t.room(ctx)
	if err != nil {
		return err
	}
	newest := t.newest(column, room)
	var seq int64
	if err := t.db.QueryRowContext(ctx, `SELECT seq FROM `+t.log+` WHERE `+newest).Scan(&seq); err != nil {
		return err
	}
	row, err := t.like(ctx, t.log, newest, columns{
		"id": "", "client_id": "",
		"seq":  fmt.Sprintf("%d + i", seq),
		"body": fmt.Sprintf("'%s ' || i", words),
	})
	if err != nil {
		return err
	}
	return t.do(ctx,
		row.insert(fmt.Sprintf(`
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT %s FROM n`, lines, row.values())),
		fmt.Sprintf(`UPDATE %s SET last_seq = %d WHERE id = %d`, t.head, seq+lines, room))
}

// tables gives direct access to the tables of a program.
type tables struct {
	db       *sql.DB
	postgres bool
	head     string // the table with the heads of rooms: party, or room in newer programs
	log      string // the table of lines: message, or entry in newer programs
	digest   string // SQL for 32 bytes that depend on i
	quote    string // the SQL function that quotes a literal
}

// tables connects to the database and disables foreign keys, so that rows can be written
// in any order.
func (s *stage) tables(ctx context.Context) (*tables, error) {
	t := &tables{head: "party", log: "message", digest: `unhex(printf('%064d', i))`, quote: "quote"}
	driver, source := "sqlite", "file:"+filepath.Join(s.dir, "mealbuddy.db")+
		"?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(0)&_pragma=cache_size(-300000)&_txlock=immediate"
	there := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'room'`
	if s.store == postgreSQL {
		t.postgres, t.digest, t.quote = true, `decode(lpad(i::text, 64, '0'), 'hex')`, "quote_nullable"
		driver, source = "pgx", s.bench.pg.url(s.database)+"&session_replication_role=replica"
		there = `SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'room'`
	}
	var err error
	if t.db, err = sql.Open(driver, source); err != nil {
		return nil, err
	}
	t.db.SetMaxOpenConns(1)
	var rooms int
	if err := t.db.QueryRowContext(ctx, there).Scan(&rooms); err != nil {
		t.close()
		return nil, err
	}
	if rooms > 0 {
		t.head, t.log = "room", "entry"
	}
	return t, nil
}

func (t *tables) close() { t.db.Close() }

// do runs statements in one transaction.
func (t *tables) do(ctx context.Context, statements ...string) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing once committed
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return tx.Commit()
}

// tidy advances PostgreSQL's sequences past the filled rows, updates its statistics and
// writes a checkpoint.
func (t *tables) tidy(ctx context.Context) error {
	if !t.postgres {
		return nil
	}
	for _, s := range []string{
		`SELECT setval(pg_get_serial_sequence('"user"', 'id'), (SELECT max(id) FROM "user"))`,
		fmt.Sprintf(`SELECT setval('%s', (SELECT max(id) FROM %s))`, t.numbers(), t.head),
		`VACUUM ANALYZE`,
		`CHECKPOINT`,
	} {
		if _, err := t.db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// room returns the log's column for the room.
func (t *tables) room(ctx context.Context) (string, error) {
	has, err := t.columns(ctx, t.log)
	if slices.Contains(has, "room_id") {
		return "room_id", err
	}
	return "party_id", err
}

// newest is a condition for the last line of a room.
func (t *tables) newest(column string, room int64) string {
	return fmt.Sprintf(`%s = %d AND seq = (SELECT max(seq) FROM %s WHERE %[1]s = %[2]d)`, column, room, t.log)
}

// numbers returns the PostgreSQL sequence of room ids.
func (t *tables) numbers() string { return t.head + "_id_seq" }

func (t *tables) count(ctx context.Context, table string) (n int, err error) {
	err = t.db.QueryRowContext(ctx, `SELECT count(*) FROM "`+table+`"`).Scan(&n)
	return n, err
}

func (t *tables) columns(ctx context.Context, table string) ([]string, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT * FROM "`+table+`" LIMIT 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns()
}

// columns maps column names to SQL expressions; "" omits the column. {} stands for the
// value that the program stored.
type columns map[string]string

// renamed replaces the writer's name by a person's, in either case.
const renamed = `replace(replace({}, 'writer', 'p' || i), 'WRITER', 'P' || i)`

// A row is a row to insert.
type row struct {
	table string
	set   columns
}

// like returns a copy of a row that the program stored, with some columns changed. It
// ignores columns that the table does not have.
func (t *tables) like(ctx context.Context, table, condition string, set columns) (row, error) {
	names, err := t.columns(ctx, table)
	if err != nil {
		return row{}, err
	}
	values, fields, quoted := make([]string, len(names)), make([]any, len(names)), make([]string, len(names))
	for i, name := range names {
		fields[i], quoted[i] = &values[i], t.quote+`("`+name+`")`
	}
	query := fmt.Sprintf(`SELECT %s FROM "%s" WHERE %s LIMIT 1`, strings.Join(quoted, ", "), table, condition)
	if err := t.db.QueryRowContext(ctx, query).Scan(fields...); err != nil {
		return row{}, fmt.Errorf("find a pattern of %s: %w", table, err)
	}
	r := row{table, columns{}}
	for i, name := range names {
		expression, known := set[name]
		switch {
		case !known:
			r.set[name] = values[i]
		case expression != "":
			r.set[name] = strings.ReplaceAll(expression, "{}", values[i])
		}
	}
	return r, nil
}

func (r row) names() []string { return slices.Sorted(maps.Keys(r.set)) }

// values returns the expressions, in the order of names.
func (r row) values() string {
	var all []string
	for _, name := range r.names() {
		all = append(all, r.set[name])
	}
	return strings.Join(all, ", ")
}

// one returns SQL that inserts the row once.
func (r row) one() string { return r.insert("VALUES (" + r.values() + ")") }

// insert returns SQL that inserts the result of a SELECT or VALUES.
func (r row) insert(from string) string {
	return fmt.Sprintf(`INSERT INTO "%s" ("%s") %s`, r.table, strings.Join(r.names(), `", "`), from)
}

// tokenKey is the key that signs tokens, in base64.
const tokenKey = "bWVhbGJ1ZGR5LWxvYWQtdGVzdC1rZXktMzItYnl0ZXM="

// signed returns n filled people with tokens derived from the writer's, because signing
// them in would take minutes.
func signed(writer person, n int) ([]person, error) {
	key, err := base64.StdEncoding.DecodeString(tokenKey)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(writer.Token, ".")
	if len(parts) != 3 {
		return nil, errors.New("the token of the writer is no JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, err
	}
	people := make([]person, n)
	for i := range people {
		id := writer.ID + int64(i) + 1
		claims["sub"], claims["sid"] = fmt.Sprint(id), i+1
		payload, err := json.Marshal(claims)
		if err != nil {
			return nil, err
		}
		text := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		people[i] = person{id, name(i + 1), text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}
	}
	return people, nil
}
