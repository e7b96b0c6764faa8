package postgres

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestAPoolerWithoutSessionsIsRefused(t *testing.T) {
	server := container.StartPostgres(t)
	for name, settings := range map[string][]string{
		"of transactions":                       {"pool_mode=transaction"},
		"of statements":                         {"pool_mode=statement"},
		"of transactions, one connection":       {"pool_mode=transaction", "default_pool_size=1"},
		"of transactions, one after another":    {"pool_mode=transaction", "min_pool_size=5", "server_round_robin=1"},
		"of transactions, settings let through": {"pool_mode=transaction", "ignore_startup_parameters=statement_timeout,lock_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), container.PgBouncer(t, server, "postgres", settings...))
			assert.Equal(t, ErrNoSessions, err)
		})
	}

	t.Run("while others use it", func(t *testing.T) {
		dsn := container.PgBouncer(t, server, "postgres", "pool_mode=transaction", "server_round_robin=1")
		var others sync.WaitGroup
		defer others.Wait()
		done := make(chan struct{})
		defer close(done)
		for range 4 {
			conn, err := pgx.Connect(t.Context(), dsn)
			require.NoError(t, err)
			others.Go(func() {
				defer conn.Close(t.Context())
				for {
					select {
					case <-done:
						return
					default:
						_, err := conn.Exec(t.Context(), `SELECT pg_sleep(0.001)`, pgx.QueryExecModeSimpleProtocol)
						assert.NoError(t, err)
					}
				}
			})
		}
		for range 20 {
			_, err := Open(t.Context(), dsn)
			require.Equal(t, ErrNoSessions, err)
		}
	})
}

func TestAPoolerOfSessionsIsUsed(t *testing.T) {
	dsn := container.PgBouncer(t, container.StartPostgres(t), "postgres", "pool_mode=session", "default_pool_size=40")
	s := openOn(t, dsn)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	for range 2 {
		assert.Equal(t, "5s", ask[string](t, s, `SELECT current_setting('statement_timeout')`))
		assert.Equal(t, "2s", ask[string](t, s, `SELECT current_setting('lock_timeout')`))
		assert.Equal(t, "10s", ask[string](t, s, `SELECT current_setting('idle_in_transaction_session_timeout')`))
		s.pool.Reset() // the next session may get the same connection from the pooler
	}
	s = openOn(t, with(t, dsn, "statement_timeout", "1234"))
	assert.Equal(t, "1234ms", ask[string](t, s, `SELECT current_setting('statement_timeout')`))
}
