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

// postgres is the command's own PostgreSQL server.
type postgres struct {
	bin, dir string
	port     int
	cmd      *exec.Cmd
	as       *syscall.SysProcAttr
	n        int
}

// startPostgres creates and starts an empty database cluster in a temporary directory.
// As root it uses another account, because PostgreSQL refuses to run as root.
func startPostgres(ctx context.Context) (*postgres, error) {
	p := &postgres{as: &syscall.SysProcAttr{}}
	if all, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(all) > 0 { // Debian's directory
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
		time.Sleep(100 * time.Millisecond) // poll until it is ready
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

// fresh creates an empty database and returns its name.
func (p *postgres) fresh(ctx context.Context) (string, error) {
	p.n++
	name := fmt.Sprintf("load%d", p.n)
	return name, p.do(ctx, "postgres", `CREATE DATABASE `+name)
}

// drop deletes a database, so that PostgreSQL does no more work for it.
func (p *postgres) drop(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	p.do(ctx, "postgres", `DROP DATABASE `+name+` WITH (FORCE)`) // on error it is deleted with the cluster
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

// bench runs a pgbench script with one client per asker and prepared statements, and
// returns the runs per second.
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

// findList has the program read the board of the nth neighbourhood and records the query
// that it used.
func (s *stage) findList(ctx context.Context, n int) error {
	conn, err := pgx.Connect(ctx, s.bench.pg.url(s.database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var query string
	for range 100 { // only the last statement of each connection is visible
		if err := s.page(ctx, s.at(n, 0), n, 1, &memo{}); err != nil {
			return err
		}
		err = conn.QueryRow(ctx, `
			SELECT query
			FROM pg_stat_activity
			WHERE datname = $1 AND query ~ 'neighborhood( = |, id)' AND query ~ 'LIMIT' AND pid <> pg_backend_pid()
			ORDER BY query_start DESC
			LIMIT 1`, s.database).Scan(&query)
		if !errors.Is(err, pgx.ErrNoRows) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("find the list query: %w", err)
	}
	s.list = inline(query, listArguments(query, s.fill.where(n))) + ";\n"
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

// inline replaces $1, $2, … in a query with arguments.
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

// transactions runs statements in transactions repeatedly and returns the number of
// runs. :id in statements counts up from next through a sequence.
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

// singleRows measures commits of one row each.
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

// startRedis starts a Redis server without persistence.
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
		time.Sleep(50 * time.Millisecond) // poll until it is ready
	}
	stop()
	return "", nil, err
}

// publishes measures the hints per second that a Redis accepts.
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

// listArguments are the arguments of the query for the first page of a board, in the
// program's order: the neighbourhood, and in older programs maybe how many posts to take of
// it, and the offset.
func listArguments(query, where string) []string {
	if !strings.Contains(query, "$3") {
		return []string{"'" + where + "'", "0"}
	}
	return []string{"'" + where + "'", strconv.Itoa(pageSize), "0"}
}
