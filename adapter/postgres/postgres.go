// Package postgres keeps everything in PostgreSQL, for servers that stand
// together.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres/migration"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Why a store cannot be opened. What is wrong with a DSN is not repeated: it might
// show the password.
var (
	ErrDSN         = errors.New("not an address like postgres://user:password@host:5432/database")
	ErrUnreachable = errors.New("no PostgreSQL that can be written to answers")
)

var (
	// errUnavailable stands for a database that is away, full, or too slow.
	errUnavailable = fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요. 잠시 후 다시 시도해 주세요.")
	// errUnknown stands for a commit of which nobody can say if it was done.
	errUnknown = fault.New(fault.Unavailable, "unknown_outcome", "저장되었는지 확인하지 못했어요. 저장되었는지 본 다음 다시 시도해 주세요.")
)

const (
	connectPatience = 2 * time.Second // for each host
	openingPatience = 8 * time.Second // the same while nobody waits for an answer yet
	acquirePatience = time.Second
	pingPatience    = time.Second
	commitPatience  = 5 * time.Second

	// poolSize is how many connections there are at most, where the DSN has no pool_max_conns.
	poolSize = 20
	// tries is how often a Write is run at most.
	tries = 4
)

// settings are in force on every connection, where the DSN does not say otherwise.
// What is asked for is a few rows, and each has its index. A plan that was made while
// a table was new is kept until somebody counts its rows, and one that reads the whole
// table, as is right for a new one, would by then cost more with each row.
var settings = map[string]string{
	"enable_seqscan":                      "off",
	"enable_hashjoin":                     "off",
	"enable_mergejoin":                    "off",
	"application_name":                    "mealbuddy",
	"plan_cache_mode":                     "force_generic_plan", // to plan the query of a board takes three times as long as to run it
	"statement_timeout":                   "5s",
	"lock_timeout":                        "2s",
	"idle_in_transaction_session_timeout": "10s",
}

//go:embed migration/*.sql
var migrations embed.FS

// Store is a port.Store in a database that many processes share.
type Store struct {
	pool    *pgxpool.Pool
	version int64    // of the schema that this program knows
	applied []string // steps that opening took
}

// Open opens the store and brings its tables up to date, one process after the
// other. Of the hosts of dsn it uses the one that can be written to.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{}
	if s.version, s.applied, err = migrate(ctx, *cfg.ConnConfig.Copy()); err != nil {
		if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			return nil, fmt.Errorf("%w: %s", ErrUnreachable, strings.Join(strings.Fields(err.Error()), " ")) // a line for each host
		}
		return nil, fmt.Errorf("open store: %w", err)
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func configure(dsn string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, ErrDSN
	}
	plain, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, ErrDSN
	}
	if _, set := plain.RuntimeParams["pool_max_conns"]; !set {
		cfg.MaxConns = poolSize
	}
	cfg.PingTimeout = pingPatience
	cfg.HealthCheckPeriod = 5 * time.Second
	cfg.MaxConnLifetime = 30 * time.Minute
	cfg.MaxConnLifetimeJitter = 5 * time.Minute
	cfg.BeforeConnect = seal
	c := cfg.ConnConfig
	c.ConnectTimeout = connectPatience
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	c.OnNotice = remember
	for name, value := range settings {
		if _, set := c.RuntimeParams[name]; !set {
			c.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

// seal lets a connection dial until it is established, and never again. pgx would
// dial to ask the server to cancel what a context has given up. A server that
// waits for its standby at the end of a COMMIT obeys by showing the transaction
// to everybody, stored in one place only, and a failover then takes it back.
// What runs too long is ended by statement_timeout.
func seal(_ context.Context, c *pgx.ConnConfig) error {
	var established atomic.Bool
	dial, after := c.DialFunc, c.AfterConnect
	c.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if established.Load() {
			return nil, errors.New("this connection dials no more")
		}
		return dial(ctx, network, addr)
	}
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		established.Store(true)
		if after != nil {
			return after(ctx, conn)
		}
		return nil
	}
	return nil
}

// warning is where remember keeps the last warning that came over a connection.
const warning = "warning"

