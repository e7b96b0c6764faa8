package postgres

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(container.Suite(m)) }

func TestStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) port.Store { return openEmpty(t) })
}

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return openOn(t, container.Postgres(t))
}

func openOn(t *testing.T, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}
