package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres/migration"
)

// Why a store cannot be opened. What is wrong with a DSN is not repeated: it might
// show the password.
var (
	ErrDSN         = errors.New("not an address like postgres://user:password@host:5432/database")
	ErrUnreachable = errors.New("no PostgreSQL that can be written to answers")
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
	"jit":                                 "off",                // to compile a query takes longer than to run any of ours
	"plan_cache_mode":                     "force_generic_plan", // to plan the query of a board takes three times as long as to run it
	"statement_timeout":                   "5s",
	"lock_timeout":                        "2s",
	"idle_in_transaction_session_timeout": "10s",
}

//go:embed migration/*.sql
var migrations embed.FS

// Open opens the store and brings its tables up to date, one process after the
// other. Of the hosts of dsn it uses the one that can be written to.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{talk: newTalk(cfg.MaxConns)}
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