func remember(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		c.CustomData()[warning] = n
	}
}

// migrate brings the tables up to date, and returns their version and the steps
// that it took.
func migrate(ctx context.Context, c pgx.ConnConfig) (version int64, applied []string, err error) {
	c.ConnectTimeout = openingPatience
	c.RuntimeParams["statement_timeout"] = "0" // a step takes as long as it takes
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	db := stdlib.OpenDB(c, stdlib.OptionBeforeConnect(seal))
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := allSteps(db)
	if err != nil {
		return 0, nil, err
	}
	for _, step := range steps.ListSources() {
		version = max(version, step.Version)
	}
	done, err := steps.Up(ctx)
	for _, step := range done {
		applied = append(applied, path.Base(step.Source.Path))
	}
	return version, applied, err
}

// allSteps gives the migrations of a database.
func allSteps(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 5))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(inGo...), goose.WithSessionLocker(turn))
}

// inGo are the migrations that are no SQL.
var inGo = []*goose.Migration{
	goose.NewGoMigration(2, &goose.GoFunc{RunTx: migration.NormaliseAddresses}, nil),
}

// Close ends the store. Nothing may use it any more.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ready returns nil if the database answers, can be written to, and has the
// schema that this program needs.
func (s *Store) Ready(ctx context.Context) error {
	type state struct {
		version  int64
		readOnly bool
	}
	found, err := query(ctx, pooled{s.pool}, func(st *state) []any { return []any{&st.version, &st.readOnly} }, `
		SELECT coalesce(max(version_id), 0), current_setting('transaction_read_only') = 'on'
		FROM goose_db_version
		WHERE is_applied`)
	switch {
	case err != nil:
		return failed("ask the database", err)
	case found[0].readOnly:
		return errors.New("the database can be read only")
	case found[0].version < s.version: // a newer program may have gone ahead
		return fmt.Errorf("the schema of the database has version %d, and this program needs %d", found[0].version, s.version)
	}
	return nil
}

// Pool tells how many connections are in use, how many wait to be used, and how
// many there may be.
func (s *Store) Pool() (used, idle, max int) {
	st := s.pool.Stat()
	return int(st.AcquiredConns()), int(st.IdleConns()), int(st.MaxConns())
}

// Waits tells how often and how long somebody had to wait for a connection.
func (s *Store) Waits() (times int64, took time.Duration) {
	st := s.pool.Stat()
	return st.EmptyAcquireCount(), st.EmptyAcquireWaitTime()
}

// Migrated names the steps that Open took to bring the schema up to date.
func (s *Store) Migrated() []string { return s.applied }

// Read gives repositories that wait for no Write and see what was committed
// when each query began.
func (s *Store) Read() port.Repos { return repos(pooled{s.pool}) }

