package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// postgres is a server of its own.
type postgres struct {
	bin, dir string
	port     int
	cmd      *exec.Cmd
	as       *syscall.SysProcAttr
	n        int
}

// startPostgres makes an empty cluster in a temporary folder and starts it. It
// does not run as root, so there root lends it another account.
func startPostgres(ctx context.Context) (*postgres, error) {
	p := &postgres{as: &syscall.SysProcAttr{}}
	if all, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(all) > 0 { // where Debian keeps them
		p.bin = all[len(all)-1]
	} else if found, err := exec.LookPath("pgbench"); err == nil {
		p.bin = filepath.Dir(found)
	} else {
		return nil, errors.New("its programs are not installed")
	}
	var err error
	if p.dir, err = os.MkdirTemp("", "mealbuddy-load-pg-"); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		account, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		if err := os.Chown(p.dir, uid, gid); err != nil {
			return nil, err
		}
		p.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	init := p.command(ctx, "initdb", "-D", p.dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if p.port, err = freePort(); err != nil {
		return nil, err
	}
	p.cmd = p.command(context.WithoutCancel(ctx), "postgres", "-D", p.dir+"/data", "-p", strconv.Itoa(p.port), "-k", p.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "track_activity_query_size=16kB", "-c", "shared_buffers=256MB", "-c", "max_connections=300")
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(ctx, p.url("postgres")); err == nil {
			return p, conn.Close(ctx)
		}
		time.Sleep(100 * time.Millisecond) // it says nothing when it is ready
	}
	p.stop()
	return nil, err
}

func (p *postgres) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	cmd.SysProcAttr = p.as
	cmd.Dir = p.dir
	return cmd
}

func (p *postgres) stop() {
	p.cmd.Process.Signal(syscall.SIGINT)
	p.cmd.Wait()
	os.RemoveAll(p.dir)
}

func (p *postgres) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// fresh makes an empty database, and names it.
func (p *postgres) fresh(ctx context.Context) (string, error) {
	p.n++
	name := fmt.Sprintf("load%d", p.n)
	return name, p.do(ctx, "postgres", `CREATE DATABASE `+name)
}

// drop takes a database away, so that PostgreSQL has no more to do with it.
func (p *postgres) drop(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	p.do(ctx, "postgres", `DROP DATABASE `+name+` WITH (FORCE)`) // it goes with the cluster anyway
}

func (p *postgres) do(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, p.url(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// bench runs a script of pgbench by as many clients as there are askers, prepared, and tells how many times a second it ran.
func (p *postgres) bench(ctx context.Context, database, script string, d time.Duration) (float64, error) {
	path := filepath.Join(p.dir, "script.sql")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return 0, err
	}
	seconds := strconv.Itoa(max(1, int(d.Round(time.Second).Seconds())))
	out, err := p.command(ctx, "pgbench", "-n", "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", "postgres",
		"-c", strconv.Itoa(askers), "-j", "2", "-M", "prepared", "-T", seconds, "-f", path, database).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	found := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// findList lets the program read the board of the nth neighbourhood, and finds the query by which it did.
func (s *stage) findList(ctx context.Context, n int) error {
	conn, err := pgx.Connect(ctx, s.bench.pg.url(s.database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var query string
	for range 100 { // of what a connection did, the last statement is known
		if err := s.page(ctx, s.at(n, 0), n, 1, &memo{}); err != nil {
			return err
		}
		err = conn.QueryRow(ctx, `
			SELECT query
			FROM pg_stat_activity
			WHERE datname = $1 AND query ~ 'LIMIT' AND query ~ 'OFFSET' AND pid <> pg_backend_pid()
			ORDER BY query_start DESC
			LIMIT 1`, s.database).Scan(&query)
		if !errors.Is(err, pgx.ErrNoRows) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("find the list query: %w", err)
	}
	s.list = inline(query, listArguments(where(n))) + ";\n"
	rows, err := conn.Query(ctx, s.list)
	if err != nil {
		return fmt.Errorf("%s: %w", s.list, err)
	}
	found := 0
	for rows.Next() {
		found++
	}
	switch {
	case rows.Err() != nil:
		return fmt.Errorf("%s: %w", s.list, rows.Err())
	case found != pageSize:
		return fmt.Errorf("%s: %d posts", s.list, found)
	}
	return nil
}

// inline writes arguments into a query in the place of $1, $2, …
func inline(query string, args []string) string {
	query = strings.Join(strings.Fields(query), " ")
	return regexp.MustCompile(`\$(\d+)`).ReplaceAllStringFunc(query, func(s string) string {
		n, _ := strconv.Atoi(s[1:])
		if n > len(args) {
			return s
		}
		return args[n-1]
	})
}

// transactions runs statements in a transaction, over and over. :id in them counts on from next by a sequence. It tells
// how many it ran.
func (p *postgres) transactions(ctx context.Context, database, sequence string, next int, statements []string, d time.Duration) (rate float64, done int, err error) {
	err = p.do(ctx, database, `CREATE SEQUENCE IF NOT EXISTS `+sequence, fmt.Sprintf(`ALTER SEQUENCE %s RESTART %d`, sequence, next))
	if err != nil {
		return 0, 0, err
	}
	script := "BEGIN;\nSELECT nextval('" + sequence + "') AS id \\gset\n" + strings.Join(statements, ";\n") + ";\nCOMMIT;\n"
	if rate, err = p.bench(ctx, database, script, d); err != nil {
		return 0, 0, err
	}
	conn, err := pgx.Connect(ctx, p.url(database))
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, `SELECT last_value FROM `+sequence).Scan(&done)
	return rate, done - next + 1, err
}

// singleRows commits one row at a time.
func (p *postgres) singleRows(ctx context.Context, database string, d time.Duration) (float64, error) {
	err := p.do(ctx, database, `CREATE TABLE IF NOT EXISTS load_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room bigint NOT NULL, body text NOT NULL, at timestamptz NOT NULL)`)
	if err != nil {
		return 0, err
	}
	return p.bench(ctx, database, `INSERT INTO load_line (room, body, at) VALUES (1, '`+words+`', now());`, d)
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

// startRedis starts a server of its own that keeps nothing.
func startRedis(ctx context.Context) (url string, stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no")
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}
	client := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port)})
	defer client.Close()
	for range 100 {
		if err = client.Ping(ctx).Err(); err == nil {
			return fmt.Sprintf("redis://127.0.0.1:%d/0", port), stop, nil
		}
		time.Sleep(50 * time.Millisecond) // it says nothing when it is ready
	}
	stop()
	return "", nil, err
}

// publishes tells how many hints a Redis takes in a second.
func publishes(ctx context.Context, url string, d time.Duration) (float64, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return 0, err
	}
	options.PoolSize = askers
	client := redis.NewClient(options)
	defer client.Close()
	r, err := closed(ctx, askers, d, func(int, int) error { return client.Publish(ctx, "load", "1 234").Err() })
	return r.perSecond(), err
}

// listArguments are those of the query of a board's first page, in the order in
// which the program gives them: where, and how many posts to skip.
func listArguments(where string) []string { return []string{"'" + where + "'", "0"} }
