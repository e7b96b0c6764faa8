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
		"-c", "listen_addresses=127.0.0.1", "-c", "track_activity_query_size=16kB", "-c", "shared_buffers=256MB")
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

// name is that of the newest database.
func (p *postgres) name() string { return fmt.Sprintf("load%d", p.n) }

// fresh makes an empty database.
func (p *postgres) fresh(ctx context.Context) (string, error) {
	p.n++
	return p.url(p.name()), p.do(ctx, "postgres", `CREATE DATABASE `+p.name())
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

// filledPostgres is filledSQLite over PostgreSQL.
func (b *bench) filledPostgres(ctx context.Context, posts, places int, measure func(s *server) error) error {
	return b.overPostgres(ctx, func(s *server) error {
		writer, err := s.register(ctx, 1, chatHome)
		if err != nil {
			return err
		}
		err = b.pg.do(ctx, b.pg.name(),
			fmt.Sprintf(`UPDATE %s SET email = 'writer@example.com', email_key = 'writer@example.com', username = 'writer', name_key = 'writer'`, accounts),
			fmt.Sprintf(`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
				SELECT i, %d, '서울특별시 종로구 ' || i %% %d || '동', CASE WHEN i %% 5 = 0 THEN '치킨' ELSE '피자' END, '같이 시켜요 ' || i,
					'두 마리 세트면 배달비가 무료예요. 저녁 7시에 정문에서 받아요.', 4, false, timestamptz '2026-11-01 00:00Z' + i * interval '1 ms'
				FROM generate_series(1, %d) i`, writer[0].ID, places, posts),
			`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT id, leader_id, 0, 'in', created_at FROM party`,
			`VACUUM ANALYZE`)
		if err != nil {
			return err
		}
		return measure(s)
	})
}

// pgbench runs a script by 16 clients, prepared, and tells how many times a second it ran.
func (p *postgres) pgbench(ctx context.Context, script string, d time.Duration) (float64, error) {
	path := filepath.Join(p.dir, "script.sql")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return 0, err
	}
	seconds := strconv.Itoa(max(1, int(d.Seconds())))
	out, err := p.command(ctx, "pgbench", "-n", "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", "postgres",
		"-c", strconv.Itoa(askers), "-j", "2", "-M", "prepared", "-T", seconds, "-f", path, p.name()).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	found := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// sameList runs the query of a board's first page, as the program asked it a moment ago.
func (p *postgres) sameList(ctx context.Context, where string, d time.Duration) (float64, error) {
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	var query string
	err = conn.QueryRow(ctx, `
		SELECT query
		FROM pg_stat_activity
		WHERE datname = $1 AND query ~ 'LIMIT' AND query ~ 'OFFSET'
		LIMIT 1`, p.name()).Scan(&query)
	if err != nil {
		return 0, fmt.Errorf("find the list query: %w", err)
	}
	return p.pgbench(ctx, inline(query, listArguments(where))+";\n", d)
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

// samePost runs the same inserts as a new post, in one transaction.
func (p *postgres) samePost(ctx context.Context, d time.Duration) (float64, error) {
	err := p.do(ctx, p.name(), `CREATE SEQUENCE load_party START 1000000000`)
	if err != nil {
		return 0, err
	}
	return p.pgbench(ctx, `BEGIN;
SELECT nextval('load_party') AS id \gset
INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at) VALUES (:id, 1, '`+chatHome+`', '치킨', '치킨 같이 시켜요', '두 마리 세트면 배달비가 무료예요', 4, false, now());
INSERT INTO member (party_id, user_id, place, standing, joined_at) VALUES (:id, 1, 0, 'in', now());
COMMIT;
`, d)
}

// singleRows commits one row at a time.
func (p *postgres) singleRows(ctx context.Context, d time.Duration) (float64, error) {
	err := p.do(ctx, p.name(), `CREATE TABLE load_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room bigint NOT NULL, body text NOT NULL, at timestamptz NOT NULL)`)
	if err != nil {
		return 0, err
	}
	return p.pgbench(ctx, `INSERT INTO load_line (room, body, at) VALUES (1, '순살로 할까요? 저는 둘 다 좋아요', now());`, d)
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
func (b *bench) startRedis(ctx context.Context) (stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no")
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}
	b.redis = fmt.Sprintf("redis://127.0.0.1:%d/0", port)
	client := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port)})
	defer client.Close()
	for range 100 {
		if err = client.Ping(ctx).Err(); err == nil {
			return stop, nil
		}
		time.Sleep(50 * time.Millisecond) // it says nothing when it is ready
	}
	stop()
	b.redis = ""
	return nil, err
}

// publishes tells how many hints Redis takes in a second.
func (b *bench) publishes(ctx context.Context) (float64, error) {
	options, err := redis.ParseURL(b.redis)
	if err != nil {
		return 0, err
	}
	options.PoolSize = askers
	client := redis.NewClient(options)
	defer client.Close()
	r, err := closed(ctx, askers, b.span, func(int, int) error { return client.Publish(ctx, "load", "1 234").Err() })
	return r.perSecond(), err
}

// accounts is the table of people; the word is one of SQL's own.
const accounts = `"user"`

// listArguments are those of the query of a board's first page, in the order in
// which the program gives them: where, skip, and nobody who looks.
func listArguments(where string) []string { return []string{"'" + where + "'", "0"} }