// Write runs fn in a transaction. Rows that fn locks are held until it ends, so
// the default isolation level is enough. A context that ends stops the statements
// of fn, but never the commit. Where nobody can say whether a commit was done, it
// returns a fault of kind Unavailable with the code unknown_outcome.
func (s *Store) Write(ctx context.Context, fn func(port.Repos) error) error {
	for try := 1; ; try++ {
		err := s.write(ctx, fn)
		if try == tries || !again(err) {
			return err
		}
		pause := time.NewTimer(rand.N(time.Duration(try) * 20 * time.Millisecond)) // #nosec G404 -- spreads load, guards nothing
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (s *Store) write(ctx context.Context, fn func(port.Repos) error) (err error) {
	conn, err := acquire(ctx, s.pool)
	if err != nil {
		return failed("wait to write", err)
	}
	defer conn.Release()
	tx := &transaction{conn: conn.Conn()}
	done := false
	defer func() { // after a panic, too
		if !done {
			tx.undo(ctx)
		}
		if is(err, "25006") { // read only: no longer the one to write to
			tx.conn.Close(context.WithoutCancel(ctx))
		}
	}()
	err = fn(repos(tx))
	switch {
	case tx.refused && err != nil && ctx.Err() == nil:
		s.pool.Reset() // a dead connection is seldom the only one
		return unsent{err}
	case err != nil:
		return err
	}
	done = true
	return tx.commit(ctx)
}

// A transaction begins with its first statement, on the same way to the server.
type transaction struct {
	conn    *pgx.Conn
	begun   bool // or was about to be
	refused bool // it did not begin: the connection was dead
}

func (t *transaction) Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
	if t.begun {
		return t.conn.Query(ctx, statement, args...)
	}
	b := &pgx.Batch{}
	b.Queue(statement, args...)
	results := t.SendBatch(ctx, b)
	rows, err := results.Query()
	if err != nil {
		return nil, cmp.Or(err, results.Close())
	}
	return batchRows{rows, results}, nil
}

func (t *transaction) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if t.begun {
		return t.conn.SendBatch(ctx, b)
	}
	t.begun = true
	first := &pgx.Batch{}
	first.Queue("begin")
	first.QueuedQueries = append(first.QueuedQueries, b.QueuedQueries...)
	results := t.conn.SendBatch(ctx, first)
	if _, err := results.Exec(); err != nil {
		t.refused = dead(err) // and not what the first statement itself is refused for
		results.Close()
		t.conn.Close(ctx) // or what comes next would stand outside a transaction
		return pgx.FailedBatchResults(b, failed("begin", err))
	}
	return results
}

// batchRows are those of a statement that is the last one of its batch.
type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
}

func (b batchRows) Close() {
	b.Rows.Close()
	b.results.Close() // which has nothing to say that the rows have not
}

// undo rolls back, whatever has become of the context of the Write. Where that
// fails, the connection ends, and the transaction with it.
func (t *transaction) undo(ctx context.Context) {
	if !t.begun || t.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingPatience)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		t.conn.Close(ctx)
	}
}

// commit has three outcomes: done, not done, and errUnknown. It does not believe
// pgx, which calls it safe to send a COMMIT again whose answer was lost.
func (t *transaction) commit(ctx context.Context) error {
	if !t.begun {
		return nil
	}
	conn := t.conn.PgConn()
	if conn.IsClosed() {
		return failed("commit", pgconn.ErrConnClosed) // nothing is sent over it
	}
	delete(conn.CustomData(), warning)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitPatience)
	defer cancel()
	tag, err := t.conn.Exec(ctx, "commit")
	switch {
	case err != nil && conn.TxStatus() != 'I':
		t.conn.Close(ctx)
	case err == nil && tag.String() == "ROLLBACK": // a statement had failed
		err = pgx.ErrTxCommitRollback
	}
	warned, _ := conn.CustomData()[warning].(*pgconn.Notice)
	refused, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil && warned == nil:
		return nil
	case err == nil: // the wait for the standby was ended: it is stored here, and perhaps nowhere else
		err = (*pgconn.PgError)(warned)
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return failed("commit", err)
	case refused != nil && refused.SeverityUnlocalized == "ERROR" && !strings.HasPrefix(refused.Code, "57"):
		return failed("commit", err)
	}
	return fmt.Errorf("commit: %w: %v", errUnknown, err)
}

// unsent is why a transaction did not begin.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

// again tells whether a Write changed nothing and may come through if it is run
// once more: it could not begin, or it got into the way of others.
func again(err error) bool {
	_, never := errors.AsType[unsent](err)
	return never || is(err, "40001", "40P01")
}

// acquire waits for a connection, for a bounded time.
func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, acquirePatience)
	defer cancel()
	conn, err := pool.Acquire(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: no connection within %s", errUnavailable, acquirePatience)
	}
	return conn, err
}

// A queryer is a transaction, or the pool.
type queryer interface {
	Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// pooled borrows a connection for each query.
type pooled struct{ pool *pgxpool.Pool }

func (p pooled) Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
	conn, err := acquire(ctx, p.pool)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, statement, args...)
	if err != nil {
		conn.Release()
		return nil, err
	}
	return borrowedRows{rows, conn}, nil
}

func (p pooled) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	conn, err := acquire(ctx, p.pool)
	if err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return borrowedResults{conn.SendBatch(ctx, b), conn}
}

