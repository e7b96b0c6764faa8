// Package container provides PostgreSQL and Redis servers for tests. It uses the first
// of: an address from the environment, a container, a server that it starts from
// installed programs, or a server on this machine. What it starts waits for no disk.
//
//	MEALBUDDY_TEST_DATABASE_URL, MEALBUDDY_TEST_REDIS_URL      servers to use
//	MEALBUDDY_TEST_POSTGRES_IMAGE, MEALBUDDY_TEST_REDIS_IMAGE  images to use
//	MEALBUDDY_TEST_REQUIRE=postgres,redis                      fail where a test would be skipped
package container

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/user"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is the timeout of operations on a server.
const patience = 60 * time.Second

// Suite wraps the tests of a package that uses Postgres or Redis. It stops their servers
// at the end.
//
//	func TestMain(m *testing.M) { os.Exit(container.Suite(m).Run()) }
func Suite(m interface{ Run() int }) interface{ Run() int } { return suite{m} }

type suite struct{ m interface{ Run() int } }

func (s suite) Run() (code int) {
	defer func() {
		for _, k := range []*kind{&postgres, &redis} {
			if err := k.end(); err != nil {
				fmt.Fprintln(os.Stderr, "FAIL: end", k.name, err)
				code = 1
			}
		}
	}()
	return s.m.Run()
}

// A kind is a type of server. The first test that needs it finds or starts the server.
type kind struct {
	name string // as in MEALBUDDY_TEST_REQUIRE
	find func(t testing.TB) (url string, end func() error, err error)

	mu      sync.Mutex
	tried   bool
	url     string
	finally func() error
	err     error
	drop    []string // databases that are dropped at the end
}

var (
	postgres = kind{name: "postgres", find: findPostgres}
	redis    = kind{name: "redis", find: findRedis}
)

// need returns the address of the server. It skips the test if there is none.
func (k *kind) need(t testing.TB) string {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.tried {
		k.tried = true
		k.url, k.finally, k.err = k.find(t)
	}
	if k.err != nil {
		k.missing(t, k.err)
	}
	return k.url
}

// missing skips the test, or fails it if the server is required.
func (k *kind) missing(t testing.TB, err error) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("MEALBUDDY_TEST_REQUIRE"), ","), k.name) {
		require.NoError(t, err, "%s is required", k.name)
	}
	t.Skipf("no %s: %v", k.name, err)
}

func (k *kind) end() (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range k.drop {
		err = errors.Join(err, execute(context.Background(), k.url, `DROP DATABASE `+name+` WITH (FORCE)`))
	}
	if k.finally != nil {
		err = errors.Join(err, k.finally())
	}
	k.tried, k.url, k.finally, k.err, k.drop = false, "", nil, nil, nil
	return err
}

// Postgres returns the DSN of an empty database for the test, which is dropped at its
// end.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, postgres.need(t), "template0")
}

// database creates a database that is a copy of a template.
func database(t testing.TB, server, template string) (dsn string) {
	t.Helper()
	name := "mealbuddy_test_" + strings.ToLower(rand.Text())
	admin(t, server, `CREATE DATABASE `+name+` TEMPLATE `+template+` ENCODING 'UTF8'`)
	t.Cleanup(func() { admin(t, server, `DROP DATABASE `+name+` WITH (FORCE)`) })
	return withDatabase(server, name)
}

// A Template makes databases that are copies of one, which spares tests the migrations.
type Template struct {
	Fill func(dsn string) error // is called once, in the first test; it leaves no connection

	mu     sync.Mutex
	server string // where it is; empty before the first test
	name   string
}

// Postgres returns the DSN of a copy for the test, which is dropped at its end. The
// template itself is dropped at the end of the suite.
func (p *Template) Postgres(t testing.TB) string {
	t.Helper()
	server := postgres.need(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != server {
		name := "mealbuddy_template_" + strings.ToLower(rand.Text())
		admin(t, server, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8'`)
		postgres.mu.Lock()
		postgres.drop = append(postgres.drop, name)
		postgres.mu.Unlock()
		require.NoError(t, p.Fill(withDatabase(server, name)))
		p.server, p.name = server, name
	}
	return database(t, server, p.name)
}

// admin runs a statement outside the test's database.
func admin(t testing.TB, server, statement string) {
	t.Helper()
	assert.NoError(t, execute(context.WithoutCancel(t.Context()), server, statement))
}

func execute(ctx context.Context, server, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// withDatabase returns the DSN of another database on the same server.
func withDatabase(dsn, name string) string {
	if u, err := url.Parse(dsn); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		u.Path = "/" + name
		return u.String()
	}
	return dsn + " dbname=" + name // the last dbname counts
}

// Redis returns the URL of a Redis server. Others may use it at the same time, so a test
// must use its own prefix and never flush it.
func Redis(t testing.TB) string {
	t.Helper()
	return redis.need(t)
}

func findPostgres(t testing.TB) (string, func() error, error) {
	if dsn := os.Getenv("MEALBUDDY_TEST_DATABASE_URL"); dsn != "" {
		return dsn, nil, answersPostgres(dsn)
	}
	var errs []error
	dsn, end, err := runPostgres(t)
	if err == nil {
		return dsn, end, nil
	}
	errs = append(errs, err)
	server, err := newPostgres("max_connections=300")
	if err == nil {
		return server.DSN("postgres"), server.end, nil
	}
	errs = append(errs, err)
	names := []string{"postgres"}
	if me, err := user.Current(); err == nil {
		names = append(names, me.Username)
	}
	for _, name := range names {
		dsn := fmt.Sprintf("postgres://%s@127.0.0.1:5432/postgres?sslmode=disable", url.PathEscape(name))
		if err = answersPostgres(dsn); err == nil {
			return dsn, nil, nil
		}
	}
	return "", nil, errors.Join(append(errs, err)...)
}

func findRedis(t testing.TB) (string, func() error, error) {
	if at := os.Getenv("MEALBUDDY_TEST_REDIS_URL"); at != "" {
		u, err := url.Parse(at)
		if err != nil {
			return "", nil, errors.New("MEALBUDDY_TEST_REDIS_URL is not a URL") // do not quote it: it may contain a password
		}
		return at, nil, answersRedis(u.Host)
	}
	var errs []error
	at, end, err := runRedis(t)
	if err == nil {
		return at, end, nil
	}
	errs = append(errs, err)
	server, err := newRedis()
	if err == nil {
		return server.URL(), server.end, nil
	}
	errs = append(errs, err)
	const local = "127.0.0.1:6379"
	if err = answersRedis(local); err == nil {
		return "redis://" + local, nil, nil
	}
	return "", nil, errors.Join(append(errs, err)...)
}

// answersPostgres returns an error if it cannot connect.
func answersPostgres(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// answersRedis returns an error unless a Redis server answers, even if it asks for a
// password.
func answersRedis(addr string) error {
	said, err := tellRedis(addr, "PING")
	if err == nil && !strings.HasPrefix(said, "+PONG") && !strings.HasPrefix(said, "-NOAUTH") {
		return fmt.Errorf("%s is not Redis", addr)
	}
	return err
}

// tellRedis sends a command and returns the start of the answer.
func tellRedis(addr, command string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	answer := make([]byte, 7)
	n, err := conn.Read(answer)
	return string(answer[:n]), err
}
