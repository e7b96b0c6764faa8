package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres/migration"
	"github.com/Group-buying-service/mealbuddy/adapter/rows"
)

// Why a store cannot be opened. What is wrong with a DSN is not repeated: it might
// show the password.
var (
	ErrDSN         = errors.New("not an address like postgres://user:password@host:5432/database")
	ErrUnreachable = errors.New("no PostgreSQL that can be written to answers")
	ErrNoSessions  = errors.New("the pooler at this address keeps no sessions; set it to pool sessions (PgBouncer: pool_mode = session), or give the address of PostgreSQL itself")
)

const (
	connectTimeout = 2 * time.Second // for each host
	openingTimeout = 8 * time.Second // the same while nobody waits for an answer yet
	acquireTimeout = time.Second
	pingTimeout    = time.Second
	commitTimeout  = 5 * time.Second

	// poolSize is the limit of connections where the DSN has no pool_max_conns.
	poolSize = 20
)

//go:embed migration/*.sql
var migrations embed.FS

// Open opens the store and brings its tables up to date, one process after the
// other. Of the hosts of dsn it uses the one that can be written to.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{says: newSayQueue(cfg.MaxConns)}
	opening := cfg.ConnConfig.Copy()
	opening.ConnectTimeout = openingTimeout
	if err = checkSessions(ctx, opening); err == nil {
		err = s.migrate(ctx, opening)
	}
	if err != nil {
		return nil, unopened(err)
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

// Attach opens the store for an operator, and leaves its tables as they are: Ready tells
// whether they are what this program needs.
func Attach(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{pool: pool, says: newSayQueue(cfg.MaxConns)}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close() // the pool stays open
	if err = pool.Ping(ctx); err == nil {
		_, err = s.steps(db)
	}
	if err != nil {
		pool.Close()
		return nil, unopened(err)
	}
	return s, nil
}

// unopened says why a store could not be opened.
func unopened(err error) error {
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case refused:
		return fmt.Errorf("%w: %s", ErrUnreachable, strings.Join(strings.Fields(err.Error()), " ")) // a line for each host
	case errors.Is(err, ErrNoSessions):
		return err
	}
	return fmt.Errorf("open store: %w", err)
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
	cfg.PingTimeout = pingTimeout
	cfg.HealthCheckPeriod = 5 * time.Second
	cfg.MaxConnLifetime = 30 * time.Minute
	cfg.MaxConnLifetimeJitter = 5 * time.Minute
	cfg.BeforeConnect = dialOnce
	c := cfg.ConnConfig
	c.ConnectTimeout = connectTimeout
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	c.OnNotice = keepWarning
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "mealbuddy"
	}
	c.AfterConnect = takeSettings(c.RuntimeParams).apply
	return cfg, nil
}

// migrate brings the tables up to date, and keeps their version and the steps that it took.
func (s *Store) migrate(ctx context.Context, c *pgx.ConnConfig) (err error) {
	unlimited := settings{"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"} // a step takes as long as it takes
	db := stdlib.OpenDB(*c, stdlib.OptionBeforeConnect(dialOnce), stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		return unlimited.apply(ctx, conn.PgConn())
	}))
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := s.steps(db)
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
	if s.spelt, err = spellAddresses(ctx, db); err != nil {
		return err
	}
	return addSkeletons(ctx, db)
}

// steps gives the migrations of a database, and keeps the version that they lead to.
func (s *Store) steps(db *sql.DB) (*goose.Provider, error) {
	all, err := allSteps(db)
	if err != nil {
		return nil, err
	}
	for _, step := range all.ListSources() {
		s.version = max(s.version, step.Version)
	}
	return all, nil
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