type borrowedRows struct {
	pgx.Rows
	conn *pgxpool.Conn
}

func (b borrowedRows) Close() {
	b.Rows.Close()
	b.conn.Release()
}

type borrowedResults struct {
	pgx.BatchResults
	conn *pgxpool.Conn
}

func (b borrowedResults) Close() error {
	defer b.conn.Release()
	return b.BatchResults.Close()
}

func repos(q queryer) port.Repos {
	return port.Repos{
		Users: users{q}, Parties: parties{q}, Boards: boards{q}, Log: logs{q}, Heads: heads{q}, Rooms: rooms{q},
		SignIns: signIns{q}, Tickets: tickets{q}, Audit: audits{q}, Identities: identities{q},
		Agenda: agendas{q}, AgendaAdmin: agendaAdmin{q}, Cleanup: cleanup{q},
	}
}

// query reads all rows of a statement, each into the fields of a T. From the pool
// it reads once more if the connection turns out to be dead.
func query[T any](ctx context.Context, q queryer, fields func(*T) []any, statement string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, statement, args...)
	all, err := collect(rows, err, fields)
	if p, pool := q.(pooled); pool && dead(err) && ctx.Err() == nil {
		p.pool.Reset() // seldom the only one
		rows, err = q.Query(ctx, statement, args...)
		all, err = collect(rows, err, fields)
	}
	return all, err
}

// queryLocked is query once some rooms are locked, on the same way to the server. It
// takes two statements: one that waited for a lock would see of all other rows
// how they were before it waited.
func queryLocked[T any](ctx context.Context, q queryer, ids []room.ID, fields func(*T) []any, statement string, args ...any) ([]T, error) {
	b := &pgx.Batch{}
	b.Queue(lockRooms, ids)
	b.Queue(statement, args...)
	results := q.SendBatch(ctx, b)
	_, locked := results.Exec()
	rows, err := results.Query()
	all, err := collect(rows, err, fields)
	return all, cmp.Or(locked, err, results.Close())
}

func exec(ctx context.Context, q queryer, statement string, args ...any) error {
	rows, err := q.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

func collect[T any](rows pgx.Rows, err error, fields func(*T) []any) ([]T, error) {
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

// failed says what could not be done, and whether it is worth another try. What
// is wrong with our own network is told in words only, lest somebody above takes
// it for that of a client.
func failed(doing string, err error) error {
	_, told := errors.AsType[*pgconn.PgError](err)
	switch {
	case !away(err):
		return fmt.Errorf("%s: %w", doing, err)
	case told:
		return fmt.Errorf("%s: %w: %w", doing, errUnavailable, err)
	}
	return fmt.Errorf("%s: %w: %v", doing, errUnavailable, err)
}

// away tells whether err is about the way to the server, or about what it lacks.
func away(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errUnavailable) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.Contains([]string{
			"25006",          // read only: a standby
			"25P03",          // idle in a transaction for too long
			"40001", "40P01", // in the way of others, again and again
			"55P03", // waited for a lock for too long
			"58030", // the disk is broken
		}, e.Code) || slices.Contains([]string{
			"08", // the connection
			"53", // full, or too many connections
			"57", // stopped: a statement by its time-out, or the server
		}, e.Code[:2])
	}
	return dead(err)
}

// dead tells whether err is the end of a connection that there was.
func dead(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.SeverityUnlocalized == "FATAL"
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed)
}

// is tells whether err comes from PostgreSQL with one of these codes.
func is(err error, codes ...string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, e.Code)
}

// violated names the unique index that err is about.
func violated(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23505" {
		return e.ConstraintName
	}
	return ""
}

// batch is an argument that json_to_recordset takes apart again, so that one
// statement does for many rows.
type batch struct{ rows any }

func (b batch) Value() (driver.Value, error) {
	list, err := json.Marshal(b.rows)
	return string(list), err
}

// moment gives a time as it is kept: NULL if it is zero.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// instant scans what moment made.
type instant struct{ t *time.Time }

func (i instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i.t = v.Time.UTC() // zero if it is not valid
	return nil
}
