package sqlite

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

// Rows of before names were compared by how they look.
func TestOldNames(t *testing.T) {
	dir := t.TempDir()
	db, err := pool(filepath.Join(dir, "mealbuddy.db"), 1, "_txlock=immediate")
	require.NoError(t, err)
	files, err := fs.Sub(migrations, "migration")
	require.NoError(t, err)
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(inGo...))
	require.NoError(t, err)
	_, err = steps.UpTo(t.Context(), 9)
	require.NoError(t, err)
	for i, name := range []string{"밥친구", "밥 친구", "\u200b", "운영자", "밥 친구"} {
		_, err := db.Exec(`INSERT INTO user (id, email, email_key, username, name_key, neighborhood, password_hash, generation, created_at, withdrawn_at)
			VALUES (?1, ?1, ?1, ?2, ?2, '제주특별자치도 제주시 용담이동', '', 1, 0, iif(?1 = 5, 1, NULL))`, i+1, name)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
	contract.LookAlikes(t, openIn(t, dir), [2]user.ID{1, 2})
}
