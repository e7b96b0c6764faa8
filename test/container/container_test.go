package container

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(Suite(m).Run()) }

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	var names []string
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			conn, err := pgx.Connect(t.Context(), Postgres(t))
			require.NoError(t, err)
			defer conn.Close(t.Context())
			var name string
			require.NoError(t, conn.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name))
			_, err = conn.Exec(t.Context(), `CREATE TABLE thing ()`)
			require.NoError(t, err)
			names = append(names, name)
		})
	}
	require.Len(t, names, 2)
	assert.NotEqual(t, names[0], names[1])
	conn, err := pgx.Connect(t.Context(), Postgres(t))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var left int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = ANY($1)`, names).Scan(&left))
	assert.Zero(t, left)
}

func TestATemplateIsFilledOnce(t *testing.T) {
	var filled int
	template := Template{Fill: func(dsn string) error {
		filled++
		return execute(t.Context(), dsn, `CREATE TABLE kept AS SELECT 1`)
	}}
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			require.NoError(t, execute(t.Context(), template.Postgres(t), `DROP TABLE kept`))
		})
	}
	assert.Equal(t, 1, filled)
	server := postgres.need(t)
	require.NoError(t, postgres.end())
	if answersPostgres(server) == nil { // it is not ours, and goes on
		assert.Error(t, answersPostgres(withDatabase(server, template.name)))
	}
}

func TestRedisAnswers(t *testing.T) {
	u, err := url.Parse(Redis(t))
	require.NoError(t, err)
	assert.Equal(t, "redis", u.Scheme)
	assert.NoError(t, answersRedis(u.Host))
}

func TestServersDieAndComeBack(t *testing.T) {
	t.Run("Postgres", func(t *testing.T) {
		s := StartPostgres(t, "max_connections=20")
		s.Exec(`CREATE TABLE kept AS SELECT 1`)
		s.Kill()
		require.Error(t, answersPostgres(s.DSN("postgres")))
		s.Start()
		s.Exec(`INSERT INTO kept VALUES (2)`)
		s.Stop()
		require.Error(t, answersPostgres(s.DSN("postgres")))
		s.Start()
		s.Await(`SELECT current_setting('max_connections') = '20'`)
	})
	t.Run("Redis", func(t *testing.T) {
		s := StartRedis(t)
		s.Kill()
		require.Error(t, answersRedis(s.Addr()))
		s.Start()
		s.Stop()
		require.Error(t, answersRedis(s.Addr()))
		s.Start()
		assert.NoError(t, answersRedis(s.Addr()))
	})
}

func TestAStandbyTakesOver(t *testing.T) {
	primary := StartPostgres(t)
	standby := primary.Standby(t, "second")
	primary.Exec(`CREATE TABLE kept AS SELECT 1`)
	primary.Await(`SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'second' AND state = 'streaming'`)
	standby.Await(`SELECT to_regclass('kept') IS NOT NULL`)
	primary.Kill()
	standby.Promote()
	standby.Exec(`INSERT INTO kept VALUES (2)`)
}

// The servers that are used on an unprepared machine.
func TestServersOfASuite(t *testing.T) {
	pg, err := newPostgres()
	if errors.Is(err, errNoProgram) {
		postgres.missing(t, err)
	}
	require.NoError(t, err)
	assert.NoError(t, answersPostgres(pg.DSN("postgres")))
	require.NoError(t, pg.end())
	assert.NoDirExists(t, pg.dir)
	re, err := newRedis()
	if errors.Is(err, errNoProgram) {
		redis.missing(t, err)
	}
	require.NoError(t, err)
	assert.NoError(t, answersRedis(re.Addr()))
	require.NoError(t, re.end())
	assert.NoDirExists(t, re.dir)
}

func TestWithDatabase(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://a:p%40@h:1,i:2/old?sslmode=disable": "postgres://a:p%40@h:1,i:2/new?sslmode=disable",
		"postgresql://h":            "postgresql://h/new",
		"host=h dbname=old user=me": "host=h dbname=old user=me dbname=new",
	} {
		assert.Equal(t, want, withDatabase(dsn, "new"))
	}
}
